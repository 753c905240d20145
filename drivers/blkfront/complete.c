// SPDX-License-Identifier: GPL-2.0
#include <compat/blk.h>
#include <linux/nospec.h>
#include <linux/wait_bit.h>

#include "bounce.h"
#include "complete.h"
#include "shadow.h"

void blkfront_event(struct xpv_queue *base, unsigned int ring)
{
	struct blkfront_queue *q = container_of(base, struct blkfront_queue,
						base);

	tasklet_schedule(&q->reaper);
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
static void lose_flush(struct blkfront_info *info)
{
	if (READ_ONCE(info->flush) == BLKFRONT_FLUSH_LOST)
		return;

	WRITE_ONCE(info->flush, BLKFRONT_FLUSH_LOST);
	xpv_warn(info->xdev,
		 "%s: the backend refuses flushes that it offered; writes are not safe against its power failure\n",
		 info->vdev.name);
	/* Limits are changed in process context. */
	xpv_device_refresh(info->xdev);
}

/* A hint that was refused loses nothing, but is not worth repeating. */
static void lose_discard(struct blkfront_info *info)
{
	if (!READ_ONCE(info->discard))
		return;

	WRITE_ONCE(info->discard, false);
	WRITE_ONCE(info->discard_securely, false);
	xpv_warn(info->xdev,
		 "%s: the backend refuses discards that it offered; no more are sent\n",
		 info->vdev.name);
	xpv_device_refresh(info->xdev);
}

static void count_error(struct blkfront_queue *q, u8 op)
{
	struct xpv_stats *stats = &q->base.stats;

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

static blk_status_t response_status(struct blkfront_queue *q, u8 op, s16 status)
{
	if (likely(status == BLKIF_RSP_OKAY))
		return BLK_STS_OK;

	count_error(q, op);
	if (status != BLKIF_RSP_EOPNOTSUPP)
		return BLK_STS_IOERR;

	xpv_stat_inc(&q->base.stats, BLKFRONT_STAT_REFUSED);
	switch (op) {
	case BLKIF_OP_READ:
	case BLKIF_OP_WRITE:
		/* It makes no sense, but is no lie either. */
		return BLK_STS_IOERR;
	case BLKIF_OP_DISCARD:
		lose_discard(q->info);
		return BLK_STS_NOTSUPP;
	default:
		lose_flush(q->info);
		return BLK_STS_NOTSUPP;
	}
}

/* Of an indirect request, backends answer with the inner operation or this. */
static bool op_matches(const struct blkfront_shadow *sh, u8 op)
{
	return op == sh->op || (sh->frame && op == BLKIF_OP_INDIRECT);
}

/*
 * The request that a response is for. The id is compared in its full width
 * with what was sent: one that was never given out, is answered already, or is
 * of an earlier use of the tag, all fail here; as does one that another ring
 * was given.
 *
 * Return: the shadow, or NULL after a violation.
 */
static struct blkfront_shadow *match(struct blkfront_queue *q,
				     const struct blkif_response *rsp)
{
	struct blkfront_info *info = q->info;
	u32 index = lower_32_bits(rsp->id) >> 16;
	u32 tag = lower_32_bits(rsp->id) & U16_MAX;
	struct blkfront_shadow *sh;
	struct blkfront_queue *hw;

	if (index >= info->nr_queues || tag >= info->depth) {
		xpv_violation(info->xdev, "response to request %#llx, which is none",
			      rsp->id);
		return NULL;
	}
	hw = &info->queue[array_index_nospec(index, info->nr_queues)];
	sh = &hw->shadow[array_index_nospec(tag, info->depth)];
	if (hw->via != q || sh->state != BLKFRONT_SENT || sh->id != rsp->id) {
		xpv_violation(info->xdev, "response to request %#llx, which it does not have",
			      rsp->id);
		return NULL;
	}
	if (!op_matches(sh, rsp->operation)) {
		xpv_violation(info->xdev, "response for operation %u to a %s",
			      rsp->operation, op_name(sh->op));
		return NULL;
	}
	return sh;
}

/* Return: the answered request's shadow, or NULL after a violation. */
static struct blkfront_shadow *take_response(struct blkfront_queue *q)
{
	struct blkif_response rsp;
	struct blkfront_shadow *sh;

	xpv_slots_consume(blkfront_slots(q), &rsp, sizeof(rsp));
	xpv_stat_inc(&q->base.stats, XPV_STAT_TAKEN);
	sh = match(q, &rsp);
	if (unlikely(!sh)) {
		xpv_stat_inc(&q->base.stats, XPV_STAT_BAD);
		return NULL;
	}
	sh->status = response_status(q, sh->op, rsp.status);
	sh->held = sh->bounced && sh->op == BLKIF_OP_READ && !sh->status;
	sh->state = BLKFRONT_DONE;
	return sh;
}

/*
 * Appends to the list that @tail ends. The loop is bounded by the requests
 * under way: none is added while the lock is held.
 */
static void take_responses(struct blkfront_queue *q,
			   struct blkfront_shadow **tail)
{
	struct xpv_slots *slots = blkfront_slots(q);
	int nr = xpv_slots_responses(slots);
	bool worked;

	lockdep_assert_held(&q->lock);

	do {
		worked = nr > 0;
		for (; nr > 0; nr--) {
			*tail = take_response(q);
			/* No EOI: a liar's events stay masked. */
			if (!*tail)
				return;
			tail = &(*tail)->next;
			*tail = NULL;
		}
		if (nr < 0)
			break;
		xpv_queue_eoi(&q->base, 0, worked);
		if (q->polled)
			return;
		nr = xpv_slots_final_check_responses(slots, 1);
	} while (nr);

	if (nr < 0)
		xpv_violation(q->info->xdev, "more responses than requests");
}

/*
 * Give back what the answered requests held, but for pages whose contents are
 * still to be copied: that is done where the reader runs.
 */
static void release_all(struct blkfront_queue *q, struct blkfront_shadow *done)
{
	struct blkfront_shadow *sh;
	bool kept = false, fed;

	for (sh = done; sh; sh = sh->next) {
		if (likely(blkfront_shadow_revoke(q, sh)))
			continue;
		kept = true;
		sh->status = BLK_STS_IOERR;
		sh->held = false;
	}

	spin_lock_bh(&q->lock);
	for (sh = done; sh; sh = sh->next)
		if (!sh->held)
			blkfront_shadow_release(q, sh);
	fed = blkfront_shadow_fed(q);
	spin_unlock_bh(&q->lock);

	if (unlikely(fed))
		blkfront_shadow_restart(done->rq);
	/* Without persistent grants an answered request has no mapping left. */
	if (unlikely(kept))
		xpv_violation(q->info->xdev, "answered a request and kept its pages");
}

/*
 * The shadow is the request's as long as its tag is, whatever its state: what
 * is left to do is told by it alone.
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
 * that is not given they go to @later.
 */
static void end_all(struct blkfront_shadow *done, struct io_comp_batch *iob,
		    struct blkfront_shadow **later)
{
	struct blkfront_shadow *sh;
	struct request *rq;

	while ((sh = done)) {
		done = sh->next;
		rq = sh->rq;
		if (unlikely(later && rq->cmd_flags & REQ_POLLED)) {
			sh->next = *later;
			*later = sh;
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
static void leave_to_poller(struct blkfront_queue *q,
			    struct blkfront_shadow *list)
{
	struct blkfront_shadow *last = list;

	while (last->next)
		last = last->next;
	spin_lock(&q->lock);
	last->next = q->answered;
	q->answered = list;
	spin_unlock(&q->lock);
}

void blkfront_reap(struct tasklet_struct *reaper)
{
	struct blkfront_queue *q = from_tasklet(q, reaper, reaper);
	struct blkfront_shadow *done = NULL, *later = NULL;
	DEFINE_IO_COMP_BATCH(iob);

	if (unlikely(xpv_broken(q->info->xdev)))
		return;

	spin_lock(&q->lock);
	take_responses(q, &done);
	spin_unlock(&q->lock);
	if (!done)
		return;

	release_all(q, done);
	end_all(done, &iob, &later);
	end_batch(&iob);
	if (unlikely(later))
		leave_to_poller(q, later);
}

static struct blkfront_shadow *take_answered(struct blkfront_queue *q)
{
	struct blkfront_shadow *list = q->answered;

	lockdep_assert_held(&q->lock);

	q->answered = NULL;
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
	struct blkfront_queue *hw = hctx->driver_data;
	struct blkfront_queue *q = READ_ONCE(hw->via);
	struct blkfront_shadow *done = NULL, *answered = NULL;
	int nr = 0;

	if (unlikely(xpv_broken(hw->info->xdev)))
		return 0;

	/* Before looking at @open; pairs with stop_polling() in queue.c. */
	atomic_inc(&q->pollers);
	spin_lock_bh(&q->lock);
	if (likely(q->open)) {
		answered = take_answered(q);
		take_responses(q, &done);
		nr = count_list(done) + count_list(answered);
		xpv_stat_add(&q->base.stats, BLKFRONT_STAT_POLLED, nr);
	}
	spin_unlock_bh(&q->lock);

	if (done)
		release_all(q, done);
	end_all(done, iob, NULL);
	end_all(answered, iob, NULL);
	if (atomic_dec_and_test(&q->pollers))
		wake_up_var(&q->pollers);
	return nr;
}

void blkfront_end_answered(struct blkfront_queue *q)
{
	struct blkfront_shadow *answered;
	DEFINE_IO_COMP_BATCH(iob);

	spin_lock_bh(&q->lock);
	answered = take_answered(q);
	spin_unlock_bh(&q->lock);

	end_all(answered, &iob, NULL);
	end_batch(&iob);
}

static void copy_in(struct blkfront_queue *q, struct blkfront_shadow *sh,
		    struct request *rq)
{
	bool fed;

	blkfront_bounce_in(sh, rq);
	spin_lock_bh(&q->lock);
	blkfront_shadow_release(q, sh);
	fed = blkfront_shadow_fed(q);
	spin_unlock_bh(&q->lock);

	if (unlikely(fed))
		blkfront_shadow_restart(rq);
}

void blkfront_complete_rq(struct request *rq)
{
	struct blkfront_queue *hw = rq->mq_hctx->driver_data;
	struct blkfront_shadow *sh = &hw->shadow[rq->tag];

	if (sh->held)
		copy_in(hw->via, sh, rq);

	if (has_more(sh, rq)) {
		blk_update_request(rq, BLK_STS_OK, sh->bytes);
		blk_mq_requeue_request(rq, true);
		return;
	}
	blk_mq_end_request(rq, sh->status);
}
