// SPDX-License-Identifier: GPL-2.0
#include <linux/minmax.h>
#include <linux/mm.h>

#include "bounce.h"
#include "indirect.h"
#include "request.h"
#include "shadow.h"

/*
 * How many of the request's segments, up to @limit, make a part of it that ends
 * with a whole block.
 *
 * The queue's limits keep segments within pages; what kernel code builds from
 * small kmalloc()ed buffers need not lie on sector boundaries, the protocol's
 * unit.
 *
 * Return: their number with @sh->bytes set; 0 where the pages cannot be granted
 * as they are.
 */
static unsigned int count_direct(const struct blkfront *bf,
				 struct blkfront_shadow *sh, struct request *rq,
				 unsigned int limit)
{
	unsigned int nr = 0, bytes = 0, whole = 0;
	struct req_iterator iter;
	struct bio_vec bv;

	rq_for_each_segment(bv, rq, iter) {
		if ((bv.bv_offset | bv.bv_len) & (SECTOR_SIZE - 1))
			return 0;
		if (!xpv_page_grantable(bv.bv_page))
			return 0;
		if (nr == limit)
			break;
		nr++;
		bytes += bv.bv_len;
		if (!(bytes & (bf->geo.sector_size - 1))) {
			whole = nr;
			sh->bytes = bytes;
		}
	}
	return whole;
}

/*
 * A request may be larger than what can be sent: made for a backend that took
 * more, or when grants or memory are short. The rest follows as if it were
 * another request, see complete.c.
 */
static void plan_data(const struct blkfront *bf, struct blkfront_shadow *sh,
		      struct request *rq, unsigned int limit)
{
	bool copy = !BLKFRONT_CAN_SHARE || bf->bounce || bf->persistent;

	sh->nr_segs = copy ? 0 : count_direct(bf, sh, rq, limit);
	sh->bounced = !sh->nr_segs;
	if (!sh->bounced)
		return;
	sh->bytes = min_t(unsigned int, blk_rq_bytes(rq),
			  limit * XEN_PAGE_SIZE);
	sh->nr_segs = DIV_ROUND_UP(sh->bytes, XEN_PAGE_SIZE);
}

static void plan_no_data(struct blkfront_shadow *sh, struct request *rq)
{
	sh->nr_segs = 0;
	sh->bounced = false;
	sh->bytes = blk_rq_bytes(rq);
}

/*
 * Flushes are empty: with a barrier too. A barrier that carries data is only
 * ordered, at least by Linux' backend, not durable when it is answered; so FUA
 * is not claimed and the block layer flushes after such a write.
 *
 * A flush covers the writes that have ended, on whatever ring: it may go to
 * any of them.
 */
static blk_status_t choose_flush(const struct blkfront *bf,
				 struct blkfront_shadow *sh)
{
	switch (READ_ONCE(bf->flush)) {
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

static blk_status_t choose_op(const struct blkfront *bf,
			      struct blkfront_shadow *sh, struct request *rq)
{
	switch (req_op(rq)) {
	case REQ_OP_READ:
		sh->op = BLKIF_OP_READ;
		return BLK_STS_OK;
	case REQ_OP_WRITE:
		sh->op = BLKIF_OP_WRITE;
		return BLK_STS_OK;
	case REQ_OP_FLUSH:
		return choose_flush(bf, sh);
	case REQ_OP_DISCARD:
		sh->op = BLKIF_OP_DISCARD;
		return READ_ONCE(bf->discard) ? BLK_STS_OK : BLK_STS_NOTSUPP;
	case REQ_OP_SECURE_ERASE:
		sh->op = BLKIF_OP_DISCARD;
		return READ_ONCE(bf->discard_securely) ? BLK_STS_OK :
							 BLK_STS_NOTSUPP;
	default:
		return BLK_STS_NOTSUPP;
	}
}

static bool has_data(const struct blkfront_shadow *sh)
{
	return sh->op == BLKIF_OP_READ || sh->op == BLKIF_OP_WRITE;
}

static void grant_segment(struct blkfront_queue *queue,
			  struct blkfront_shadow *sh,
			  struct blkif_request_segment *entry, unsigned int i,
			  unsigned int offset, unsigned int len)
{
	struct blkfront_seg *seg = &sh->seg[i];

	if (!sh->bounced || !queue->pool.granted)
		xpv_grant(queue->bf->xdev, seg->gref, seg->page,
			  sh->op != BLKIF_OP_READ);
	entry->gref = seg->gref;
	entry->first_sect = offset / SECTOR_SIZE;
	entry->last_sect = (offset + len) / SECTOR_SIZE - 1;
}

static struct blkif_request_segment *entry_of(struct blkfront_shadow *sh,
					      struct blkif_request *req,
					      unsigned int i)
{
	return sh->indirect ? blkfront_indirect_entry(sh->indirect, i) :
			      &req->u.rw.seg[i];
}

static void grant_direct(struct blkfront_queue *queue,
			 struct blkfront_shadow *sh, struct blkif_request *req,
			 struct request *rq)
{
	struct req_iterator iter;
	unsigned int i = 0;
	struct bio_vec bv;

	rq_for_each_segment(bv, rq, iter) {
		if (i == sh->nr_segs)
			break;
		sh->seg[i].page = bv.bv_page;
		grant_segment(queue, sh, entry_of(sh, req, i), i, bv.bv_offset,
			      bv.bv_len);
		i++;
	}
}

static void grant_bounced(struct blkfront_queue *queue,
			  struct blkfront_shadow *sh, struct blkif_request *req,
			  struct request *rq)
{
	unsigned int left = sh->bytes;
	unsigned int i, len;

	/* Before the grants: the backend sees finished pages only. */
	blkfront_bounce_out(queue->bf, sh, rq);
	for (i = 0; i < sh->nr_segs; i++, left -= len) {
		len = min_t(unsigned int, left, XEN_PAGE_SIZE);
		grant_segment(queue, sh, entry_of(sh, req, i), i, 0, len);
	}
}

static void fill_data(struct blkfront_queue *queue, struct blkfront_shadow *sh,
		      struct blkif_request *req, struct request *rq)
{
	u16 handle = queue->bf->vdev.number;
	unsigned int i;

	if (sh->bounced)
		grant_bounced(queue, sh, req, rq);
	else
		grant_direct(queue, sh, req, rq);

	if (!sh->indirect) {
		req->operation = sh->op;
		req->u.rw.nr_segments = sh->nr_segs;
		req->u.rw.handle = handle;
		req->u.rw.id = sh->id;
		req->u.rw.sector_number = blk_rq_pos(rq);
		return;
	}
	req->operation = BLKIF_OP_INDIRECT;
	req->u.indirect.indirect_op = sh->op;
	req->u.indirect.nr_segments = sh->nr_segs;
	req->u.indirect.handle = handle;
	req->u.indirect.id = sh->id;
	req->u.indirect.sector_number = blk_rq_pos(rq);
	for (i = 0; i < DIV_ROUND_UP(sh->nr_segs, BLKFRONT_SEGS_PER_PAGE); i++)
		req->u.indirect.indirect_grefs[i] = sh->indirect->page[i].gref;
}

static void fill_discard(struct blkfront_shadow *sh, struct blkif_request *req,
			 struct request *rq)
{
	req->operation = BLKIF_OP_DISCARD;
	req->u.discard.id = sh->id;
	req->u.discard.sector_number = blk_rq_pos(rq);
	req->u.discard.nr_sectors = blk_rq_sectors(rq);
	if (req_op(rq) == REQ_OP_SECURE_ERASE)
		req->u.discard.flag = BLKIF_DISCARD_SECURE;
}

static void fill_flush(struct blkfront_queue *queue, struct blkfront_shadow *sh,
		       struct blkif_request *req)
{
	req->operation = sh->op;
	req->u.rw.handle = queue->bf->vdev.number;
	req->u.rw.id = sh->id;
}

/* @req is zeroed with its padding: the backend gets every byte. */
static void fill_request(struct blkfront_queue *queue,
			 struct blkfront_shadow *sh, struct blkif_request *req,
			 struct request *rq)
{
	struct blkfront_queue *hwq = rq->mq_hctx->driver_data;

	sh->rq = rq;
	sh->generation++;
	sh->id = (u64)sh->generation << 32 | hwq->base.index << 16 | rq->tag;
	if (has_data(sh))
		fill_data(queue, sh, req, rq);
	else if (sh->op == BLKIF_OP_DISCARD)
		fill_discard(sh, req, rq);
	else
		fill_flush(queue, sh, req);
}

static void count_data(struct xpv_stats *stats,
		       const struct blkfront_queue *queue,
		       const struct blkfront_shadow *sh, struct request *rq)
{
	bool read = sh->op == BLKIF_OP_READ;

	xpv_stat_inc(stats, read ? BLKFRONT_STAT_READS : BLKFRONT_STAT_WRITES);
	xpv_stat_add(stats, read ? BLKFRONT_STAT_READ_BYTES :
				   BLKFRONT_STAT_WRITE_BYTES, sh->bytes);
	if (sh->bounced && queue->pool.granted)
		xpv_stat_inc(stats, BLKFRONT_STAT_PERSISTENT);
	else
		xpv_stat_add(stats, XPV_STAT_GRANTS, sh->nr_segs);
	if (sh->bounced && !queue->pool.granted)
		xpv_stat_inc(stats, BLKFRONT_STAT_BOUNCED);
	if (sh->indirect)
		xpv_stat_inc(stats, BLKFRONT_STAT_INDIRECT);
	if (unlikely(sh->bytes != blk_rq_bytes(rq)))
		xpv_stat_inc(stats, BLKFRONT_STAT_PARTIAL);
}

static void count_request(struct blkfront_queue *queue,
			  const struct blkfront_shadow *sh, struct request *rq)
{
	struct xpv_stats *stats = &queue->base.stats;

	xpv_stat_inc(stats, XPV_STAT_PUT);
	if (has_data(sh))
		count_data(stats, queue, sh, rq);
	else if (sh->op == BLKIF_OP_DISCARD)
		xpv_stat_inc(stats, BLKFRONT_STAT_DISCARDS);
	else
		xpv_stat_inc(stats, BLKFRONT_STAT_FLUSHES);
}

/*
 * From here on the request may be answered once the lock is dropped: then @rq
 * and @sh are not ours.
 *
 * Return: as xpv_queue_push_requests().
 */
static bool produce_request(struct blkfront_queue *queue,
			    struct blkfront_shadow *sh,
			    const struct blkif_request *req, struct request *rq,
			    bool last)
{
	struct xpv_slots *slots = blkfront_slots(queue);

	lockdep_assert_held(&queue->lock);

	sh->state = BLKFRONT_SENT;
	count_request(queue, sh, rq);
	xpv_slots_produce(slots, req, sizeof(*req));
	return (last || !xpv_slots_free(slots)) &&
	       xpv_queue_push_requests(&queue->base, 0);
}

/* One turn of the lock where there is little to do under it. */
static blk_status_t send_small(struct blkfront_queue *queue,
			       struct blkfront_shadow *sh, struct request *rq,
			       bool last, unsigned int *limit)
{
	struct blkif_request req = {};
	blk_status_t status;
	bool notify = false;

	spin_lock_bh(&queue->lock);
	status = blkfront_shadow_take(queue, sh, limit);
	if (likely(!status)) {
		fill_request(queue, sh, &req, rq);
		notify = produce_request(queue, sh, &req, rq, last);
	}
	spin_unlock_bh(&queue->lock);

	/* The channel is there while queue_rq runs: first comes quiescing. */
	if (notify)
		xpv_queue_send_event(&queue->base, 0);
	return status;
}

/* Copying and long lists are no work for under a lock. */
static blk_status_t send_large(struct blkfront_queue *queue,
			       struct blkfront_shadow *sh, struct request *rq,
			       bool last, unsigned int *limit)
{
	struct blkif_request req = {};
	blk_status_t status;
	bool notify;

	spin_lock_bh(&queue->lock);
	status = blkfront_shadow_take(queue, sh, limit);
	if (!status)
		queue->building++;
	spin_unlock_bh(&queue->lock);
	if (status)
		return status;

	fill_request(queue, sh, &req, rq);
	spin_lock_bh(&queue->lock);
	queue->building--;
	notify = produce_request(queue, sh, &req, rq, last);
	spin_unlock_bh(&queue->lock);

	if (notify)
		xpv_queue_send_event(&queue->base, 0);
	return BLK_STS_OK;
}

/* Whether more is to be done than listing a few pages. */
static bool is_large(const struct blkfront *bf,
		     const struct blkfront_shadow *sh)
{
	if (sh->nr_segs > BLKIF_MAX_SEGMENTS_PER_REQUEST)
		return true;
	return sh->bounced && (sh->op == BLKIF_OP_WRITE || bf->bounce);
}

/* Ends: each turn's limit is lower than the one before. */
static blk_status_t plan_and_send(struct blkfront_queue *queue,
				  struct blkfront_shadow *sh,
				  struct request *rq, bool last)
{
	unsigned int limit = queue->bf->max_segs;
	blk_status_t status;

	do {
		if (has_data(sh))
			plan_data(queue->bf, sh, rq, limit);
		else
			plan_no_data(sh, rq);
		if (is_large(queue->bf, sh))
			status = send_large(queue, sh, rq, last, &limit);
		else
			status = send_small(queue, sh, rq, last, &limit);
	} while (status == BLK_STS_AGAIN);
	return status;
}

void blkfront_commit_rqs(struct blk_mq_hw_ctx *hctx)
{
	struct blkfront_queue *hwq = hctx->driver_data;
	struct blkfront_queue *queue = hwq->ring;
	bool notify;

	spin_lock_bh(&queue->lock);
	notify = xpv_queue_push_requests(&queue->base, 0);
	spin_unlock_bh(&queue->lock);

	if (notify)
		xpv_queue_send_event(&queue->base, 0);
}

/* Replayed from a connection with a backend that did have a cache. */
static bool is_needless_flush(const struct blkfront *bf,
			      const struct request *rq)
{
	return req_op(rq) == REQ_OP_FLUSH &&
	       READ_ONCE(bf->flush) == BLKFRONT_FLUSH_NONE;
}

blk_status_t blkfront_queue_rq(struct blk_mq_hw_ctx *hctx,
			       const struct blk_mq_queue_data *bd)
{
	struct blkfront_queue *hwq = hctx->driver_data;
	struct blkfront *bf = hwq->bf;
	struct request *rq = bd->rq;
	struct blkfront_shadow *sh = &hwq->shadow[rq->tag];
	blk_status_t status;

	if (unlikely(bf->mode != BLKFRONT_LIVE || xpv_broken(bf->xdev)))
		return BLK_STS_IOERR;

	blk_mq_start_request(rq);
	if (is_needless_flush(bf, rq)) {
		/* Those before it are pushed by the last one of a batch. */
		if (bd->last)
			blkfront_commit_rqs(hctx);
		blk_mq_end_request(rq, BLK_STS_OK);
		return BLK_STS_OK;
	}

	status = choose_op(bf, sh, rq);
	if (status)
		return status;
	return plan_and_send(hwq->ring, sh, rq, bd->last);
}
