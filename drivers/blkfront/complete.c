// SPDX-License-Identifier: GPL-2.0
#include <compat/blk.h>
#include <linux/nospec.h>
#include <linux/wait_bit.h>

#include "bounce.h"
#include "complete.h"
#include "shadow.h"

void blkfront_event(struct xpv_queue *base, unsigned int ring)
{
	struct blkfront_queue *queue =
		container_of(base, struct blkfront_queue, base);

	tasklet_schedule(&queue->tasklet);
}

static const char *op_name(u8 op)
{
	static const char * const name[] = {
		[BLKIF_OP_READ] = "read",
		[BLKIF_OP_WRITE] = "write",
		[BLKIF_OP_WRITE_BARRIER] = "barrier",
		[BLKIF_OP_FLUSH_DISKCACHE] = "flush",
		[BLKIF_OP_DISCARD] = "discard",
	};

	return op < ARRAY_SIZE(name) && name[op] ? name[op] : "?";
}

/*
 * Data safety: the flush that was refused fails, the block layer tells whoever
 * asked for it, and so do all further ones on their way. The cache that cannot
 * be flushed is no longer claimed; administrators see it in the log.
 */
static void mark_flush_lost(struct blkfront *bf)
{
	if (READ_ONCE(bf->flush) == BLKFRONT_FLUSH_LOST)
		return;

	WRITE_ONCE(bf->flush, BLKFRONT_FLUSH_LOST);
	xpv_warn(bf->xdev,
		 "%s: the backend refuses flushes that it offered; writes are not safe against its power failure\n",
		 bf->vdev.name);
	/* Limits are changed in process context. */
	xpv_device_refresh(bf->xdev);
}

/* A hint that was refused loses nothing, but is not worth repeating. */
static void mark_discard_lost(struct blkfront *bf)
{
	if (!READ_ONCE(bf->discard))
		return;

	WRITE_ONCE(bf->discard, false);
	WRITE_ONCE(bf->discard_securely, false);
	xpv_warn(bf->xdev,
		 "%s: the backend refuses discards that it offered; no more are sent\n",
		 bf->vdev.name);
	xpv_device_refresh(bf->xdev);
}

static void count_error(struct blkfront_queue *queue, u8 op)
{
	struct xpv_stats *stats = &queue->base.stats;

	xpv_stat_inc(stats, BLKFRONT_STAT_ERRORS);
	switch (op) {
	case BLKIF_OP_READ:
		xpv_stat_inc(stats, BLKFRONT_STAT_READ_ERRORS);
		break;
	case BLKIF_OP_WRITE:
		xpv_stat_inc(stats, BLKFRONT_STAT_WRITE_ERRORS);
		break;
	case BLKIF_OP_DISCARD:
		xpv_stat_inc(stats, BLKFRONT_STAT_DISCARD_ERRORS);
		break;
	default:
		xpv_stat_inc(stats, BLKFRONT_STAT_FLUSH_ERRORS);
		break;
	}
}

static blk_status_t response_status(struct blkfront_queue *queue, u8 op,
				    s16 status)
{
	if (likely(status == BLKIF_RSP_OKAY))
		return BLK_STS_OK;

	count_error(queue, op);
	if (status != BLKIF_RSP_EOPNOTSUPP)
		return BLK_STS_IOERR;

	xpv_stat_inc(&queue->base.stats, BLKFRONT_STAT_REFUSED);
	switch (op) {
	case BLKIF_OP_READ:
	case BLKIF_OP_WRITE:
		/* Senseless, but no violation. */
		return BLK_STS_IOERR;
	case BLKIF_OP_DISCARD:
		mark_discard_lost(queue->bf);
		return BLK_STS_NOTSUPP;
	default:
		mark_flush_lost(queue->bf);
		return BLK_STS_NOTSUPP;
	}
}

/* Of an indirect request, backends answer with the inner operation or this. */
static bool op_matches(const struct blkfront_shadow *sh, u8 op)
{
	return op == sh->op || (sh->indirect && op == BLKIF_OP_INDIRECT);
}

/*
 * The request that a response is for. The id is compared in its full width
 * with what was sent: one that was never given out, is answered already, or is
 * of an earlier use of the tag, all fail here; as does one that another ring
 * was given.
 *
 * Return: the shadow, or NULL after a violation.
 */
static struct blkfront_shadow *find_shadow(struct blkfront_queue *queue,
					   const struct blkif_response *rsp)
{
	struct blkfront *bf = queue->bf;
	u32 index = lower_32_bits(rsp->id) >> 16;
	u32 tag = lower_32_bits(rsp->id) & U16_MAX;
	struct blkfront_shadow *sh;
	struct blkfront_queue *hwq;

	if (index >= bf->nr_queues || tag >= bf->depth) {
		xpv_violation(bf->xdev,
			      "response id %#llx is out of range",
			      rsp->id);
		return NULL;
	}
	hwq = &bf->queue[array_index_nospec(index, bf->nr_queues)];
	sh = &hwq->shadow[array_index_nospec(tag, bf->depth)];
	if (hwq->ring != queue || sh->state != BLKFRONT_SENT ||
	    sh->id != rsp->id) {
		xpv_violation(bf->xdev,
			      "response id %#llx is of no outstanding request",
			      rsp->id);
		return NULL;
	}
	if (!op_matches(sh, rsp->operation)) {
		xpv_violation(bf->xdev, "response for operation %u to a %s",
			      rsp->operation, op_name(sh->op));
		return NULL;
	}
	return sh;
}

/* Return: the answered request's shadow, or NULL after a violation. */
static struct blkfront_shadow *consume_response(struct blkfront_queue *queue)
{
	struct blkif_response rsp;
	struct blkfront_shadow *sh;

	xpv_slots_consume(blkfront_slots(queue), &rsp, sizeof(rsp));
	xpv_stat_inc(&queue->base.stats, XPV_STAT_TAKEN);
	sh = find_shadow(queue, &rsp);
	if (unlikely(!sh)) {
		xpv_stat_inc(&queue->base.stats, XPV_STAT_BAD);
		return NULL;
	}
	sh->status = response_status(queue, sh->op, rsp.status);
	sh->held = sh->bounced && sh->op == BLKIF_OP_READ && !sh->status;
	sh->state = BLKFRONT_DONE;
	return sh;
}

/*
 * Appends to the list that @tail ends. The loop is bounded by the requests
 * under way: none is added while the lock is held.
 */
static void consume_responses(struct blkfront_queue *queue,
			      struct blkfront_shadow **tail)
{
	struct xpv_slots *slots = blkfront_slots(queue);
	int nr = xpv_slots_responses(slots);
	bool worked;

	lockdep_assert_held(&queue->lock);

	do {
		worked = nr > 0;
		for (; nr > 0; nr--) {
			*tail = consume_response(queue);
			/* No EOI: the channel stays masked. */
			if (!*tail)
				return;
			tail = &(*tail)->next;
			*tail = NULL;
		}
		if (nr < 0)
			break;
		xpv_queue_eoi(&queue->base, 0, worked);
		if (queue->polled)
			return;
		nr = xpv_slots_final_check_responses(slots, 1);
	} while (nr);

	if (nr < 0)
		xpv_violation(queue->bf->xdev, "more responses than requests");
}

/*
 * Release what the answered requests held, except pages whose contents are
 * still to be copied: that is done where the reader runs.
 */
static void release_shadows(struct blkfront_queue *queue,
			    struct blkfront_shadow *done)
{
	struct blkfront_shadow *sh;
	bool kept = false, stalled;

	for (sh = done; sh; sh = sh->next) {
		if (likely(blkfront_shadow_revoke(queue, sh)))
			continue;
		kept = true;
		sh->status = BLK_STS_IOERR;
		sh->held = false;
	}

	spin_lock_bh(&queue->lock);
	for (sh = done; sh; sh = sh->next)
		if (!sh->held)
			blkfront_shadow_release(queue, sh);
	stalled = blkfront_shadow_clear_stalled(queue);
	spin_unlock_bh(&queue->lock);

	if (unlikely(stalled))
		blkfront_shadow_resume_stalled(done->rq);
	/* Without persistent grants an answered request has no mapping left. */
	if (unlikely(kept))
		xpv_violation(queue->bf->xdev,
			      "pages of an answered request are still mapped");
}

/*
 * The shadow is the request's as long as its tag is, whatever its state: what
 * is left to do depends on it alone.
 */
static bool has_more(const struct blkfront_shadow *sh, struct request *rq)
{
	return unlikely(sh->bytes != blk_rq_bytes(rq)) && !sh->status;
}

/*
 * Each ends on the processor that asked for it, or here, all in one go.
 *
 * Polled requests end where they are polled, or at least not in interrupt: the
 * bios come from a cache of the processor's that is not safe against it. Where
 * that is not so they go to @deferred.
 */
static void end_requests(struct blkfront_shadow *done,
			 struct io_comp_batch *iob,
			 struct blkfront_shadow **deferred)
{
	struct blkfront_shadow *sh;
	struct request *rq;

	while ((sh = done)) {
		done = sh->next;
		rq = sh->rq;
		if (unlikely(deferred && rq->cmd_flags & REQ_POLLED)) {
			sh->next = *deferred;
			*deferred = sh;
			continue;
		}
		if (blk_mq_complete_request_remote(rq))
			continue;
		if (!sh->held && !has_more(sh, rq) &&
		    blk_mq_add_to_batch(rq, iob, sh->status != BLK_STS_OK,
					blk_mq_end_request_batch))
			continue;
		blkfront_complete_rq(rq);
	}
}

static void end_batch(struct io_comp_batch *iob)
{
	if (!xpv_batch_empty(iob))
		iob->complete(iob);
}

/* An event came for requests that somebody polls. */
static void defer_to_poller(struct blkfront_queue *queue,
			    struct blkfront_shadow *list)
{
	struct blkfront_shadow *last = list;

	while (last->next)
		last = last->next;
	spin_lock(&queue->lock);
	last->next = queue->answered;
	queue->answered = list;
	spin_unlock(&queue->lock);
}

void blkfront_run_tasklet(struct tasklet_struct *tasklet)
{
	struct blkfront_queue *queue = from_tasklet(queue, tasklet, tasklet);
	struct blkfront_shadow *done = NULL, *deferred = NULL;
	DEFINE_IO_COMP_BATCH(iob);

	if (unlikely(xpv_broken(queue->bf->xdev)))
		return;

	spin_lock(&queue->lock);
	consume_responses(queue, &done);
	spin_unlock(&queue->lock);
	if (!done)
		return;

	release_shadows(queue, done);
	end_requests(done, &iob, &deferred);
	end_batch(&iob);
	if (unlikely(deferred))
		defer_to_poller(queue, deferred);
}

static struct blkfront_shadow *get_answered(struct blkfront_queue *queue)
{
	struct blkfront_shadow *list = queue->answered;

	lockdep_assert_held(&queue->lock);

	queue->answered = NULL;
	return list;
}

static int count_list(const struct blkfront_shadow *sh)
{
	int nr = 0;

	for (; sh; sh = sh->next)
		nr++;
	return nr;
}

int blkfront_poll(struct blk_mq_hw_ctx *hctx, struct io_comp_batch *iob)
{
	struct blkfront_queue *hwq = hctx->driver_data;
	struct blkfront_queue *queue = READ_ONCE(hwq->ring);
	struct blkfront_shadow *done = NULL, *answered = NULL;
	int nr = 0;

	if (unlikely(xpv_broken(hwq->bf->xdev)))
		return 0;

	/* Before looking at @open; pairs with stop_polling() in queue.c. */
	atomic_inc(&queue->pollers);
	spin_lock_bh(&queue->lock);
	if (likely(queue->open)) {
		answered = get_answered(queue);
		consume_responses(queue, &done);
		nr = count_list(done) + count_list(answered);
		xpv_stat_add(&queue->base.stats, BLKFRONT_STAT_POLLED, nr);
	}
	spin_unlock_bh(&queue->lock);

	if (done)
		release_shadows(queue, done);
	end_requests(done, iob, NULL);
	end_requests(answered, iob, NULL);
	if (atomic_dec_and_test(&queue->pollers))
		wake_up_var(&queue->pollers);
	return nr;
}

void blkfront_end_answered(struct blkfront_queue *queue)
{
	struct blkfront_shadow *answered;
	DEFINE_IO_COMP_BATCH(iob);

	spin_lock_bh(&queue->lock);
	answered = get_answered(queue);
	spin_unlock_bh(&queue->lock);

	end_requests(answered, &iob, NULL);
	end_batch(&iob);
}

static void copy_in(struct blkfront_queue *queue, struct blkfront_shadow *sh,
		    struct request *rq)
{
	bool stalled;

	blkfront_bounce_in(sh, rq);
	spin_lock_bh(&queue->lock);
	blkfront_shadow_release(queue, sh);
	stalled = blkfront_shadow_clear_stalled(queue);
	spin_unlock_bh(&queue->lock);

	if (unlikely(stalled))
		blkfront_shadow_resume_stalled(rq);
}

void blkfront_complete_rq(struct request *rq)
{
	struct blkfront_queue *hwq = rq->mq_hctx->driver_data;
	struct blkfront_shadow *sh = &hwq->shadow[rq->tag];

	if (sh->held)
		copy_in(hwq->ring, sh, rq);

	if (has_more(sh, rq)) {
		blk_update_request(rq, BLK_STS_OK, sh->bytes);
		blk_mq_requeue_request(rq, true);
		return;
	}
	blk_mq_end_request(rq, sh->status);
}
