/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xen-blkfront: a guest's disk.
 *
 * Locks, outermost first:
 *   xpv_device.lock		mutex: the operations in connect.c
 *   gendisk.open_mutex		mutex: taken by the operations (and by
 *				del_gendisk()), held around release(), which
 *				therefore only kicks the device
 *   blkfront_queue.lock	spinlock, softirqs off: ring indices, grant and
 *				page pools, states of the shadows
 *
 * The event callback takes no lock: it runs in hard interrupt and schedules
 * the queue's tasklet. Nothing of a request is done in hard interrupt.
 *
 * Two things are called queue elsewhere and kept apart here. The block layer's
 * hardware queues, with their tags and shadows, are as many as when the disk
 * was made: changing their number waits for requests, which wait for a backend.
 * The rings of a connection are as many as its backend takes, up to that
 * number; blkfront_queue.ring tells which ring a hardware queue uses.
 */
#ifndef BLKFRONT_H
#define BLKFRONT_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/build_bug.h>
#include <linux/interrupt.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <xen/page.h>

#include "nodes.h"
#include "proto/block.h"
#include "vdev.h"
#include "xpv.h"

/*
 * A grant covers 4 KiB. With larger pages the block layer's segments are too
 * large for one, and data goes by pages of ours of which the first 4 KiB are
 * used.
 */
#define BLKFRONT_CAN_SHARE (PAGE_SIZE == XEN_PAGE_SIZE)

/*
 * Grants and pages that were not used for so long are freed. Between bursts of
 * a busy disk they had better stay; in-tree backends unmap after a minute
 * without use.
 */
#define BLKFRONT_TRIM_PERIOD (20 * HZ)

/* Rows of the feature table in main.c. */
enum blkfront_feature {
	BLKFRONT_FLUSH_CACHE,
	BLKFRONT_BARRIER,
	BLKFRONT_MAX_QUEUES,
	BLKFRONT_MAX_ORDER,
	BLKFRONT_MAX_INDIRECT,
	BLKFRONT_PERSISTENT,		/* the backend's */
	BLKFRONT_OWN_PERSISTENT,
	BLKFRONT_DISCARD,
	BLKFRONT_DISCARD_GRANULARITY,
	BLKFRONT_DISCARD_ALIGNMENT,
	BLKFRONT_DISCARD_SECURELY,
	BLKFRONT_NR_FEATURES,
};

/*
 * Counters after the common ones, all under queue->lock. What is counted per
 * request counts the ring's requests: one of the block layer may make several.
 */
enum blkfront_stat {
	BLKFRONT_STAT_READS = XPV_STAT_DRIVER,
	BLKFRONT_STAT_WRITES,
	BLKFRONT_STAT_FLUSHES,
	BLKFRONT_STAT_DISCARDS,
	BLKFRONT_STAT_READ_BYTES,
	BLKFRONT_STAT_WRITE_BYTES,
	BLKFRONT_STAT_BOUNCED,	/* copied through pages of ours */
	BLKFRONT_STAT_PERSISTENT,	/* the same, with lasting grants */
	BLKFRONT_STAT_INDIRECT,
	BLKFRONT_STAT_PARTIAL,	/* of which the rest was to follow */
	BLKFRONT_STAT_POOL_HITS,	/* pages found in the pool */
	BLKFRONT_STAT_POOL_GROWN,	/* pages that it had to be given */
	BLKFRONT_STAT_POLLED,	/* answers found by polling */
	BLKFRONT_STAT_ERRORS,	/* answered with an error, of any kind: */
	BLKFRONT_STAT_READ_ERRORS,
	BLKFRONT_STAT_WRITE_ERRORS,
	BLKFRONT_STAT_FLUSH_ERRORS,
	BLKFRONT_STAT_DISCARD_ERRORS,
	BLKFRONT_STAT_REFUSED,	/* of all these, as not supported */
	BLKFRONT_STAT_END,
};

/* What a request meets. Written under xpv_device.lock, see queue.c. */
enum blkfront_mode {
	BLKFRONT_DOWN,	/* not connected: requests wait, queue quiesced */
	BLKFRONT_LIVE,	/* connected */
	BLKFRONT_DEAD,	/* nothing to wait for: requests fail */
};

/* How a flush is sent. */
enum blkfront_flush {
	BLKFRONT_FLUSH_NONE,	/* not offered: there is no cache */
	BLKFRONT_FLUSH_BY_CACHE,
	BLKFRONT_FLUSH_BY_BARRIER,
	BLKFRONT_FLUSH_LOST,	/* offered, then refused: flushes fail */
};

enum blkfront_shadow_state {
	BLKFRONT_FREE,	/* no request, or one that is being built */
	BLKFRONT_SENT,	/* the backend's; nothing else may be answered */
	BLKFRONT_DONE,	/* answered, to be completed */
};

/**
 * struct blkfront_seg - one page shared with the backend
 * @page: the request's own page or one of the pool; NULL where the backend did
 *	  not unmap a page of the pool
 * @gref: its grant
 */
struct blkfront_seg {
	struct page *page;
	grant_ref_t gref;
};

struct blkfront_indirect;

/**
 * struct blkfront_shadow - what we sent: all that a response is checked with
 * @rq: the request
 * @seg: room for the request's pages: @direct, or that of @indirect
 * @indirect: descriptors of an indirect request; NULL of a direct one
 * @next: list of answered requests, local to who takes them
 * @id: as sent: generation << 32 | hardware queue << 16 | tag
 * @generation: makes every id new, so that a late second answer meets nobody
 * @nr_segs: pages in use
 * @bytes: what was sent of the request; less than all of it where limits or
 *	   shortage made it so, and the rest is sent when this is done
 * @op: operation as sent; of an indirect request the inner one
 * @bounced: @seg has pages of the pool
 * @held: answered, but @seg is not released yet: data is to be copied out
 * @state: enum blkfront_shadow_state; under the queue's lock
 * @status: of the answer
 * @direct: pages of a direct request
 *
 * Indexed by the request's tag. Owned by the context that builds the request
 * up to BLKFRONT_SENT, then by the queue's lock, from BLKFRONT_DONE by the
 * context that completes it.
 */
struct blkfront_shadow {
	struct request *rq;
	struct blkfront_seg *seg;
	struct blkfront_indirect *indirect;
	struct blkfront_shadow *next;
	u64 id;
	u32 generation;
	unsigned int nr_segs;
	unsigned int bytes;
	u8 op;
	bool bounced;
	bool held;
	u8 state;
	blk_status_t status;
	struct blkfront_seg direct[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};

/**
 * struct blkfront_pool - pages of ours that data is copied through; see pool.h
 * @free: stack of @nr free pages; last used, first taken
 * @nr: free pages
 * @total: free or in use
 * @low: least that @nr was since the last trim: those at the bottom of the
 *	 stack that nobody used
 * @granted: each has a lasting grant in its gref (persistent grants)
 *
 * All under the queue's lock.
 */
struct blkfront_pool {
	struct blkfront_seg *free;
	unsigned int nr;
	unsigned int total;
	unsigned int low;
	bool granted;
};

/**
 * struct blkfront_indirects - descriptors for indirect requests; see indirect.h
 * @free: list of @nr free ones; last used, first taken
 * @nr: free ones
 * @total: free or in use
 * @low: least that @nr was since the last trim
 *
 * All under the queue's lock.
 */
struct blkfront_indirects {
	struct blkfront_indirect *free;
	unsigned int nr;
	unsigned int total;
	unsigned int low;
};

struct blkfront;

/**
 * struct blkfront_queue - one hardware queue, and the ring of the same number
 * @shadow: the hardware queue's: one for each tag, blkfront.depth of them
 * @ring: the ring that the hardware queue uses; written while it is quiesced
 * @base: ring and event channel, here and below of the ring
 * @bf: the disk
 * @lock: guards the ring's indices and what is marked so below; softirq-safe
 * @grefs: grant references; @lock
 * @low_grefs: least that were free since the last trim; @lock
 * @pool: pages of ours; @lock
 * @indirects: indirect descriptors; @lock
 * @building: slots promised to requests that are being built; @lock
 * @stalled: a request was turned away and waits for others to end; @lock
 * @polled: of polled hardware queues only: asks for no events
 * @open: answers may be taken; @lock
 * @pollers: contexts that are polling right now
 * @answered: list of polled requests that an event was for; @lock
 * @tasklet: takes responses; with polling the ring's only consumers
 * @resume_work: runs the queue when the kernel has grants again
 */
struct blkfront_queue {
	struct blkfront_shadow *shadow;
	struct blkfront_queue *ring;
	struct xpv_queue base;
	struct blkfront *bf;
	spinlock_t lock;	/* see above */
	struct xpv_gref_pool grefs;
	unsigned int low_grefs;
	struct blkfront_pool pool;
	struct blkfront_indirects indirects;
	unsigned int building;
	bool stalled;
	bool polled;
	bool open;
	atomic_t pollers;
	struct blkfront_shadow *answered;
	struct tasklet_struct tasklet;
	struct work_struct resume_work;
};

/**
 * struct blkfront_geometry - what the backend says the disk is, bounded
 * @sectors: size in units of 512 bytes, whatever @sector_size
 * @sector_size: smallest unit of I/O
 * @physical_size: what the medium writes at once
 * @vdisk: VDISK_* flags
 * @readonly: by flag or by mode
 * @discard_granularity: smallest unit of discards in bytes; 0 without discard
 * @discard_alignment: where the first such unit begins, in bytes
 */
struct blkfront_geometry {
	u64 sectors;
	u32 sector_size;
	u32 physical_size;
	u32 vdisk;
	bool readonly;
	u32 discard_granularity;
	u32 discard_alignment;
};

/**
 * struct blkfront - one disk
 *
 * All under xpv_device.lock unless said otherwise. What requests read is only
 * written while none runs (quiesced) or marked as read with READ_ONCE().
 *
 * @xdev: the device
 * @vdev: its number, name and minors
 * @geo: size and kind
 * @mode: what requests meet; written while the queue is quiesced
 * @flush: enum blkfront_flush; BLKFRONT_FLUSH_LOST is set by the tasklet
 * @discard: discards are sent; the tasklet clears it when one is refused
 * @discard_securely: those that must leave no copy, too; likewise
 * @bounce: the backend is not trusted: it sees no page but ours
 * @persistent: data goes through pages whose grants last
 * @nr_queues: hardware queues, of which the last @nr_polled are polled ones
 * @nr_polled: see above
 * @nr_rings: rings of this connection
 * @order: log2 of pages per ring
 * @nodes: what it takes of xenstore for them
 * @depth: tags per hardware queue: a ring's slots when the disk was made
 * @max_segs: most pages per request
 * @queue: the queues; NULL before the first connection
 * @shown: pointers to their bases, for debugfs
 * @trim: frees what was not used for a while; runs only while there is
 *	  something to free
 * @set: tags; valid with @gd
 * @gd: the disk; NULL before the first connection and after close
 * @quiesced: our one quiesce of @gd's queue is in force
 * @minors: in disk.c's list of taken minors
 * @add_work: makes @gd known, which reads partitions: not under the lock, as
 *	      a backend that never answers would hold up everything else
 * @adding: @add_work is pending or running; cleared by it
 * @added: @gd is known to users; set by @add_work before @adding falls
 * @add_err: why not, until it is reported; likewise
 * @close_work: waits for @gd's open_mutex and kicks the device, which must not
 *		wait for it: its holder may be reading partitions
 * @refresh_later: has the device refreshed: limits or a size are to be applied
 * @resizes: limits how often the size changes, which is the backend's to say
 * @retired: @gd is opened no more; under its open_mutex
 * @close_wanted: release() kicks the device; under @gd's open_mutex
 * @close_told: the refusal to close is in the log
 */
struct blkfront {
	struct xpv_device *xdev;
	struct blkfront_vdev vdev;
	struct blkfront_geometry geo;
	enum blkfront_mode mode;
	enum blkfront_flush flush;
	bool discard;
	bool discard_securely;
	bool bounce;
	bool persistent;

	unsigned int nr_queues;
	unsigned int nr_polled;
	unsigned int nr_rings;
	unsigned int order;
	struct blkfront_nodes nodes;
	unsigned int depth;
	unsigned int max_segs;
	struct blkfront_queue *queue;
	struct xpv_queue **shown;
	struct delayed_work trim;

	struct blk_mq_tag_set set;
	struct gendisk *gd;
	bool quiesced;
	struct list_head minors;

	struct work_struct add_work;
	bool adding;
	bool added;
	int add_err;
	struct work_struct close_work;
	struct delayed_work refresh_later;
	struct ratelimit_state resizes;
	bool retired;
	bool close_wanted;
	bool close_told;
};

/* Module parameters; main.c. Bounded when the module is loaded. */
extern bool blkfront_trusted;
extern bool blkfront_persistent;
extern unsigned int blkfront_max_queues;
extern unsigned int blkfront_poll_queues;
extern unsigned int blkfront_max_order;
extern unsigned int blkfront_max_segments;

static inline struct xpv_slots *blkfront_slots(struct blkfront_queue *queue)
{
	return &queue->base.ring[0].slots;
}

/**
 * blkfront_trim_later() - there is something that blkfront_trim() may free
 * @bf: the disk
 *
 * Context: queue_rq.
 */
static inline void blkfront_trim_later(struct blkfront *bf)
{
	xpv_device_queue_delayed_work(bf->xdev, &bf->trim,
				      BLKFRONT_TRIM_PERIOD);
}

extern const struct xpv_driver_ops blkfront_ops;

#endif /* BLKFRONT_H */
