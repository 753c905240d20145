/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A queue: a transmit and a receive ring, served by one NAPI context.
 */
#ifndef NETFRONT_QUEUE_H
#define NETFRONT_QUEUE_H

#include <linux/netdevice.h>

#include "rx.h"
#include "tx.h"
#include "xpv.h"

struct netfront;

/* Rings of a queue, in the order of the queue's type. */
#define NETFRONT_TX 0
#define NETFRONT_RX 1
#define NETFRONT_NR_RINGS 2

/* One page each, as the protocol has it: 256 slots either way. */
#define NETFRONT_RING_SLOTS 256

/**
 * struct netfront_queue - one queue
 * @base: rings and event channels
 * @nf: the interface
 * @napi: completes transmission and receives; added at probe, enabled from
 *	  netfront_queue_start() to netfront_queue_stop() whether the interface
 *	  is up or not, so that transmitted packets are always freed
 * @grefs: references of both rings' slots; each slot keeps its own from
 *	   creation to destruction, and passes it through here when a grant
 *	   ends. Owned by NAPI while the queue runs
 * @worked: by ring: slots were consumed since its last EOI; owned by NAPI
 * @running: NAPI is enabled; under RTNL
 * @tx: transmitting half
 * @rx: receiving half
 */
struct netfront_queue {
	struct xpv_queue base;
	struct netfront *nf;
	struct napi_struct napi;
	struct xpv_gref_pool grefs;
	bool worked[NETFRONT_NR_RINGS];
	bool running;
	struct netfront_tx tx;
	struct netfront_rx rx;
};

/**
 * netfront_queue_init() - prepare a queue; shares nothing
 * @queue: zeroed queue
 * @nf: the interface
 * @index: which queue
 *
 * Context: process.
 */
void netfront_queue_init(struct netfront_queue *queue, struct netfront *nf,
			 unsigned int index);

/**
 * netfront_queue_fini() - undo netfront_queue_init()
 * @queue: a destroyed queue; NAPI lists are walked under RCU, so the caller
 *	   waits before it frees the memory
 *
 * Context: process, may sleep.
 */
void netfront_queue_fini(struct netfront_queue *queue);

/**
 * netfront_queue_create() - make a queue's rings, grants and buffers
 * @queue: an initialised or destroyed queue
 * @split: an event channel per ring
 *
 * The receive ring is full when this returns; events are held back.
 *
 * Context: process, may sleep; no RTNL needed.
 * Return: 0 or -errno; nothing is left behind on error.
 */
int netfront_queue_create(struct netfront_queue *queue, bool split);

/**
 * netfront_queue_destroy() - give up everything shared with the backend
 * @queue: the queue in any state but running
 *
 * Context: process, may sleep.
 */
void netfront_queue_destroy(struct netfront_queue *queue);

/**
 * netfront_queue_start() - serve the rings
 * @queue: a created queue
 *
 * Context: process, under RTNL.
 */
void netfront_queue_start(struct netfront_queue *queue);

/**
 * netfront_queue_stop() - serve the rings no more
 * @queue: the queue in any state
 *
 * When this returns neither event, NAPI nor transmitter touches the queue.
 * Waits for our own contexts only, never for the backend.
 *
 * Context: process, under RTNL.
 */
void netfront_queue_stop(struct netfront_queue *queue);

/**
 * netfront_queue_kick() - have NAPI look at the rings
 * @queue: a queue; nothing happens unless it runs
 *
 * Context: process.
 */
void netfront_queue_kick(struct netfront_queue *queue);

/* The network stack's side of a queue's transmit ring. */
struct netdev_queue *netfront_queue_txq(const struct netfront_queue *queue);

static inline struct xpv_slots *netfront_slots(struct netfront_queue *queue,
					       unsigned int ring)
{
	return &queue->base.ring[ring].slots;
}

#endif /* NETFRONT_QUEUE_H */
