/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Persistent grants: pages of the frontend's that stay mapped from one request
 * to the next, found by their reference. Each queue has its own, so that they
 * need no lock; how many there are is bounded per queue and per guest, and
 * those that are not used are let go.
 */
#ifndef BLKBACK_KEEP_H
#define BLKBACK_KEEP_H

#include <linux/list.h>
#include <linux/xarray.h>

#include "xpv.h"

struct blkback_queue;

/*
 * Those used last are found without the tree. As many as eight requests of
 * 128 KiB have at a time; a power of two. Frontends have references in a row.
 */
#define BLKBACK_KEEP_RECENT 256

/**
 * struct blkback_kept - a page that stays mapped
 * @map: its mapping, writable
 * @gref: its grant reference
 * @users: segments of requests under way; more than one where the frontend
 *	   uses a page twice at a time
 * @used: when the last of them ended, in jiffies
 * @link: on struct blkback_keep.all
 */
struct blkback_kept {
	struct xpv_gmap map;
	grant_ref_t gref;
	unsigned int users;
	unsigned long used;
	struct list_head link;
};

/**
 * struct blkback_keep - a queue's kept pages; its thread's alone
 * @on: negotiated with the frontend; constant while the queue runs
 * @refs: struct blkback_kept by grant reference
 * @recent: some of them, BLKBACK_KEEP_RECENT, by the last bits of it; NULL
 *	    where none is kept, or without memory
 * @all: the same
 * @nr: how many; read by debugfs
 * @full: one found no room since the last review
 * @review_at: when those not used are to be looked for, in jiffies
 */
struct blkback_keep {
	bool on;
	struct xarray refs;
	struct blkback_kept **recent;
	struct list_head all;
	unsigned int nr;
	bool full;
	unsigned long review_at;
};

void blkback_keep_init(struct blkback_keep *keep);

/**
 * blkback_keep_find() - find a kept page
 * @keep: the queue's
 * @gref: any value
 *
 * Context: the queue's thread.
 * Return: the page; NULL where none is kept.
 */
static inline struct blkback_kept *blkback_keep_find(struct blkback_keep *keep,
						     grant_ref_t gref)
{
	struct blkback_kept **recent, *kept;

	if (unlikely(!keep->recent))
		return xa_load(&keep->refs, gref);
	recent = &keep->recent[gref % BLKBACK_KEEP_RECENT];
	kept = *recent;
	if (unlikely(!kept || kept->gref != gref)) {
		kept = xa_load(&keep->refs, gref);
		if (kept)
			*recent = kept;
	}
	return kept;
}

/**
 * blkback_keep_use() - find a kept page for a segment
 * @keep: the queue's
 * @gref: any value
 *
 * Context: the queue's thread.
 * Return: the page, with one more user; NULL where none is kept.
 */
static inline struct blkback_kept *blkback_keep_use(struct blkback_keep *keep,
						    grant_ref_t gref)
{
	struct blkback_kept *kept = blkback_keep_find(keep, gref);

	if (kept)
		kept->users++;
	return kept;
}

/**
 * blkback_keep_add() - keep a page that was just mapped, if there is room
 * @queue: the queue
 * @map: its mapping; taken over where it is kept
 * @gref: its grant reference
 *
 * Context: the queue's thread.
 * Return: the page, with one user; NULL where it is not kept.
 */
struct blkback_kept *blkback_keep_add(struct blkback_queue *queue,
				      struct xpv_gmap *map, grant_ref_t gref);

/**
 * blkback_keep_unuse() - a segment has ended
 * @kept: the page
 */
void blkback_keep_unuse(struct blkback_kept *kept);

/**
 * blkback_keep_review() - let go of what has not been used for long
 * @queue: the queue
 *
 * Does nothing before the time has come.
 *
 * Context: the queue's thread; nothing is gathered in its batch.
 */
void blkback_keep_review(struct blkback_queue *queue);

/**
 * blkback_keep_due() - whether it is time for a review
 * @keep: the queue's
 *
 * Context: any; a hint but in the queue's thread.
 */
bool blkback_keep_due(const struct blkback_keep *keep);

/**
 * blkback_keep_release() - let go of all
 * @queue: the queue, with no request under way
 *
 * Waits for storage that still holds one.
 *
 * Context: the queue's thread, at its end.
 */
void blkback_keep_release(struct blkback_queue *queue);

#endif /* BLKBACK_KEEP_H */
