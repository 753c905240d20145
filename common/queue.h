/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A queue: the rings and event channels that are set up and torn down
 * together. A block queue has one ring, a network queue two. A ring of the
 * device's own, beside its queues, is one too, always in the flat layout.
 */
#ifndef XPV_QUEUE_H
#define XPV_QUEUE_H

#include <linux/types.h>

#include "evtchn.h"
#include "ring.h"
#include "stats.h"

struct xpv_device;
struct xpv_queue;
struct xpv_transaction;

#define XPV_QUEUE_MAX_RINGS 2

/*
 * More queues than any peer has use for; bounds what a peer's
 * multi-queue-num-queues can make us allocate whatever a parameter says.
 */
#define XPV_MAX_QUEUES 64

/**
 * struct xpv_ring_type - what one ring of a queue is called and made of
 * @ref_key: key of its grant reference ("ring-ref", "tx-ring-ref"); with
 *	     several pages, the stem of "ring-ref0", "ring-ref1"
 * @evtchn_key: key of its event channel where channels are split
 * @suffix: of the interrupt's name where channels are split ("-tx")
 * @slot_size: bytes per slot; a backend may pass another to xpv_queue_attach()
 */
struct xpv_ring_type {
	const char *ref_key;
	const char *evtchn_key;
	const char *suffix;
	u32 slot_size;
};

/**
 * struct xpv_queue_type - the shape of a driver's queues; constant
 * @nr_rings: 1 or 2
 * @ring: the rings
 * @multi_page: rings may have several pages; announced in ring-page-order
 * @evtchn_key: key of the event channel that all rings share, where it is not
 *		the usual "event-channel"
 * @event: called for each event, in hard interrupt, with the ring it is for
 *	   (0 where channels are not split). Runs only between xpv_queue_arm()
 *	   and xpv_queue_disarm(); marks the channel with nothing, does no work
 *	   that can wait.
 */
struct xpv_queue_type {
	unsigned int nr_rings;
	struct xpv_ring_type ring[XPV_QUEUE_MAX_RINGS];
	bool multi_page;
	const char *evtchn_key;
	void (*event)(struct xpv_queue *q, unsigned int ring);
};

/**
 * struct xpv_queue - one queue of a device
 * @xdev: the device
 * @type: its shape
 * @index: which queue
 * @ring: rings; those beyond @type->nr_rings unused
 * @evtchn: channels; only the first where not @split
 * @split: one channel per ring rather than one for all
 * @remote: backend: the frontend's first port
 * @armed: events are passed on; see xpv_queue_arm()
 * @ring_stats: counters of each ring; survive reconnects, as @stats
 * @stats: counters of the queue
 *
 * Embedded in the driver's own queue.
 */
struct xpv_queue {
	struct xpv_device *xdev;
	const struct xpv_queue_type *type;
	unsigned int index;
	struct xpv_ring ring[XPV_QUEUE_MAX_RINGS];
	struct xpv_evtchn evtchn[XPV_QUEUE_MAX_RINGS];
	bool split;
	u32 remote;
	bool armed;
	struct xpv_ring_stats ring_stats[XPV_QUEUE_MAX_RINGS];
	struct xpv_stats stats;
};

/**
 * xpv_queue_init() - prepare a queue; shares nothing
 * @q: zeroed queue
 * @xdev: the device
 * @type: its shape
 * @index: which queue
 */
void xpv_queue_init(struct xpv_queue *q, struct xpv_device *xdev,
		    const struct xpv_queue_type *type, unsigned int index);

/**
 * xpv_queue_create() - frontend: make rings and event channels
 * @q: an initialised or destroyed queue
 * @order: log2 of pages per ring
 * @split: one event channel per ring
 * @irq_name: for /proc/interrupts ("blkif", "vif0-q1")
 *
 * Events are held back (the channel masks itself) until xpv_queue_arm().
 *
 * Context: process, may sleep.
 * Return: 0 or -errno; nothing is left behind on error.
 */
int xpv_queue_create(struct xpv_queue *q, unsigned int order, bool split,
		     const char *irq_name);

/**
 * xpv_queue_publish() - frontend: write a queue's keys
 * @q: a created queue
 * @xbt: transaction
 * @nr_queues: queues of the device; 1 selects the flat layout
 *
 * Context: process, may sleep.
 * Return: 0 or -errno.
 */
int xpv_queue_publish(struct xpv_queue *q, struct xpv_transaction *xbt,
		      unsigned int nr_queues);

/**
 * xpv_queues_publish() - frontend: write the keys of all queues
 * @xdev: the device
 * @xbt: transaction
 * @queues: the queues, created
 * @nr_queues: their number; 1 selects the flat layout
 * @write_count: write how many they are, as a backend that knows of
 *		 multi-queue-max-queues may expect of one queue too
 *
 * Removes what a former connection, or another driver, may have left of the
 * other layout.
 *
 * Context: process, may sleep.
 * Return: 0 or -errno.
 */
int xpv_queues_publish(struct xpv_device *xdev, struct xpv_transaction *xbt,
		       struct xpv_queue **queues, unsigned int nr_queues,
		       bool write_count);

/**
 * xpv_queue_attach() - backend: read a queue's keys, map and bind
 * @q: an initialised or destroyed queue
 * @nr_queues: queues that the frontend asked for; 1 selects the flat layout
 * @max_order: most pages per ring that we offered, as log2
 * @slot_size: bytes per slot for each ring, or NULL for the type's own
 * @irq_name: for /proc/interrupts
 *
 * Events are held back until xpv_queue_arm().
 *
 * Context: process, may sleep.
 * Return: 0 or -errno, with a message naming key and value; nothing is left
 * behind on error.
 */
int xpv_queue_attach(struct xpv_queue *q, unsigned int nr_queues,
		     unsigned int max_order, const u32 *slot_size,
		     const char *irq_name);

/**
 * xpv_queue_arm() - let events through
 * @q: a created or attached queue
 *
 * Runs the type's event callback once for each channel, with interrupts off,
 * for whatever came before: a consumer looks at its ring once, even without an
 * event. A backend also notifies the frontend once, whose notification may
 * have been lost while no backend was there.
 *
 * Context: process.
 */
void xpv_queue_arm(struct xpv_queue *q);

/**
 * xpv_queue_disarm() - stop events
 * @q: the queue, in any state
 *
 * When this returns no event callback is running and none will run.
 *
 * Context: process, may sleep.
 */
void xpv_queue_disarm(struct xpv_queue *q);

/**
 * xpv_queue_destroy() - close channels and give the rings' memory back
 * @q: the queue in any state, created, attached, half-way or never set up
 *
 * The driver has stopped everything that touches the rings.
 *
 * Context: process, may sleep.
 */
void xpv_queue_destroy(struct xpv_queue *q);

/**
 * xpv_queue_connected() - whether a queue shares anything
 * @q: the queue
 *
 * Return: true from a successful create or attach to destroy.
 */
static inline bool xpv_queue_connected(const struct xpv_queue *q)
{
	return q->ring[0].pages;
}

/**
 * xpv_queue_evtchn() - the event channel that serves a ring
 * @q: the queue
 * @ring: the ring's number
 *
 * Return: the channel, shared or its own.
 */
static inline struct xpv_evtchn *xpv_queue_evtchn(struct xpv_queue *q,
						  unsigned int ring)
{
	return &q->evtchn[q->split ? ring : 0];
}

/**
 * xpv_queue_send_event() - notify the peer, without counting
 * @q: a connected queue
 * @ring: the ring's number
 *
 * Context: any.
 */
static inline void xpv_queue_send_event(struct xpv_queue *q, unsigned int ring)
{
	xpv_evtchn_notify(xpv_queue_evtchn(q, ring));
}

/**
 * xpv_queue_notify() - notify the peer of what was pushed
 * @q: the queue
 * @ring: the ring's number
 *
 * Context: the ring's producer.
 */
static inline void xpv_queue_notify(struct xpv_queue *q, unsigned int ring)
{
	xpv_ring_stat_inc(&q->ring_stats[ring].notifies);
	xpv_queue_send_event(q, ring);
}

/**
 * xpv_queue_push_requests() - frontend: show the backend what was produced
 * @q: the queue
 * @ring: the ring's number
 *
 * For producers that share a ring under a lock and send the event outside of
 * it: the event is counted here, under the lock.
 *
 * Context: the ring's producer.
 * Return: true where xpv_queue_send_event() is to follow.
 */
static inline bool xpv_queue_push_requests(struct xpv_queue *q,
					   unsigned int ring)
{
	if (!xpv_slots_push_requests(&q->ring[ring].slots))
		return false;
	xpv_ring_stat_inc(&q->ring_stats[ring].notifies);
	return true;
}

/**
 * xpv_queue_eoi() - the ring's consumer is done for now
 * @q: the queue
 * @ring: the ring's number
 * @worked: whether it consumed anything since it was last called
 *
 * Context: the ring's consumer; see xpv_evtchn_eoi().
 */
static inline void xpv_queue_eoi(struct xpv_queue *q, unsigned int ring,
				 bool worked)
{
	if (xpv_evtchn_eoi(xpv_queue_evtchn(q, ring), worked))
		xpv_ring_stat_inc(&q->ring_stats[ring].spurious);
}

/**
 * xpv_queue_stale() - backend: whether the frontend has published other rings
 * @q: an attached queue
 * @nr_queues: queues of the device
 *
 * A frontend that starts over faster than we look goes from Connected to
 * Connected, or to Initialised, with rings of its own that we do not have.
 *
 * Context: process, may sleep.
 * Return: true where the first reference or the port in xenstore is not the
 * attached one.
 */
bool xpv_queue_stale(struct xpv_queue *q, unsigned int nr_queues);

/**
 * xpv_queues_read_count() - backend: how many queues the frontend wants
 * @xdev: the device
 * @max: what we advertised in multi-queue-max-queues
 * @count: where the number goes; 1 where the key is missing
 *
 * Context: process, may sleep.
 * Return: 0, or -errno with a message for a count that is no number, zero or
 * above @max (CVE-2026-45890).
 */
int xpv_queues_read_count(struct xpv_device *xdev, unsigned int max,
			  unsigned int *count);

#endif /* XPV_QUEUE_H */
