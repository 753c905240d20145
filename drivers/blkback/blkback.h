/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types of the block backend: a device, its queues, and the inlines on
 * them. The headers included here declare one part each and include none that
 * knows of a queue; all other headers of the folder may include this one.
 */
#ifndef BLKBACK_H
#define BLKBACK_H

#include <linux/bio.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "proto/block.h"
#include "xpv.h"

#include "abi.h"
#include "affinity.h"
#include "discard.h"
#include "drain.h"
#include "grant_limit.h"
#include "inline.h"
#include "pgnt.h"
#include "poll.h"
#include "request.h"
#include "vbd.h"

/*
 * Requests per round: a whole ring of one page, which is enough to fill Xen's
 * batches; more would delay the responses to those that have ended meanwhile.
 */
#define BLKBACK_ROUND 32

/* Rows of blkback_features. */
enum blkback_feature {
	BLKBACK_FEATURE_FLUSH,
	BLKBACK_FEATURE_BARRIER,
	BLKBACK_FEATURE_DISCARD,
	BLKBACK_FEATURE_GRANULARITY,
	BLKBACK_FEATURE_ALIGNMENT,
	BLKBACK_FEATURE_SECURE,
	BLKBACK_FEATURE_PERSISTENT,
	BLKBACK_FEATURE_FRONT_PERSISTENT,
	BLKBACK_FEATURE_QUEUES,
	BLKBACK_FEATURE_RING_ORDER,
	BLKBACK_FEATURE_INDIRECT,
	BLKBACK_NR_FEATURES,
};

/* Our counters, named in main.c; all written by the queue's thread. */
enum blkback_stat {
	BLKBACK_STAT_READS = XPV_STAT_DRIVER,
	BLKBACK_STAT_WRITES,
	BLKBACK_STAT_FLUSHES,
	BLKBACK_STAT_BARRIERS,
	BLKBACK_STAT_DISCARDS,
	BLKBACK_STAT_READ_SECTORS,
	BLKBACK_STAT_WRITE_SECTORS,
	BLKBACK_STAT_ERRORS,	/* requests that the disk failed */
	BLKBACK_STAT_BUSY,	/* rounds with pages not unmapped yet */
	BLKBACK_STAT_UNMAPPABLE,	/* requests with a page not mappable */
	/* One for each enum blkback_verdict but the first. */
	BLKBACK_STAT_REFUSED,
	/* Requests held back by the disk's rate limit. */
	BLKBACK_STAT_RATE_LIMITED = BLKBACK_STAT_REFUSED +
				    BLKBACK_NR_VERDICTS - 1,
	BLKBACK_STAT_PGNT_HITS,	/* segments whose page was mapped already */
	BLKBACK_STAT_POLL_HITS,	/* sleeps avoided by busy polling */
	BLKBACK_STAT_INLINE,	/* completions while the thread slept */
	BLKBACK_STAT_RESUBMITTED,	/* failed and sent again, unmerged */
	BLKBACK_STAT_END,
};

#define BLKBACK_NR_STATS (BLKBACK_STAT_END - XPV_STAT_DRIVER)

/* Which latencies are counted apart. */
enum blkback_latency {
	BLKBACK_LATENCY_READ,
	BLKBACK_LATENCY_WRITE,
	BLKBACK_LATENCY_OTHER,	/* flushes, barriers, discards */
	BLKBACK_NR_LATENCIES,
};

/* Bits of struct blkback_thread.signals. */
enum blkback_signal {
	BLKBACK_SIGNAL_EVENT,	/* the frontend has notified us */
	BLKBACK_SIGNAL_KICK,	/* look at the queue again */
	BLKBACK_SIGNAL_SHRINK,	/* memory is short */
	BLKBACK_SIGNAL_IDLE,	/* nothing was consumed for a while */
};

/**
 * struct blkback - a device
 * @xdev: its common part; its lock guards every field that says nothing else
 * @watch: on physical-device
 * @watch_iops: on limit-iops
 * @watch_bytes: on limit-bytes-per-second
 * @vbd: the disk
 * @domain: the grant limit of its frontend's domain; constant
 * @drain: keeps barriers apart from the requests of all queues; atomic
 * @abi: the frontend's layout of requests; constant while queues run
 * @persistent: persistent grants were negotiated; constant while queues run
 * @no_cache_until: memory is short: queues keep no free pages until then, in
 *		    jiffies; written in reclaim without a lock
 * @name: the frontend's name for the disk, "xvda", as in the threads' names
 * @nr_queues: queues in use, the first of @queues; 0 while not connected
 * @nr_allocated: queues that exist; only grows, until removal: their counters
 *		  go on over reconnects and are read without a lock. Stored
 *		  with release after the queue that it counts.
 * @queues: the queues' common parts, as debugfs wants them
 * @idle_link: on the list of idle.c while the disk is open; under its mutex
 */
struct blkback {
	struct xpv_device *xdev;
	struct xpv_watch watch;
	struct xpv_watch watch_iops;
	struct xpv_watch watch_bytes;
	struct blkback_vbd vbd;
	struct blkback_domain *domain;
	struct blkback_drain drain;
	enum blkback_abi abi;
	bool persistent;
	unsigned long no_cache_until;
	char name[16];
	unsigned int nr_queues;
	unsigned int nr_allocated;
	struct xpv_queue *queues[XPV_MAX_QUEUES];
	struct list_head idle_link;
};

/**
 * struct blkback_thread - a queue's thread, and how others reach it
 *
 * @wait, @signals and @done are used by any context, without a lock; @task is
 * guarded by the device's lock; the rest is the thread's alone.
 *
 * @task: the thread; NULL while there is none
 * @wait: where it sleeps
 * @signals: enum blkback_signal; set anywhere, cleared by the thread
 * @done: requests whose I/O has ended; pushed anywhere, emptied by the thread
 * @poll: how long to poll before it sleeps
 * @affinity: on which CPU it runs
 * @slept: nothing was consumed since the last sleep
 * @now: when the round, or the last completion, began, in ns
 */
struct blkback_thread {
	struct task_struct *task;
	wait_queue_head_t wait;
	unsigned long signals;
	struct llist_head done;
	struct blkback_poll poll;
	struct blkback_affinity affinity;
	bool slept;
	u64 now;
};

/**
 * struct blkback_ring - requests consumed from the ring, and its events
 *
 * The thread's alone, but for inline completion (struct blkback_queue.in).
 *
 * @outstanding: requests consumed and not answered; read by debugfs
 * @ready: requests waiting to be mapped; those left over from a round wait for
 *	   memory, pages or the domain's grant limit
 * @mapped: requests to be submitted; empty but within a round
 * @ended: requests with a status, to be unmapped and answered
 * @busy: requests that ended, with pages that someone still holds
 * @busy_tries: how often those were tried to be unmapped in vain
 * @limited: a request that the disk's rate limit holds back, or NULL; nothing
 *	     behind it is consumed
 * @limited_until: when to ask for it again, in ns
 * @barrier: a barrier not answered yet, or NULL; nothing behind it is consumed
 * @barrier_drained: it has the disk to itself and is handled like any request
 * @drain_blocked: another queue's barrier holds this queue back
 * @no_memory: there was no memory for the next request of the ring
 * @eoi_pending: an event awaits its EOI
 * @consumed: requests were consumed since the last EOI
 * @broken: the frontend's index is impossible; nothing more is consumed
 */
struct blkback_ring {
	unsigned int outstanding;
	struct list_head ready;
	struct list_head mapped;
	struct list_head ended;
	struct list_head busy;
	unsigned int busy_tries;
	struct blkback_request *limited;
	u64 limited_until;
	struct blkback_request *barrier;
	bool barrier_drained;
	bool drain_blocked;
	bool no_memory;
	bool eoi_pending;
	bool consumed;
	bool broken;
};

/**
 * struct blkback_pages - a queue's memory: requests, pages, mappings
 *
 * The thread's alone, but for inline completion (struct blkback_queue.in).
 *
 * @pool: requests not in use
 * @share: what the queue may map of its domain's grant limit
 * @pgnts: persistent grants
 * @batch: maps of a round, then unmaps of requests that ended
 * @cache: free pages to map to
 * @fetch: copies of indirect descriptors, BLKBACK_ROUND of them; NULL until
 *	   one is needed
 * @nr_fetch: copies gathered in it
 * @trimmed: nothing is left to give back while idle; read by others as a hint
 */
struct blkback_pages {
	struct blkback_pool pool;
	struct blkback_share share;
	struct blkback_pgnts pgnts;
	struct xpv_map_batch batch;
	struct xpv_page_cache cache;
	struct xpv_copy *fetch;
	unsigned int nr_fetch;
	bool trimmed;
};

/**
 * struct blkback_counters - what is counted beside struct xpv_stats
 * @latency: from consuming to answering; written by the thread or inline,
 *	     read by debugfs
 * @log_at: when log_stats prints next, in jiffies; the thread's alone
 * @logged: the counters as last printed; the thread's alone
 * @seen_consumed: requests consumed when idle.c looked last; idle.c's alone
 */
struct blkback_counters {
	struct xpv_hist latency[BLKBACK_NR_LATENCIES];
	unsigned long log_at;
	struct xpv_stats logged;
	u64 seen_consumed;
};

/**
 * struct blkback_queue - a queue: one ring, one event channel, one thread
 * @base: its common part
 * @end_io: the end of a request's bio, of the layer above that submits it;
 *	    constant
 * @thread: the thread
 * @in: allows inline completion while the thread sleeps: what is the thread's
 *	alone is then guarded by its lock
 * @ring: requests consumed from the ring
 * @pages: memory
 * @discards: discards under way; the thread's alone
 * @counters: what is counted
 */
struct blkback_queue {
	struct xpv_queue base;
	bio_end_io_t *end_io;
	struct blkback_thread thread;
	struct blkback_inline in;
	struct blkback_ring ring;
	struct blkback_pages pages;
	struct blkback_discards discards;
	struct blkback_counters counters;
};

/**
 * blkback_of() - the device of a queue
 * @queue: the queue
 */
static inline struct blkback *blkback_of(const struct blkback_queue *queue)
{
	return queue->base.xdev->priv;
}

/**
 * blkback_queue_nr() - a queue by number
 * @bb: the device
 * @i: below @bb->nr_queues under the device's lock, or below a value of
 *     blkback_nr_allocated()
 */
static inline struct blkback_queue *blkback_queue_nr(struct blkback *bb,
						     unsigned int i)
{
	return container_of(bb->queues[i], struct blkback_queue, base);
}

/**
 * blkback_nr_allocated() - how many queues may be looked at without a lock
 * @bb: the device
 *
 * Pairs with the release in alloc_queues().
 *
 * Context: any, before remove.
 */
static inline unsigned int blkback_nr_allocated(struct blkback *bb)
{
	return smp_load_acquire(&bb->nr_allocated);	/* see above */
}

/**
 * blkback_queue_wake() - wake the thread for something that it can see
 * @queue: the queue
 *
 * The caller has set a signal or filled @done before. Cheap while the thread is
 * awake: wq_has_sleeper() has the full barrier that pairs with that of
 * prepare_to_wait_event().
 *
 * Context: any.
 */
static inline void blkback_queue_wake(struct blkback_queue *queue)
{
	if (wq_has_sleeper(&queue->thread.wait))
		wake_up(&queue->thread.wait);
}

/**
 * blkback_queue_signal() - tell the thread something
 * @queue: the queue, running or not
 * @signal: what
 *
 * Context: any.
 */
static inline void blkback_queue_signal(struct blkback_queue *queue,
					enum blkback_signal signal)
{
	set_bit(signal, &queue->thread.signals);
	blkback_queue_wake(queue);
}

/**
 * blkback_queue_leave_drain() - requests, or a round, have ended
 * @queue: the queue
 * @nr: how many
 *
 * If they were the last, the queue that drains the disk is signalled, if any.
 * It needs no reference: a queue that drains is not stopped before its barrier
 * is answered, and queues are freed only after all have stopped.
 *
 * Context: any.
 */
static inline void blkback_queue_leave_drain(struct blkback_queue *queue,
					     unsigned int nr)
{
	struct blkback_queue *drainer;

	drainer = blkback_drain_leave(&blkback_of(queue)->drain, nr);
	if (unlikely(drainer))
		blkback_queue_signal(drainer, BLKBACK_SIGNAL_KICK);
}

/* Module parameters, in main.c; writable ones are read with READ_ONCE(). */
extern unsigned int blkback_max_queues;
extern unsigned int blkback_max_ring_page_order;
extern bool blkback_feature_persistent;
extern unsigned int blkback_max_persistent_grants;
extern unsigned int blkback_persistent_grant_unused_seconds;
extern unsigned int blkback_max_buffer_pages;
extern unsigned int blkback_buffer_squeeze_duration_ms;
extern unsigned int blkback_poll_us;
extern int blkback_log_stats;

#endif /* BLKBACK_H */
