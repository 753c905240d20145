/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests that have ended: unmapped and answered.
 */
#ifndef BLKBACK_COMPLETE_H
#define BLKBACK_COMPLETE_H

#include "dispatch.h"

/**
 * blkback_complete() - unmap and answer what has ended
 * @queue: the queue
 * @stop: its thread is to end: discards under way go no further
 *
 * Context: the queue's thread.
 */
void blkback_complete(struct blkback_queue *queue, bool stop);

/**
 * blkback_inline_allow() - let requests be answered where they end
 * @queue: the queue, whose thread is about to sleep, and not to stop
 *
 * Until blkback_inline_forbid(), the thread touches nothing of its own.
 *
 * Context: the queue's thread.
 */
static inline void blkback_inline_allow(struct blkback_queue *queue)
{
	spin_lock_irq(&queue->inline_lock);
	WRITE_ONCE(queue->inline_allowed, true);
	spin_unlock_irq(&queue->inline_lock);
}

/**
 * blkback_inline_forbid() - the thread is awake again
 * @queue: the queue
 *
 * Waits for whoever is just answering a request.
 *
 * Context: the queue's thread.
 */
static inline void blkback_inline_forbid(struct blkback_queue *queue)
{
	spin_lock_irq(&queue->inline_lock);
	WRITE_ONCE(queue->inline_allowed, false);
	spin_unlock_irq(&queue->inline_lock);
}

/**
 * blkback_complete_inline() - answer a lone request where it ends
 * @req: a request whose I/O has ended, not in @done; gone where it was
 *	 answered
 *
 * Where the thread sleeps, to wake it costs more than all else that is left to
 * do. Where others are under way it answers many at a time, and what it finds
 * when it wakes up tells seat.h and poll.h how they come.
 *
 * Context: any, within an RCU read side: the queue may stop behind the answer.
 * Return: false where the thread is to do it.
 */
bool blkback_complete_inline(struct blkback_request *req);

#endif /* BLKBACK_COMPLETE_H */
