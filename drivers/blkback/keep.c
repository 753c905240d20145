// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "dispatch.h"
#include "keep.h"
#include "skb_flush.h"
#include "param.h"

/*
 * How often those not used are looked for, as a part of the time after which
 * they go; not more often than once a second.
 */
#define REVIEWS 4

/* Between tries to let go of a page that storage still holds. */
#define HELD_WAIT_MS 5

/* Tries, 50 ms in all, then the network stack is to free what it can. */
#define HELD_TRIES 10

void blkback_keep_init(struct blkback_keep *keep)
{
	xa_init(&keep->refs);
	INIT_LIST_HEAD(&keep->all);
}

static unsigned int unused_seconds(void)
{
	return READ_ONCE(blkback_persistent_grant_unused_seconds);
}

static unsigned long review_interval(void)
{
	unsigned int seconds = unused_seconds();

	return max(seconds * HZ / REVIEWS, HZ + 0U);
}

static bool has_room(struct blkback_queue *queue)
{
	struct blkback_keep *keep = &queue->keep;

	if (keep->nr < READ_ONCE(blkback_max_persistent_grants) &&
	    atomic_dec_if_positive(&queue->share.domain->free_pgnts) >= 0)
		return true;
	keep->full = true;
	return false;
}

static void no_longer(struct blkback_queue *queue)
{
	atomic_inc(&queue->share.domain->free_pgnts);
}

struct blkback_kept *blkback_keep_add(struct blkback_queue *queue,
				      struct xpv_gmap *map, grant_ref_t gref)
{
	struct blkback_keep *keep = &queue->keep;
	struct blkback_kept *kept;

	if (!has_room(queue))
		return NULL;
	kept = kmalloc(sizeof(*kept), BLKBACK_GFP);
	if (!kept)
		goto give_back;
	/* It is there already where requests of one round use it twice. */
	if (xa_insert(&keep->refs, gref, kept, BLKBACK_GFP))
		goto free;

	kept->map = *map;
	kept->gref = gref;
	kept->users = 1;
	list_add_tail(&kept->link, &keep->all);
	if (!keep->nr)
		WRITE_ONCE(keep->review_at, jiffies + review_interval());
	if (!keep->recent)
		keep->recent = kcalloc(BLKBACK_KEEP_RECENT,
				       sizeof(*keep->recent), BLKBACK_GFP);
	WRITE_ONCE(keep->nr, keep->nr + 1);
	map->handle = INVALID_GRANT_HANDLE;
	return kept;

free:
	kfree(kept);
give_back:
	no_longer(queue);
	return NULL;
}

void blkback_keep_unuse(struct blkback_kept *kept)
{
	kept->users--;
	kept->used = jiffies;
}

static void forget_recent(struct blkback_keep *keep,
			  const struct blkback_kept *kept)
{
	struct blkback_kept **recent;

	if (!keep->recent)
		return;
	recent = &keep->recent[kept->gref % BLKBACK_KEEP_RECENT];
	if (*recent == kept)
		*recent = NULL;
	if (keep->nr == 1) {
		kfree(keep->recent);
		keep->recent = NULL;
	}
}

static void let_go(struct blkback_queue *queue, struct blkback_kept *kept)
{
	struct blkback_keep *keep = &queue->keep;

	forget_recent(keep, kept);
	xa_erase(&keep->refs, kept->gref);
	list_del(&kept->link);
	xpv_unmap_add(&queue->batch, &queue->cache, &kept->map);
	kfree(kept);
	WRITE_ONCE(keep->nr, keep->nr - 1);
	no_longer(queue);
}

/* Lets go of those not used since @since. */
static void let_go_since(struct blkback_queue *queue, unsigned long since)
{
	struct blkback_kept *kept, *next;

	list_for_each_entry_safe(kept, next, &queue->keep.all, link)
		if (!kept->users && time_before_eq(kept->used, since) &&
		    !xpv_unmap_busy(&kept->map))
			let_go(queue, kept);
	xpv_unmap_run(&queue->batch, &queue->cache);
}

void blkback_keep_review(struct blkback_queue *queue)
{
	unsigned int seconds = unused_seconds();
	struct blkback_keep *keep = &queue->keep;
	unsigned long age = seconds * HZ;

	if (likely(!keep->nr) || time_before(jiffies, keep->review_at))
		return;
	/* Where others want in, what was not used for one review goes. */
	if (keep->full)
		age = review_interval();
	if (seconds || keep->full)
		let_go_since(queue, jiffies - age);
	keep->full = false;
	WRITE_ONCE(keep->review_at, jiffies + review_interval());
}

bool blkback_keep_due(const struct blkback_keep *keep)
{
	return READ_ONCE(keep->nr) && unused_seconds() &&
	       time_after_eq(jiffies, READ_ONCE(keep->review_at));
}

void blkback_keep_release(struct blkback_queue *queue)
{
	unsigned int tries = 0;

	let_go_since(queue, jiffies);
	while (queue->keep.nr) {
		msleep(HELD_WAIT_MS);
		if (++tries >= HELD_TRIES)
			blkback_skb_flush();
		let_go_since(queue, jiffies);
	}
}
