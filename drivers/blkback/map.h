/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages of requests: lists of segments fetched, pages mapped before the
 * I/O and unmapped after it. Each step is one hypercall for all requests of a
 * round.
 */
#ifndef BLKBACK_MAP_H
#define BLKBACK_MAP_H

#include <linux/types.h>

struct blkback_queue;

/**
 * blkback_map_fetch() - have a private copy of all indirect descriptors
 * @queue: the queue; the indirect requests on @ring.ready are looked at
 *
 * Requests whose descriptors cannot be had, or are wrong, are refused. Those
 * for which memory is short stay as they are.
 *
 * Context: the queue's thread.
 */
void blkback_map_fetch(struct blkback_queue *queue);

/**
 * blkback_map_ready() - map the pages of requests that are ready
 * @queue: the queue; sorts @ring.ready into @ring.mapped, @ring.ended and,
 *	   where memory, pages or handles are short, @ring.ready again, in order
 * @stop: the queue is to stop: one request at a time may exceed the domain's
 *	  grant limit where other queues have used it up
 *
 * What is short is waited for: a guest whose writes failed because dom0 is
 * short of memory for a moment would lose its filesystem.
 *
 * Context: the queue's thread.
 */
void blkback_map_ready(struct blkback_queue *queue, bool stop);

/**
 * blkback_map_release() - unmap the pages of requests that ended
 * @queue: the queue; what stays on @ring.ended has no page mapped any more and
 *	   may be answered. Requests with pages still in use go to @ring.busy.
 *
 * Context: the queue's thread, or inline completion where there is nothing to
 * unmap but persistent grants to put.
 */
void blkback_map_release(struct blkback_queue *queue);

#endif /* BLKBACK_MAP_H */
