// SPDX-License-Identifier: GPL-2.0
#include <linux/minmax.h>

#include "frame.h"
#include "pool.h"
#include "shadow.h"

/*
 * What was not used for so long goes back. Between bursts of a busy disk it
 * had better stay; in-tree backends unmap after a minute without use.
 */
#define TRIM_PERIOD (20 * HZ)

/* Grants that a ring keeps: those of one direct request. */
#define MIN_GREFS BLKIF_MAX_SEGMENTS_PER_REQUEST

static bool under_way(struct blkfront_queue *q)
{
	struct xpv_slots *slots = blkfront_slots(q);

	return q->building || xpv_slots_free(slots) < slots->nr;
}

/*
 * Others may have them, other disks even, and are not ours to await: ask the
 * kernel. Where it is our own limit, our own requests bring them back.
 */
static void await_grefs(struct blkfront_queue *q, unsigned int count)
{
	struct xpv_gref_pool *grefs = &q->grefs;
	unsigned int missing = count - grefs->nr;

	if (missing <= grefs->max - grefs->total)
		xpv_gref_pool_wait(grefs, missing);
}

/* Return: of the segments wanted, how many can be had now. */
static unsigned int obtainable(struct blkfront_queue *q,
			       const struct blkfront_shadow *sh)
{
	unsigned int count = sh->nr_segs;
	unsigned int total;

	if (count > BLKIF_MAX_SEGMENTS_PER_REQUEST && !blkfront_frame_ready(q))
		count = BLKIF_MAX_SEGMENTS_PER_REQUEST;
	if (sh->bounced) {
		count = blkfront_pool_ready(q, count);
		if (q->pool.granted)
			return count;
	}
	total = q->grefs.total;
	if (unlikely(!xpv_gref_pool_reserve(&q->grefs, count))) {
		await_grefs(q, count);
		count = min(count, q->grefs.nr);
	}
	if (unlikely(q->grefs.total != total))
		blkfront_trim_later(q->info);
	return count;
}

static void take_pages(struct blkfront_queue *q, struct blkfront_shadow *sh)
{
	unsigned int i;

	sh->seg = sh->direct;
	sh->frame = NULL;
	if (sh->nr_segs > BLKIF_MAX_SEGMENTS_PER_REQUEST) {
		sh->frame = blkfront_frame_take(q);
		sh->seg = sh->frame->seg;
	}
	if (sh->bounced) {
		blkfront_pool_take(q, sh->seg, sh->nr_segs);
		if (q->pool.granted)
			return;
	}
	for (i = 0; i < sh->nr_segs; i++)
		sh->seg[i].gref = xpv_gref_take(&q->grefs);
	q->low_grefs = min(q->low_grefs, q->grefs.nr);
}

/*
 * Whoever ends or brings grants back restarts the hardware queue, maybe before
 * the block layer has put the request on the list that it is taken from then.
 * So not BLK_STS_DEV_RESOURCE, which has it rely on requests that end to
 * restart the queue: a batch of them does not (blk_mq_end_request_batch()).
 * With this one it looks again by itself after 3 ms (BLK_MQ_RESOURCE_DELAY).
 */
static blk_status_t starve(struct blkfront_queue *q)
{
	q->starved = true;
	xpv_stat_inc(&q->base.stats, XPV_STAT_STALLS);
	return BLK_STS_RESOURCE;
}

blk_status_t blkfront_shadow_take(struct blkfront_queue *q,
				  struct blkfront_shadow *sh,
				  unsigned int *limit)
{
	unsigned int count;

	lockdep_assert_held(&q->lock);

	if (unlikely(xpv_slots_free(blkfront_slots(q)) <= q->building))
		return starve(q);

	count = obtainable(q, sh);
	if (likely(count == sh->nr_segs)) {
		take_pages(q, sh);
		return BLK_STS_OK;
	}
	if (!count || under_way(q))
		return starve(q);
	*limit = count;
	return BLK_STS_AGAIN;
}

bool blkfront_shadow_revoke(struct blkfront_queue *q,
			    struct blkfront_shadow *sh)
{
	struct blkfront_seg *seg = sh->seg;
	bool all = true;
	unsigned int i;

	if (sh->bounced && q->pool.granted)
		return true;

	for (i = 0; i < sh->nr_segs; i++, seg++) {
		if (likely(xpv_grant_revoke(q->info->xdev, &seg->gref,
					    seg->page)))
			continue;
		all = false;
		if (!sh->bounced)
			continue;
		/* The quarantine has a reference of its own. */
		put_page(seg->page);
		seg->page = NULL;
	}
	return all;
}

static void put_grefs(struct blkfront_queue *q, struct blkfront_shadow *sh)
{
	unsigned int i;

	for (i = 0; i < sh->nr_segs; i++)
		if (likely(sh->seg[i].gref != INVALID_GRANT_REF))
			xpv_gref_put(&q->grefs, sh->seg[i].gref);
}

void blkfront_shadow_release(struct blkfront_queue *q,
			     struct blkfront_shadow *sh)
{
	lockdep_assert_held(&q->lock);

	if (!sh->bounced || !q->pool.granted)
		put_grefs(q, sh);
	if (sh->bounced)
		blkfront_pool_put(q, sh->seg, sh->nr_segs);
	if (sh->frame)
		blkfront_frame_put(q, sh->frame);
	sh->frame = NULL;
	sh->nr_segs = 0;
	sh->held = false;
	sh->state = BLKFRONT_FREE;
	/* What a request of this ring waits for is better kept. */
	if (!q->starved)
		xpv_gref_pool_trim(&q->grefs, MIN_GREFS);
}

void blkfront_shadow_restart(struct request *rq)
{
	struct blkfront_queue *q = rq->mq_hctx->driver_data;
	struct blkfront_info *info = q->info;

	if (likely(info->nr_rings == info->nr_queues))
		blk_mq_run_hw_queue(rq->mq_hctx, true);
	else
		blk_mq_run_hw_queues(rq->q, true);
}

/* Return: whether there is more to come. */
static bool trim_grefs(struct blkfront_queue *q)
{
	unsigned int spare = q->grefs.nr - min_t(unsigned int, q->grefs.nr,
						 MIN_GREFS);

	xpv_gref_pool_shrink(&q->grefs, min(q->low_grefs, spare));
	q->low_grefs = q->grefs.nr;
	return q->grefs.total > MIN_GREFS + BLKFRONT_POOL_MIN;
}

void blkfront_trim(struct work_struct *work)
{
	struct blkfront_info *info = container_of(to_delayed_work(work),
						  struct blkfront_info, trim);
	struct blkfront_queue *q;
	bool more = false;
	unsigned int i;

	for (i = 0; i < info->nr_rings; i++) {
		q = &info->queue[i];
		spin_lock_bh(&q->lock);
		more |= blkfront_pool_trim(q);
		more |= blkfront_frames_trim(q);
		more |= trim_grefs(q);
		spin_unlock_bh(&q->lock);
	}
	if (more)
		blkfront_trim_later(info);
}

void blkfront_trim_later(struct blkfront_info *info)
{
	xpv_device_queue_delayed_work(info->xdev, &info->trim, TRIM_PERIOD);
}
