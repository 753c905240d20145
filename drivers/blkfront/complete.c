// SPDX-License-Identifier: GPL-2.0
#include <linux/nospec.h>

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
	};

	return op < ARRAY_SIZE(name) ? name[op] : "?";
}

static bool is_flush(u8 op)
{
	return op == BLKIF_OP_FLUSH_DISKCACHE || op == BLKIF_OP_WRITE_BARRIER;
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

static blk_status_t response_status(struct blkfront_queue *q, u8 op, s16 status)
{
	if (likely(status == BLKIF_RSP_OKAY))
		return BLK_STS_OK;

	xpv_stat_inc(&q->base.stats, BLKFRONT_STAT_ERRORS);
	if (status != BLKIF_RSP_EOPNOTSUPP)
		return BLK_STS_IOERR;
	/* Of reads and writes it makes no sense, but is no lie either. */
	if (!is_flush(op))
		return BLK_STS_IOERR;
	lose_flush(q->info);
	return BLK_STS_NOTSUPP;
}

/*
 * The request that a response is for. The id is compared in its full width
 * with what was sent: one that was never given out, is answered already, or is
 * of an earlier use of the tag, all fail here.
 *
 * Return: the shadow, or NULL after a violation.
 */
static struct blkfront_shadow *match(struct blkfront_queue *q,
				     const struct blkif_response *rsp)
{
	struct blkfront_info *info = q->info;
	struct blkfront_shadow *sh;
	u32 tag = lower_32_bits(rsp->id);

	if (tag >= info->depth) {
		xpv_violation(info->xdev, "response to request %#llx, which is none",
			      rsp->id);
		return NULL;
	}
	sh = &q->shadow[array_index_nospec(tag, info->depth)];
	if (sh->state != BLKFRONT_SENT || sh->id != rsp->id) {
		xpv_violation(info->xdev, "response to request %#llx, which it does not have",
			      rsp->id);
		return NULL;
	}
	if (sh->op != rsp->operation) {
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

	xpv_slots_take(blkfront_slots(q), &rsp, sizeof(rsp));
	xpv_stat_inc(&q->base.stats, XPV_STAT_TAKEN);
	sh = match(q, &rsp);
	if (!sh) {
		xpv_stat_inc(&q->base.stats, XPV_STAT_BAD);
		return NULL;
	}
	sh->status = response_status(q, sh->op, rsp.status);
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
		xpv_queue_done(&q->base, 0, worked);
		nr = xpv_slots_await_responses(slots, 1);
	} while (nr);

	if (nr < 0)
		xpv_violation(q->info->xdev, "more responses than requests");
}

void blkfront_reap(struct tasklet_struct *reaper)
{
	struct blkfront_queue *q = from_tasklet(q, reaper, reaper);
	struct blkfront_shadow *done = NULL;
	struct blkfront_shadow *sh;

	if (unlikely(xpv_broken(q->info->xdev)))
		return;

	spin_lock(&q->lock);
	take_responses(q, &done);
	spin_unlock(&q->lock);

	/*
	 * Not under the lock: the block layer may complete the request right
	 * here, after which its shadow belongs to another.
	 */
	while (done) {
		sh = done;
		done = sh->next;
		blk_mq_complete_request(sh->rq);
	}
}

void blkfront_complete_rq(struct request *rq)
{
	struct blkfront_queue *q = rq->mq_hctx->driver_data;
	struct blkfront_shadow *sh = &q->shadow[rq->tag];
	blk_status_t status = sh->status;
	bool revoked, starved;

	spin_lock_bh(&q->lock);
	revoked = blkfront_shadow_revoke(q, sh);
	if (!revoked)
		status = BLK_STS_IOERR;
	if (sh->bounced && sh->op == BLKIF_OP_READ && !status) {
		spin_unlock_bh(&q->lock);
		blkfront_bounce_in(sh, rq);
		spin_lock_bh(&q->lock);
	}
	starved = blkfront_shadow_release(q, sh);
	spin_unlock_bh(&q->lock);

	/* Without persistent grants an answered request has no mapping left. */
	if (!revoked)
		xpv_violation(q->info->xdev, "answered a request and kept its pages");
	if (starved)
		blk_mq_run_hw_queue(rq->mq_hctx, true);
	blk_mq_end_request(rq, status);
}
