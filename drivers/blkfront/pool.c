// SPDX-License-Identifier: GPL-2.0
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pool.h"

/*
 * Pages freed in one go: the lock is held meanwhile, and the next go comes
 * soon enough.
 */
#define TRIM_BATCH 128U

/*
 * queue_rq may run to free memory, as swap: it must not wait for memory, nor
 * eat up what is kept for whoever frees some.
 */
#define GROW_GFP (GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC | __GFP_ZERO)

/* Zeroed: the backend may see any byte of it from now on (XSA-403). */
static bool add_page(struct blkfront_pool *pool, gfp_t gfp)
{
	struct page *page = alloc_page(gfp);

	if (!page)
		return false;
	pool->free[pool->nr++].page = page;
	pool->total++;
	return true;
}

/* Writable: a backend keeps one mapping for reads and writes. */
static void grant_page(struct blkfront_queue *queue, struct blkfront_seg *seg)
{
	seg->gref = xpv_gref_take(&queue->grefs);
	xpv_grant(queue->bf->xdev, seg->gref, seg->page, false);
}

int blkfront_pool_create(struct blkfront_queue *queue)
{
	struct blkfront_pool *pool = &queue->pool;

	memset(pool, 0, sizeof(*pool));
	pool->free = kvcalloc(BLKFRONT_POOL_MAX, sizeof(*pool->free),
			      GFP_KERNEL);
	if (!pool->free)
		return -ENOMEM;

	while (pool->nr < BLKFRONT_POOL_MIN)
		if (!add_page(pool, GFP_KERNEL | __GFP_ZERO)) {
			blkfront_pool_destroy(queue);
			return -ENOMEM;
		}
	return 0;
}

void blkfront_pool_grant(struct blkfront_queue *queue)
{
	struct blkfront_pool *pool = &queue->pool;
	unsigned int i;

	lockdep_assert_held(&queue->bf->xdev->lock);

	for (i = 0; i < pool->nr; i++)
		grant_page(queue, &pool->free[i]);
	pool->granted = true;
}

void blkfront_pool_destroy(struct blkfront_queue *queue)
{
	struct blkfront_pool *pool = &queue->pool;
	struct blkfront_seg *seg;

	while (pool->nr) {
		seg = &pool->free[--pool->nr];
		if (pool->granted)
			xpv_grant_free(queue->bf->xdev, &queue->grefs,
				       seg->gref, seg->page);
		else
			__free_page(seg->page);
	}
	kvfree(pool->free);
	memset(pool, 0, sizeof(*pool));
}

static bool grow(struct blkfront_queue *queue)
{
	struct blkfront_pool *pool = &queue->pool;

	if (pool->total >= BLKFRONT_POOL_MAX)
		return false;
	/* The backend decides how long it keeps one: no more than is fair. */
	if (pool->granted && pool->total >= xpv_gref_share())
		return false;
	if (pool->granted && !xpv_gref_pool_reserve(&queue->grefs, 1))
		return false;
	if (!add_page(pool, GROW_GFP))
		return false;
	if (pool->granted)
		grant_page(queue, &pool->free[pool->nr - 1]);
	xpv_stat_inc(&queue->base.stats, BLKFRONT_STAT_POOL_GROWN);
	return true;
}

unsigned int blkfront_pool_reserve(struct blkfront_queue *queue,
				   unsigned int count)
{
	struct blkfront_pool *pool = &queue->pool;
	bool grown = false;

	lockdep_assert_held(&queue->lock);

	while (unlikely(pool->nr < count) && grow(queue))
		grown = true;
	if (grown)
		blkfront_trim_later(queue->bf);
	return min(count, pool->nr);
}

void blkfront_pool_get(struct blkfront_queue *queue, struct blkfront_seg *seg,
		       unsigned int count)
{
	struct blkfront_pool *pool = &queue->pool;

	lockdep_assert_held(&queue->lock);

	pool->nr -= count;
	pool->low = min(pool->low, pool->nr);
	memcpy(seg, &pool->free[pool->nr], count * sizeof(*seg));
	xpv_stat_add(&queue->base.stats, BLKFRONT_STAT_POOL_HITS, count);
}

void blkfront_pool_put(struct blkfront_queue *queue,
		       const struct blkfront_seg *seg, unsigned int count)
{
	struct blkfront_pool *pool = &queue->pool;

	lockdep_assert_held(&queue->lock);

	for (; count; count--, seg++) {
		if (likely(seg->page))
			pool->free[pool->nr++] = *seg;
		else
			/* In quarantine: freed once the backend unmaps it. */
			pool->total--;
	}
}

static bool try_free_page(struct blkfront_queue *queue,
			  const struct blkfront_seg *seg)
{
	if (queue->pool.granted &&
	    !xpv_grant_try_free(&queue->grefs, seg->gref))
		return false;
	__free_page(seg->page);
	return true;
}

bool blkfront_pool_trim(struct blkfront_queue *queue)
{
	struct blkfront_pool *pool = &queue->pool;
	unsigned int spare = pool->total - min_t(unsigned int, pool->total,
						 BLKFRONT_POOL_MIN);
	unsigned int unused = min3(pool->low, spare, TRIM_BATCH);
	unsigned int i, kept = 0;

	lockdep_assert_held(&queue->lock);

	for (i = 0; i < unused; i++)
		if (!try_free_page(queue, &pool->free[i]))
			pool->free[kept++] = pool->free[i];
	memmove(&pool->free[kept], &pool->free[unused],
		(pool->nr - unused) * sizeof(*pool->free));
	pool->nr -= unused - kept;
	pool->total -= unused - kept;
	pool->low = pool->nr;
	return pool->total > BLKFRONT_POOL_MIN;
}
