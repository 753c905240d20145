/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps a barrier apart from all other requests of its device.
 *
 * A queue counts itself in before it hands requests to the disk, and they are
 * counted out when they have ended. A queue with a barrier becomes the drainer:
 * no other queue gets in any more. Once nothing is in flight it sends the
 * barrier, and ends the drain when that is answered. Without barriers this
 * costs a few atomic operations per round of requests.
 *
 * Pure but for atomics: compiled into the unit tests as it stands.
 */
#ifndef BLKBACK_DRAIN_H
#define BLKBACK_DRAIN_H

#include <linux/atomic.h>
#include <linux/types.h>

struct blkback_queue;

/**
 * struct blkback_drain - a device's drain
 * @in_flight: rounds under way, and requests with the disk, of all queues
 * @drainer: the queue whose barrier holds the others back, or NULL
 */
struct blkback_drain {
	atomic_t in_flight;
	struct blkback_queue *drainer;
};

/**
 * blkback_drain_enter() - count a round of requests in
 * @drain: the device's
 * @queue: the calling thread's
 *
 * Context: the queue's thread.
 * Return: false where another queue drains the disk. The round was counted in
 * all the same: leave it (blkback_queue_leave_drain()). The queue is signalled
 * when that drain ends.
 */
bool blkback_drain_enter(struct blkback_drain *drain,
			 struct blkback_queue *queue);

/**
 * blkback_drain_add() - count requests in that are about to be submitted
 * @drain: the device's, entered by the caller
 * @nr: how many
 *
 * Context: the queue's thread.
 */
static inline void blkback_drain_add(struct blkback_drain *drain,
				     unsigned int nr)
{
	atomic_add(nr, &drain->in_flight);
}

/**
 * blkback_drain_leave() - count requests, or a round, out
 * @drain: the device's
 * @nr: how many
 *
 * Context: any.
 * Return: the drainer, to be signalled, where these were the last in flight;
 * else NULL.
 */
struct blkback_queue *blkback_drain_leave(struct blkback_drain *drain,
					  unsigned int nr);

/**
 * blkback_drain_begin() - try to have the disk for a barrier alone
 * @drain: the device's
 * @queue: the calling thread's, not in a round; may be the drainer already
 *
 * Context: the queue's thread.
 * Return: true once nothing is in flight. Else the queue is signalled when it
 * is worth another try: when the last request leaves, or another drain ends.
 */
bool blkback_drain_begin(struct blkback_drain *drain,
			 struct blkback_queue *queue);

/**
 * blkback_drain_end() - let the other queues go on
 * @drain: the device's
 * @queue: whose barrier was answered
 *
 * Context: the queue's thread.
 * Return: whether the queue was the drainer; the caller signals the others.
 */
bool blkback_drain_end(struct blkback_drain *drain,
		       struct blkback_queue *queue);

#endif /* BLKBACK_DRAIN_H */
