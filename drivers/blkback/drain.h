/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps a barrier apart from all other requests of its device.
 *
 * Requests of any queue go in before they are handed to the disk and leave
 * when they have ended. A queue with a barrier closes the gate, waits until
 * nothing is inside, sends the barrier, and opens the gate once it is answered.
 * Without barriers this costs a few atomic operations per round of requests.
 */
#ifndef BLKBACK_DRAIN_H
#define BLKBACK_DRAIN_H

#include <linux/atomic.h>
#include <linux/types.h>

struct blkback;
struct blkback_queue;

/**
 * struct blkback_drain - a device's gate
 * @in_flight: rounds under way and requests with the disk, of all queues
 * @drainer: the queue whose barrier holds the others back, or NULL. Its waker
 *	   needs no reference: a queue that owns the gate is not stopped, and
 *	   queues are freed only when all have been.
 */
struct blkback_drain {
	atomic_t in_flight;
	struct blkback_queue *drainer;
};

/**
 * blkback_drain_enter() - begin a round of requests
 * @drain: the gate
 * @queue: the queue
 *
 * Context: the queue's thread.
 * Return: false where another queue has closed the gate; it wakes @queue when it
 * opens it.
 */
bool blkback_drain_enter(struct blkback_drain *drain,
			 struct blkback_queue *queue);

/**
 * blkback_drain_add() - count requests that are about to be submitted
 * @drain: the gate, entered by the caller
 * @nr: how many
 */
static inline void blkback_drain_add(struct blkback_drain *drain,
				     unsigned int nr)
{
	atomic_add(nr, &drain->in_flight);
}

/**
 * blkback_drain_leave() - requests, or a round, have ended
 * @drain: the gate
 * @nr: how many
 *
 * Context: any.
 */
void blkback_drain_leave(struct blkback_drain *drain, unsigned int nr);

/**
 * blkback_drain_begin() - try to have the disk for a barrier alone
 * @drain: the gate; may be closed by the caller already
 * @queue: the queue, not in a round
 *
 * Context: the queue's thread.
 * Return: true once nothing is inside; else @queue is woken when it is worth
 * another try.
 */
bool blkback_drain_begin(struct blkback_drain *drain,
			 struct blkback_queue *queue);

/**
 * blkback_drain_end() - let the others through again
 * @bb: the device
 * @queue: the queue; where it does not own the gate, nothing happens
 *
 * Context: the queue's thread.
 */
void blkback_drain_end(struct blkback *bb, struct blkback_queue *queue);

#endif /* BLKBACK_DRAIN_H */
