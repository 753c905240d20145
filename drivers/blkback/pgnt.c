// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "blkback.h"
#include "pgnt.h"
#include "skb_flush.h"

/*
 * How often grants not used are looked for: so many times within the time after
 * which they are unmapped, but at most once a second.
 */
#define EXPIRE_PARTS 4

/* Between tries to unmap a page that storage still uses. */
#define BUSY_WAIT_MS 5

/* Tries, 50 ms in all, after which deferred skbs are flushed (skb_flush.h). */
#define FLUSH_TRIES 10

void blkback_pgnts_init(struct blkback_pgnts *pgnts)
{
	xa_init(&pgnts->by_gref);
	INIT_LIST_HEAD(&pgnts->list);
}

static unsigned int unused_seconds(void)
{
	return READ_ONCE(blkback_persistent_grant_unused_seconds);
}

static unsigned long expire_interval(void)
{
	unsigned int seconds = unused_seconds();

	return max(seconds * HZ / EXPIRE_PARTS, HZ + 0U);
}

/* Return: whether queue and domain may have one more. */
static bool take_budget(struct blkback_queue *queue)
{
	struct blkback_pgnts *pgnts = &queue->pages.pgnts;

	if (pgnts->nr < READ_ONCE(blkback_max_persistent_grants) &&
	    atomic_dec_if_positive(&queue->pages.share.domain->free_pgnts) >= 0)
		return true;
	pgnts->full = true;
	return false;
}

static void give_budget(struct blkback_queue *queue)
{
	atomic_inc(&queue->pages.share.domain->free_pgnts);
}

struct blkback_pgnt *blkback_pgnt_add(struct blkback_queue *queue,
				      struct xpv_gmap *map, grant_ref_t gref)
{
	struct blkback_pgnts *pgnts = &queue->pages.pgnts;
	struct blkback_pgnt *pgnt;

	if (!take_budget(queue))
		return NULL;
	pgnt = kmalloc(sizeof(*pgnt), BLKBACK_GFP);
	if (!pgnt)
		goto give_back;
	/* Fails where requests of one round use a reference twice. */
	if (xa_insert(&pgnts->by_gref, gref, pgnt, BLKBACK_GFP))
		goto free;

	pgnt->map = *map;
	pgnt->gref = gref;
	pgnt->users = 1;
	list_add_tail(&pgnt->link, &pgnts->list);
	if (!pgnts->nr)
		WRITE_ONCE(pgnts->expire_at, jiffies + expire_interval());
	if (!pgnts->recent)
		pgnts->recent = kcalloc(BLKBACK_PGNT_RECENT,
					sizeof(*pgnts->recent), BLKBACK_GFP);
	WRITE_ONCE(pgnts->nr, pgnts->nr + 1);
	map->handle = INVALID_GRANT_HANDLE;
	return pgnt;

free:
	kfree(pgnt);
give_back:
	give_budget(queue);
	return NULL;
}

void blkback_pgnt_put(struct blkback_pgnt *pgnt)
{
	pgnt->users--;
	pgnt->last_used = jiffies;
}

/* The last one takes the table with it. */
static void clear_recent(struct blkback_pgnts *pgnts,
			 const struct blkback_pgnt *pgnt)
{
	struct blkback_pgnt **recent;

	if (!pgnts->recent)
		return;
	recent = &pgnts->recent[pgnt->gref % BLKBACK_PGNT_RECENT];
	if (*recent == pgnt)
		*recent = NULL;
	if (pgnts->nr == 1) {
		kfree(pgnts->recent);
		pgnts->recent = NULL;
	}
}

static void unmap_pgnt(struct blkback_queue *queue, struct blkback_pgnt *pgnt)
{
	struct blkback_pgnts *pgnts = &queue->pages.pgnts;

	clear_recent(pgnts, pgnt);
	xa_erase(&pgnts->by_gref, pgnt->gref);
	list_del(&pgnt->link);
	xpv_unmap_add(&queue->pages.batch, &queue->pages.cache, &pgnt->map);
	kfree(pgnt);
	WRITE_ONCE(pgnts->nr, pgnts->nr - 1);
	give_budget(queue);
}

/* Those with users, and those that storage still uses, stay. */
static void unmap_unused_since(struct blkback_queue *queue, unsigned long since)
{
	struct blkback_pgnt *pgnt, *next;

	list_for_each_entry_safe(pgnt, next, &queue->pages.pgnts.list, link)
		if (!pgnt->users && time_before_eq(pgnt->last_used, since) &&
		    !xpv_unmap_busy(&pgnt->map))
			unmap_pgnt(queue, pgnt);
	xpv_unmap_run(&queue->pages.batch, &queue->pages.cache);
}

void blkback_pgnts_expire(struct blkback_queue *queue)
{
	unsigned int seconds = unused_seconds();
	struct blkback_pgnts *pgnts = &queue->pages.pgnts;
	unsigned long age = seconds * HZ;

	if (likely(!pgnts->nr) || time_before(jiffies, pgnts->expire_at))
		return;
	/* Others found no room: unmap what was not used for one interval. */
	if (pgnts->full)
		age = expire_interval();
	if (seconds || pgnts->full)
		unmap_unused_since(queue, jiffies - age);
	pgnts->full = false;
	WRITE_ONCE(pgnts->expire_at, jiffies + expire_interval());
}

bool blkback_pgnts_expire_due(const struct blkback_pgnts *pgnts)
{
	return READ_ONCE(pgnts->nr) && unused_seconds() &&
	       time_after_eq(jiffies, READ_ONCE(pgnts->expire_at));
}

void blkback_pgnts_unmap(struct blkback_queue *queue)
{
	unsigned int tries = 0;

	unmap_unused_since(queue, jiffies);
	while (queue->pages.pgnts.nr) {
		msleep(BUSY_WAIT_MS);
		if (++tries >= FLUSH_TRIES)
			blkback_skb_flush();
		unmap_unused_since(queue, jiffies);
	}
}
