/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests consumed from the ring: copied once, decoded, checked.
 *
 * Context of all functions: the queue's thread.
 */
#ifndef BLKBACK_CONSUME_H
#define BLKBACK_CONSUME_H

#include <linux/types.h>

struct blkback_queue;

/**
 * blkback_may_consume() - whether the queue takes requests at this time
 * @queue: the queue
 *
 * Not while requests wait for memory, for the rate limit or behind a barrier,
 * and never again once the frontend has broken the protocol.
 */
bool blkback_may_consume(const struct blkback_queue *queue);

/**
 * blkback_consume() - consume up to BLKBACK_ROUND requests
 * @queue: the queue, which may consume
 *
 * Those that may be served are put on @ring.ready, but for a barrier and for
 * the one that the rate limit holds back; others are refused.
 */
void blkback_consume(struct blkback_queue *queue);

/**
 * blkback_retry_limited() - ask the rate limit again for the request held back
 * @queue: the queue
 * @stop: the queue is to stop: the limit is ignored
 */
void blkback_retry_limited(struct blkback_queue *queue, bool stop);

/**
 * blkback_has_requests() - whether there is something to consume now
 * @queue: the queue
 *
 * Does not ask the frontend to notify.
 */
bool blkback_has_requests(struct blkback_queue *queue);

/**
 * blkback_final_check() - end the event, then look at the ring a last time
 * @queue: the queue, which is about to sleep
 *
 * A queue that consumes nothing for now leaves its channel masked: what comes
 * meanwhile is found when it goes on.
 *
 * Return: true where requests have come meanwhile; else the frontend was asked
 * to notify the next one.
 */
bool blkback_final_check(struct blkback_queue *queue);

#endif /* BLKBACK_CONSUME_H */
