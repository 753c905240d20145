/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all disks of one guest may have mapped together. A guest with many
 * disks, queues and ring pages would otherwise make us map as much of its
 * memory as it likes (XSA-300), and use up the handles that all guests share.
 */
#ifndef BLKBACK_GRANT_LIMIT_H
#define BLKBACK_GRANT_LIMIT_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/types.h>
#include <xen/interface/xen.h>

/*
 * Pages with requests under way: 128 MiB of data, four rings of 16 pages full
 * of 64 KiB requests. Of the handles that Xen lets dom0 have by default
 * (1024 frames, 512 Ki) sixteen such guests leave enough for others.
 */
#define BLKBACK_DOMAIN_PAGES 32768

/*
 * Pages that stay mapped (persistent grants). A frontend cannot use a grant for
 * anything else meanwhile: this is half of those that a guest has by default
 * (64 frames of 512), so that its disks leave its network cards some.
 */
#define BLKBACK_DOMAIN_PGNTS 16384

/*
 * Taken from the guest's budget at a time, so that queues rarely meet there;
 * few enough for 256 queues to have twice that to spare.
 */
#define BLKBACK_SHARE_STEP 32

/**
 * struct blkback_domain - a guest
 * @link: on the list of guests; under its mutex
 * @id: its number
 * @users: its devices; under the mutex
 * @free_pages: pages that its queues may map, BLKBACK_DOMAIN_PAGES at most; below 0
 *	   after blkback_share_exceed()
 * @free_pgnts: pages that may yet stay mapped, BLKBACK_DOMAIN_PGNTS at most
 */
struct blkback_domain {
	struct list_head link;
	domid_t id;
	unsigned int users;
	atomic_t free_pages;
	atomic_t free_pgnts;
};

/**
 * struct blkback_share - a queue's share; its thread's alone
 * @domain: whose
 * @held: taken from the guest's budget
 * @used: of these, in use
 */
struct blkback_share {
	struct blkback_domain *domain;
	unsigned int held;
	unsigned int used;
};

/**
 * blkback_domain_get() - find or make a guest
 * @id: its number
 *
 * Context: process, may sleep.
 * Return: the guest, or NULL without memory.
 */
struct blkback_domain *blkback_domain_get(domid_t id);

/**
 * blkback_domain_put() - a device of the guest's is gone
 * @domain: the guest
 *
 * Context: process, may sleep.
 */
void blkback_domain_put(struct blkback_domain *domain);

bool blkback_share_more(struct blkback_share *share, unsigned int nr);

/**
 * blkback_share_take() - ask for pages
 * @share: the queue's share
 * @nr: how many
 *
 * Context: the queue's thread.
 * Return: false where the guest has too many mapped already.
 */
static inline bool blkback_share_take(struct blkback_share *share,
				      unsigned int nr)
{
	if (unlikely(share->held - share->used < nr) &&
	    !blkback_share_more(share, nr))
		return false;
	share->used += nr;
	return true;
}

/**
 * blkback_share_exceed() - have pages that the guest's budget does not have
 * @share: the queue's share, which did not get them
 * @nr: how many
 *
 * Context: the queue's thread.
 */
void blkback_share_exceed(struct blkback_share *share, unsigned int nr);

/**
 * blkback_share_give() - pages are no longer mapped
 * @share: the queue's share
 * @nr: how many
 *
 * Context: the queue's thread.
 */
static inline void blkback_share_give(struct blkback_share *share,
				      unsigned int nr)
{
	share->used -= nr;
}

/* Whether a share is so much too large that others should have it. */
static inline bool blkback_share_has_excess(const struct blkback_share *share)
{
	return share->held - share->used > 2 * BLKBACK_SHARE_STEP;
}

/**
 * blkback_share_trim() - leave to others what is not in use
 * @share: the queue's share
 *
 * Context: the queue's thread, or while there is none.
 */
void blkback_share_trim(struct blkback_share *share);

#endif /* BLKBACK_GRANT_LIMIT_H */
