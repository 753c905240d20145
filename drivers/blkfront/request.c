// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>

#include "request.h"
#include "shadow.h"

/*
 * Return: how many segments a request's pages make as they are; 0 where they
 * cannot be granted so. The queue's limits keep segments within pages and
 * requests within max_segs; what kernel code builds from small kmalloc()ed
 * buffers need not lie on sector boundaries, the protocol's unit.
 */
static unsigned int count_direct(const struct blkfront_info *info,
				 struct request *rq)
{
	struct req_iterator iter;
	unsigned int nr = 0;
	struct bio_vec bv;

	rq_for_each_segment(bv, rq, iter) {
		if ((bv.bv_offset | bv.bv_len) & (SECTOR_SIZE - 1))
			return 0;
		if (!xpv_page_grantable(bv.bv_page))
			return 0;
		nr++;
	}
	return nr <= info->max_segs ? nr : 0;
}

static blk_status_t plan_data(const struct blkfront_info *info,
			      struct blkfront_shadow *sh, struct request *rq)
{
	sh->nr_segs = info->bounce ? 0 : count_direct(info, rq);
	sh->bounced = !sh->nr_segs;
	if (sh->bounced)
		sh->nr_segs = DIV_ROUND_UP(blk_rq_bytes(rq), XEN_PAGE_SIZE);
	/*
	 * A request made for a backend that took more, replayed to one that
	 * takes less. Cannot happen while the limit is the protocol's 11; with
	 * indirect segments this is where to split it into several slots.
	 */
	if (sh->nr_segs > info->max_segs)
		return BLK_STS_IOERR;
	return BLK_STS_OK;
}

/*
 * Flushes are empty: with a barrier too. A barrier that carries data is only
 * ordered, at least by Linux' backend, not durable when it is answered; so FUA
 * is not claimed and the block layer flushes after such a write.
 */
static blk_status_t plan_flush(const struct blkfront_info *info,
			       struct blkfront_shadow *sh)
{
	sh->nr_segs = 0;
	sh->bounced = false;

	switch (READ_ONCE(info->flush)) {
	case BLKFRONT_FLUSH_BY_CACHE:
		sh->op = BLKIF_OP_FLUSH_DISKCACHE;
		return BLK_STS_OK;
	case BLKFRONT_FLUSH_BY_BARRIER:
		sh->op = BLKIF_OP_WRITE_BARRIER;
		return BLK_STS_OK;
	default:
		return BLK_STS_NOTSUPP;
	}
}

static blk_status_t plan(const struct blkfront_info *info,
			 struct blkfront_shadow *sh, struct request *rq)
{
	switch (req_op(rq)) {
	case REQ_OP_READ:
		sh->op = BLKIF_OP_READ;
		return plan_data(info, sh, rq);
	case REQ_OP_WRITE:
		sh->op = BLKIF_OP_WRITE;
		return plan_data(info, sh, rq);
	case REQ_OP_FLUSH:
		return plan_flush(info, sh);
	default:
		return BLK_STS_NOTSUPP;
	}
}

static void share(struct blkfront_queue *q, struct blkfront_shadow *sh,
		  struct blkif_request *req, unsigned int i,
		  unsigned int offset, unsigned int len)
{
	struct blkfront_seg *seg = &sh->seg[i];

	xpv_grant(q->info->xdev, seg->gref, seg->page,
		  sh->op != BLKIF_OP_READ);
	req->u.rw.seg[i].gref = seg->gref;
	req->u.rw.seg[i].first_sect = offset / SECTOR_SIZE;
	req->u.rw.seg[i].last_sect = (offset + len) / SECTOR_SIZE - 1;
}

static void share_direct(struct blkfront_queue *q, struct blkfront_shadow *sh,
			 struct blkif_request *req, struct request *rq)
{
	struct req_iterator iter;
	unsigned int i = 0;
	struct bio_vec bv;

	rq_for_each_segment(bv, rq, iter) {
		sh->seg[i].page = bv.bv_page;
		share(q, sh, req, i++, bv.bv_offset, bv.bv_len);
	}
}

static void share_bounced(struct blkfront_queue *q, struct blkfront_shadow *sh,
			  struct blkif_request *req, struct request *rq)
{
	unsigned int left = blk_rq_bytes(rq);
	unsigned int i, len;

	/* Before the grants: the backend sees finished pages only. */
	blkfront_bounce_out(sh, rq);
	for (i = 0; i < sh->nr_segs; i++, left -= len) {
		len = min_t(unsigned int, left, XEN_PAGE_SIZE);
		share(q, sh, req, i, 0, len);
	}
}

static void account(struct blkfront_queue *q, const struct blkfront_shadow *sh,
		    struct request *rq)
{
	struct xpv_stats *stats = &q->base.stats;

	xpv_stat_inc(stats, XPV_STAT_PUT);
	xpv_stat_add(stats, XPV_STAT_GRANTS, sh->nr_segs);
	if (sh->bounced)
		xpv_stat_inc(stats, BLKFRONT_STAT_BOUNCED);

	switch (sh->op) {
	case BLKIF_OP_READ:
		xpv_stat_inc(stats, BLKFRONT_STAT_READS);
		xpv_stat_add(stats, BLKFRONT_STAT_READ_BYTES,
			     blk_rq_bytes(rq));
		break;
	case BLKIF_OP_WRITE:
		xpv_stat_inc(stats, BLKFRONT_STAT_WRITES);
		xpv_stat_add(stats, BLKFRONT_STAT_WRITE_BYTES,
			     blk_rq_bytes(rq));
		break;
	default:
		xpv_stat_inc(stats, BLKFRONT_STAT_FLUSHES);
		break;
	}
}

/* Return: true where the backend is to be notified, outside the lock. */
static bool push(struct blkfront_queue *q)
{
	lockdep_assert_held(&q->lock);

	if (!xpv_slots_push_requests(blkfront_slots(q)))
		return false;
	xpv_ring_stat_inc(&q->base.ring_stats[0].notifies);
	return true;
}

/* From here on the request may be answered: @rq and @sh are not ours. */
static void send(struct blkfront_queue *q, struct blkfront_shadow *sh,
		 const struct blkif_request *req, struct request *rq, bool last)
{
	struct xpv_slots *slots = blkfront_slots(q);
	bool notify = false;

	spin_lock_bh(&q->lock);
	q->building--;
	sh->state = BLKFRONT_SENT;
	account(q, sh, rq);
	xpv_slots_put(slots, req, sizeof(*req));
	if (last || !xpv_slots_free(slots))
		notify = push(q);
	spin_unlock_bh(&q->lock);

	/* The channel is there while queue_rq runs: first comes quiescing. */
	if (notify)
		xpv_evtchn_notify(xpv_queue_evtchn(&q->base, 0));
}

static blk_status_t build_and_send(struct blkfront_queue *q,
				   struct blkfront_shadow *sh,
				   struct request *rq, bool last)
{
	/* Zeroed with its padding: the backend gets every byte. */
	struct blkif_request req;

	if (!blkfront_shadow_reserve(q, sh))
		return BLK_STS_DEV_RESOURCE;

	memset(&req, 0, sizeof(req));
	sh->rq = rq;
	sh->generation++;
	sh->id = (u64)sh->generation << 32 | rq->tag;
	req.operation = sh->op;
	req.u.rw.nr_segments = sh->nr_segs;
	req.u.rw.handle = q->info->vdev.number;
	req.u.rw.id = sh->id;
	if (sh->nr_segs)
		req.u.rw.sector_number = blk_rq_pos(rq);

	blk_mq_start_request(rq);
	if (sh->bounced)
		share_bounced(q, sh, &req, rq);
	else
		share_direct(q, sh, &req, rq);
	send(q, sh, &req, rq, last);
	return BLK_STS_OK;
}

blk_status_t blkfront_queue_rq(struct blk_mq_hw_ctx *hctx,
			       const struct blk_mq_queue_data *bd)
{
	struct blkfront_queue *q = hctx->driver_data;
	struct blkfront_info *info = q->info;
	struct request *rq = bd->rq;
	struct blkfront_shadow *sh = &q->shadow[rq->tag];
	blk_status_t status;

	if (unlikely(info->mode != BLKFRONT_LIVE || xpv_broken(info->xdev)))
		return BLK_STS_IOERR;

	/* Replayed from a connection with a backend that did have a cache. */
	if (req_op(rq) == REQ_OP_FLUSH &&
	    READ_ONCE(info->flush) == BLKFRONT_FLUSH_NONE) {
		blk_mq_start_request(rq);
		blk_mq_end_request(rq, BLK_STS_OK);
		return BLK_STS_OK;
	}

	status = plan(info, sh, rq);
	if (status)
		return status;
	return build_and_send(q, sh, rq, bd->last);
}

void blkfront_commit_rqs(struct blk_mq_hw_ctx *hctx)
{
	struct blkfront_queue *q = hctx->driver_data;
	bool notify;

	spin_lock_bh(&q->lock);
	notify = push(q);
	spin_unlock_bh(&q->lock);

	if (notify)
		xpv_evtchn_notify(xpv_queue_evtchn(&q->base, 0));
}
