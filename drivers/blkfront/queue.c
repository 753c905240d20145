// SPDX-License-Identifier: GPL-2.0
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "complete.h"
#include "queue.h"
#include "request.h"
#include "shadow.h"

/*
 * Bounce pages of a queue whose backend is trusted, in requests: one being
 * built, one with the backend, one being completed. Few requests need them,
 * see request.c.
 */
#define TRUSTED_BOUNCE 3

const char * const blkfront_stat_names[] = {
	[BLKFRONT_STAT_READS - XPV_STAT_DRIVER] = "reads",
	[BLKFRONT_STAT_WRITES - XPV_STAT_DRIVER] = "writes",
	[BLKFRONT_STAT_FLUSHES - XPV_STAT_DRIVER] = "flushes",
	[BLKFRONT_STAT_READ_BYTES - XPV_STAT_DRIVER] = "read bytes",
	[BLKFRONT_STAT_WRITE_BYTES - XPV_STAT_DRIVER] = "write bytes",
	[BLKFRONT_STAT_BOUNCED - XPV_STAT_DRIVER] = "bounced",
	[BLKFRONT_STAT_ERRORS - XPV_STAT_DRIVER] = "errors",
};

static const struct xpv_queue_type queue_type = {
	.nr_rings = 1,
	.ring = {
		{
			.ref_key = "ring-ref",
			.slot_size = sizeof(union blkif_sring_entry),
		},
	},
	.event = blkfront_event,
};

static int init_hctx(struct blk_mq_hw_ctx *hctx, void *data, unsigned int index)
{
	struct blkfront_info *info = data;

	hctx->driver_data = &info->queue[index];
	return 0;
}

/*
 * A paused or migrating backend answers late, and there is no way to take one
 * request back from one that lives: waiting is all there is.
 */
static enum blk_eh_timer_return timeout(struct request *rq)
{
	return BLK_EH_RESET_TIMER;
}

const struct blk_mq_ops blkfront_mq_ops = {
	.queue_rq = blkfront_queue_rq,
	.commit_rqs = blkfront_commit_rqs,
	.complete = blkfront_complete_rq,
	.timeout = timeout,
	.init_hctx = init_hctx,
};

/*
 * The kernel has grants again. queue_rq runs in an RCU read section that ends
 * after the block layer has put the refused request back: run the queue before
 * that, and the request stays where nobody looks.
 */
static void restart(struct work_struct *work)
{
	struct blkfront_queue *q = container_of(work, struct blkfront_queue,
						restart);

	synchronize_rcu();
	blk_mq_run_hw_queues(q->info->gd->queue, true);
}

static void queue_free(struct blkfront_queue *q)
{
	while (q->nr_bounce)
		__free_page(q->bounce[--q->nr_bounce]);
	kvfree(q->bounce);
	kvfree(q->segs);
	kvfree(q->shadow);
}

static int queue_alloc(struct blkfront_info *info, unsigned int index)
{
	struct blkfront_queue *q = &info->queue[index];
	unsigned int nr_segs = info->depth * info->max_segs;
	unsigned int i;

	xpv_queue_init(&q->base, info->xdev, &queue_type, index);
	q->info = info;
	spin_lock_init(&q->lock);
	tasklet_setup(&q->reaper, blkfront_reap);
	INIT_WORK(&q->restart, restart);

	q->max_bounce = nr_segs;
	q->bounce = kvcalloc(nr_segs, sizeof(*q->bounce), GFP_KERNEL);
	q->segs = kvcalloc(nr_segs, sizeof(*q->segs), GFP_KERNEL);
	q->shadow = kvcalloc(info->depth, sizeof(*q->shadow), GFP_KERNEL);
	if (!q->bounce || !q->segs || !q->shadow)
		return -ENOMEM;

	for (i = 0; i < info->depth; i++)
		q->shadow[i].seg = &q->segs[i * info->max_segs];
	return 0;
}

/*
 * Only while there is no disk: its tags index the shadows, so their number
 * stays when a later backend has rings of another size.
 */
static int queues_alloc(struct blkfront_info *info)
{
	unsigned int i;
	int err = 0;

	info->depth = xpv_slots_count(XEN_PAGE_SIZE << info->order,
				      sizeof(union blkif_sring_entry));
	info->queue = kvcalloc(info->nr_queues, sizeof(*info->queue),
			       GFP_KERNEL);
	info->shown = kcalloc(info->nr_queues, sizeof(*info->shown),
			      GFP_KERNEL);
	if (!info->queue || !info->shown)
		err = -ENOMEM;
	for (i = 0; i < info->nr_queues && !err; i++) {
		info->shown[i] = &info->queue[i].base;
		err = queue_alloc(info, i);
	}
	if (err) {
		blkfront_queues_free(info);
		return err;
	}

	xpv_device_show_queues(info->xdev, info->shown, info->nr_queues);
	return 0;
}

void blkfront_queues_free(struct blkfront_info *info)
{
	unsigned int i;

	xpv_device_show_queues(info->xdev, NULL, 0);
	for (i = 0; info->queue && i < info->nr_queues; i++)
		queue_free(&info->queue[i]);
	kvfree(info->queue);
	kfree(info->shown);
	info->queue = NULL;
	info->shown = NULL;
}

/*
 * Pages for all that the ring can carry where everything is bounced: then no
 * request ever waits for one. Grown only; a change of trust is rare.
 */
static int fill_bounce(struct blkfront_queue *q)
{
	struct blkfront_info *info = q->info;
	unsigned int want = min(TRUSTED_BOUNCE * info->max_segs, q->max_bounce);
	struct page *page;

	if (info->bounce)
		want = q->max_bounce;

	while (q->owned_bounce < want) {
		page = alloc_page(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
		if (!page)
			break;
		q->bounce[q->nr_bounce++] = page;
		q->owned_bounce++;
	}
	/* With one request's worth it goes on, if slowly. */
	return q->owned_bounce < info->max_segs ? -ENOMEM : 0;
}

static int queue_open(struct blkfront_queue *q)
{
	struct blkfront_info *info = q->info;
	int err;

	err = fill_bounce(q);
	if (err)
		return err;
	err = xpv_gref_pool_init(&q->grefs, info->depth * info->max_segs,
				 &q->restart);
	if (err)
		return err;
	return xpv_queue_create(&q->base, info->order, false, "blkif");
}

int blkfront_queues_open(struct blkfront_info *info)
{
	unsigned int i;
	int err;

	lockdep_assert_held(&info->xdev->lock);

	if (!info->gd) {
		blkfront_queues_free(info);
		err = queues_alloc(info);
		if (err)
			return err;
	}
	for (i = 0; i < info->nr_queues; i++) {
		err = queue_open(&info->queue[i]);
		if (err) {
			blkfront_queues_close(info);
			return err;
		}
	}
	return 0;
}

void blkfront_queues_close(struct blkfront_info *info)
{
	struct blkfront_queue *q;
	unsigned int i;

	lockdep_assert_held(&info->xdev->lock);

	for (i = 0; info->queue && i < info->nr_queues; i++) {
		q = &info->queue[i];
		xpv_queue_destroy(&q->base);
		xpv_gref_pool_fini(&q->grefs);
	}
}

/*
 * Quiesced, no queue_rq runs and none starts: RCU orders what is written here
 * before the next one. Needs no request to end, unlike freezing.
 */
static void quiesce(struct blkfront_info *info)
{
	if (!info->gd || info->quiesced)
		return;
	blk_mq_quiesce_queue(info->gd->queue);
	info->quiesced = true;
}

static void unquiesce(struct blkfront_info *info)
{
	if (!info->quiesced)
		return;
	info->quiesced = false;
	blk_mq_unquiesce_queue(info->gd->queue);
	blk_mq_kick_requeue_list(info->gd->queue);
}

void blkfront_queues_start(struct blkfront_info *info)
{
	unsigned int i;

	lockdep_assert_held(&info->xdev->lock);

	/* A dead disk's requests are failing right now. */
	quiesce(info);
	info->mode = BLKFRONT_LIVE;
	for (i = 0; i < info->nr_queues; i++)
		xpv_queue_arm(&info->queue[i].base);
	unquiesce(info);
}

/*
 * Order among the requests taken back does not matter: the block layer has no
 * two under way of which one must come first. Flushes begin when the writes
 * before them have ended.
 */
static void take_back(struct blkfront_queue *q, struct blkfront_shadow *sh,
		      bool fail)
{
	struct request *rq = sh->rq;
	bool revoked;

	spin_lock_bh(&q->lock);
	revoked = blkfront_shadow_revoke(q, sh);
	blkfront_shadow_release(q, sh);
	spin_unlock_bh(&q->lock);

	/*
	 * A backend that is gone for us may yet write to a page that it has
	 * mapped; who reads the same page from the next one would not notice.
	 * Bounced, the replay uses other pages, and of a write the backend can
	 * do no more than see it.
	 */
	if (!revoked && sh->op == BLKIF_OP_READ && !sh->bounced)
		fail = true;
	if (fail)
		blk_mq_end_request(rq, BLK_STS_IOERR);
	else
		blk_mq_requeue_request(rq, false);
}

static void take_all_back(struct blkfront_queue *q, bool fail)
{
	unsigned int i;

	for (i = 0; i < q->info->depth; i++)
		if (q->shadow[i].state == BLKFRONT_SENT)
			take_back(q, &q->shadow[i], fail);
}

/* In this order: nobody sends, nobody receives, what was received has ended. */
static void stop_traffic(struct blkfront_info *info)
{
	unsigned int i;

	quiesce(info);
	for (i = 0; i < info->nr_queues; i++) {
		xpv_queue_disarm(&info->queue[i].base);
		tasklet_kill(&info->queue[i].reaper);
	}
	if (info->gd)
		blk_mq_tagset_wait_completed_request(&info->set);
}

void blkfront_queues_stop(struct blkfront_info *info, bool fail)
{
	struct blkfront_queue *q;
	unsigned int i;

	lockdep_assert_held(&info->xdev->lock);

	if (!info->queue)
		return;

	stop_traffic(info);
	if (fail)
		info->mode = BLKFRONT_DEAD;
	else if (info->mode == BLKFRONT_LIVE)
		info->mode = BLKFRONT_DOWN;

	for (i = 0; i < info->nr_queues; i++) {
		q = &info->queue[i];
		take_all_back(q, info->mode == BLKFRONT_DEAD);
		/* First the pool's wait, which queues the work. */
		xpv_gref_pool_fini(&q->grefs);
		cancel_work_sync(&q->restart);
	}
	if (info->mode == BLKFRONT_DEAD)
		unquiesce(info);
}
