// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "complete.h"
#include "frame.h"
#include "pool.h"
#include "queue.h"
#include "request.h"
#include "shadow.h"

/* An entry of the array below. */
#define NAME(stat, text) \
	[BLKFRONT_STAT_##stat - XPV_STAT_DRIVER] = text

const char * const blkfront_stat_names[] = {
	NAME(READS, "reads"),
	NAME(WRITES, "writes"),
	NAME(FLUSHES, "flushes"),
	NAME(DISCARDS, "discards"),
	NAME(READ_BYTES, "read bytes"),
	NAME(WRITE_BYTES, "write bytes"),
	NAME(BOUNCED, "bounced"),
	NAME(PERSISTENT, "persistent"),
	NAME(INDIRECT, "indirect"),
	NAME(PARTIAL, "partial"),
	NAME(POOL_HITS, "pool pages used"),
	NAME(POOL_GROWN, "pool pages added"),
	NAME(POLLED, "polled"),
	NAME(ERRORS, "errors"),
	NAME(READ_ERRORS, "read errors"),
	NAME(WRITE_ERRORS, "write errors"),
	NAME(FLUSH_ERRORS, "flush errors"),
	NAME(DISCARD_ERRORS, "discard errors"),
	NAME(REFUSED, "not supported"),
};

static const struct xpv_queue_type queue_type = {
	.nr_rings = 1,
	.ring = {
		{
			.ref_key = "ring-ref",
			.slot_size = sizeof(union blkif_sring_entry),
		},
	},
	.multi_page = true,
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
	struct blkfront_info *info = set->driver_data;
	unsigned int nr;

	/* The block layer takes fewer in a kernel that dumps a crashed one. */
	if (set->nr_maps == 1) {
		map_type(set, HCTX_TYPE_DEFAULT, 0, set->nr_hw_queues);
		return;
	}
	nr = info->nr_queues - info->nr_polled;
	map_type(set, HCTX_TYPE_DEFAULT, 0, nr);
	map_type(set, HCTX_TYPE_READ, 0, 0);
	map_type(set, HCTX_TYPE_POLL, nr, info->nr_polled);
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
static void restart(struct work_struct *work)
{
	struct blkfront_queue *q = container_of(work, struct blkfront_queue,
						restart);

	synchronize_rcu();
	blk_mq_run_hw_queues(q->info->gd->queue, true);
}

static int queue_alloc(struct blkfront_info *info, unsigned int index)
{
	struct blkfront_queue *q = &info->queue[index];

	xpv_queue_init(&q->base, info->xdev, &queue_type, index);
	q->info = info;
	q->via = q;
	spin_lock_init(&q->lock);
	tasklet_setup(&q->reaper, blkfront_reap);
	INIT_WORK(&q->restart, restart);

	q->shadow = kvcalloc(info->depth, sizeof(*q->shadow), GFP_KERNEL);
	return q->shadow ? 0 : -ENOMEM;
}

/*
 * A processor can use one queue at a time. Polled ones are what somebody asked
 * for: of few queues they get all but one.
 */
static void choose_queues(struct blkfront_info *info)
{
	unsigned int cpus = num_online_cpus();
	unsigned int offered = xpv_feature(info->xdev, BLKFRONT_MAX_QUEUES);
	unsigned int polled = min(blkfront_poll_queues, cpus);
	unsigned int plain = min(blkfront_max_queues, cpus);

	info->nr_queues = min3(plain + polled, offered,
			       (unsigned int)XPV_MAX_QUEUES);
	info->nr_polled = min(polled, info->nr_queues - 1);
	if (info->nr_polled != blkfront_poll_queues)
		xpv_info(info->xdev, "%s: poll_queues=%u, but with %u processors and %u queues from the backend: %u\n",
			 info->vdev.name, blkfront_poll_queues, cpus, offered,
			 info->nr_polled);
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
		kvfree(info->queue[i].shadow);
	kvfree(info->queue);
	kfree(info->shown);
	info->queue = NULL;
	info->shown = NULL;
}

/* What a ring needs to get on, however short of grants the guest is. */
static int reserve_grefs(struct blkfront_queue *q)
{
	int err = xpv_gref_pool_init(&q->grefs, BLKFRONT_MAX_GREFS,
				     &q->restart);

	if (err)
		return err;
	if (!xpv_gref_pool_reserve(&q->grefs, 2 * BLKFRONT_POOL_MIN))
		return -ENOSPC;
	q->low_grefs = q->grefs.nr;
	return 0;
}

static int queue_open(struct blkfront_queue *q)
{
	int err;

	q->building = 0;
	q->starved = false;
	err = reserve_grefs(q);
	if (!err)
		err = blkfront_pool_open(q);
	if (!err)
		err = xpv_queue_create(&q->base, q->info->order, false,
				       "blkif");
	return err;
}

int blkfront_queues_open(struct blkfront_info *info)
{
	unsigned int i;
	int err;

	lockdep_assert_held(&info->xdev->lock);

	info->order = min(blkfront_max_order,
			  xpv_feature(info->xdev, BLKFRONT_MAX_ORDER));
	if (!info->gd) {
		blkfront_queues_free(info);
		choose_queues(info);
	}
	info->nr_rings = min(info->nr_queues,
			     xpv_feature(info->xdev, BLKFRONT_MAX_QUEUES));
	blkfront_nodes_take(&info->nodes, &info->nr_rings, &info->order);
	if (!info->gd) {
		info->nr_queues = info->nr_rings;
		info->nr_polled = min(info->nr_polled, info->nr_queues - 1);
		err = queues_alloc(info);
		if (err) {
			blkfront_nodes_give(&info->nodes);
			return err;
		}
	}
	for (i = 0; i < info->nr_rings; i++) {
		err = queue_open(&info->queue[i]);
		if (err) {
			blkfront_queues_close(info);
			return err;
		}
		xpv_queue_set_affinity(&info->queue[i].base, info->nr_rings);
	}
	return 0;
}

/* Nothing is under way. First the pool's wait, which queues the work. */
static void give_back(struct blkfront_queue *q)
{
	blkfront_pool_close(q);
	blkfront_frames_close(q);
	xpv_gref_pool_fini(&q->grefs);
	cancel_work_sync(&q->restart);
}

void blkfront_queues_close(struct blkfront_info *info)
{
	unsigned int i;

	lockdep_assert_held(&info->xdev->lock);

	for (i = 0; info->queue && i < info->nr_queues; i++) {
		give_back(&info->queue[i]);
		xpv_queue_destroy(&info->queue[i].base);
	}
	blkfront_nodes_give(&info->nodes);
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

/* A ring of their own for those that poll, unless there is but one. */
static struct blkfront_queue *choose_ring(struct blkfront_info *info,
					  unsigned int i)
{
	unsigned int polled = min(info->nr_polled, info->nr_rings - 1);
	unsigned int plain = info->nr_rings - polled;
	unsigned int first = info->nr_queues - info->nr_polled;

	if (i < first || !polled)
		return &info->queue[i % plain];
	return &info->queue[plain + (i - first) % polled];
}

static void start_queue(struct blkfront_info *info, unsigned int i)
{
	struct blkfront_queue *q = &info->queue[i];

	WRITE_ONCE(q->via, choose_ring(info, i));
	if (i >= info->nr_rings)
		return;
	/* The last rings; of one ring that all share none is polled. */
	q->polled = i && i >= info->nr_rings - min(info->nr_polled,
						   info->nr_rings - 1);
	if (info->persistent)
		blkfront_pool_grant(q);
	spin_lock_bh(&q->lock);
	q->open = true;
	spin_unlock_bh(&q->lock);
	xpv_queue_arm(&q->base);
}

void blkfront_queues_start(struct blkfront_info *info)
{
	unsigned int i;

	lockdep_assert_held(&info->xdev->lock);

	/* A dead disk's requests are failing right now. */
	quiesce(info);
	info->mode = BLKFRONT_LIVE;
	for (i = 0; i < info->nr_queues; i++)
		start_queue(info, i);
	unquiesce(info);
}

/*
 * Order among the requests taken back does not matter: the block layer has no
 * two under way of which one must come first. Flushes begin when the writes
 * before them have ended.
 */
static void take_back(struct blkfront_queue *hw, struct blkfront_shadow *sh,
		      bool fail)
{
	struct blkfront_queue *q = hw->via;
	struct request *rq = sh->rq;
	bool revoked = blkfront_shadow_revoke(q, sh);

	spin_lock_bh(&q->lock);
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

static void take_all_back(struct blkfront_queue *hw, bool fail)
{
	unsigned int i;

	for (i = 0; i < hw->info->depth; i++)
		if (hw->shadow[i].state == BLKFRONT_SENT)
			take_back(hw, &hw->shadow[i], fail);
}

/* Quiescing stops nobody who polls. Pairs with blkfront_poll(). */
static void stop_polling(struct blkfront_queue *q)
{
	spin_lock_bh(&q->lock);
	q->open = false;
	spin_unlock_bh(&q->lock);
	wait_var_event(&q->pollers, !atomic_read(&q->pollers));
	blkfront_end_answered(q);
}

/* In this order: nobody sends, nobody receives, what was received has ended. */
static void stop_traffic(struct blkfront_info *info)
{
	unsigned int i;

	quiesce(info);
	for (i = 0; i < info->nr_queues; i++) {
		xpv_queue_disarm(&info->queue[i].base);
		tasklet_kill(&info->queue[i].reaper);
		stop_polling(&info->queue[i]);
	}
	if (info->gd)
		blk_mq_tagset_wait_completed_request(&info->set);
	/* Nobody is left who would queue it. */
	cancel_delayed_work_sync(&info->trim);
}

void blkfront_queues_stop(struct blkfront_info *info, bool fail)
{
	unsigned int i;

	lockdep_assert_held(&info->xdev->lock);

	if (!info->queue)
		return;

	stop_traffic(info);
	if (fail)
		info->mode = BLKFRONT_DEAD;
	else if (info->mode == BLKFRONT_LIVE)
		info->mode = BLKFRONT_DOWN;

	for (i = 0; i < info->nr_queues; i++)
		take_all_back(&info->queue[i], info->mode == BLKFRONT_DEAD);
	for (i = 0; i < info->nr_queues; i++)
		give_back(&info->queue[i]);
	if (info->mode == BLKFRONT_DEAD)
		unquiesce(info);
}
