/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A queue: a ring for each direction. Allocated once, with its counters, and
 * created and destroyed with each connection.
 */
#ifndef NETBACK_QUEUE_H
#define NETBACK_QUEUE_H

struct netback;
struct netback_queue;

/**
 * netback_queue_alloc() - allocate a vif's next queue
 * @nb: the vif
 *
 * Context: process, may sleep; the device's lock held.
 * Return: 0 or -ENOMEM.
 */
int netback_queue_alloc(struct netback *nb);

/**
 * netback_queue_create() - attach to the rings, prepare both directions
 * @queue: an allocated queue
 * @nr: queues of this connection
 *
 * Context: process, may sleep; the device's lock held.
 * Return: 0 or -errno; netback_queue_destroy() cleans up either way.
 */
int netback_queue_create(struct netback_queue *queue, unsigned int nr);

/**
 * netback_queue_destroy() - stop the thread, give up the rings
 * @queue: the queue in any state, stopped
 *
 * Context: process, may sleep; the device's lock held.
 */
void netback_queue_destroy(struct netback_queue *queue);

/**
 * netback_queue_start() - enable NAPI and events
 * @queue: a created queue
 *
 * Context: process, under rtnl.
 */
void netback_queue_start(struct netback_queue *queue);

/**
 * netback_queue_stop() - disable them again
 * @queue: a started queue
 *
 * When this returns no NAPI, event or timer of the queue runs. Its thread may.
 *
 * Context: process, under rtnl, may sleep.
 */
void netback_queue_stop(struct netback_queue *queue);

#endif /* NETBACK_QUEUE_H */
