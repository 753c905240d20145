/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A queue's life, and the thread that serves its ring.
 */
#ifndef BLKBACK_QUEUE_H
#define BLKBACK_QUEUE_H

#include "blkback.h"

/**
 * blkback_queue_alloc() - allocate a queue that shares nothing yet
 * @bb: the device
 * @index: which queue
 *
 * Context: process, may sleep.
 * Return: the queue, to be freed with kfree() an RCU grace period after it was
 * stopped (see blkback_complete_bio()); NULL without memory.
 */
struct blkback_queue *blkback_queue_alloc(struct blkback *bb,
					  unsigned int index);

/**
 * blkback_queue_create() - attach to the frontend's ring and create the thread
 * @queue: a new or destroyed queue
 * @nr_queues: queues of the device
 *
 * Nothing is consumed yet.
 *
 * Context: the device's operations.
 * Return: 0 or -errno; nothing is left behind on error.
 */
int blkback_queue_create(struct blkback_queue *queue, unsigned int nr_queues);

/**
 * blkback_queue_start() - begin to serve the ring
 * @queue: a created queue
 *
 * Context: the device's operations, after all of its queues were created.
 */
void blkback_queue_start(struct blkback_queue *queue);

/**
 * blkback_queue_stop() - answer what was consumed, and end the thread
 * @queue: a created queue, started or not
 *
 * Waits for our disk and for memory, never for the frontend or for other
 * queues. What was not consumed stays in the ring, for whoever serves it next.
 *
 * Context: the device's operations.
 */
void blkback_queue_stop(struct blkback_queue *queue);

/**
 * blkback_queue_destroy() - detach from the ring and free all memory
 * @queue: a stopped queue, or one whose creation has failed
 *
 * The queue itself, with its counters, stays.
 *
 * Context: the device's operations.
 */
void blkback_queue_destroy(struct blkback_queue *queue);

/**
 * blkback_queue_check_idle() - have a queue that is idle give its memory back
 * @queue: the queue, running or not
 *
 * Wakes its thread only where nothing was consumed since the last call and
 * there is something to give back. (The thread sets no timer of its own: one
 * for each time that it sleeps would cost a busy queue more than this.)
 *
 * Context: process, one at a time.
 */
void blkback_queue_check_idle(struct blkback_queue *queue);

#endif /* BLKBACK_QUEUE_H */
