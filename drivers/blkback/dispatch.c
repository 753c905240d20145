// SPDX-License-Identifier: GPL-2.0
/*
 * The thread that serves a queue.
 *
 *	take    copy, decode and check requests		take()
 *	map     all of their pages in one hypercall	blkback_map_ready()
 *	submit  all of them in one plug			submit_mapped()
 *	reap    unmap what has ended in one hypercall,
 *		answer it, notify the frontend once	blkback_reap()
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
#include "nudge.h"
#include "param.h"
#include "reap.h"
#include "report.h"

/* Free pages not worth the question whether they are too many. */
#define CACHE_UNASKED 32

/* Requests submitted between two looks at what has ended. */
#define REAP_EVERY 8

/* Operations per hypercall; a multiple of Xen's batches of 32 unmaps. */
#define BATCH 256

/*
 * Pages or map handles ran out: how long until the next try, if nothing ends
 * before that.
 */
#define STARVED_WAIT (HZ / 10)

/* Pages still in use after their I/O: wait longer each time, up to a second. */
#define SLOW_STEP_MS 5
#define SLOW_STEPS 200

/* Tries, 50 ms in all, after which the network stack is asked about them. */
#define SLOW_NUDGE 4

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

static struct xpv_slots *slots_of(struct blkback_queue *bq)
{
	return &bq->q.ring[0].slots;
}

static struct blkback_gate *gate_of(struct blkback_queue *bq)
{
	return &blkback_of(bq)->gate;
}

static void ring_broken(struct blkback_queue *bq)
{
	bq->dead = true;
	xpv_violation(bq->q.xdev,
		      "queue %u: more requests than the ring has room for",
		      bq->q.index);
}

void blkback_queue_refuse(struct blkback_request *req, s16 status,
			  const char *why)
{
	xpv_stat_inc(&req->bq->q.stats, XPV_STAT_BAD);
	xpv_warn_peer(req->bq->q.xdev,
		      "request with op %u, sector %llu, %u segments refused: %s",
		      req->op.code, req->op.sector, req->op.nr_segs, why);
	req->status = status;
	list_move_tail(&req->link, &req->bq->ended);
}

void blkback_queue_reject(struct blkback_request *req,
			  enum blkback_verdict verdict)
{
	xpv_stat_inc(&req->bq->q.stats, BLKBACK_STAT_REFUSED + verdict - 1);
	blkback_queue_refuse(req, blkback_abi_status(verdict),
			     blkback_abi_reason(verdict));
}

/* Taking */

/* Whether the next request may be taken, as far as this queue is concerned. */
static bool may_take(const struct blkback_queue *bq)
{
	return !bq->dead && !bq->barrier && !bq->limited &&
	       list_empty(&bq->ready) && !xpv_broken(bq->q.xdev);
}

/* The one place that looks at a slot: everything else uses the copy. */
static void copy_request(struct blkback_queue *bq, struct blkback_request *req)
{
	enum blkback_abi abi = blkback_of(bq)->abi;
	union blkback_abi_request raw;

	if (blkback_abi_is_32(abi))
		xpv_slots_consume(slots_of(bq), &raw.abi32, sizeof(raw.abi32));
	else
		xpv_slots_consume(slots_of(bq), &raw.abi64, sizeof(raw.abi64));
	blkback_abi_decode(abi, &raw, &req->op, req->segs);
}

static enum blkback_verdict judge(struct blkback_request *req,
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
static u64 bytes_of(const struct blkback_op *op)
{
	if (op->code == BLKBACK_OP_DISCARD)
		return 0;
	if (op->indirect)
		return op->nr_segs * XEN_PAGE_SIZE;
	return op->sectors << SECTOR_SHIFT;
}

/* Return: whether the request has to wait. */
static bool is_limited(struct blkback_queue *bq, struct blkback_request *req)
{
	struct blkback_limit *limit = &blkback_of(bq)->vbd.limit;
	u64 now, wait;

	if (likely(!READ_ONCE(limit->on)))
		return false;
	now = ktime_get_ns();
	wait = blkback_limit_take(limit, now, bytes_of(&req->op));
	bq->limited_until = now + wait;
	return wait;
}

/* Asks again for the request that is held back. */
static void retry_limited(struct blkback_queue *bq, bool stop)
{
	struct blkback_request *req = bq->limited;

	if (likely(!req) || (!stop && is_limited(bq, req)))
		return;
	bq->limited = NULL;
	list_add_tail(&req->link, &bq->ready);
}

/* Return: false where memory is short; nothing was taken then. */
static bool take_one(struct blkback_queue *bq,
		     const struct blkback_limits *limits)
{
	struct blkback_request *req = blkback_request_get(bq);
	enum blkback_verdict verdict;

	if (unlikely(!req))
		return false;
	copy_request(bq, req);
	WRITE_ONCE(bq->trimmed, false);
	req->began = bq->now;
	req->fetched = false;
	req->mapped = false;
	bq->taken++;
	bq->worked = true;
	xpv_stat_inc(&bq->q.stats, XPV_STAT_TAKEN);

	verdict = judge(req, limits);
	list_add_tail(&req->link, &bq->ready);
	if (unlikely(verdict != BLKBACK_FINE)) {
		blkback_queue_reject(req, verdict);
	} else if (unlikely(req->op.code == BLKBACK_OP_BARRIER)) {
		list_del(&req->link);
		bq->barrier = req;
		bq->barrier_ready = false;
	} else if (unlikely(is_limited(bq, req))) {
		list_del(&req->link);
		bq->limited = req;
		xpv_stat_inc(&bq->q.stats, BLKBACK_STAT_LIMITED);
	}
	return true;
}

static void choose_seat(struct blkback_queue *bq, unsigned int nr)
{
	const struct blkback_wakeup wakeup = {
		.found = nr + bq->taken, .taken = slots_of(bq)->cons,
		.now = bq->now,
	};

	if (blkback_seat_choose(&bq->seat, &bq->q, bq->nr_queues, &wakeup))
		blkback_poll_retry(&bq->poll);
}

static void take(struct blkback_queue *bq)
{
	int nr = xpv_slots_requests(slots_of(bq));
	struct blkback_limits limits;

	if (nr < 0)
		ring_broken(bq);
	if (nr <= 0)
		return;

	bq->now = ktime_get_ns();
	if (bq->woken)
		choose_seat(bq, nr);
	bq->woken = false;
	blkback_vbd_limits(&blkback_of(bq)->vbd, &limits);
	bq->short_of_memory = false;
	nr = min(nr, BLKBACK_ROUND);
	for (; nr && !bq->barrier && !bq->limited; nr--) {
		if (take_one(bq, &limits))
			continue;
		xpv_stat_inc(&bq->q.stats, XPV_STAT_STALLS);
		bq->short_of_memory = true;
		return;
	}
}

static void count_request(struct blkback_queue *bq, const struct blkback_op *op)
{
	struct xpv_stats *stats = &bq->q.stats;

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

static void submit_one(struct blkback_queue *bq, struct blkback_request *req)
{
	list_del(&req->link);
	count_request(bq, &req->op);
	blkback_gate_add(gate_of(bq), 1);
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
static void submit_mapped(struct blkback_queue *bq)
{
	struct blkback_request *req, *next;
	unsigned int nr = 0;
	struct blk_plug plug;

	if (list_empty(&bq->mapped))
		return;
	blk_start_plug(&plug);
	list_for_each_entry_safe(req, next, &bq->mapped, link) {
		submit_one(bq, req);
		if (!(++nr % REAP_EVERY) && !llist_empty(&bq->done))
			blkback_reap(bq, false);
	}
	blk_finish_plug(&plug);
}

static void run_round(struct blkback_queue *bq, bool stop)
{
	bq->blocked = !blkback_gate_enter(gate_of(bq), bq);
	if (bq->blocked)
		return;
	if (!stop && may_take(bq))
		take(bq);
	blkback_map_fetch(bq);
	blkback_map_ready(bq, stop);
	submit_mapped(bq);
	blkback_gate_leave(gate_of(bq), 1);
}

/*
 * A barrier waits until all that was taken before it is with the disk, then
 * until the disk has ended all requests of all queues.
 *
 * Return: true where it is ready for its round.
 */
static bool try_barrier(struct blkback_queue *bq)
{
	if (likely(!bq->barrier) || bq->barrier_ready ||
	    !list_empty(&bq->ready) || !blkback_gate_close(gate_of(bq), bq))
		return false;
	bq->barrier_ready = true;
	list_add_tail(&bq->barrier->link, &bq->ready);
	return true;
}

static void serve(struct blkback_queue *bq, bool stop)
{
	retry_limited(bq, stop);
	if (!list_empty(&bq->ready) || (!stop && may_take(bq)))
		run_round(bq, stop);
	if (try_barrier(bq))
		run_round(bq, stop);
}

/* Waking and sleeping */

static void trim(struct blkback_queue *bq)
{
	xpv_page_cache_trim(&bq->cache, 0);
	blkback_pool_trim(&bq->pool);
	blkback_quota_trim(&bq->quota);
}

/* Context: hard interrupt, or interrupts off. */
static void ring_event(struct xpv_queue *q, unsigned int ring)
{
	struct blkback_queue *bq = container_of(q, struct blkback_queue, q);

	set_bit(BLKBACK_SIGNAL_EVENT, &bq->signals);
	blkback_queue_rouse(bq);
}

/*
 * To be called before the ring is looked at, so that a signal that comes
 * afterwards is still there when the thread wants to sleep.
 */
static void take_signals(struct blkback_queue *bq)
{
	unsigned long signals;

	if (!READ_ONCE(bq->signals))
		return;
	signals = xchg(&bq->signals, 0);
	if (signals & BIT(BLKBACK_SIGNAL_EVENT))
		bq->event = true;
	if (signals & BIT(BLKBACK_SIGNAL_SQUEEZE))
		trim(bq);
	if (signals & BIT(BLKBACK_SIGNAL_IDLE) && !bq->taken) {
		trim(bq);
		WRITE_ONCE(bq->trimmed, true);
	}
}

/* Bounds what is kept for the next requests. */
static void bound_cache(struct blkback_queue *bq)
{
	unsigned int most = READ_ONCE(blkback_max_buffer_pages);

	if (xpv_page_cache_free(&bq->cache) <= CACHE_UNASKED)
		return;
	if (time_before(jiffies, READ_ONCE(blkback_of(bq)->squeezed_until)))
		most = 0;
	if (unlikely(xpv_page_cache_free(&bq->cache) > most))
		xpv_page_cache_trim(&bq->cache, most);
}

static bool requests_wait(struct blkback_queue *bq)
{
	int nr;

	if (bq->blocked || bq->short_of_memory || !may_take(bq))
		return false;
	nr = xpv_slots_requests(slots_of(bq));
	if (nr < 0)
		ring_broken(bq);
	return nr > 0;
}

/*
 * Ends the event, then looks a last time at the ring. A queue that takes
 * nothing for now leaves its channel masked: what comes meanwhile is found
 * when it goes on.
 *
 * Return: true where requests have come meanwhile.
 */
static bool last_look(struct blkback_queue *bq)
{
	int nr;

	if (bq->blocked || bq->short_of_memory || !may_take(bq))
		return false;
	if (bq->event) {
		xpv_queue_eoi(&bq->q, 0, bq->worked);
		bq->event = false;
		bq->worked = false;
	}
	nr = xpv_slots_final_check_requests(slots_of(bq), 1);
	if (nr < 0)
		ring_broken(bq);
	return nr > 0;
}

static long limited_wait(const struct blkback_queue *bq)
{
	u64 now = ktime_get_ns();

	if (bq->limited_until <= now)
		return 1;
	/* A limit that is lifted is noticed by then. */
	return min_t(u64, nsecs_to_jiffies(bq->limited_until - now) + 1, HZ);
}

static long sleep_limit(const struct blkback_queue *bq)
{
	if (unlikely(!list_empty(&bq->slow)))
		return msecs_to_jiffies(SLOW_STEP_MS * (bq->slow_tries + 1));
	if (unlikely(!list_empty(&bq->ready) || bq->short_of_memory))
		return STARVED_WAIT;
	if (unlikely(bq->limited))
		return limited_wait(bq);
	return MAX_SCHEDULE_TIMEOUT;
}

static bool is_roused(const struct blkback_queue *bq, bool stop)
{
	return READ_ONCE(bq->signals) || !llist_empty(&bq->done) ||
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
static bool look_on(struct blkback_queue *bq, bool stop)
{
	u32 window = blkback_poll_window(&bq->poll);
	u64 until;

	if (!window || bq->seat.near)
		return false;
	until = ktime_get_ns() + window;
	do {
		if (is_roused(bq, stop) || (!stop && requests_wait(bq))) {
			blkback_poll_found(&bq->poll);
			xpv_stat_inc(&bq->q.stats, BLKBACK_STAT_POLLED);
			return true;
		}
		cpu_relax();
	} while (!need_resched() && ktime_get_ns() < until);
	return false;
}

static void tried_in_vain(struct blkback_queue *bq)
{
	if (bq->slow_tries < SLOW_STEPS)
		bq->slow_tries++;
	if (bq->slow_tries >= SLOW_NUDGE)
		blkback_nudge();
}

static void doze(struct blkback_queue *bq, bool stop)
{
	u32 most = READ_ONCE(blkback_poll_us) * NSEC_PER_USEC;
	long limit, left;
	u64 began;

	if (look_on(bq, stop) || (!stop && last_look(bq)))
		return;
	if (unlikely(blkback_quota_excess(&bq->quota)))
		blkback_quota_trim(&bq->quota);
	limit = sleep_limit(bq);
	began = ktime_get_ns();
	/* Who waits for the last answer before it ends is to see it. */
	if (!stop)
		blkback_reap_lend(bq);
	left = wait_event_idle_timeout(bq->wait, is_roused(bq, stop), limit);
	blkback_reap_take_back(bq);
	if (!left && !list_empty(&bq->slow))
		tried_in_vain(bq);
	if (!bq->seat.near)
		blkback_poll_learn(&bq->poll, ktime_get_ns() - began, most);
	bq->woken = true;
	/* What is to be tried again is tried as if for the first time. */
	bq->short_of_memory = false;
}

/*
 * Ends only when told to, so that @thread never names one that is gone. What
 * was taken is served first: answers go out of order, so that whoever serves
 * the ring next cannot find what is missing.
 */
static int queue_thread(void *arg)
{
	struct blkback_queue *bq = arg;
	bool stop;

	/* While the machine suspends, its disks take no requests. */
	set_freezable();
	do {
		try_to_freeze();
		stop = kthread_should_stop();
		take_signals(bq);
		serve(bq, stop);
		blkback_reap(bq, stop);
		blkback_keep_review(bq);
		bound_cache(bq);
		blkback_report_log(bq);
		if (!stop && requests_wait(bq))
			cond_resched();
		else if (!stop || bq->taken)
			doze(bq, stop);
	} while (!stop || bq->taken);
	blkback_keep_release(bq);
	return 0;
}

/*
 * The thread itself sets no timer: one for each time that it sleeps would cost
 * a busy queue more than all of this.
 */
void blkback_queue_look(struct blkback_queue *bq)
{
	u64 taken = xpv_stat_read(&bq->q.stats, XPV_STAT_TAKEN);
	bool idle = taken == bq->looked;

	bq->looked = taken;
	if (idle && (!READ_ONCE(bq->trimmed) || blkback_keep_due(&bq->keep))) {
		set_bit(BLKBACK_SIGNAL_IDLE, &bq->signals);
		blkback_queue_rouse(bq);
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

struct blkback_queue *blkback_queue_new(struct xpv_device *xdev,
					unsigned int index)
{
	struct blkback_queue *bq = kzalloc(sizeof(*bq), GFP_KERNEL);

	if (!bq)
		return NULL;
	xpv_queue_init(&bq->q, xdev, &queue_type, index);
	init_waitqueue_head(&bq->wait);
	spin_lock_init(&bq->own);
	init_llist_head(&bq->done);
	xpv_page_cache_init(&bq->cache, 0);
	blkback_pool_init(&bq->pool);
	blkback_keep_init(&bq->keep);
	bq->quota.guest = ((struct blkback *)xdev->priv)->guest;
	INIT_LIST_HEAD(&bq->ready);
	INIT_LIST_HEAD(&bq->mapped);
	INIT_LIST_HEAD(&bq->ended);
	INIT_LIST_HEAD(&bq->slow);
	return bq;
}

static int alloc_batch(struct blkback_queue *bq)
{
	int err = xpv_map_batch_init(&bq->batch, bq->q.xdev, BATCH);

	if (err)
		return err;
	bq->batch.stats = &bq->q.stats;
	/* The guest's budgets are what counts. */
	bq->cache.limit = BLKBACK_GUEST_PAGES + BLKBACK_GUEST_KEPT;
	return 0;
}

static int make_thread(struct blkback_queue *bq)
{
	struct task_struct *thread;

	bq->signals = 0;
	bq->slow_tries = 0;
	bq->event = false;
	bq->worked = false;
	bq->blocked = false;
	bq->dead = false;
	bq->short_of_memory = false;
	WRITE_ONCE(bq->trimmed, false);
	memset(&bq->poll, 0, sizeof(bq->poll));
	bq->woken = false;
	blkback_seat_reset(&bq->seat);
	bq->keep.on = blkback_of(bq)->persistent;
	blkback_discards_init(&bq->discards);
	bq->log_at = jiffies + BLKBACK_LOG_INTERVAL;

	/* Scripts find it by this name to pin it or set its priority. */
	thread = kthread_create(queue_thread, bq, "%u.%s-%u",
				bq->q.xdev->peer_id, blkback_of(bq)->name,
				bq->q.index);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	bq->thread = thread;
	return 0;
}

int blkback_queue_start(struct blkback_queue *bq, unsigned int nr_queues)
{
	u32 slot_size = blkback_abi_slot_size(blkback_of(bq)->abi);
	int err;

	lockdep_assert_held(&bq->q.xdev->lock);

	err = xpv_queue_attach(&bq->q, nr_queues,
			       xpv_feature(bq->q.xdev,
					   BLKBACK_FEATURE_RING_ORDER),
			       &slot_size, "blkif-backend");
	if (err)
		return err;
	bq->nr_queues = nr_queues;
	xpv_queue_set_affinity(&bq->q, nr_queues);
	bq->seat.allowed = kmalloc(cpumask_size(), GFP_KERNEL);
	err = alloc_batch(bq);
	if (!err)
		err = make_thread(bq);
	if (err)
		blkback_queue_stop(bq);
	return err;
}

void blkback_queue_go(struct blkback_queue *bq)
{
	lockdep_assert_held(&bq->q.xdev->lock);

	wake_up_process(bq->thread);
	xpv_queue_arm(&bq->q);
}

void blkback_queue_stop(struct blkback_queue *bq)
{
	lockdep_assert_held(&bq->q.xdev->lock);

	if (bq->thread)
		kthread_stop(bq->thread);
	bq->thread = NULL;
	xpv_queue_destroy(&bq->q);
	xpv_map_batch_fini(&bq->batch);
	trim(bq);
	kfree(bq->fetch);
	bq->fetch = NULL;
	kfree(bq->seat.allowed);
	bq->seat.allowed = NULL;
}
