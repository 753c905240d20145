// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>
#include <linux/rcupdate.h>

#include "blkback.h"
#include "complete.h"
#include "io.h"
#include "map.h"

/*
 * An operation that the disk turns out not to know is answered so, and its
 * feature is withdrawn.
 */
static bool withdraw_op(struct blkback_request *req)
{
	struct blkback_vbd *vbd = &blkback_of(req->queue)->vbd;

	switch (req->op.code) {
	case BLKBACK_OP_FLUSH:
		blkback_vbd_withdraw(vbd, BLKBACK_NO_FLUSH);
		return true;
	case BLKBACK_OP_BARRIER:
		blkback_vbd_withdraw(vbd, BLKBACK_NO_BARRIER);
		return true;
	case BLKBACK_OP_DISCARD:
		blkback_vbd_withdraw(vbd, req->op.secure ? BLKBACK_NO_SECURE :
							   BLKBACK_NO_DISCARD);
		return true;
	default:
		return false;
	}
}

/* Turns how the bio ended into the status of the response. */
static void set_status(struct blkback_request *req)
{
	bio_uninit(&req->bio);
	if (likely(req->error == BLK_STS_OK)) {
		req->status = BLKBACK_OKAY;
		return;
	}
	xpv_stat_inc(&req->queue->base.stats, BLKBACK_STAT_ERRORS);
	req->status = BLKBACK_ERROR;
	if (req->error == BLK_STS_NOTSUPP && withdraw_op(req))
		req->status = BLKBACK_EOPNOTSUPP;
}

/* Return: false where the request is with the disk again. */
static bool finish_io(struct blkback_request *req, bool stop)
{
	if (unlikely(req->op.code == BLKBACK_OP_DISCARD)) {
		if (!blkback_discard_ended(req, stop))
			return false;
	} else if (unlikely(req->error != BLK_STS_OK) &&
		   blkback_io_resubmit(req)) {
		return false;
	}
	set_status(req);
	return true;
}

static void collect_done(struct blkback_queue *queue, bool stop)
{
	struct llist_node *nodes = llist_del_all(&queue->thread.done);
	struct blkback_request *req, *next;
	unsigned int nr = 0;

	if (!nodes)
		return;
	nodes = llist_reverse_order(nodes);
	llist_for_each_entry_safe(req, next, nodes, done) {
		if (!finish_io(req, stop))
			continue;
		list_add_tail(&req->link, &queue->ring.ended);
		nr++;
	}
	if (nr)
		blkback_queue_leave_drain(queue, nr);
}

static struct xpv_hist *latency_of(struct blkback_queue *queue,
				   const struct blkback_op *op)
{
	if (op->code == BLKBACK_OP_READ)
		return &queue->counters.latency[BLKBACK_LATENCY_READ];
	if (op->code == BLKBACK_OP_WRITE)
		return &queue->counters.latency[BLKBACK_LATENCY_WRITE];
	return &queue->counters.latency[BLKBACK_LATENCY_OTHER];
}

/* The barrier is answered: the queues that it has held back go on. */
static void end_barrier(struct blkback_queue *queue)
{
	struct blkback *bb = blkback_of(queue);
	unsigned int nr = blkback_nr_allocated(bb), i;
	struct blkback_queue *other;

	queue->ring.barrier = NULL;
	if (!blkback_drain_end(&bb->drain, queue))
		return;
	for (i = 0; i < nr; i++) {
		other = blkback_queue_nr(bb, i);
		if (other != queue)
			blkback_queue_signal(other, BLKBACK_SIGNAL_KICK);
	}
}

static void put_response(struct blkback_queue *queue,
			 const struct blkback_request *req)
{
	struct xpv_slots *slots = &queue->base.ring[0].slots;
	enum blkback_abi abi = blkback_of(queue)->abi;
	union blkback_abi_response raw;

	blkback_abi_encode(abi, &req->op, req->status, &raw);
	if (blkback_abi_is_32(abi))
		xpv_slots_produce(slots, &raw.abi32, sizeof(raw.abi32));
	else
		xpv_slots_produce(slots, &raw.abi64, sizeof(raw.abi64));
	xpv_stat_inc(&queue->base.stats, XPV_STAT_PUT);
}

static void respond(struct blkback_queue *queue, struct blkback_request *req)
{
	put_response(queue, req);
	xpv_hist_add(latency_of(queue, &req->op),
		     queue->thread.now - req->began);
	queue->ring.outstanding--;
	if (unlikely(req == queue->ring.barrier))
		end_barrier(queue);
	list_del(&req->link);
	blkback_request_put(req);
}

/*
 * What is on @ended, as far as its pages can be unmapped: the frontend may do
 * what it likes with a page as soon as its request is answered.
 */
static void respond_ended(struct blkback_queue *queue)
{
	struct blkback_request *req, *next;

	if (list_empty(&queue->ring.ended))
		return;
	blkback_map_release(queue);
	if (list_empty(&queue->ring.busy))
		queue->ring.busy_tries = 0;
	if (list_empty(&queue->ring.ended))
		return;

	queue->thread.now = ktime_get_ns();
	list_for_each_entry_safe(req, next, &queue->ring.ended, link)
		respond(queue, req);
	if (xpv_slots_push_responses(&queue->base.ring[0].slots))
		xpv_queue_notify(&queue->base, 0);
}

void blkback_complete(struct blkback_queue *queue, bool stop)
{
	collect_done(queue, stop);
	list_splice_init(&queue->ring.busy, &queue->ring.ended);
	respond_ended(queue);
}

/*
 * Whether a request may be completed inline. All that may sleep, take long, or
 * need a hypercall besides the notification is the thread's: errors, discards,
 * barriers, pages to be unmapped.
 */
static bool can_inline(const struct blkback_request *req)
{
	unsigned int i;

	/* Nothing waits then for the memory that the request gives back. */
	if (req->queue->ring.outstanding != 1)
		return false;
	if (unlikely(req->error != BLK_STS_OK))
		return false;
	if (req->op.code != BLKBACK_OP_READ &&
	    req->op.code != BLKBACK_OP_WRITE &&
	    req->op.code != BLKBACK_OP_FLUSH)
		return false;
	for (i = 0; i < req->op.nr_segs; i++)
		if (!req->pages[i].pgnt)
			return false;
	return true;
}

/* Context: blkback_inline_run(): the thread sleeps, we act in its place. */
static bool complete_inline(void *arg)
{
	struct blkback_request *req = arg;
	struct blkback_queue *queue = req->queue;

	if (!can_inline(req))
		return false;
	xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_INLINE);
	set_status(req);
	list_add_tail(&req->link, &queue->ring.ended);
	blkback_queue_leave_drain(queue, 1);
	respond_ended(queue);
	/* Other queues of the domain may wait for what is left over now. */
	if (unlikely(blkback_share_has_excess(&queue->pages.share)))
		blkback_queue_signal(queue, BLKBACK_SIGNAL_KICK);
	return true;
}

/*
 * Once the request is on @done, or was completed inline, it may be freed and
 * its queue stopped before the rest of this has run. So @req is not touched any
 * more, and queues are freed an RCU grace period after they were stopped.
 */
void blkback_complete_bio(struct bio *bio)
{
	struct blkback_request *req = bio->bi_private;
	struct blkback_queue *queue = req->queue;

	req->error = bio->bi_status;
	rcu_read_lock();
	if (!blkback_inline_run(&queue->in, complete_inline, req) &&
	    llist_add(&req->done, &queue->thread.done))
		blkback_queue_wake(queue);
	rcu_read_unlock();
}
