/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all disks of one guest may have mapped together. A guest with many
 * disks, queues and ring pages would otherwise make us map as much of its
 * memory as it likes (XSA-300), and use up the handles that all guests share.
 */
#ifndef BLKBACK_GUEST_H
#define BLKBACK_GUEST_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/types.h>
#include <xen/interface/xen.h>

/*
 * Pages with requests under way: 128 MiB of data, four rings of 16 pages full
 * of 64 KiB requests. Of the handles that Xen lets dom0 have by default
 * (1024 frames, 512 Ki) sixteen such guests leave enough for others.
 */
#define BLKBACK_GUEST_PAGES 32768

/*
 * Pages that stay mapped (persistent grants). A frontend cannot use a grant for
 * anything else meanwhile: this is half of those that a guest has by default
 * (64 frames of 512), so that its disks leave its network cards some.
 */
#define BLKBACK_GUEST_KEPT 16384

/*
 * Taken from the guest's budget at a time, so that queues rarely meet there;
 * few enough for 256 queues to have twice that to spare.
 */
#define BLKBACK_QUOTA_STEP 32

/**
 * struct blkback_guest - a guest
 * @link: on the list of guests; under its mutex
 * @id: its number
 * @users: its devices; under the mutex
 * @pages: pages that its queues may map, BLKBACK_GUEST_PAGES at most; below 0
 *	   after blkback_quota_exceed()
 * @keep: pages that may yet stay mapped, BLKBACK_GUEST_KEPT at most
 */
struct blkback_guest {
	struct list_head link;
	domid_t id;
	unsigned int users;
	atomic_t pages;
	atomic_t keep;
};

/**
 * struct blkback_quota - a queue's share; its thread's alone
 * @guest: whose
 * @held: taken from the guest's budget
 * @used: of these, in use
 */
struct blkback_quota {
	struct blkback_guest *guest;
	unsigned int held;
	unsigned int used;
};

/**
 * blkback_guest_get() - find or make a guest
 * @id: its number
 *
 * Context: process, may sleep.
 * Return: the guest, or NULL without memory.
 */
struct blkback_guest *blkback_guest_get(domid_t id);

/**
 * blkback_guest_put() - a device of the guest's is gone
 * @guest: the guest
 *
 * Context: process, may sleep.
 */
void blkback_guest_put(struct blkback_guest *guest);

bool blkback_quota_more(struct blkback_quota *quota, unsigned int nr);

/**
 * blkback_quota_take() - ask for pages
 * @quota: the queue's share
 * @nr: how many
 *
 * Context: the queue's thread.
 * Return: false where the guest has too many mapped already.
 */
static inline bool blkback_quota_take(struct blkback_quota *quota,
				      unsigned int nr)
{
	if (unlikely(quota->held - quota->used < nr) &&
	    !blkback_quota_more(quota, nr))
		return false;
	quota->used += nr;
	return true;
}

/**
 * blkback_quota_exceed() - have pages that the guest's budget does not have
 * @quota: the queue's share, which did not get them
 * @nr: how many
 *
 * Context: the queue's thread.
 */
void blkback_quota_exceed(struct blkback_quota *quota, unsigned int nr);

/**
 * blkback_quota_give() - pages are no longer mapped
 * @quota: the queue's share
 * @nr: how many
 *
 * Context: the queue's thread.
 */
static inline void blkback_quota_give(struct blkback_quota *quota,
				      unsigned int nr)
{
	quota->used -= nr;
}

/* Whether a share is so much too large that others should have it. */
static inline bool blkback_quota_excess(const struct blkback_quota *quota)
{
	return quota->held - quota->used > 2 * BLKBACK_QUOTA_STEP;
}

/**
 * blkback_quota_trim() - leave to others what is not in use
 * @quota: the queue's share
 *
 * Context: the queue's thread, or while there is none.
 */
void blkback_quota_trim(struct blkback_quota *quota);

#endif /* BLKBACK_GUEST_H */
