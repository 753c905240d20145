/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The grant limit of a domain: how many of its pages all of its disks together
 * may have mapped, and how many of these as persistent grants. A guest with
 * many disks, queues and ring pages would otherwise make us map as much of its
 * memory as it likes (XSA-300), and use up the handles that all guests share.
 *
 * No kernel call but lists and allocation: compiled into the unit tests.
 */
#ifndef BLKBACK_GRANT_LIMIT_H
#define BLKBACK_GRANT_LIMIT_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/types.h>
#include <xen/interface/xen.h>

/*
 * Pages of requests under way: 128 MiB of data, four rings of 16 pages full of
 * 64 KiB requests. Of the handles that Xen lets dom0 have by default (1024
 * frames, 512 Ki) sixteen such guests leave enough for others.
 */
#define BLKBACK_DOMAIN_PAGES 32768

/*
 * Persistent grants. A frontend cannot use such a grant for anything else: this
 * is half of those that a guest has by default (64 frames of 512), so that its
 * disks leave its network cards some.
 */
#define BLKBACK_DOMAIN_PGNTS 16384

/*
 * Pages that a queue takes of the limit at a time, so that queues seldom touch
 * the shared counter; few enough for 256 queues to have twice that to spare.
 */
#define BLKBACK_SHARE_STEP 32

/**
 * struct blkback_domain - the grant limit of a domain
 * @link: on the list of domains; under its mutex
 * @id: the domain
 * @users: its devices; under the mutex
 * @free_pages: pages that its queues may still map, BLKBACK_DOMAIN_PAGES at
 *		most; below 0 after blkback_share_exceed()
 * @free_pgnts: persistent grants that may still be added, BLKBACK_DOMAIN_PGNTS
 *		at most
 */
struct blkback_domain {
	struct list_head link;
	domid_t id;
	unsigned int users;
	atomic_t free_pages;
	atomic_t free_pgnts;
};

/**
 * struct blkback_share - what a queue has of its domain's limit
 * @domain: the domain; constant
 * @held: pages taken from the domain's limit; the queue's thread's alone
 * @used: of these, pages mapped or about to be; the thread's alone
 */
struct blkback_share {
	struct blkback_domain *domain;
	unsigned int held;
	unsigned int used;
};

/**
 * blkback_domain_get() - find or make the limit of a domain
 * @id: the domain
 *
 * Context: process, may sleep; takes the list's mutex inside a device's lock.
 * Return: the limit, to be given back with blkback_domain_put(); NULL without
 * memory.
 */
struct blkback_domain *blkback_domain_get(domid_t id);

/**
 * blkback_domain_put() - a device of the domain is gone
 * @domain: its limit; freed with the last device
 *
 * Context: process, may sleep.
 */
void blkback_domain_put(struct blkback_domain *domain);

bool blkback_share_more(struct blkback_share *share, unsigned int nr);

/**
 * blkback_share_take() - ask for pages
 * @share: the queue's
 * @nr: how many
 *
 * Context: the queue's thread.
 * Return: false where the domain has too many mapped already; nothing is taken
 * then.
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
 * blkback_share_exceed() - take pages beyond the domain's limit
 * @share: the queue's, which did not get them
 * @nr: how many
 *
 * Context: the queue's thread.
 */
void blkback_share_exceed(struct blkback_share *share, unsigned int nr);

/**
 * blkback_share_give() - pages are no longer mapped
 * @share: the queue's, which keeps them for its next requests
 * @nr: how many
 *
 * Context: the queue's thread.
 */
static inline void blkback_share_give(struct blkback_share *share,
				      unsigned int nr)
{
	share->used -= nr;
}

/**
 * blkback_share_has_excess() - whether a share is so large that others miss it
 * @share: the queue's
 */
static inline bool blkback_share_has_excess(const struct blkback_share *share)
{
	return share->held - share->used > 2 * BLKBACK_SHARE_STEP;
}

/**
 * blkback_share_trim() - give what is not used back to the domain
 * @share: the queue's
 *
 * Context: the queue's thread, or while there is none.
 */
void blkback_share_trim(struct blkback_share *share);

#endif /* BLKBACK_GRANT_LIMIT_H */
