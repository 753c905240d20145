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
 *				bounce pools, states of the shadows
 *
 * The event callback takes no lock: it runs in hard interrupt and schedules
 * the queue's tasklet. Nothing of a request is done in hard interrupt.
 */
#ifndef BLKFRONT_H
#define BLKFRONT_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/build_bug.h>
#include <linux/interrupt.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <xen/page.h>
#include <xen/interface/io/blkif.h>

#include "vdev.h"
#include "xpv.h"

/*
 * A grant covers 4 KiB, and with larger pages the block layer does not go below
 * a page per request, which 11 direct segments cannot hold.
 */
static_assert(PAGE_SIZE == XEN_PAGE_SIZE);

/* Rows of the feature table in main.c. */
enum blkfront_feature {
	BLKFRONT_FLUSH_CACHE,
	BLKFRONT_BARRIER,
	BLKFRONT_NR_FEATURES,
};

/* Counters after the common ones. All but errors: producer, under q->lock. */
enum blkfront_stat {
	BLKFRONT_STAT_READS = XPV_STAT_DRIVER,
	BLKFRONT_STAT_WRITES,
	BLKFRONT_STAT_FLUSHES,
	BLKFRONT_STAT_READ_BYTES,
	BLKFRONT_STAT_WRITE_BYTES,
	BLKFRONT_STAT_BOUNCED,	/* requests copied through pages of ours */
	BLKFRONT_STAT_ERRORS,	/* answered with an error: consumer */
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
 * @page: the request's own page or one of the bounce pool; NULL where the
 *	  backend did not let go of a bounce page
 * @gref: its grant
 */
struct blkfront_seg {
	struct page *page;
	grant_ref_t gref;
};

/**
 * struct blkfront_shadow - what we sent: all that a response is checked with
 * @rq: the request
 * @seg: room for blkfront_info.max_segs pages
 * @next: list of answered requests, local to the tasklet
 * @id: as sent: generation << 32 | tag
 * @generation: makes every id new, so that a late second answer meets nobody
 * @nr_segs: pages in use
 * @op: operation as sent
 * @bounced: @seg has pages of the bounce pool
 * @state: enum blkfront_shadow_state; under the queue's lock
 * @status: of the answer
 *
 * Indexed by the request's tag. Owned by the context that builds the request
 * up to BLKFRONT_SENT, then by the queue's lock, from BLKFRONT_DONE by the
 * context that completes it.
 */
struct blkfront_shadow {
	struct request *rq;
	struct blkfront_seg *seg;
	struct blkfront_shadow *next;
	u64 id;
	u32 generation;
	unsigned int nr_segs;
	u8 op;
	bool bounced;
	u8 state;
	blk_status_t status;
};

struct blkfront_info;

/**
 * struct blkfront_queue - one hardware queue
 * @base: ring and event channel
 * @info: the disk
 * @lock: guards the ring's indices and what is marked so below; softirq-safe
 * @shadow: one for each tag, blkfront_info.depth of them
 * @segs: their pages
 * @grefs: grant references; @lock
 * @bounce: stack of free bounce pages, room for @max_bounce
 * @nr_bounce: pages on it; @lock
 * @owned_bounce: pages on it or in use; @lock
 * @max_bounce: most that there may be
 * @building: slots promised to requests that are being built; @lock
 * @starved: a request was turned away and waits for others to end; @lock
 * @reaper: takes responses; the ring's only consumer
 * @restart: runs the queue when the kernel has grants again
 */
struct blkfront_queue {
	struct xpv_queue base;
	struct blkfront_info *info;
	spinlock_t lock;	/* see above */
	struct blkfront_shadow *shadow;
	struct blkfront_seg *segs;
	struct xpv_gref_pool grefs;
	struct page **bounce;
	unsigned int nr_bounce;
	unsigned int owned_bounce;
	unsigned int max_bounce;
	unsigned int building;
	bool starved;
	struct tasklet_struct reaper;
	struct work_struct restart;
};

/**
 * struct blkfront_geometry - what the backend says the disk is, bounded
 * @sectors: size in units of 512 bytes, whatever @sector_size
 * @sector_size: smallest unit of I/O
 * @physical_size: what the medium writes at once
 * @vdisk: VDISK_* flags
 * @readonly: by flag or by mode
 */
struct blkfront_geometry {
	u64 sectors;
	u32 sector_size;
	u32 physical_size;
	u32 vdisk;
	bool readonly;
};

/**
 * struct blkfront_info - one disk
 *
 * All under xpv_device.lock unless said otherwise. What requests read is only
 * written while none runs (quiesced) or marked as read with READ_ONCE().
 *
 * @xdev: the device
 * @vdev: its number, name and minors
 * @geo: size and kind
 * @mode: what requests meet; written while the queue is quiesced
 * @flush: enum blkfront_flush; BLKFRONT_FLUSH_LOST is set by the tasklet
 * @bounce: the backend is not trusted: it sees no page but ours
 * @nr_queues: hardware queues
 * @order: log2 of pages per ring
 * @depth: tags per queue: the ring's slots when the disk was made
 * @max_segs: most pages per request
 * @queue: the queues; NULL before the first connection
 * @shown: pointers to their bases, for debugfs
 * @set: tags; valid with @gd
 * @gd: the disk; NULL before the first connection and after close
 * @quiesced: our one quiesce of @gd's queue is in force
 * @minors: in disk.c's list of taken minors
 * @add_work: makes @gd known, which reads partitions: not under the lock, as
 *	      a backend that never answers would hold up everything else
 * @adding: @add_work is pending or running; cleared by it
 * @added: @gd is known to users; set by @add_work before @adding falls
 * @close_work: waits for @gd's open_mutex and kicks the device, which must not
 *		wait for it: its holder may be reading partitions
 * @close_wanted: release() kicks the device; under @gd's open_mutex
 * @close_told: the refusal to close is in the log
 */
struct blkfront_info {
	struct xpv_device *xdev;
	struct blkfront_vdev vdev;
	struct blkfront_geometry geo;
	enum blkfront_mode mode;
	enum blkfront_flush flush;
	bool bounce;

	unsigned int nr_queues;
	unsigned int order;
	unsigned int depth;
	unsigned int max_segs;
	struct blkfront_queue *queue;
	struct xpv_queue **shown;

	struct blk_mq_tag_set set;
	struct gendisk *gd;
	bool quiesced;
	struct list_head minors;

	struct work_struct add_work;
	bool adding;
	bool added;
	struct work_struct close_work;
	bool close_wanted;
	bool close_told;
};

/* Module parameter; main.c. */
extern bool blkfront_trusted;

static inline struct xpv_slots *blkfront_slots(struct blkfront_queue *q)
{
	return &q->base.ring[0].slots;
}

#endif /* BLKFRONT_H */
