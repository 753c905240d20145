// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>

#include "blkback.h"
#include "consume.h"

static struct xpv_slots *slots_of(struct blkback_queue *queue)
{
	return &queue->base.ring[0].slots;
}

static void report_bad_index(struct blkback_queue *queue)
{
	queue->ring.broken = true;
	xpv_violation(queue->base.xdev,
		      "queue %u: more requests than the ring has room for",
		      queue->base.index);
}

bool blkback_may_consume(const struct blkback_queue *queue)
{
	const struct blkback_ring *ring = &queue->ring;

	return !ring->broken && !ring->barrier && !ring->limited &&
	       list_empty(&ring->ready) && !xpv_broken(queue->base.xdev);
}

/* The one place that reads a slot: all else uses the copy. */
static void copy_request(struct blkback_queue *queue,
			 struct blkback_request *req)
{
	enum blkback_abi abi = blkback_of(queue)->abi;
	union blkback_abi_request raw;

	if (blkback_abi_is_32(abi))
		xpv_slots_consume(slots_of(queue), &raw.abi32,
				  sizeof(raw.abi32));
	else
		xpv_slots_consume(slots_of(queue), &raw.abi64,
				  sizeof(raw.abi64));
	blkback_abi_decode(abi, &raw, &req->op, req->segs);
}

static enum blkback_verdict check_request(struct blkback_request *req,
					  const struct blkback_limits *limits)
{
	enum blkback_verdict verdict;

	verdict = blkback_abi_check_head(&req->op, limits);
	/* The segments are checked when the descriptors are fetched (map.c). */
	if (verdict != BLKBACK_FINE || req->op.indirect)
		return verdict;
	return blkback_abi_check(&req->op, req->segs, limits);
}

/* What an indirect request transfers is not known yet: whole pages, mostly. */
static u64 data_bytes(const struct blkback_op *op)
{
	if (op->code == BLKBACK_OP_DISCARD)
		return 0;
	if (op->indirect)
		return op->nr_segs * XEN_PAGE_SIZE;
	return op->sectors << SECTOR_SHIFT;
}

/* Return: whether the request has to wait. */
static bool is_rate_limited(struct blkback_queue *queue,
			    struct blkback_request *req)
{
	struct blkback_ratelimit *ratelimit = &blkback_of(queue)->vbd.ratelimit;
	u64 now, wait;

	if (likely(!READ_ONCE(ratelimit->enabled)))
		return false;
	now = ktime_get_ns();
	wait = blkback_ratelimit_take(ratelimit, now, data_bytes(&req->op));
	queue->ring.limited_until = now + wait;
	return wait;
}

void blkback_retry_limited(struct blkback_queue *queue, bool stop)
{
	struct blkback_request *req = queue->ring.limited;

	if (likely(!req) || (!stop && is_rate_limited(queue, req)))
		return;
	queue->ring.limited = NULL;
	list_add_tail(&req->link, &queue->ring.ready);
}

/* Decides where a request goes that was just consumed. */
static void sort_request(struct blkback_queue *queue,
			 struct blkback_request *req,
			 const struct blkback_limits *limits)
{
	enum blkback_verdict verdict = check_request(req, limits);

	list_add_tail(&req->link, &queue->ring.ready);
	if (unlikely(verdict != BLKBACK_FINE)) {
		blkback_request_reject(req, verdict);
	} else if (unlikely(req->op.code == BLKBACK_OP_BARRIER)) {
		list_del(&req->link);
		queue->ring.barrier = req;
		queue->ring.barrier_drained = false;
	} else if (unlikely(is_rate_limited(queue, req))) {
		list_del(&req->link);
		queue->ring.limited = req;
		xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_RATE_LIMITED);
	}
}

/* Return: false where memory is short; nothing was consumed then. */
static bool consume_request(struct blkback_queue *queue,
			    const struct blkback_limits *limits)
{
	struct blkback_request *req = blkback_request_get(queue);

	if (unlikely(!req))
		return false;
	copy_request(queue, req);
	WRITE_ONCE(queue->pages.trimmed, false);
	req->began = queue->thread.now;
	req->fetched = false;
	req->mapped = false;
	queue->ring.outstanding++;
	queue->ring.consumed = true;
	xpv_stat_inc(&queue->base.stats, XPV_STAT_TAKEN);
	sort_request(queue, req, limits);
	return true;
}

/* The first requests since a sleep tell whether they come one by one. */
static void choose_affinity(struct blkback_queue *queue, unsigned int nr)
{
	const struct blkback_wakeup wakeup = {
		.found = nr + queue->ring.outstanding,
		.consumed = slots_of(queue)->cons,
		.now = queue->thread.now,
	};

	if (blkback_affinity_choose(&queue->thread.affinity, &queue->base,
				    &wakeup))
		blkback_poll_reset(&queue->thread.poll);
}

static void consume_requests(struct blkback_queue *queue, unsigned int nr)
{
	struct blkback_ring *ring = &queue->ring;
	struct blkback_limits limits;

	blkback_vbd_limits(&blkback_of(queue)->vbd, &limits);
	ring->no_memory = false;
	for (; nr && !ring->barrier && !ring->limited; nr--) {
		if (consume_request(queue, &limits))
			continue;
		xpv_stat_inc(&queue->base.stats, XPV_STAT_STALLS);
		ring->no_memory = true;
		return;
	}
}

void blkback_consume(struct blkback_queue *queue)
{
	int nr = xpv_slots_requests(slots_of(queue));

	if (nr < 0)
		report_bad_index(queue);
	if (nr <= 0)
		return;

	queue->thread.now = ktime_get_ns();
	if (queue->thread.slept)
		choose_affinity(queue, nr);
	queue->thread.slept = false;
	consume_requests(queue, min(nr, BLKBACK_ROUND));
}

/* Whether the ring is worth a look: what is in it could be consumed. */
static bool is_open(const struct blkback_queue *queue)
{
	return !queue->ring.drain_blocked && !queue->ring.no_memory &&
	       blkback_may_consume(queue);
}

bool blkback_has_requests(struct blkback_queue *queue)
{
	int nr;

	if (!is_open(queue))
		return false;
	nr = xpv_slots_requests(slots_of(queue));
	if (nr < 0)
		report_bad_index(queue);
	return nr > 0;
}

bool blkback_final_check(struct blkback_queue *queue)
{
	int nr;

	if (!is_open(queue))
		return false;
	if (queue->ring.eoi_pending) {
		xpv_queue_eoi(&queue->base, 0, queue->ring.consumed);
		queue->ring.eoi_pending = false;
		queue->ring.consumed = false;
	}
	nr = xpv_slots_final_check_requests(slots_of(queue), 1);
	if (nr < 0)
		report_bad_index(queue);
	return nr > 0;
}
