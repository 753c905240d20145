/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A queue: one ring, one event channel and the kthread that serves them.
 */
#ifndef BLKBACK_DISPATCH_H
#define BLKBACK_DISPATCH_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "xpv.h"

#include "discard.h"
#include "drain.h"
#include "grant_limit.h"
#include "pgnt.h"
#include "poll.h"
#include "request.h"
#include "affinity.h"

/*
 * Requests per round: a whole ring of one page, which is enough to fill Xen's
 * batches; more would delay the answers of those that have ended meanwhile.
 */
#define BLKBACK_ROUND 32

/* Our own counters; all written by the queue's thread. */
enum blkback_stat {
	BLKBACK_STAT_READS = XPV_STAT_DRIVER,
	BLKBACK_STAT_WRITES,
	BLKBACK_STAT_FLUSHES,
	BLKBACK_STAT_BARRIERS,
	BLKBACK_STAT_DISCARDS,
	BLKBACK_STAT_READ_SECTORS,
	BLKBACK_STAT_WRITE_SECTORS,
	BLKBACK_STAT_ERRORS,	/* I/O that the disk failed */
	BLKBACK_STAT_BUSY,	/* answers held up by pages still in use */
	BLKBACK_STAT_UNMAPPABLE,	/* requests with a page not mappable */
	/* One for each enum blkback_verdict but the first. */
	BLKBACK_STAT_REFUSED,
	/* Requests held back by the disk's limit. */
	BLKBACK_STAT_RATE_LIMITED =
		BLKBACK_STAT_REFUSED + BLKBACK_NR_VERDICTS - 1,
	BLKBACK_STAT_PGNT_HITS,	/* segments whose page was mapped already */
	BLKBACK_STAT_POLLED,	/* sleeps spared by looking a little longer */
	BLKBACK_STAT_INLINE,	/* answered without waking the thread */
	BLKBACK_STAT_RESUBMITTED,	/* failed, and tried again unmerged */
	BLKBACK_STAT_END,
};

#define BLKBACK_NR_STATS (BLKBACK_STAT_END - XPV_STAT_DRIVER)

/* What durations are kept apart. */
enum blkback_latency {
	BLKBACK_LATENCY_READ,
	BLKBACK_LATENCY_WRITE,
	BLKBACK_LATENCY_OTHER,	/* flushes, barriers, discards */
	BLKBACK_NR_LATENCIES,
};

/* Bits of struct blkback_queue.signals. */
enum blkback_signal {
	BLKBACK_SIGNAL_EVENT,	/* the frontend notified us */
	BLKBACK_SIGNAL_KICK,	/* look again, for a reason of our own */
	BLKBACK_SIGNAL_SHRINK,	/* memory is short */
	BLKBACK_SIGNAL_IDLE,	/* nothing was taken for a while */
};

/**
 * struct blkback_queue - a queue
 * @base: its common part
 * @thread: serves it; NULL while stopped; under the device's lock
 * @wait: where the thread sleeps
 * @signals: enum blkback_signal; set anywhere, taken by the thread
 * @done: requests whose I/O has ended; pushed in any context
 * @inline_lock: guards @inline_allowed; held by whoever reaps on the thread's behalf
 * @inline_allowed: the thread sleeps, and what is its alone may be used under @inline_lock
 *
 * The rest is the thread's alone while there is one, but see @inline_allowed:
 * @pool: requests
 * @share: what may be mapped
 * @fetch: copies of descriptors, BLKBACK_ROUND; NULL until one is needed
 * @nr_fetch: those gathered
 * @batch: maps of a round, then unmaps of the next ended requests
 * @cache: pages to map to
 * @discards: discards under way
 * @pgnts: pages that stay mapped
 * @poll: how long to look before a sleep
 * @affinity: which processor to run on
 * @slept: nothing was taken since the last sleep
 * @ready: requests taken and waiting to be mapped; those left over from a
 *	   round wait for pages
 * @mapped: requests to be submitted; empty but within a round
 * @ended: requests with a status, to be unmapped and answered
 * @busy: requests that ended, with pages that someone still holds
 * @busy_tries: how often these have been looked at in vain
 * @limited: a request taken that the disk's limit holds back; nothing behind
 *	     it is taken
 * @limited_until: when it is worth asking again, in ns
 * @barrier: a barrier taken and not answered; nothing behind it is taken
 * @barrier_drained: it has had the disk drained and goes the way of all requests
 * @outstanding: requests taken and not answered
 * @eoi_pending: an event awaits its EOI
 * @consumed: requests were taken since the last EOI
 * @drain_blocked: another queue's barrier holds us back
 * @no_memory: what waits in the ring waits for memory of ours
 * @broken: the ring makes no sense; nothing more is taken
 * @log_at: when log_stats prints next, in jiffies
 * @logged: the counters as last printed
 * @now: when the round began, in ns
 * @latency: from taking to answering; read by debugfs
 * @trimmed: nothing is left to be given back when idle; read by others
 * @seen_taken: requests taken at the last blkback_queue_check_idle(); that one's alone
 */
struct blkback_queue {
	struct xpv_queue base;
	struct task_struct *thread;
	wait_queue_head_t wait;
	unsigned long signals;
	struct llist_head done;
	spinlock_t inline_lock;		/* see above */
	bool inline_allowed;

	struct blkback_pool pool;
	struct blkback_share share;
	struct xpv_copy *fetch;
	unsigned int nr_fetch;
	struct xpv_map_batch batch;
	struct xpv_page_cache cache;
	struct blkback_discards discards;
	struct blkback_pgnts pgnts;
	struct blkback_poll poll;
	struct blkback_affinity affinity;
	bool slept;
	struct list_head ready;
	struct list_head mapped;
	struct list_head ended;
	struct list_head busy;
	unsigned int busy_tries;
	struct blkback_request *limited;
	u64 limited_until;
	struct blkback_request *barrier;
	bool barrier_drained;
	unsigned int outstanding;
	bool eoi_pending;
	bool consumed;
	bool drain_blocked;
	bool no_memory;
	bool broken;
	unsigned long log_at;
	struct xpv_stats logged;
	u64 now;
	struct xpv_hist latency[BLKBACK_NR_LATENCIES];
	bool trimmed;
	u64 seen_taken;
};

/**
 * blkback_queue_alloc() - make a queue that shares nothing yet
 * @xdev: the device
 * @index: which queue
 *
 * Context: process, may sleep.
 * Return: the queue, to be freed with kfree() a grace period after it was
 * stopped; NULL without memory.
 */
struct blkback_queue *blkback_queue_alloc(struct xpv_device *xdev,
					  unsigned int index);

/**
 * blkback_queue_create() - attach to the frontend's ring and make the thread
 * @queue: a new or stopped queue
 * @nr_queues: queues of the device
 *
 * Nothing is taken from the ring yet.
 *
 * Context: the device's operations.
 * Return: 0 or -errno; nothing is left behind on error.
 */
int blkback_queue_create(struct blkback_queue *queue, unsigned int nr_queues);

/**
 * blkback_queue_start() - begin to serve the ring
 * @queue: a started queue
 *
 * Context: the device's operations, after all of its queues were started.
 */
void blkback_queue_start(struct blkback_queue *queue);

/**
 * blkback_queue_stop() - finish what was taken, stop and detach
 * @queue: the queue in any state
 *
 * Waits for our disk and for memory, never for the frontend or for its other
 * queues. Requests not taken stay in the ring, for whoever serves it next.
 *
 * Context: the device's operations.
 */
void blkback_queue_stop(struct blkback_queue *queue);

/**
 * blkback_queue_refuse() - answer a request with an error, and say why
 * @req: the request, on one of the queue's lists; moved to those that ended
 * @status: enum blkback_status
 * @why: in words
 *
 * Context: the queue's thread.
 */
void blkback_queue_refuse(struct blkback_request *req, s16 status,
			  const char *why);

/**
 * blkback_queue_reject() - answer a request that may not be served
 * @req: see blkback_queue_refuse()
 * @verdict: other than BLKBACK_FINE
 */
void blkback_queue_reject(struct blkback_request *req,
			  enum blkback_verdict verdict);

/**
 * blkback_queue_wake() - wake the thread for something it can see
 * @queue: the queue
 *
 * Cheap while the thread is awake.
 *
 * Context: any.
 */
static inline void blkback_queue_wake(struct blkback_queue *queue)
{
	if (wq_has_sleeper(&queue->wait))
		wake_up(&queue->wait);
}

/**
 * blkback_queue_kick() - have the thread look again
 * @queue: the queue
 *
 * Context: any.
 */
static inline void blkback_queue_kick(struct blkback_queue *queue)
{
	set_bit(BLKBACK_SIGNAL_KICK, &queue->signals);
	blkback_queue_wake(queue);
}

/**
 * blkback_queue_check_idle() - have a queue that is idle give its memory back
 * @queue: the queue, running or not
 *
 * Wakes its thread only where nothing was taken since the last look and there
 * is something to give back.
 *
 * Context: process, one at a time.
 */
void blkback_queue_check_idle(struct blkback_queue *queue);

/**
 * blkback_queue_shrink() - have the thread give memory back
 * @queue: the queue, running or not
 *
 * Context: any.
 */
static inline void blkback_queue_shrink(struct blkback_queue *queue)
{
	set_bit(BLKBACK_SIGNAL_SHRINK, &queue->signals);
	blkback_queue_wake(queue);
}

#endif /* BLKBACK_DISPATCH_H */
