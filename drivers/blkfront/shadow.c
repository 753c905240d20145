// SPDX-License-Identifier: GPL-2.0
#include <linux/minmax.h>

#include "indirect.h"
#include "pool.h"
#include "shadow.h"

static bool has_in_flight(struct blkfront_queue *queue)
{
	struct xpv_slots *slots = blkfront_slots(queue);

	return queue->building || xpv_slots_free(slots) < slots->nr;
}

/*
 * Other disks may hold the references: have the kernel call back. Where the
 * pool's own limit is reached, our requests return them.
 */
static void wait_for_grefs(struct blkfront_queue *queue, unsigned int count)
{
	struct xpv_gref_pool *grefs = &queue->grefs;
	unsigned int missing = count - grefs->nr;

	if (missing <= grefs->max - grefs->total)
		xpv_gref_pool_wait(grefs, missing);
}

/* Return: of the segments wanted, how many can be had now. */
static unsigned int count_available(struct blkfront_queue *queue,
				    const struct blkfront_shadow *sh)
{
	unsigned int count = sh->nr_segs;
	unsigned int total;

	if (count > BLKIF_MAX_SEGMENTS_PER_REQUEST &&
	    !blkfront_indirect_reserve(queue))
		count = BLKIF_MAX_SEGMENTS_PER_REQUEST;
	if (sh->bounced) {
		count = blkfront_pool_reserve(queue, count);
		if (queue->pool.granted)
			return count;
	}
	total = queue->grefs.total;
	if (unlikely(!xpv_gref_pool_reserve(&queue->grefs, count))) {
		wait_for_grefs(queue, count);
		count = min(count, queue->grefs.nr);
	}
	if (unlikely(queue->grefs.total != total))
		blkfront_trim_later(queue->bf);
	return count;
}

static void get_pages(struct blkfront_queue *queue, struct blkfront_shadow *sh)
{
	unsigned int i;

	sh->seg = sh->direct;
	sh->indirect = NULL;
	if (sh->nr_segs > BLKIF_MAX_SEGMENTS_PER_REQUEST) {
		sh->indirect = blkfront_indirect_get(queue);
		sh->seg = sh->indirect->seg;
	}
	if (sh->bounced) {
		blkfront_pool_get(queue, sh->seg, sh->nr_segs);
		if (queue->pool.granted)
			return;
	}
	for (i = 0; i < sh->nr_segs; i++)
		sh->seg[i].gref = xpv_gref_take(&queue->grefs);
	queue->low_grefs = min(queue->low_grefs, queue->grefs.nr);
}

/*
 * Whoever ends or brings grants back restarts the hardware queue, maybe before
 * the block layer has put the request on the list that it is taken from then.
 * So not BLK_STS_DEV_RESOURCE, which has it rely on requests that end to
 * restart the queue: a batch of them does not (blk_mq_end_request_batch()).
 * With this one it looks again by itself after 3 ms (BLK_MQ_RESOURCE_DELAY).
 */
static blk_status_t stall_request(struct blkfront_queue *queue)
{
	queue->stalled = true;
	xpv_stat_inc(&queue->base.stats, XPV_STAT_STALLS);
	return BLK_STS_RESOURCE;
}

blk_status_t blkfront_shadow_take(struct blkfront_queue *queue,
				  struct blkfront_shadow *sh,
				  unsigned int *limit)
{
	unsigned int count;

	lockdep_assert_held(&queue->lock);

	if (unlikely(xpv_slots_free(blkfront_slots(queue)) <= queue->building))
		return stall_request(queue);

	count = count_available(queue, sh);
	if (likely(count == sh->nr_segs)) {
		get_pages(queue, sh);
		return BLK_STS_OK;
	}
	if (!count || has_in_flight(queue))
		return stall_request(queue);
	*limit = count;
	return BLK_STS_AGAIN;
}

bool blkfront_shadow_revoke(struct blkfront_queue *queue,
			    struct blkfront_shadow *sh)
{
	struct blkfront_seg *seg = sh->seg;
	bool all = true;
	unsigned int i;

	if (sh->bounced && queue->pool.granted)
		return true;

	for (i = 0; i < sh->nr_segs; i++, seg++) {
		if (likely(xpv_grant_revoke(queue->bf->xdev, &seg->gref,
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

static void put_grefs(struct blkfront_queue *queue, struct blkfront_shadow *sh)
{
	unsigned int i;

	for (i = 0; i < sh->nr_segs; i++)
		if (likely(sh->seg[i].gref != INVALID_GRANT_REF))
			xpv_gref_put(&queue->grefs, sh->seg[i].gref);
}

void blkfront_shadow_release(struct blkfront_queue *queue,
			     struct blkfront_shadow *sh)
{
	lockdep_assert_held(&queue->lock);

	if (!sh->bounced || !queue->pool.granted)
		put_grefs(queue, sh);
	if (sh->bounced)
		blkfront_pool_put(queue, sh->seg, sh->nr_segs);
	if (sh->indirect)
		blkfront_indirect_put(queue, sh->indirect);
	sh->indirect = NULL;
	sh->nr_segs = 0;
	sh->held = false;
	sh->state = BLKFRONT_FREE;
	/* What a request of this ring waits for is better kept. */
	if (!queue->stalled)
		xpv_gref_pool_trim(&queue->grefs, BLKFRONT_MIN_GREFS);
}

void blkfront_shadow_resume_stalled(struct request *rq)
{
	struct blkfront_queue *queue = rq->mq_hctx->driver_data;
	struct blkfront *bf = queue->bf;

	if (likely(bf->nr_rings == bf->nr_queues))
		blk_mq_run_hw_queue(rq->mq_hctx, true);
	else
		blk_mq_run_hw_queues(rq->q, true);
}
