/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps a barrier apart from all other requests of its device.
 *
 * Requests of any queue go in before they are handed to the disk and leave
 * when they have ended. A queue with a barrier closes the gate, waits until
 * nothing is inside, sends the barrier, and opens the gate once it is answered.
 * Without barriers this costs a few atomic operations per round of requests.
 */
#ifndef BLKBACK_GATE_H
#define BLKBACK_GATE_H

#include <linux/atomic.h>
#include <linux/types.h>

struct blkback;
struct blkback_queue;

/**
 * struct blkback_gate - a device's gate
 * @inside: rounds under way and requests with the disk, of all queues
 * @owner: the queue whose barrier holds the others back, or NULL. Its waker
 *	   needs no reference: a queue that owns the gate is not stopped, and
 *	   queues are freed only when all have been.
 */
struct blkback_gate {
	atomic_t inside;
	struct blkback_queue *owner;
};

/**
 * blkback_gate_enter() - begin a round of requests
 * @gate: the gate
 * @queue: the queue
 *
 * Context: the queue's thread.
 * Return: false where another queue has closed the gate; it wakes @queue when it
 * opens it.
 */
bool blkback_gate_enter(struct blkback_gate *gate, struct blkback_queue *queue);

/**
 * blkback_gate_add() - count requests that are about to be submitted
 * @gate: the gate, entered by the caller
 * @nr: how many
 */
static inline void blkback_gate_add(struct blkback_gate *gate, unsigned int nr)
{
	atomic_add(nr, &gate->inside);
}

/**
 * blkback_gate_leave() - requests, or a round, have ended
 * @gate: the gate
 * @nr: how many
 *
 * Context: any.
 */
void blkback_gate_leave(struct blkback_gate *gate, unsigned int nr);

/**
 * blkback_gate_close() - try to have the disk for a barrier alone
 * @gate: the gate; may be closed by the caller already
 * @queue: the queue, not in a round
 *
 * Context: the queue's thread.
 * Return: true once nothing is inside; else @queue is woken when it is worth
 * another try.
 */
bool blkback_gate_close(struct blkback_gate *gate, struct blkback_queue *queue);

/**
 * blkback_gate_open() - let the others through again
 * @bb: the device
 * @queue: the queue; where it does not own the gate, nothing happens
 *
 * Context: the queue's thread.
 */
void blkback_gate_open(struct blkback *bb, struct blkback_queue *queue);

#endif /* BLKBACK_GATE_H */
