// SPDX-License-Identifier: GPL-2.0
#include <linux/bio.h>
#include <linux/slab.h>

#include "blkback.h"

/*
 * Segments: of the frontends' usual largest request (128 KiB), and of the
 * largest that there may be. Powers of two: kmalloc() wastes nothing, and no
 * list of segments crosses a page boundary, which a grant copy must not.
 */
static const unsigned int large_sizes[BLKBACK_NR_LARGE] = {
	32, BLKBACK_MAX_SEGS,
};

static_assert(sizeof(struct blkback_seg) == 8);
static_assert(BLKBACK_MAX_SEGS * sizeof(struct blkback_seg) <= PAGE_SIZE);
static_assert(BLKBACK_MAX_SEGS <= BLKBACK_DESC_SEGS);
static_assert(BLKBACK_MAX_SEGS <= BIO_MAX_VECS);

void blkback_pool_init(struct blkback_pool *pool)
{
	unsigned int i;

	INIT_LIST_HEAD(&pool->free);
	for (i = 0; i < BLKBACK_NR_LARGE; i++)
		INIT_LIST_HEAD(&pool->large[i]);
}

static void reset_pages(struct blkback_page *pages, unsigned int nr)
{
	while (nr--) {
		pages[nr].map.page = NULL;
		pages[nr].map.handle = INVALID_GRANT_HANDLE;
		pages[nr].map.error = 0;
		pages[nr].pgnt = NULL;
	}
}

static void free_large(struct blkback_large *large)
{
	kfree(large->segs);
	kfree(large->pages);
	kfree(large->bvecs);
	kfree(large);
}

static struct blkback_large *alloc_large(unsigned int size)
{
	struct blkback_large *large = kzalloc(sizeof(*large), BLKBACK_GFP);
	unsigned int nr = large_sizes[size];

	if (!large)
		return NULL;
	large->size = size;
	large->segs = kmalloc_array(nr, sizeof(*large->segs), BLKBACK_GFP);
	large->pages = kmalloc_array(nr, sizeof(*large->pages), BLKBACK_GFP);
	large->bvecs = kmalloc_array(nr, sizeof(*large->bvecs), BLKBACK_GFP);
	if (!large->segs || !large->pages || !large->bvecs) {
		free_large(large);
		return NULL;
	}
	reset_pages(large->pages, nr);
	return large;
}

static struct blkback_large *get_large(struct blkback_pool *pool,
				       unsigned int size)
{
	struct blkback_large *large;

	large = list_first_entry_or_null(&pool->large[size],
					 struct blkback_large, link);
	if (likely(large)) {
		list_del(&large->link);
		return large;
	}
	large = alloc_large(size);
	if (large)
		WRITE_ONCE(pool->nr_large, pool->nr_large + 1);
	return large;
}

static struct blkback_request *alloc_request(struct blkback_queue *queue)
{
	struct blkback_request *req = kmalloc(sizeof(*req), BLKBACK_GFP);

	if (!req)
		return NULL;
	req->queue = queue;
	req->copies = NULL;
	req->large = NULL;
	req->segs = req->own_segs;
	req->pages = req->own_pages;
	req->bvecs = req->own_bvecs;
	reset_pages(req->own_pages, BLKBACK_DIRECT_SEGS);
	WRITE_ONCE(queue->pages.pool.nr, queue->pages.pool.nr + 1);
	return req;
}

struct blkback_request *blkback_request_get(struct blkback_queue *queue)
{
	struct blkback_request *req;

	req = list_first_entry_or_null(&queue->pages.pool.free,
				       struct blkback_request, link);
	if (unlikely(!req))
		return alloc_request(queue);
	list_del(&req->link);
	return req;
}

void blkback_request_put(struct blkback_request *req)
{
	struct blkback_pool *pool = &req->queue->pages.pool;

	if (req->large) {
		list_add(&req->large->link, &pool->large[req->large->size]);
		req->large = NULL;
		req->segs = req->own_segs;
		req->pages = req->own_pages;
		req->bvecs = req->own_bvecs;
	}
	/* Last in, first out: the next finds it in the processor's cache. */
	list_add(&req->link, &pool->free);
}

bool blkback_request_enlarge(struct blkback_request *req)
{
	unsigned int size = 0;
	struct blkback_large *large;

	if (req->large)
		return true;
	while (large_sizes[size] < req->op.nr_segs)
		size++;
	large = get_large(&req->queue->pages.pool, size);
	if (!large)
		return false;
	req->large = large;
	req->segs = large->segs;
	req->pages = large->pages;
	req->bvecs = large->bvecs;
	return true;
}

static void trim_large(struct blkback_pool *pool, struct list_head *list)
{
	struct blkback_large *large, *next;

	list_for_each_entry_safe(large, next, list, link) {
		list_del(&large->link);
		free_large(large);
		WRITE_ONCE(pool->nr_large, pool->nr_large - 1);
	}
}

void blkback_pool_trim(struct blkback_pool *pool)
{
	struct blkback_request *req, *next;
	unsigned int i;

	for (i = 0; i < BLKBACK_NR_LARGE; i++)
		trim_large(pool, &pool->large[i]);
	list_for_each_entry_safe(req, next, &pool->free, link) {
		list_del(&req->link);
		kfree(req);
		WRITE_ONCE(pool->nr, pool->nr - 1);
	}
}

void blkback_request_refuse(struct blkback_request *req, s16 status,
			    const char *why)
{
	struct blkback_queue *queue = req->queue;

	xpv_stat_inc(&queue->base.stats, XPV_STAT_BAD);
	xpv_warn_peer(queue->base.xdev,
		      "request with op %u, sector %llu, %u segments refused: %s",
		      req->op.code, req->op.sector, req->op.nr_segs, why);
	req->status = status;
	list_move_tail(&req->link, &queue->ring.ended);
}

void blkback_request_reject(struct blkback_request *req,
			    enum blkback_verdict verdict)
{
	xpv_stat_inc(&req->queue->base.stats,
		     BLKBACK_STAT_REFUSED + verdict - 1);
	blkback_request_refuse(req, blkback_abi_status(verdict),
			       blkback_abi_reason(verdict));
}
