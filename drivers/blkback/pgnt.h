/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Persistent grants: pages of the frontend that stay mapped from one request to
 * the next, found by their grant reference. Each queue has its own, so that
 * they need no lock. How many there are is bounded for each queue
 * (max_persistent_grants) and each domain (grant_limit.h); those that were not
 * used for a while are unmapped (persistent_grant_unused_seconds).
 */
#ifndef BLKBACK_PGNT_H
#define BLKBACK_PGNT_H

#include <linux/list.h>
#include <linux/xarray.h>

#include "xpv.h"

struct blkback_queue;

/*
 * Entries of the table in front of the xarray. As many as eight requests of 128
 * KiB have pages; a power of two. Frontends use references in a row, so that
 * few share an entry.
 */
#define BLKBACK_PGNT_RECENT 256

/**
 * struct blkback_pgnt - a persistent grant
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
 * struct blkback_pgnts - a queue's persistent grants; its thread's alone
 * @enabled: negotiated with the frontend; constant while the queue runs
 * @by_gref: struct blkback_pgnt by grant reference
 * @recent: some of them, BLKBACK_PGNT_RECENT, by the last bits of their
 *	    reference; NULL where there are none, or without memory
 * @list: all of them
 * @nr: how many; read by debugfs
 * @full: one found no room since the last expiry
 * @expire_at: when to look for those not used, in jiffies; read by others
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

/**
 * blkback_pgnts_init() - make an empty set
 * @pgnts: of a queue without a thread
 */
void blkback_pgnts_init(struct blkback_pgnts *pgnts);

/**
 * blkback_pgnt_find() - find a persistent grant
 * @pgnts: the queue's
 * @gref: any value
 *
 * Context: the queue's thread.
 * Return: the grant; NULL where there is none.
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
 * blkback_pgnt_get() - find a persistent grant for a segment
 * @pgnts: the queue's
 * @gref: any value
 *
 * Context: the queue's thread.
 * Return: the grant, with one more user; NULL where there is none.
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
 * blkback_pgnt_add() - make a page persistent that was just mapped
 * @queue: the queue
 * @map: its mapping; taken over on success
 * @gref: its grant reference
 *
 * Context: the queue's thread.
 * Return: the grant, with one user; NULL where there is no room or no memory,
 * or where the reference is in the set already.
 */
struct blkback_pgnt *blkback_pgnt_add(struct blkback_queue *queue,
				      struct xpv_gmap *map, grant_ref_t gref);

/**
 * blkback_pgnt_put() - a segment has ended; the page stays mapped
 * @pgnt: the grant
 *
 * Context: the queue's thread, or inline completion.
 */
void blkback_pgnt_put(struct blkback_pgnt *pgnt);

/**
 * blkback_pgnts_expire() - unmap what has not been used for long
 * @queue: the queue
 *
 * Does nothing before it is due.
 *
 * Context: the queue's thread; nothing is gathered in its batch.
 */
void blkback_pgnts_expire(struct blkback_queue *queue);

/**
 * blkback_pgnts_expire_due() - whether it is time for blkback_pgnts_expire()
 * @pgnts: the queue's
 *
 * Context: any; but in the queue's thread, a hint.
 */
bool blkback_pgnts_expire_due(const struct blkback_pgnts *pgnts);

/**
 * blkback_pgnts_unmap() - unmap all
 * @queue: the queue, with no request under way
 *
 * Waits for storage that still uses one.
 *
 * Context: the queue's thread, at its end.
 */
void blkback_pgnts_unmap(struct blkback_queue *queue);

#endif /* BLKBACK_PGNT_H */
