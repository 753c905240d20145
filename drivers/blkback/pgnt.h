/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Persistent grants: pages of the frontend's that stay mapped from one request
 * to the next, found by their reference. Each queue has its own, so that they
 * need no lock; how many there are is bounded per queue and per guest, and
 * those that are not used are let go.
 */
#ifndef BLKBACK_PGNT_H
#define BLKBACK_PGNT_H

#include <linux/list.h>
#include <linux/xarray.h>

#include "xpv.h"

struct blkback_queue;

/*
 * Those used last are found without the tree. As many as eight requests of
 * 128 KiB have at a time; a power of two. Frontends have references in a row.
 */
#define BLKBACK_PGNT_RECENT 256

/**
 * struct blkback_pgnt - a page that stays mapped
 * @map: its mapping, writable
 * @gref: its grant reference
 * @users: segments of requests under way; more than one where the frontend
 *	   uses a page twice at a time
 * @last_used: when the last of them ended, in jiffies
 * @link: on struct blkback_pgnts.list
 */
struct blkback_pgnt {
	struct xpv_gmap map;
	grant_ref_t gref;
	unsigned int users;
	unsigned long last_used;
	struct list_head link;
};

/**
 * struct blkback_pgnts - a queue's kept pages; its thread's alone
 * @enabled: negotiated with the frontend; constant while the queue runs
 * @by_gref: struct blkback_pgnt by grant reference
 * @recent: some of them, BLKBACK_PGNT_RECENT, by the last bits of it; NULL
 *	    where none is kept, or without memory
 * @list: the same
 * @nr: how many; read by debugfs
 * @full: one found no room since the last review
 * @expire_at: when those not used are to be looked for, in jiffies
 */
struct blkback_pgnts {
	bool enabled;
	struct xarray by_gref;
	struct blkback_pgnt **recent;
	struct list_head list;
	unsigned int nr;
	bool full;
	unsigned long expire_at;
};

void blkback_pgnts_init(struct blkback_pgnts *pgnts);

/**
 * blkback_pgnt_find() - find a kept page
 * @pgnts: the queue's
 * @gref: any value
 *
 * Context: the queue's thread.
 * Return: the page; NULL where none is kept.
 */
static inline struct blkback_pgnt *
blkback_pgnt_find(struct blkback_pgnts *pgnts, grant_ref_t gref)
{
	struct blkback_pgnt **recent, *pgnt;

	if (unlikely(!pgnts->recent))
		return xa_load(&pgnts->by_gref, gref);
	recent = &pgnts->recent[gref % BLKBACK_PGNT_RECENT];
	pgnt = *recent;
	if (unlikely(!pgnt || pgnt->gref != gref)) {
		pgnt = xa_load(&pgnts->by_gref, gref);
		if (pgnt)
			*recent = pgnt;
	}
	return pgnt;
}

/**
 * blkback_pgnt_get() - find a kept page for a segment
 * @pgnts: the queue's
 * @gref: any value
 *
 * Context: the queue's thread.
 * Return: the page, with one more user; NULL where none is kept.
 */
static inline struct blkback_pgnt *blkback_pgnt_get(struct blkback_pgnts *pgnts,
						    grant_ref_t gref)
{
	struct blkback_pgnt *pgnt = blkback_pgnt_find(pgnts, gref);

	if (pgnt)
		pgnt->users++;
	return pgnt;
}

/**
 * blkback_pgnt_add() - keep a page that was just mapped, if there is room
 * @queue: the queue
 * @map: its mapping; taken over where it is kept
 * @gref: its grant reference
 *
 * Context: the queue's thread.
 * Return: the page, with one user; NULL where it is not kept.
 */
struct blkback_pgnt *blkback_pgnt_add(struct blkback_queue *queue,
				      struct xpv_gmap *map, grant_ref_t gref);

/**
 * blkback_pgnt_put() - a segment has ended
 * @pgnt: the page
 */
void blkback_pgnt_put(struct blkback_pgnt *pgnt);

/**
 * blkback_pgnts_expire() - let go of what has not been used for long
 * @queue: the queue
 *
 * Does nothing before the time has come.
 *
 * Context: the queue's thread; nothing is gathered in its batch.
 */
void blkback_pgnts_expire(struct blkback_queue *queue);

/**
 * blkback_pgnts_expire_due() - whether it is time for a review
 * @pgnts: the queue's
 *
 * Context: any; a hint but in the queue's thread.
 */
bool blkback_pgnts_expire_due(const struct blkback_pgnts *pgnts);

/**
 * blkback_pgnts_unmap() - let go of all
 * @queue: the queue, with no request under way
 *
 * Waits for storage that still holds one.
 *
 * Context: the queue's thread, at its end.
 */
void blkback_pgnts_unmap(struct blkback_queue *queue);

#endif /* BLKBACK_PGNT_H */
