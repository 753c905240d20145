// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "blkback.h"
#include "map.h"
#include "stable.h"

/* Indirect descriptors */

/* Checks what was fetched, or refuses the request. */
static void finish_fetch(struct blkback_queue *queue,
			 struct blkback_request *req, bool copied,
			 const struct blkback_limits *limits)
{
	enum blkback_verdict verdict;

	req->fetched = true;
	if (unlikely(!copied)) {
		xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_UNMAPPABLE);
		blkback_request_refuse(req, BLKBACK_ERROR,
				       "its descriptors cannot be copied");
		return;
	}
	verdict = blkback_abi_check(&req->op, req->segs, limits);
	if (unlikely(verdict != BLKBACK_FINE))
		blkback_request_reject(req, verdict);
}

/*
 * Descriptors in a persistent grant are copied from its mapping, once: the
 * frontend may change the page at any time. The barrier keeps the compiler from
 * reading there again instead of from the copy (XSA-155).
 */
static bool fetch_from_pgnt(struct blkback_queue *queue,
			    struct blkback_request *req,
			    const struct blkback_limits *limits)
{
	struct blkback_pgnt *pgnt;

	pgnt = blkback_pgnt_find(&queue->pages.pgnts, req->op.desc);
	if (!pgnt)
		return false;
	memcpy(req->segs, page_address(pgnt->map.page),
	       req->op.nr_segs * sizeof(*req->segs));
	barrier();
	finish_fetch(queue, req, true, limits);
	return true;
}

/* Others are copied by Xen, at once, into memory of ours. */
static void gather_fetch(struct blkback_queue *queue,
			 struct blkback_request *req)
{
	struct xpv_copy_place from = { .ref = req->op.desc };
	struct blkback_pages *pages = &queue->pages;

	xpv_copy_in(&pages->fetch[pages->nr_fetch++], queue->base.xdev, from,
		    req->segs, req->op.nr_segs * sizeof(*req->segs));
}

static bool is_gathered(const struct blkback_request *req)
{
	return req->op.indirect && !req->fetched && req->large;
}

/* The copies are in the order of the requests on @ready. */
static void run_fetch(struct blkback_queue *queue,
		      const struct blkback_limits *limits)
{
	struct blkback_pages *pages = &queue->pages;
	struct blkback_request *req, *next;
	unsigned int i = 0;

	xpv_copy_run(queue->base.xdev, pages->fetch, pages->nr_fetch);
	xpv_stat_inc(&queue->base.stats, XPV_STAT_COPY_CALLS);
	xpv_stat_add(&queue->base.stats, XPV_STAT_COPIES, pages->nr_fetch);
	list_for_each_entry_safe(req, next, &queue->ring.ready, link) {
		if (i == pages->nr_fetch)
			break;
		if (!is_gathered(req))
			continue;
		finish_fetch(queue, req, xpv_copy_ok(&pages->fetch[i]), limits);
		i++;
	}
	pages->nr_fetch = 0;
}

/* The array exists once a frontend has sent indirect requests. */
static bool alloc_fetch(struct blkback_pages *pages)
{
	if (likely(pages->fetch))
		return true;
	pages->fetch = kmalloc_array(BLKBACK_ROUND, sizeof(*pages->fetch),
				     BLKBACK_GFP);
	return pages->fetch;
}

void blkback_map_fetch(struct blkback_queue *queue)
{
	struct blkback_request *req, *next;
	struct blkback_limits limits;
	bool known = false;

	list_for_each_entry_safe(req, next, &queue->ring.ready, link) {
		if (likely(!req->op.indirect) || req->fetched)
			continue;
		if (!alloc_fetch(&queue->pages) ||
		    !blkback_request_enlarge(req))
			break;
		if (!known)
			blkback_vbd_limits(&blkback_of(queue)->vbd, &limits);
		known = true;
		if (!queue->pages.pgnts.enabled ||
		    !fetch_from_pgnt(queue, req, &limits))
			gather_fetch(queue, req);
	}
	if (queue->pages.nr_fetch)
		run_fetch(queue, &limits);
}

/* Mapping */

/* Return: false where the page is no persistent grant and is to be mapped. */
static bool get_pgnt(struct blkback_queue *queue, struct blkback_page *page,
		     grant_ref_t gref)
{
	page->pgnt = blkback_pgnt_get(&queue->pages.pgnts, gref);
	if (!page->pgnt)
		return false;
	page->map.page = page->pgnt->map.page;
	xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_PGNT_HITS);
	return true;
}

/*
 * What is written to the disk need not be writable here, unless it becomes a
 * persistent grant, which other requests use for reads.
 */
static bool maps_readonly(const struct blkback_queue *queue,
			  const struct blkback_request *req)
{
	return !queue->pages.pgnts.enabled && blkback_op_writes(&req->op);
}

/*
 * Return: false where pages ran out; the segments behind are marked as not
 * tried.
 */
static bool gather_maps(struct blkback_queue *queue,
			struct blkback_request *req)
{
	struct blkback_pages *pages = &queue->pages;
	bool readonly = maps_readonly(queue, req);
	unsigned int i;
	int err = 0;

	for (i = 0; i < req->op.nr_segs; i++) {
		if (unlikely(err)) {
			req->pages[i].map.error = err;
			continue;
		}
		if (pages->pgnts.enabled &&
		    get_pgnt(queue, &req->pages[i], req->segs[i].gref))
			continue;
		err = xpv_map_add(&pages->batch, &pages->cache,
				  &req->pages[i].map, req->segs[i].gref,
				  readonly);
	}
	return !err;
}

/*
 * Return: 0 where all segments are mapped; -ENOMEM where the others may be
 * mapped later; any other error is the frontend's, and takes precedence.
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

/* Gathers unmaps; a segment that was never tried has nothing to undo. */
static void unmap_request(struct blkback_queue *queue,
			  struct blkback_request *req)
{
	struct blkback_pages *pages = &queue->pages;
	struct blkback_page *page;
	unsigned int i;

	for (i = 0; i < req->op.nr_segs; i++) {
		page = &req->pages[i];
		if (page->pgnt) {
			blkback_pgnt_put(page->pgnt);
			page->pgnt = NULL;
			page->map.page = NULL;
		} else {
			xpv_unmap_add(&pages->batch, &pages->cache, &page->map);
		}
	}
	blkback_stable_free(req);
	blkback_share_give(&pages->share, req->op.nr_segs);
	req->mapped = false;
}

/* The pages of a request that waits are given back: others may need them. */
static void stall_request(struct blkback_queue *queue,
			  struct blkback_request *req)
{
	unmap_request(queue, req);
	xpv_stat_inc(&queue->base.stats, XPV_STAT_STALLS);
	list_add(&req->link, &queue->ring.ready);
}

/* Pages that were just mapped become persistent, as far as there is room. */
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

static void finish_maps(struct blkback_queue *queue,
			struct blkback_request *req)
{
	int err = maps_error(req);

	if (likely(!err) && unlikely(!blkback_stable_copy(req)))
		err = -ENOMEM;
	list_del(&req->link);
	if (likely(!err)) {
		list_add(&req->link, &queue->ring.mapped);
		if (queue->pages.pgnts.enabled)
			add_pgnts(queue, req);
	} else if (err == -ENOMEM) {
		stall_request(queue, req);
	} else {
		list_add(&req->link, &queue->ring.ready);
		xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_UNMAPPABLE);
		blkback_request_refuse(req, BLKBACK_ERROR,
				       "a page cannot be mapped");
	}
}

/*
 * A queue that is to stop would otherwise wait for as long as the domain's
 * other queues have its limit used up; one request of each may exceed it.
 */
static bool take_share(struct blkback_share *share, unsigned int nr, bool stop)
{
	if (likely(blkback_share_take(share, nr)))
		return true;
	if (!stop || share->used)
		return false;
	blkback_share_exceed(share, nr);
	return true;
}

/* Return: whether to try to map the request now. */
static bool may_map(struct blkback_queue *queue, struct blkback_request *req,
		    bool stop)
{
	if (unlikely(req->op.indirect && !req->fetched) ||
	    unlikely(!take_share(&queue->pages.share, req->op.nr_segs, stop))) {
		xpv_stat_inc(&queue->base.stats, XPV_STAT_STALLS);
		return false;
	}
	req->mapped = true;
	return true;
}

void blkback_map_ready(struct blkback_queue *queue, bool stop)
{
	struct blkback_pages *pages = &queue->pages;
	struct blkback_request *req, *next;
	LIST_HEAD(tried);

	list_for_each_entry_safe(req, next, &queue->ring.ready, link) {
		if (!may_map(queue, req, stop))
			break;
		list_move_tail(&req->link, &tried);
		if (!gather_maps(queue, req))
			break;
	}
	xpv_map_run(&pages->batch, &pages->cache);

	/* From the end, each put first: lists keep their order. */
	list_for_each_entry_safe_reverse(req, next, &tried, link)
		finish_maps(queue, req);
	xpv_unmap_run(&pages->batch, &pages->cache);
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
	struct blkback_pages *pages = &queue->pages;
	struct blkback_request *req, *next;
	LIST_HEAD(busy);

	list_for_each_entry_safe(req, next, &queue->ring.ended, link) {
		if (!req->mapped)
			continue;
		if (unlikely(is_busy(req)))
			list_move_tail(&req->link, &busy);
		else
			unmap_request(queue, req);
	}
	xpv_unmap_run(&pages->batch, &pages->cache);
	if (unlikely(!list_empty(&busy)))
		xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_BUSY);
	list_splice_tail(&busy, &queue->ring.busy);
}
