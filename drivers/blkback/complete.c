// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>

#include "connect.h"
#include "discard.h"
#include "io.h"
#include "map.h"
#include "complete.h"

/* Return: false where the disk has it again. */
static bool finish_io(struct blkback_request *req, bool stop)
{
	if (unlikely(req->op.code == BLKBACK_OP_DISCARD))
		return blkback_discard_ended(req, stop);
	if (unlikely(req->error != BLK_STS_OK) && blkback_request_resubmit(req))
		return false;
	blkback_request_settle(req);
	return true;
}

static void collect_done(struct blkback_queue *queue, bool stop)
{
	struct llist_node *nodes = llist_del_all(&queue->done);
	struct blkback_request *req, *next;
	unsigned int nr = 0;

	if (!nodes)
		return;
	nodes = llist_reverse_order(nodes);
	llist_for_each_entry_safe(req, next, nodes, done) {
		if (!finish_io(req, stop))
			continue;
		list_add_tail(&req->link, &queue->ended);
		nr++;
	}
	if (nr)
		blkback_drain_leave(&blkback_of(queue)->drain, nr);
}

static struct xpv_hist *latency_of(struct blkback_queue *queue,
				   const struct blkback_op *op)
{
	if (op->code == BLKBACK_OP_READ)
		return &queue->latency[BLKBACK_LATENCY_READ];
	if (op->code == BLKBACK_OP_WRITE)
		return &queue->latency[BLKBACK_LATENCY_WRITE];
	return &queue->latency[BLKBACK_LATENCY_OTHER];
}

static void respond(struct blkback_queue *queue, struct blkback_request *req)
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
	xpv_hist_add(latency_of(queue, &req->op), queue->now - req->began);
	queue->outstanding--;

	if (unlikely(req == queue->barrier)) {
		queue->barrier = NULL;
		blkback_drain_end(blkback_of(queue), queue);
	}
	list_del(&req->link);
	blkback_request_put(req);
}

/* What is on @ended, as far as its pages can be unmapped. */
static void respond_ended(struct blkback_queue *queue)
{
	struct blkback_request *req, *next;

	if (list_empty(&queue->ended))
		return;
	blkback_map_release(queue);
	if (list_empty(&queue->busy))
		queue->busy_tries = 0;
	if (list_empty(&queue->ended))
		return;

	queue->now = ktime_get_ns();
	list_for_each_entry_safe(req, next, &queue->ended, link)
		respond(queue, req);
	if (xpv_slots_push_responses(&queue->base.ring[0].slots))
		xpv_queue_notify(&queue->base, 0);
}

void blkback_complete(struct blkback_queue *queue, bool stop)
{
	collect_done(queue, stop);
	list_splice_init(&queue->busy, &queue->ended);
	respond_ended(queue);
}

/*
 * Whether the thread sleeps, and the request is alone: then nothing waits for
 * what it gives back. A thread that is to stop waits for the last answer, and
 * does not lend.
 */
static bool is_idle(const struct blkback_queue *queue)
{
	return queue->inline_allowed && queue->outstanding == 1;
}

/*
 * All that may sleep, take long or need a hypercall besides the notification is
 * the thread's: errors, discards, barriers, pages to be unmapped.
 */
static bool can_inline(const struct blkback_request *req)
{
	unsigned int i;

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

bool blkback_complete_inline(struct blkback_request *req)
{
	struct blkback_queue *queue = req->queue;
	unsigned long flags;
	bool may;

	if (!READ_ONCE(queue->inline_allowed))
		return false;
	spin_lock_irqsave(&queue->inline_lock, flags);
	may = is_idle(queue) && can_inline(req);
	if (may) {
		xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_INLINE);
		blkback_request_settle(req);
		list_add_tail(&req->link, &queue->ended);
		blkback_drain_leave(&blkback_of(queue)->drain, 1);
		respond_ended(queue);
		/* Others of this guest may wait for what is left over now. */
		if (unlikely(blkback_share_has_excess(&queue->share)))
			blkback_queue_kick(queue);
	}
	spin_unlock_irqrestore(&queue->inline_lock, flags);
	return may;
}
