/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A queue: a transmit and a receive ring, served by one NAPI context.
 */
#ifndef NETFRONT_QUEUE_H
#define NETFRONT_QUEUE_H

#include <linux/types.h>

struct netfront;
struct netfront_queue;

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

#endif /* NETFRONT_QUEUE_H */
