// SPDX-License-Identifier: GPL-2.0
/*
 * A round of the thread:
 *
 *	consume    copy, decode and check requests	   blkback_consume()
 *	map        all of their pages in one hypercall	   blkback_map_ready()
 *	submit     all of them in one plug		   submit_mapped()
 *	complete   unmap what has ended in one hypercall,
 *		   answer it, notify the frontend once	   blkback_complete()
 *
 * All of a queue that is not said to be anyone's is the thread's own and needs
 * no lock. Others reach it by @signals and @done only, lockless, each followed
 * by a wake-up. It sleeps while there is nothing to do, without a timeout if
 * nothing is short or busy; meanwhile a lone request is completed inline, see
 * complete.c.
 */
#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>

#include "blkback.h"
#include "complete.h"
#include "consume.h"
#include "counters.h"
#include "io.h"
#include "map.h"
#include "skb_flush.h"
#include "thread.h"

/* Below so many free pages their number is not compared with the limit. */
#define CACHE_MIN 32

/* Requests submitted between two looks at what has ended. */
#define COMPLETE_EVERY 8

/*
 * Memory, pages or map handles ran out: how long until the next try, if nothing
 * ends before that.
 */
#define STALL_TIMEOUT (HZ / 10)

/* Pages still in use after their I/O: wait longer each time, up to a second. */
#define BUSY_STEP_MS 5
#define BUSY_STEPS 200

/* Tries, 50 ms in all, after which deferred skbs are flushed (skb_flush.h). */
#define BUSY_FLUSH 4

/* Rounds */

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

static void submit_request(struct blkback_queue *queue,
			   struct blkback_request *req)
{
	list_del(&req->link);
	count_request(queue, &req->op);
	blkback_drain_add(&blkback_of(queue)->drain, 1);
	if (unlikely(req->op.code == BLKBACK_OP_DISCARD))
		blkback_discard_submit(req);
	else
		blkback_io_submit(req);
}

/*
 * A disk with short queues has the thread wait in submit_bio(); what ends
 * meanwhile is answered without waiting for the rest of the round.
 *
 * Context: within a round, so that the drain is entered.
 */
static void submit_mapped(struct blkback_queue *queue)
{
	struct blkback_request *req, *next;
	unsigned int nr = 0;
	struct blk_plug plug;

	if (list_empty(&queue->ring.mapped))
		return;
	blk_start_plug(&plug);
	list_for_each_entry_safe(req, next, &queue->ring.mapped, link) {
		submit_request(queue, req);
		if (!(++nr % COMPLETE_EVERY) &&
		    !llist_empty(&queue->thread.done))
			blkback_complete(queue, false);
	}
	blk_finish_plug(&plug);
}

static void run_round(struct blkback_queue *queue, bool stop)
{
	bool entered = blkback_drain_enter(&blkback_of(queue)->drain, queue);

	queue->ring.drain_blocked = !entered;
	if (entered) {
		if (!stop && blkback_may_consume(queue))
			blkback_consume(queue);
		blkback_map_fetch(queue);
		blkback_map_ready(queue, stop);
		submit_mapped(queue);
	}
	blkback_queue_leave_drain(queue, 1);
}

/*
 * A barrier waits until all that was consumed before it is with the disk, then
 * until the disk has ended all requests of all queues.
 *
 * Return: true where it is ready for its round.
 */
static bool try_barrier(struct blkback_queue *queue)
{
	struct blkback_ring *ring = &queue->ring;

	if (likely(!ring->barrier) || ring->barrier_drained ||
	    !list_empty(&ring->ready) ||
	    !blkback_drain_begin(&blkback_of(queue)->drain, queue))
		return false;
	ring->barrier_drained = true;
	list_add_tail(&ring->barrier->link, &ring->ready);
	return true;
}

static void serve_requests(struct blkback_queue *queue, bool stop)
{
	blkback_retry_limited(queue, stop);
	if (!list_empty(&queue->ring.ready) ||
	    (!stop && blkback_may_consume(queue)))
		run_round(queue, stop);
	if (try_barrier(queue))
		run_round(queue, stop);
}

/* Memory */

void blkback_thread_trim(struct blkback_queue *queue)
{
	xpv_page_cache_trim(&queue->pages.cache, 0);
	blkback_pool_trim(&queue->pages.pool);
	blkback_share_trim(&queue->pages.share);
}

/* Bounds the free pages that are kept for the next requests. */
static void limit_cache(struct blkback_queue *queue)
{
	struct xpv_page_cache *cache = &queue->pages.cache;
	unsigned int max = READ_ONCE(blkback_max_buffer_pages);

	if (xpv_page_cache_free(cache) <= CACHE_MIN)
		return;
	if (time_before(jiffies, READ_ONCE(blkback_of(queue)->no_cache_until)))
		max = 0;
	if (unlikely(xpv_page_cache_free(cache) > max))
		xpv_page_cache_trim(cache, max);
}

/* Waking and sleeping */

/*
 * Before the ring is looked at, so that a signal that comes afterwards is still
 * there when the thread wants to sleep.
 */
static void take_signals(struct blkback_queue *queue)
{
	unsigned long signals;

	if (!READ_ONCE(queue->thread.signals))
		return;
	signals = xchg(&queue->thread.signals, 0);
	if (signals & BIT(BLKBACK_SIGNAL_EVENT))
		queue->ring.eoi_pending = true;
	if (signals & BIT(BLKBACK_SIGNAL_SHRINK))
		blkback_thread_trim(queue);
	if (signals & BIT(BLKBACK_SIGNAL_IDLE) && !queue->ring.outstanding) {
		blkback_thread_trim(queue);
		WRITE_ONCE(queue->pages.trimmed, true);
	}
}

static bool has_work(const struct blkback_queue *queue, bool stop)
{
	return READ_ONCE(queue->thread.signals) ||
	       !llist_empty(&queue->thread.done) ||
	       (!stop && kthread_should_stop()) || freezing(current);
}

/*
 * Meanwhile the event, if there was one, awaits its EOI, and the frontend has
 * not been asked to notify: all that comes now comes without an interrupt.
 *
 * Not while the thread is pinned to the CPU that takes the events: whoever
 * would send the next request may need that very CPU.
 *
 * Return: whether there is something to do.
 */
static bool busy_poll(struct blkback_queue *queue, bool stop)
{
	u32 window = blkback_poll_window(&queue->thread.poll);
	u64 until;

	if (!window || queue->thread.affinity.pinned)
		return false;
	until = ktime_get_ns() + window;
	do {
		if (has_work(queue, stop) ||
		    (!stop && blkback_has_requests(queue))) {
			blkback_poll_hit(&queue->thread.poll);
			xpv_stat_inc(&queue->base.stats,
				     BLKBACK_STAT_POLL_HITS);
			return true;
		}
		cpu_relax();
	} while (!need_resched() && ktime_get_ns() < until);
	return false;
}

static long limited_timeout(const struct blkback_queue *queue)
{
	u64 now = ktime_get_ns();
	u64 until = queue->ring.limited_until;

	if (until <= now)
		return 1;
	/* Bounded, so that a limit that is lifted is noticed. */
	return min_t(u64, nsecs_to_jiffies(until - now) + 1, HZ);
}

static long sleep_timeout(const struct blkback_queue *queue)
{
	const struct blkback_ring *ring = &queue->ring;

	if (unlikely(!list_empty(&ring->busy)))
		return msecs_to_jiffies(BUSY_STEP_MS * (ring->busy_tries + 1));
	if (unlikely(!list_empty(&ring->ready) || ring->no_memory))
		return STALL_TIMEOUT;
	if (unlikely(ring->limited))
		return limited_timeout(queue);
	return MAX_SCHEDULE_TIMEOUT;
}

static void count_busy_try(struct blkback_queue *queue)
{
	struct blkback_ring *ring = &queue->ring;

	if (ring->busy_tries < BUSY_STEPS)
		ring->busy_tries++;
	if (ring->busy_tries >= BUSY_FLUSH)
		blkback_skb_flush();
}

/* Sleeps; learns from how long that was. */
static void sleep_for_work(struct blkback_queue *queue, bool stop)
{
	u32 max_ns = READ_ONCE(blkback_poll_us) * NSEC_PER_USEC;
	long timeout = sleep_timeout(queue), left;
	u64 began = ktime_get_ns();

	/*
	 * A thread that is to stop waits for the last completion before it
	 * ends, so it has to see that one itself.
	 */
	if (!stop)
		blkback_inline_allow(&queue->in);
	left = wait_event_idle_timeout(queue->thread.wait,
				       has_work(queue, stop), timeout);
	blkback_inline_forbid(&queue->in);
	if (!left && !list_empty(&queue->ring.busy))
		count_busy_try(queue);
	if (!queue->thread.affinity.pinned)
		blkback_poll_update(&queue->thread.poll,
				    ktime_get_ns() - began, max_ns);
	queue->thread.slept = true;
}

static void wait_for_work(struct blkback_queue *queue, bool stop)
{
	if (busy_poll(queue, stop) || (!stop && blkback_final_check(queue)))
		return;
	if (unlikely(blkback_share_has_excess(&queue->pages.share)))
		blkback_share_trim(&queue->pages.share);
	sleep_for_work(queue, stop);
	/* What had no memory is tried anew. */
	queue->ring.no_memory = false;
}

/*
 * Ends only by kthread_stop(), so that @task never names a thread that is gone.
 * What was consumed is answered first: responses go out of order, so whoever
 * serves the ring next could not tell which requests are missing.
 */
int blkback_thread_run(void *arg)
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
		blkback_counters_log(queue);
		if (!stop && blkback_has_requests(queue))
			cond_resched();
		else if (!stop || queue->ring.outstanding)
			wait_for_work(queue, stop);
	} while (!stop || queue->ring.outstanding);
	blkback_pgnts_unmap(queue);
	return 0;
}
