// SPDX-License-Identifier: GPL-2.0
/*
 * The thread that serves a queue.
 *
 *	take    copy, decode and check requests		take()
 *	map     all of their pages in one hypercall	blkback_map_ready()
 *	submit  all of them in one plug			submit_mapped()
 *	reap    unmap what has ended in one hypercall,
 *		answer it, notify the frontend once	blkback_complete()
 *
 * All of this is the thread's own and needs no lock. Others reach in by
 * @signals and @done only, lockless, each followed by a wake-up. It sleeps
 * while there is nothing to do, without a timeout if nothing is short or slow;
 * meanwhile its own is lent to those who end a request, see reap.c.
 */
#include <linux/cpumask.h>
#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/interface/io/blkif.h>

#include "connect.h"
#include "dispatch.h"
#include "io.h"
#include "map.h"
#include "skb_flush.h"
#include "param.h"
#include "complete.h"
#include "report.h"

/* Free pages not worth the question whether they are too many. */
#define CACHE_MIN 32

/* Requests submitted between two looks at what has ended. */
#define COMPLETE_EVERY 8

/* Operations per hypercall; a multiple of Xen's batches of 32 unmaps. */
#define BATCH 256

/*
 * Pages or map handles ran out: how long until the next try, if nothing ends
 * before that.
 */
#define STALL_TIMEOUT (HZ / 10)

/* Pages still in use after their I/O: wait longer each time, up to a second. */
#define BUSY_STEP_MS 5
#define BUSY_STEPS 200

/* Tries, 50 ms in all, after which the network stack is asked about them. */
#define BUSY_FLUSH 4

/* The layouts as the frontends' compilers make them; see abi.h. */
static_assert(sizeof(struct blkback_seg) ==
	      sizeof(struct blkif_request_segment));
static_assert(sizeof(struct blkback_abi_request32) == 108);
static_assert(sizeof(struct blkback_abi_request64) == 112);
static_assert(offsetof(struct blkback_abi_request32, id) == 4);
static_assert(offsetof(struct blkback_abi_request64, id) == 8);
static_assert(offsetof(struct blkback_abi_request32, seg) == 20);
static_assert(offsetof(struct blkback_abi_request64, seg) == 24);
static_assert(sizeof(struct blkback_abi_response32) == 12);
static_assert(sizeof(struct blkback_abi_response64) == 16);

static_assert(BLKIF_MAX_SEGMENTS_PER_REQUEST == BLKBACK_DIRECT_SEGS);
static_assert(BLKIF_OP_READ == BLKBACK_OP_READ);
static_assert(BLKIF_OP_WRITE == BLKBACK_OP_WRITE);
static_assert(BLKIF_OP_WRITE_BARRIER == BLKBACK_OP_BARRIER);
static_assert(BLKIF_OP_FLUSH_DISKCACHE == BLKBACK_OP_FLUSH);
static_assert(BLKIF_OP_DISCARD == BLKBACK_OP_DISCARD);
static_assert(BLKIF_OP_INDIRECT == BLKBACK_OP_INDIRECT);
static_assert(BLKIF_RSP_OKAY == BLKBACK_OKAY);
static_assert(BLKIF_RSP_ERROR == BLKBACK_ERROR);
static_assert(BLKIF_RSP_EOPNOTSUPP == BLKBACK_EOPNOTSUPP);
#ifndef CONFIG_X86_32
static_assert(sizeof(struct blkif_request) ==
	      sizeof(struct blkback_abi_request64));
static_assert(offsetof(struct blkif_request, u.rw.id) ==
	      offsetof(struct blkback_abi_request64, id));
static_assert(offsetof(struct blkif_request, u.indirect.indirect_grefs) ==
	      offsetof(struct blkback_abi_indirect64, gref));
static_assert(offsetof(struct blkif_request, u.indirect.nr_segments) ==
	      offsetof(struct blkback_abi_indirect64, nr_segs));
static_assert(offsetof(struct blkif_request, u.discard.nr_sectors) ==
	      offsetof(struct blkback_abi_discard64, sectors));
#endif
static_assert(offsetof(struct blkback_abi_indirect32, gref) == 24);
static_assert(offsetof(struct blkback_abi_discard32, sectors) == 20);

static struct xpv_slots *slots_of(struct blkback_queue *queue)
{
	return &queue->base.ring[0].slots;
}

static struct blkback_drain *drain_of(struct blkback_queue *queue)
{
	return &blkback_of(queue)->drain;
}

static void report_bad_index(struct blkback_queue *queue)
{
	queue->broken = true;
	xpv_violation(queue->base.xdev,
		      "queue %u: more requests than the ring has room for",
		      queue->base.index);
}

void blkback_queue_refuse(struct blkback_request *req, s16 status,
			  const char *why)
{
	xpv_stat_inc(&req->queue->base.stats, XPV_STAT_BAD);
	xpv_warn_peer(req->queue->base.xdev,
		      "request with op %u, sector %llu, %u segments refused: %s",
		      req->op.code, req->op.sector, req->op.nr_segs, why);
	req->status = status;
	list_move_tail(&req->link, &req->queue->ended);
}

void blkback_queue_reject(struct blkback_request *req,
			  enum blkback_verdict verdict)
{
	xpv_stat_inc(&req->queue->base.stats,
		     BLKBACK_STAT_REFUSED + verdict - 1);
	blkback_queue_refuse(req, blkback_abi_status(verdict),
			     blkback_abi_reason(verdict));
}

/* Taking */

/* Whether the next request may be taken, as far as this queue is concerned. */
static bool may_take(const struct blkback_queue *queue)
{
	return !queue->broken && !queue->barrier && !queue->limited &&
	       list_empty(&queue->ready) && !xpv_broken(queue->base.xdev);
}

/* The one place that looks at a slot: everything else uses the copy. */
static void copy_request(struct blkback_queue *queue,
			 struct blkback_request *req)
{
	enum blkback_abi abi = blkback_of(queue)->abi;
	union blkback_abi_request raw;

	if (blkback_abi_is_32(abi))
		xpv_slots_consume(slots_of(queue), &raw.abi32,
				  sizeof(raw.abi32));
	else
		xpv_slots_consume(slots_of(queue), &raw.abi64,
				  sizeof(raw.abi64));
	blkback_abi_decode(abi, &raw, &req->op, req->segs);
}

static enum blkback_verdict check_request(struct blkback_request *req,
					  const struct blkback_limits *limits)
{
	enum blkback_verdict verdict;

	verdict = blkback_abi_check_head(&req->op, limits);
	/* The rest is to be seen when the descriptors are there. */
	if (verdict != BLKBACK_FINE || req->op.indirect)
		return verdict;
	return blkback_abi_check(&req->op, req->segs, limits);
}

/* What an indirect request transfers is not known yet: whole pages, mostly. */
static u64 data_bytes(const struct blkback_op *op)
{
	if (op->code == BLKBACK_OP_DISCARD)
		return 0;
	if (op->indirect)
		return op->nr_segs * XEN_PAGE_SIZE;
	return op->sectors << SECTOR_SHIFT;
}

/* Return: whether the request has to wait. */
static bool is_rate_limited(struct blkback_queue *queue,
			    struct blkback_request *req)
{
	struct blkback_ratelimit *ratelimit = &blkback_of(queue)->vbd.ratelimit;
	u64 now, wait;

	if (likely(!READ_ONCE(ratelimit->enabled)))
		return false;
	now = ktime_get_ns();
	wait = blkback_ratelimit_take(ratelimit, now, data_bytes(&req->op));
	queue->limited_until = now + wait;
	return wait;
}

/* Asks again for the request that is held back. */
static void retry_limited(struct blkback_queue *queue, bool stop)
{
	struct blkback_request *req = queue->limited;

	if (likely(!req) || (!stop && is_rate_limited(queue, req)))
		return;
	queue->limited = NULL;
	list_add_tail(&req->link, &queue->ready);
}

/* Return: false where memory is short; nothing was taken then. */
static bool take_request(struct blkback_queue *queue,
			 const struct blkback_limits *limits)
{
	struct blkback_request *req = blkback_request_get(queue);
	enum blkback_verdict verdict;

	if (unlikely(!req))
		return false;
	copy_request(queue, req);
	WRITE_ONCE(queue->trimmed, false);
	req->began = queue->now;
	req->fetched = false;
	req->mapped = false;
	queue->outstanding++;
	queue->consumed = true;
	xpv_stat_inc(&queue->base.stats, XPV_STAT_TAKEN);

	verdict = check_request(req, limits);
	list_add_tail(&req->link, &queue->ready);
	if (unlikely(verdict != BLKBACK_FINE)) {
		blkback_queue_reject(req, verdict);
	} else if (unlikely(req->op.code == BLKBACK_OP_BARRIER)) {
		list_del(&req->link);
		queue->barrier = req;
		queue->barrier_drained = false;
	} else if (unlikely(is_rate_limited(queue, req))) {
		list_del(&req->link);
		queue->limited = req;
		xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_RATE_LIMITED);
	}
	return true;
}

static void choose_affinity(struct blkback_queue *queue, unsigned int nr)
{
	const struct blkback_wakeup wakeup = {
		.found = nr + queue->outstanding,
		.taken = slots_of(queue)->cons,
		.now = queue->now,
	};

	if (blkback_affinity_choose(&queue->affinity, &queue->base, &wakeup))
		blkback_poll_reset(&queue->poll);
}

static void take_requests(struct blkback_queue *queue)
{
	int nr = xpv_slots_requests(slots_of(queue));
	struct blkback_limits limits;

	if (nr < 0)
		report_bad_index(queue);
	if (nr <= 0)
		return;

	queue->now = ktime_get_ns();
	if (queue->slept)
		choose_affinity(queue, nr);
	queue->slept = false;
	blkback_vbd_limits(&blkback_of(queue)->vbd, &limits);
	queue->no_memory = false;
	nr = min(nr, BLKBACK_ROUND);
	for (; nr && !queue->barrier && !queue->limited; nr--) {
		if (take_request(queue, &limits))
			continue;
		xpv_stat_inc(&queue->base.stats, XPV_STAT_STALLS);
		queue->no_memory = true;
		return;
	}
}

static void count_request(struct blkback_queue *queue,
			  const struct blkback_op *op)
{
	struct xpv_stats *stats = &queue->base.stats;

	switch (op->code) {
	case BLKBACK_OP_READ:
		xpv_stat_inc(stats, BLKBACK_STAT_READS);
		xpv_stat_add(stats, BLKBACK_STAT_READ_SECTORS, op->sectors);
		return;
	case BLKBACK_OP_WRITE:
		xpv_stat_inc(stats, BLKBACK_STAT_WRITES);
		break;
	case BLKBACK_OP_FLUSH:
		xpv_stat_inc(stats, BLKBACK_STAT_FLUSHES);
		break;
	case BLKBACK_OP_BARRIER:
		xpv_stat_inc(stats, BLKBACK_STAT_BARRIERS);
		break;
	case BLKBACK_OP_DISCARD:
		xpv_stat_inc(stats, BLKBACK_STAT_DISCARDS);
		return;
	}
	xpv_stat_add(stats, BLKBACK_STAT_WRITE_SECTORS, op->sectors);
}

/* Rounds */

static void submit_one(struct blkback_queue *queue, struct blkback_request *req)
{
	list_del(&req->link);
	count_request(queue, &req->op);
	blkback_drain_add(drain_of(queue), 1);
	if (unlikely(req->op.code == BLKBACK_OP_DISCARD))
		blkback_discard_submit(req);
	else
		blkback_request_submit(req);
}

/*
 * A disk with short queues has the thread wait in submit_bio(); what ends
 * meanwhile is answered without waiting for the rest of the round.
 *
 * Context: within a round, so that the gate is entered.
 */
static void submit_mapped(struct blkback_queue *queue)
{
	struct blkback_request *req, *next;
	unsigned int nr = 0;
	struct blk_plug plug;

	if (list_empty(&queue->mapped))
		return;
	blk_start_plug(&plug);
	list_for_each_entry_safe(req, next, &queue->mapped, link) {
		submit_one(queue, req);
		if (!(++nr % COMPLETE_EVERY) && !llist_empty(&queue->done))
			blkback_complete(queue, false);
	}
	blk_finish_plug(&plug);
}

static void run_round(struct blkback_queue *queue, bool stop)
{
	queue->drain_blocked = !blkback_drain_enter(drain_of(queue), queue);
	if (queue->drain_blocked)
		return;
	if (!stop && may_take(queue))
		take_requests(queue);
	blkback_map_fetch(queue);
	blkback_map_ready(queue, stop);
	submit_mapped(queue);
	blkback_drain_leave(drain_of(queue), 1);
}

/*
 * A barrier waits until all that was taken before it is with the disk, then
 * until the disk has ended all requests of all queues.
 *
 * Return: true where it is ready for its round.
 */
static bool try_barrier(struct blkback_queue *queue)
{
	if (likely(!queue->barrier) || queue->barrier_drained ||
	    !list_empty(&queue->ready) ||
	    !blkback_drain_begin(drain_of(queue), queue))
		return false;
	queue->barrier_drained = true;
	list_add_tail(&queue->barrier->link, &queue->ready);
	return true;
}

static void serve_requests(struct blkback_queue *queue, bool stop)
{
	retry_limited(queue, stop);
	if (!list_empty(&queue->ready) || (!stop && may_take(queue)))
		run_round(queue, stop);
	if (try_barrier(queue))
		run_round(queue, stop);
}

/* Waking and sleeping */

static void trim_memory(struct blkback_queue *queue)
{
	xpv_page_cache_trim(&queue->cache, 0);
	blkback_pool_trim(&queue->pool);
	blkback_share_trim(&queue->share);
}

/* Context: hard interrupt, or interrupts off. */
static void ring_event(struct xpv_queue *base, unsigned int ring)
{
	struct blkback_queue *queue =
		container_of(base, struct blkback_queue, base);

	set_bit(BLKBACK_SIGNAL_EVENT, &queue->signals);
	blkback_queue_wake(queue);
}

/*
 * To be called before the ring is looked at, so that a signal that comes
 * afterwards is still there when the thread wants to sleep.
 */
static void take_signals(struct blkback_queue *queue)
{
	unsigned long signals;

	if (!READ_ONCE(queue->signals))
		return;
	signals = xchg(&queue->signals, 0);
	if (signals & BIT(BLKBACK_SIGNAL_EVENT))
		queue->eoi_pending = true;
	if (signals & BIT(BLKBACK_SIGNAL_SHRINK))
		trim_memory(queue);
	if (signals & BIT(BLKBACK_SIGNAL_IDLE) && !queue->outstanding) {
		trim_memory(queue);
		WRITE_ONCE(queue->trimmed, true);
	}
}

/* Bounds what is kept for the next requests. */
static void limit_cache(struct blkback_queue *queue)
{
	unsigned int most = READ_ONCE(blkback_max_buffer_pages);

	if (xpv_page_cache_free(&queue->cache) <= CACHE_MIN)
		return;
	if (time_before(jiffies, READ_ONCE(blkback_of(queue)->no_cache_until)))
		most = 0;
	if (unlikely(xpv_page_cache_free(&queue->cache) > most))
		xpv_page_cache_trim(&queue->cache, most);
}

static bool has_requests(struct blkback_queue *queue)
{
	int nr;

	if (queue->drain_blocked || queue->no_memory || !may_take(queue))
		return false;
	nr = xpv_slots_requests(slots_of(queue));
	if (nr < 0)
		report_bad_index(queue);
	return nr > 0;
}

/*
 * Ends the event, then looks a last time at the ring. A queue that takes
 * nothing for now leaves its channel masked: what comes meanwhile is found
 * when it goes on.
 *
 * Return: true where requests have come meanwhile.
 */
static bool final_check(struct blkback_queue *queue)
{
	int nr;

	if (queue->drain_blocked || queue->no_memory || !may_take(queue))
		return false;
	if (queue->eoi_pending) {
		xpv_queue_eoi(&queue->base, 0, queue->consumed);
		queue->eoi_pending = false;
		queue->consumed = false;
	}
	nr = xpv_slots_final_check_requests(slots_of(queue), 1);
	if (nr < 0)
		report_bad_index(queue);
	return nr > 0;
}

static long limited_wait(const struct blkback_queue *queue)
{
	u64 now = ktime_get_ns();

	if (queue->limited_until <= now)
		return 1;
	/* A limit that is lifted is noticed by then. */
	return min_t(u64, nsecs_to_jiffies(queue->limited_until - now) + 1, HZ);
}

static long wait_limit(const struct blkback_queue *queue)
{
	if (unlikely(!list_empty(&queue->busy)))
		return msecs_to_jiffies(BUSY_STEP_MS * (queue->busy_tries + 1));
	if (unlikely(!list_empty(&queue->ready) || queue->no_memory))
		return STALL_TIMEOUT;
	if (unlikely(queue->limited))
		return limited_wait(queue);
	return MAX_SCHEDULE_TIMEOUT;
}

static bool has_work(const struct blkback_queue *queue, bool stop)
{
	return READ_ONCE(queue->signals) || !llist_empty(&queue->done) ||
	       (!stop && kthread_should_stop()) || freezing(current);
}

/*
 * The event, if there was one, still awaits its EOI, and the frontend has not
 * been asked to notify: all that comes meanwhile comes without an interrupt.
 * Not on the processor that takes the events: there who would send the next
 * request may be the one that this one keeps from running.
 *
 * Return: whether there is something to do.
 */
static bool busy_poll(struct blkback_queue *queue, bool stop)
{
	u32 window = blkback_poll_window(&queue->poll);
	u64 until;

	if (!window || queue->affinity.pinned)
		return false;
	until = ktime_get_ns() + window;
	do {
		if (has_work(queue, stop) || (!stop && has_requests(queue))) {
			blkback_poll_hit(&queue->poll);
			xpv_stat_inc(&queue->base.stats, BLKBACK_STAT_POLLED);
			return true;
		}
		cpu_relax();
	} while (!need_resched() && ktime_get_ns() < until);
	return false;
}

static void count_busy_try(struct blkback_queue *queue)
{
	if (queue->busy_tries < BUSY_STEPS)
		queue->busy_tries++;
	if (queue->busy_tries >= BUSY_FLUSH)
		blkback_skb_flush();
}

static void wait_for_work(struct blkback_queue *queue, bool stop)
{
	u32 most = READ_ONCE(blkback_poll_us) * NSEC_PER_USEC;
	long limit, left;
	u64 began;

	if (busy_poll(queue, stop) || (!stop && final_check(queue)))
		return;
	if (unlikely(blkback_share_has_excess(&queue->share)))
		blkback_share_trim(&queue->share);
	limit = wait_limit(queue);
	began = ktime_get_ns();
	/* Who waits for the last answer before it ends is to see it. */
	if (!stop)
		blkback_inline_allow(queue);
	left = wait_event_idle_timeout(queue->wait, has_work(queue, stop),
				       limit);
	blkback_inline_forbid(queue);
	if (!left && !list_empty(&queue->busy))
		count_busy_try(queue);
	if (!queue->affinity.pinned)
		blkback_poll_update(&queue->poll, ktime_get_ns() - began, most);
	queue->slept = true;
	/* What is to be tried again is tried as if for the first time. */
	queue->no_memory = false;
}

/*
 * Ends only when told to, so that @thread never names one that is gone. What
 * was taken is served first: answers go out of order, so that whoever serves
 * the ring next cannot find what is missing.
 */
static int queue_thread(void *arg)
{
	struct blkback_queue *queue = arg;
	bool stop;

	/* While the machine suspends, its disks take no requests. */
	set_freezable();
	do {
		try_to_freeze();
		stop = kthread_should_stop();
		take_signals(queue);
		serve_requests(queue, stop);
		blkback_complete(queue, stop);
		blkback_pgnts_expire(queue);
		limit_cache(queue);
		blkback_report_log(queue);
		if (!stop && has_requests(queue))
			cond_resched();
		else if (!stop || queue->outstanding)
			wait_for_work(queue, stop);
	} while (!stop || queue->outstanding);
	blkback_pgnts_unmap(queue);
	return 0;
}

/*
 * The thread itself sets no timer: one for each time that it sleeps would cost
 * a busy queue more than all of this.
 */
void blkback_queue_check_idle(struct blkback_queue *queue)
{
	u64 taken = xpv_stat_read(&queue->base.stats, XPV_STAT_TAKEN);
	bool idle = taken == queue->seen_taken;

	queue->seen_taken = taken;
	if (idle && (!READ_ONCE(queue->trimmed) ||
		     blkback_pgnts_expire_due(&queue->pgnts))) {
		set_bit(BLKBACK_SIGNAL_IDLE, &queue->signals);
		blkback_queue_wake(queue);
	}
}

/* Starting and stopping */

static const struct xpv_queue_type queue_type = {
	.nr_rings = 1,
	.ring = {
		{
			.ref_key = "ring-ref",
			.slot_size = sizeof(struct blkback_abi_request64),
		},
	},
	.multi_page = true,
	.event = ring_event,
};

struct blkback_queue *blkback_queue_alloc(struct xpv_device *xdev,
					  unsigned int index)
{
	struct blkback_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL);

	if (!queue)
		return NULL;
	xpv_queue_init(&queue->base, xdev, &queue_type, index);
	init_waitqueue_head(&queue->wait);
	spin_lock_init(&queue->inline_lock);
	init_llist_head(&queue->done);
	xpv_page_cache_init(&queue->cache, 0);
	blkback_pool_init(&queue->pool);
	blkback_pgnts_init(&queue->pgnts);
	queue->share.domain = ((struct blkback *)xdev->priv)->domain;
	INIT_LIST_HEAD(&queue->ready);
	INIT_LIST_HEAD(&queue->mapped);
	INIT_LIST_HEAD(&queue->ended);
	INIT_LIST_HEAD(&queue->busy);
	return queue;
}

static int alloc_batch(struct blkback_queue *queue)
{
	int err = xpv_map_batch_init(&queue->batch, queue->base.xdev, BATCH);

	if (err)
		return err;
	queue->batch.stats = &queue->base.stats;
	/* The guest's budgets are what counts. */
	queue->cache.limit = BLKBACK_DOMAIN_PAGES + BLKBACK_DOMAIN_PGNTS;
	return 0;
}

static int create_thread(struct blkback_queue *queue)
{
	struct task_struct *thread;

	queue->signals = 0;
	queue->busy_tries = 0;
	queue->eoi_pending = false;
	queue->consumed = false;
	queue->drain_blocked = false;
	queue->broken = false;
	queue->no_memory = false;
	WRITE_ONCE(queue->trimmed, false);
	memset(&queue->poll, 0, sizeof(queue->poll));
	queue->slept = false;
	blkback_affinity_reset(&queue->affinity);
	queue->pgnts.enabled = blkback_of(queue)->persistent;
	blkback_discards_init(&queue->discards);
	queue->log_at = jiffies + BLKBACK_LOG_INTERVAL;

	/* Scripts find it by this name to pin it or set its priority. */
	thread = kthread_create(queue_thread, queue, "%u.%s-%u",
				queue->base.xdev->peer_id,
				blkback_of(queue)->name, queue->base.index);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	queue->thread = thread;
	return 0;
}

int blkback_queue_create(struct blkback_queue *queue, unsigned int nr_queues)
{
	u32 slot_size = blkback_abi_slot_size(blkback_of(queue)->abi);
	int err;

	lockdep_assert_held(&queue->base.xdev->lock);

	err = xpv_queue_attach(&queue->base, nr_queues,
			       xpv_feature(queue->base.xdev,
					   BLKBACK_FEATURE_RING_ORDER),
			       &slot_size, "blkif-backend");
	if (err)
		return err;
	xpv_queue_set_affinity(&queue->base, nr_queues);
	queue->affinity.allowed = kmalloc(cpumask_size(), GFP_KERNEL);
	err = alloc_batch(queue);
	if (!err)
		err = create_thread(queue);
	if (err)
		blkback_queue_stop(queue);
	return err;
}

void blkback_queue_start(struct blkback_queue *queue)
{
	lockdep_assert_held(&queue->base.xdev->lock);

	wake_up_process(queue->thread);
	xpv_queue_arm(&queue->base);
}

void blkback_queue_stop(struct blkback_queue *queue)
{
	lockdep_assert_held(&queue->base.xdev->lock);

	if (queue->thread)
		kthread_stop(queue->thread);
	queue->thread = NULL;
	xpv_queue_destroy(&queue->base);
	xpv_map_batch_fini(&queue->batch);
	trim_memory(queue);
	kfree(queue->fetch);
	queue->fetch = NULL;
	kfree(queue->affinity.allowed);
	queue->affinity.allowed = NULL;
}
