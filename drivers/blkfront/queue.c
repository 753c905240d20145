// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "complete.h"
#include "indirect.h"
#include "pool.h"
#include "queue.h"
#include "request.h"
#include "shadow.h"

static const struct xpv_queue_type queue_type = {
	BLKIF_QUEUE_SHAPE,
	.event = blkfront_event,
};

static int init_hctx(struct blk_mq_hw_ctx *hctx, void *data, unsigned int index)
{
	struct blkfront *bf = data;

	hctx->driver_data = &bf->queue[index];
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

static void map_type(struct blk_mq_tag_set *set, enum hctx_type type,
		     unsigned int first, unsigned int nr)
{
	struct blk_mq_queue_map *map = &set->map[type];

	map->nr_queues = nr;
	map->queue_offset = first;
	if (nr)
		blk_mq_map_queues(map);
}

static void map_queues(struct blk_mq_tag_set *set)
{
	struct blkfront *bf = set->driver_data;
	unsigned int nr;

	/* The block layer takes fewer in a kernel that dumps a crashed one. */
	if (set->nr_maps == 1) {
		map_type(set, HCTX_TYPE_DEFAULT, 0, set->nr_hw_queues);
		return;
	}
	nr = bf->nr_queues - bf->nr_polled;
	map_type(set, HCTX_TYPE_DEFAULT, 0, nr);
	map_type(set, HCTX_TYPE_READ, 0, 0);
	map_type(set, HCTX_TYPE_POLL, nr, bf->nr_polled);
}

const struct blk_mq_ops blkfront_mq_ops = {
	.queue_rq = blkfront_queue_rq,
	.commit_rqs = blkfront_commit_rqs,
	.complete = blkfront_complete_rq,
	.timeout = timeout,
	.init_hctx = init_hctx,
	.map_queues = map_queues,
	.poll = blkfront_poll,
};

/*
 * The kernel has grants again. queue_rq runs in an RCU read section that ends
 * after the block layer has put the refused request back: run the queue before
 * that, and the request stays where nobody looks.
 */
static void resume_work(struct work_struct *work)
{
	struct blkfront_queue *queue =
		container_of(work, struct blkfront_queue, resume_work);

	synchronize_rcu();
	blk_mq_run_hw_queues(queue->bf->gd->queue, true);
}

static int queue_alloc(struct blkfront *bf, unsigned int index)
{
	struct blkfront_queue *queue = &bf->queue[index];

	xpv_queue_init(&queue->base, bf->xdev, &queue_type, index);
	queue->bf = bf;
	queue->ring = queue;
	spin_lock_init(&queue->lock);
	tasklet_setup(&queue->tasklet, blkfront_run_tasklet);
	INIT_WORK(&queue->resume_work, resume_work);

	queue->shadow = kvcalloc(bf->depth, sizeof(*queue->shadow), GFP_KERNEL);
	return queue->shadow ? 0 : -ENOMEM;
}

/*
 * A processor can use one queue at a time. Polled ones are what somebody asked
 * for: of few queues they get all but one.
 */
static void choose_queues(struct blkfront *bf)
{
	unsigned int cpus = num_online_cpus();
	unsigned int offered = xpv_feature(bf->xdev, BLKFRONT_MAX_QUEUES);
	unsigned int polled = min(blkfront_poll_queues, cpus);
	unsigned int plain = min(blkfront_max_queues, cpus);

	bf->nr_queues =
		min3(plain + polled, offered, (unsigned int)XPV_MAX_QUEUES);
	bf->nr_polled = min(polled, bf->nr_queues - 1);
	if (bf->nr_polled != blkfront_poll_queues)
		xpv_info(bf->xdev,
			 "%s: poll_queues=%u, but with %u processors and %u queues from the backend: %u\n",
			 bf->vdev.name, blkfront_poll_queues, cpus, offered,
			 bf->nr_polled);
}

/*
 * Only while there is no disk: its tags index the shadows, so their number
 * stays when a later backend has rings of another size.
 */
static int queues_alloc(struct blkfront *bf)
{
	unsigned int i;
	int err = 0;

	bf->depth = xpv_slots_count(XEN_PAGE_SIZE << bf->order,
				    sizeof(union blkif_sring_entry));
	bf->queue = kvcalloc(bf->nr_queues, sizeof(*bf->queue), GFP_KERNEL);
	bf->shown = kcalloc(bf->nr_queues, sizeof(*bf->shown), GFP_KERNEL);
	if (!bf->queue || !bf->shown)
		err = -ENOMEM;
	for (i = 0; i < bf->nr_queues && !err; i++) {
		bf->shown[i] = &bf->queue[i].base;
		err = queue_alloc(bf, i);
	}
	if (err) {
		blkfront_queues_free(bf);
		return err;
	}

	xpv_device_show_queues(bf->xdev, bf->shown, bf->nr_queues);
	return 0;
}

void blkfront_queues_free(struct blkfront *bf)
{
	unsigned int i;

	xpv_device_show_queues(bf->xdev, NULL, 0);
	for (i = 0; bf->queue && i < bf->nr_queues; i++)
		kvfree(bf->queue[i].shadow);
	kvfree(bf->queue);
	kfree(bf->shown);
	bf->queue = NULL;
	bf->shown = NULL;
}

/* What a ring needs to get on, however short of grants the guest is. */
static int reserve_grefs(struct blkfront_queue *queue)
{
	int err = xpv_gref_pool_init(&queue->grefs, BLKFRONT_MAX_GREFS,
				     &queue->resume_work);

	if (err)
		return err;
	if (!xpv_gref_pool_reserve(&queue->grefs, 2 * BLKFRONT_POOL_MIN))
		return -ENOSPC;
	queue->low_grefs = queue->grefs.nr;
	return 0;
}

static int create_queue(struct blkfront_queue *queue)
{
	int err;

	queue->building = 0;
	queue->stalled = false;
	err = reserve_grefs(queue);
	if (!err)
		err = blkfront_pool_create(queue);
	if (!err)
		err = xpv_queue_create(&queue->base, queue->bf->order, false,
				       "blkif");
	return err;
}

int blkfront_queues_create(struct blkfront *bf)
{
	unsigned int i;
	int err;

	lockdep_assert_held(&bf->xdev->lock);

	bf->order = min(blkfront_max_order,
			xpv_feature(bf->xdev, BLKFRONT_MAX_ORDER));
	if (!bf->gd) {
		blkfront_queues_free(bf);
		choose_queues(bf);
	}
	bf->nr_rings =
		min(bf->nr_queues, xpv_feature(bf->xdev, BLKFRONT_MAX_QUEUES));
	blkfront_nodes_reserve(&bf->nodes, &bf->nr_rings, &bf->order);
	if (!bf->gd) {
		bf->nr_queues = bf->nr_rings;
		bf->nr_polled = min(bf->nr_polled, bf->nr_queues - 1);
		err = queues_alloc(bf);
		if (err) {
			blkfront_nodes_release(&bf->nodes);
			return err;
		}
	}
	for (i = 0; i < bf->nr_rings; i++) {
		err = create_queue(&bf->queue[i]);
		if (err) {
			blkfront_queues_destroy(bf);
			return err;
		}
		xpv_queue_set_affinity(&bf->queue[i].base, bf->nr_rings);
	}
	return 0;
}

/* Nothing is under way. First the pool's wait, which queues the work. */
static void destroy_pools(struct blkfront_queue *queue)
{
	blkfront_pool_destroy(queue);
	blkfront_indirects_destroy(queue);
	xpv_gref_pool_fini(&queue->grefs);
	cancel_work_sync(&queue->resume_work);
}

void blkfront_queues_destroy(struct blkfront *bf)
{
	unsigned int i;

	lockdep_assert_held(&bf->xdev->lock);

	for (i = 0; bf->queue && i < bf->nr_queues; i++) {
		destroy_pools(&bf->queue[i]);
		xpv_queue_destroy(&bf->queue[i].base);
	}
	blkfront_nodes_release(&bf->nodes);
}

/*
 * Quiesced, no queue_rq runs and none starts: RCU orders what is written here
 * before the next one. Needs no request to end, unlike freezing.
 */
static void quiesce(struct blkfront *bf)
{
	if (!bf->gd || bf->quiesced)
		return;
	blk_mq_quiesce_queue(bf->gd->queue);
	bf->quiesced = true;
}

static void unquiesce(struct blkfront *bf)
{
	if (!bf->quiesced)
		return;
	bf->quiesced = false;
	blk_mq_unquiesce_queue(bf->gd->queue);
	blk_mq_kick_requeue_list(bf->gd->queue);
}

/* A ring of their own for those that poll, unless there is but one. */
static struct blkfront_queue *choose_ring(struct blkfront *bf, unsigned int i)
{
	unsigned int polled = min(bf->nr_polled, bf->nr_rings - 1);
	unsigned int plain = bf->nr_rings - polled;
	unsigned int first = bf->nr_queues - bf->nr_polled;

	if (i < first || !polled)
		return &bf->queue[i % plain];
	return &bf->queue[plain + (i - first) % polled];
}

static void start_queue(struct blkfront *bf, unsigned int i)
{
	struct blkfront_queue *queue = &bf->queue[i];

	WRITE_ONCE(queue->ring, choose_ring(bf, i));
	if (i >= bf->nr_rings)
		return;
	/* The last rings. A single one, which all share, is not polled. */
	queue->polled =
		i && i >= bf->nr_rings - min(bf->nr_polled, bf->nr_rings - 1);
	if (bf->persistent)
		blkfront_pool_grant(queue);
	spin_lock_bh(&queue->lock);
	queue->open = true;
	spin_unlock_bh(&queue->lock);
	xpv_queue_arm(&queue->base);
}

void blkfront_queues_start(struct blkfront *bf)
{
	unsigned int i;

	lockdep_assert_held(&bf->xdev->lock);

	/* A dead disk's requests are failing right now. */
	quiesce(bf);
	bf->mode = BLKFRONT_LIVE;
	for (i = 0; i < bf->nr_queues; i++)
		start_queue(bf, i);
	unquiesce(bf);
}

/* Return: whether there is more to come. */
static bool trim_grefs(struct blkfront_queue *queue)
{
	struct xpv_gref_pool *grefs = &queue->grefs;
	unsigned int keep = min_t(unsigned int, grefs->nr, BLKFRONT_MIN_GREFS);

	xpv_gref_pool_shrink(grefs, min(queue->low_grefs, grefs->nr - keep));
	queue->low_grefs = grefs->nr;
	return grefs->total > BLKFRONT_MIN_GREFS + BLKFRONT_POOL_MIN;
}

void blkfront_trim(struct work_struct *work)
{
	struct blkfront *bf = container_of(to_delayed_work(work),
					   struct blkfront, trim);
	struct blkfront_queue *queue;
	bool more = false;
	unsigned int i;

	for (i = 0; i < bf->nr_rings; i++) {
		queue = &bf->queue[i];
		spin_lock_bh(&queue->lock);
		more |= blkfront_pool_trim(queue);
		more |= blkfront_indirects_trim(queue);
		more |= trim_grefs(queue);
		spin_unlock_bh(&queue->lock);
	}
	if (more)
		blkfront_trim_later(bf);
}

/*
 * The order of replayed requests does not matter: the block layer has no two in
 * flight of which one must come first. Flushes begin when the writes
 * before them have ended.
 */
static void recover_request(struct blkfront_queue *hwq,
			    struct blkfront_shadow *sh, bool fail)
{
	struct blkfront_queue *queue = hwq->ring;
	struct request *rq = sh->rq;
	bool revoked = blkfront_shadow_revoke(queue, sh);

	spin_lock_bh(&queue->lock);
	blkfront_shadow_release(queue, sh);
	spin_unlock_bh(&queue->lock);

	/*
	 * The old backend may still write to a page that it has mapped. A read
	 * replayed into that page could be overwritten unnoticed, so it fails.
	 * A bounced read is replayed with other pages; the pages of a write are
	 * granted read-only.
	 */
	if (!revoked && sh->op == BLKIF_OP_READ && !sh->bounced)
		fail = true;
	if (fail)
		blk_mq_end_request(rq, BLK_STS_IOERR);
	else
		blk_mq_requeue_request(rq, false);
}

static void recover_requests(struct blkfront_queue *hwq, bool fail)
{
	unsigned int i;

	for (i = 0; i < hwq->bf->depth; i++)
		if (hwq->shadow[i].state == BLKFRONT_SENT)
			recover_request(hwq, &hwq->shadow[i], fail);
}

/* Quiescing does not stop blkfront_poll(); pairs with its look at @open. */
static void stop_polling(struct blkfront_queue *queue)
{
	spin_lock_bh(&queue->lock);
	queue->open = false;
	spin_unlock_bh(&queue->lock);
	wait_var_event(&queue->pollers, !atomic_read(&queue->pollers));
	blkfront_end_answered(queue);
}

/* In this order: nobody sends, nobody receives, what was received has ended. */
static void stop_traffic(struct blkfront *bf)
{
	unsigned int i;

	quiesce(bf);
	for (i = 0; i < bf->nr_queues; i++) {
		xpv_queue_disarm(&bf->queue[i].base);
		tasklet_kill(&bf->queue[i].tasklet);
		stop_polling(&bf->queue[i]);
	}
	if (bf->gd)
		blk_mq_tagset_wait_completed_request(&bf->set);
	/* Nobody is left who would queue it. */
	cancel_delayed_work_sync(&bf->trim);
}

void blkfront_queues_stop(struct blkfront *bf, bool fail)
{
	unsigned int i;

	lockdep_assert_held(&bf->xdev->lock);

	if (!bf->queue)
		return;

	stop_traffic(bf);
	if (fail)
		bf->mode = BLKFRONT_DEAD;
	else if (bf->mode == BLKFRONT_LIVE)
		bf->mode = BLKFRONT_DOWN;

	for (i = 0; i < bf->nr_queues; i++)
		recover_requests(&bf->queue[i], bf->mode == BLKFRONT_DEAD);
	for (i = 0; i < bf->nr_queues; i++)
		destroy_pools(&bf->queue[i]);
	if (bf->mode == BLKFRONT_DEAD)
		unquiesce(bf);
}
