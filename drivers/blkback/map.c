// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "connect.h"
#include "dispatch.h"
#include "map.h"
#include "stable.h"

/* Fetching descriptors */

/* Copied by Xen, at once, into memory of ours: nothing changes afterwards. */
static void gather_fetch(struct blkback_queue *queue,
			 struct blkback_request *req)
{
	struct xpv_copy_place from = { .ref = req->op.desc };

	xpv_copy_in(&queue->fetch[queue->nr_fetch++], queue->base.xdev, from,
		    req->segs, req->op.nr_segs * sizeof(*req->segs));
}

static void settle_fetch(struct blkback_queue *queue,
			 struct blkback_request *req, bool copied,
			 const struct blkback_limits *limits)
{
	enum blkback_verdict verdict;

	req->fetched = true;
	if (unlikely(!copied)) {
		xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_UNMAPPABLE);
		blkback_queue_refuse(req, BLKBACK_ERROR,
				     "its descriptors cannot be copied");
		return;
	}
	verdict = blkback_abi_check(&req->op, req->segs, limits);
	if (unlikely(verdict != BLKBACK_FINE))
		blkback_queue_reject(req, verdict);
}

/*
 * Once, into memory of ours: what is looked at afterwards cannot change. The
 * barrier keeps the compiler from looking there instead.
 */
static bool fetch_from_pgnt(struct blkback_queue *queue,
			    struct blkback_request *req,
			    const struct blkback_limits *limits)
{
	struct blkback_pgnt *pgnt =
		blkback_pgnt_find(&queue->pgnts, req->op.desc);

	if (!pgnt)
		return false;
	memcpy(req->segs, page_address(pgnt->map.page),
	       req->op.nr_segs * sizeof(*req->segs));
	barrier();
	settle_fetch(queue, req, true, limits);
	return true;
}

static bool wants_fetch(const struct blkback_request *req)
{
	return req->op.indirect && !req->fetched && req->large;
}

static void run_fetch(struct blkback_queue *queue,
		      const struct blkback_limits *limits)
{
	struct blkback_request *req, *next;
	unsigned int i = 0;

	xpv_copy_run(queue->base.xdev, queue->fetch, queue->nr_fetch);
	xpv_stat_inc(&queue->base.stats, XPV_STAT_COPY_CALLS);
	xpv_stat_add(&queue->base.stats, XPV_STAT_COPIES, queue->nr_fetch);
	list_for_each_entry_safe(req, next, &queue->ready, link) {
		if (i == queue->nr_fetch)
			break;
		if (!wants_fetch(req))
			continue;
		settle_fetch(queue, req, xpv_copy_ok(&queue->fetch[i]), limits);
		i++;
	}
	queue->nr_fetch = 0;
}

/* The array is there once a frontend has sent indirect requests. */
static bool may_fetch(struct blkback_queue *queue)
{
	if (likely(queue->fetch))
		return true;
	queue->fetch = kmalloc_array(BLKBACK_ROUND, sizeof(*queue->fetch),
				     BLKBACK_GFP);
	return queue->fetch;
}

void blkback_map_fetch(struct blkback_queue *queue)
{
	struct blkback_request *req, *next;
	struct blkback_limits limits;
	bool known = false;

	list_for_each_entry_safe(req, next, &queue->ready, link) {
		if (likely(!req->op.indirect) || req->fetched)
			continue;
		if (!may_fetch(queue) || !blkback_request_enlarge(req))
			break;
		if (!known)
			blkback_vbd_limits(&blkback_of(queue)->vbd, &limits);
		known = true;
		if (!queue->pgnts.enabled ||
		    !fetch_from_pgnt(queue, req, &limits))
			gather_fetch(queue, req);
	}
	if (queue->nr_fetch)
		run_fetch(queue, &limits);
}

/* Mapping */

static bool get_pgnt(struct blkback_queue *queue, struct blkback_page *page,
		     grant_ref_t gref)
{
	page->pgnt = blkback_pgnt_get(&queue->pgnts, gref);
	if (!page->pgnt)
		return false;
	page->map.page = page->pgnt->map.page;
	xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_PGNT_HITS);
	return true;
}

/* What goes to the disk need not be writable here, unless it stays mapped. */
static bool maps_readonly(const struct blkback_queue *queue,
			  const struct blkback_request *req)
{
	return !queue->pgnts.enabled && blkback_op_writes(&req->op);
}

/*
 * Return: false where pages ran out; the segments behind are marked as not
 * tried.
 */
static bool gather_maps(struct blkback_queue *queue,
			struct blkback_request *req)
{
	bool readonly = maps_readonly(queue, req);
	unsigned int i;
	int err = 0;

	for (i = 0; i < req->op.nr_segs; i++) {
		if (unlikely(err)) {
			req->pages[i].map.error = err;
			continue;
		}
		if (queue->pgnts.enabled &&
		    get_pgnt(queue, &req->pages[i], req->segs[i].gref))
			continue;
		err = xpv_map_add(&queue->batch, &queue->cache,
				  &req->pages[i].map, req->segs[i].gref,
				  readonly);
	}
	return !err;
}

/*
 * Return: 0 where all segments are mapped; -ENOMEM where the others may be
 * mapped later; any other error is the frontend's, and outweighs all.
 */
static int maps_error(const struct blkback_request *req)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < req->op.nr_segs; i++) {
		if (likely(req->pages[i].map.page))
			continue;
		if (req->pages[i].map.error != -ENOMEM)
			return -EIO;
		err = -ENOMEM;
	}
	return err;
}

/* One that was never tried has nothing to be undone. */
static void unmap_request(struct blkback_queue *queue,
			  struct blkback_request *req)
{
	struct blkback_page *page;
	unsigned int i;

	for (i = 0; i < req->op.nr_segs; i++) {
		page = &req->pages[i];
		if (page->pgnt) {
			blkback_pgnt_put(page->pgnt);
			page->pgnt = NULL;
			page->map.page = NULL;
		} else {
			xpv_unmap_add(&queue->batch, &queue->cache, &page->map);
		}
	}
	blkback_stable_free(req);
	blkback_share_give(&queue->share, req->op.nr_segs);
	req->mapped = false;
}

/* Pages of a request that waits are given back: others may need them. */
static void stall_request(struct blkback_queue *queue,
			  struct blkback_request *req)
{
	unmap_request(queue, req);
	xpv_stat_inc(&queue->base.stats, XPV_STAT_STALLS);
	list_add(&req->link, &queue->ready);
}

static void add_pgnts(struct blkback_queue *queue, struct blkback_request *req)
{
	struct blkback_page *page;
	unsigned int i;

	for (i = 0; i < req->op.nr_segs; i++) {
		page = &req->pages[i];
		if (unlikely(xpv_gmap_mapped(&page->map)))
			page->pgnt = blkback_pgnt_add(queue, &page->map,
						      req->segs[i].gref);
	}
}

static void settle_maps(struct blkback_queue *queue,
			struct blkback_request *req)
{
	int err = maps_error(req);

	if (likely(!err) && unlikely(!blkback_stable_copy(req)))
		err = -ENOMEM;
	list_del(&req->link);
	if (likely(!err)) {
		list_add(&req->link, &queue->mapped);
		if (queue->pgnts.enabled)
			add_pgnts(queue, req);
	} else if (err == -ENOMEM) {
		stall_request(queue, req);
	} else {
		list_add(&req->link, &queue->ready);
		xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_UNMAPPABLE);
		blkback_queue_refuse(req, BLKBACK_ERROR,
				     "a page cannot be mapped");
	}
}

/*
 * A queue that is to stop would otherwise wait for as long as the guest's other
 * queues have the budget; one request of each may go beyond it.
 */
static bool take_share(struct blkback_queue *queue, unsigned int nr, bool stop)
{
	if (likely(blkback_share_take(&queue->share, nr)))
		return true;
	if (!stop || queue->share.used)
		return false;
	blkback_share_exceed(&queue->share, nr);
	return true;
}

/* Return: whether the request may be tried to be mapped now. */
static bool may_map(struct blkback_queue *queue, struct blkback_request *req,
		    bool stop)
{
	if (unlikely(req->op.indirect && !req->fetched) ||
	    unlikely(!take_share(queue, req->op.nr_segs, stop))) {
		xpv_stat_inc(&queue->base.stats, XPV_STAT_STALLS);
		return false;
	}
	req->mapped = true;
	return true;
}

void blkback_map_ready(struct blkback_queue *queue, bool stop)
{
	struct blkback_request *req, *next;
	LIST_HEAD(tried);

	list_for_each_entry_safe(req, next, &queue->ready, link) {
		if (!may_map(queue, req, stop))
			break;
		list_move_tail(&req->link, &tried);
		if (!gather_maps(queue, req))
			break;
	}
	xpv_map_run(&queue->batch, &queue->cache);

	list_for_each_entry_safe_reverse(req, next, &tried, link)
		settle_maps(queue, req);
	xpv_unmap_run(&queue->batch, &queue->cache);
}

/* Unmapping */

/* Network storage may still send from a page although the write has ended. */
static bool is_busy(const struct blkback_request *req)
{
	unsigned int i;

	for (i = 0; i < req->op.nr_segs; i++)
		if (xpv_gmap_mapped(&req->pages[i].map) &&
		    unlikely(xpv_unmap_busy(&req->pages[i].map)))
			return true;
	return false;
}

void blkback_map_release(struct blkback_queue *queue)
{
	struct blkback_request *req, *next;
	LIST_HEAD(busy);

	list_for_each_entry_safe(req, next, &queue->ended, link) {
		if (!req->mapped)
			continue;
		if (unlikely(is_busy(req)))
			list_move_tail(&req->link, &busy);
		else
			unmap_request(queue, req);
	}
	xpv_unmap_run(&queue->batch, &queue->cache);
	if (unlikely(!list_empty(&busy)))
		xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_BUSY);
	list_splice_tail(&busy, &queue->busy);
}
