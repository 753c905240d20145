// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "complete.h"
#include "counters.h"
#include "queue.h"
#include "thread.h"

/* Operations per hypercall; a multiple of Xen's batches of 32 unmaps. */
#define BATCH 256

/* Context: hard interrupt, or interrupts off. */
static void ring_event(struct xpv_queue *base, unsigned int ring)
{
	blkback_queue_signal(container_of(base, struct blkback_queue, base),
			     BLKBACK_SIGNAL_EVENT);
}

static const struct xpv_queue_type queue_type = {
	BLKIF_QUEUE_SHAPE,
	.event = ring_event,
};

static void init_lists(struct blkback_ring *ring)
{
	INIT_LIST_HEAD(&ring->ready);
	INIT_LIST_HEAD(&ring->mapped);
	INIT_LIST_HEAD(&ring->ended);
	INIT_LIST_HEAD(&ring->busy);
}

struct blkback_queue *blkback_queue_alloc(struct blkback *bb,
					  unsigned int index)
{
	struct blkback_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL);

	if (!queue)
		return NULL;
	xpv_queue_init(&queue->base, bb->xdev, &queue_type, index);
	queue->end_io = blkback_complete_bio;
	init_waitqueue_head(&queue->thread.wait);
	init_llist_head(&queue->thread.done);
	blkback_inline_init(&queue->in);
	init_lists(&queue->ring);
	xpv_page_cache_init(&queue->pages.cache, 0);
	blkback_pool_init(&queue->pages.pool);
	blkback_pgnts_init(&queue->pages.pgnts);
	queue->pages.share.domain = bb->domain;
	return queue;
}

static int alloc_batch(struct blkback_queue *queue)
{
	struct xpv_map_batch *batch = &queue->pages.batch;
	int err = xpv_map_batch_init(batch, queue->base.xdev, BATCH);

	if (err)
		return err;
	batch->stats = &queue->base.stats;
	/* No bound of its own: the domain's grant limit is what counts. */
	queue->pages.cache.limit = BLKBACK_DOMAIN_PAGES + BLKBACK_DOMAIN_PGNTS;
	return 0;
}

/* What a thread finds that begins; lists are empty since the last has ended. */
static void reset_state(struct blkback_queue *queue)
{
	struct blkback_thread *thread = &queue->thread;
	struct blkback_ring *ring = &queue->ring;

	thread->signals = 0;
	thread->slept = false;
	memset(&thread->poll, 0, sizeof(thread->poll));
	blkback_affinity_reset(&thread->affinity);
	ring->busy_tries = 0;
	ring->eoi_pending = false;
	ring->consumed = false;
	ring->drain_blocked = false;
	ring->broken = false;
	ring->no_memory = false;
	WRITE_ONCE(queue->pages.trimmed, false);
	queue->pages.pgnts.enabled = blkback_of(queue)->persistent;
	blkback_discards_init(&queue->discards);
	queue->counters.log_at = jiffies + BLKBACK_LOG_INTERVAL;
}

static int create_thread(struct blkback_queue *queue)
{
	struct task_struct *task;

	reset_state(queue);
	/* Scripts find it by this name to pin it or to set its priority. */
	task = kthread_create(blkback_thread_run, queue, "%u.%s-%u",
			      queue->base.xdev->peer_id,
			      blkback_of(queue)->name, queue->base.index);
	if (IS_ERR(task))
		return PTR_ERR(task);
	queue->thread.task = task;
	return 0;
}

int blkback_queue_create(struct blkback_queue *queue, unsigned int nr_queues)
{
	struct xpv_device *xdev = queue->base.xdev;
	u32 order = xpv_feature(xdev, BLKBACK_FEATURE_RING_ORDER);
	u32 slot_size = blkback_abi_slot_size(blkback_of(queue)->abi);
	int err;

	lockdep_assert_held(&xdev->lock);

	err = xpv_queue_attach(&queue->base, nr_queues, order, &slot_size,
			       "blkif-backend");
	if (err)
		return err;
	xpv_queue_set_affinity(&queue->base, nr_queues);
	/* Without this memory the thread is never pinned. */
	queue->thread.affinity.allowed = kmalloc(cpumask_size(), GFP_KERNEL);
	err = alloc_batch(queue);
	if (!err)
		err = create_thread(queue);
	if (err)
		blkback_queue_destroy(queue);
	return err;
}

void blkback_queue_start(struct blkback_queue *queue)
{
	lockdep_assert_held(&queue->base.xdev->lock);

	wake_up_process(queue->thread.task);
	xpv_queue_arm(&queue->base);
}

void blkback_queue_stop(struct blkback_queue *queue)
{
	lockdep_assert_held(&queue->base.xdev->lock);

	kthread_stop(queue->thread.task);
	queue->thread.task = NULL;
}

void blkback_queue_destroy(struct blkback_queue *queue)
{
	lockdep_assert_held(&queue->base.xdev->lock);

	xpv_queue_destroy(&queue->base);
	xpv_map_batch_fini(&queue->pages.batch);
	blkback_thread_trim(queue);
	kfree(queue->pages.fetch);
	queue->pages.fetch = NULL;
	kfree(queue->thread.affinity.allowed);
	queue->thread.affinity.allowed = NULL;
}

void blkback_queue_check_idle(struct blkback_queue *queue)
{
	u64 consumed = xpv_stat_read(&queue->base.stats, XPV_STAT_TAKEN);
	bool idle = consumed == queue->counters.seen_consumed;

	queue->counters.seen_consumed = consumed;
	if (idle && (!READ_ONCE(queue->pages.trimmed) ||
		     blkback_pgnts_expire_due(&queue->pages.pgnts)))
		blkback_queue_signal(queue, BLKBACK_SIGNAL_IDLE);
}
