/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages of requests: their lists of segments fetched, the pages mapped
 * before the I/O, and unmapped behind it. Each step is one hypercall for all
 * requests of a round.
 */
#ifndef BLKBACK_MAP_H
#define BLKBACK_MAP_H

#include <linux/types.h>

struct blkback_queue;
struct blkback_request;

/**
 * blkback_map_fetch() - have a private copy of all descriptor pages
 * @queue: the queue; of @queue->ready those that are indirect are looked at
 *
 * Requests whose descriptors cannot be had, or are wrong, are refused.
 *
 * Context: the queue's thread.
 */
void blkback_map_fetch(struct blkback_queue *queue);

/**
 * blkback_map_ready() - map the pages of requests that are ready
 * @queue: the queue; sorts @queue->ready into @queue->mapped, @queue->ended and, where
 *	memory, pages or handles are short, @queue->ready again, in their order
 * @stop: the queue is to stop: a guest's budget that is used up by others is
 *	  exceeded by one request at a time
 *
 * A guest whose writes failed because dom0 is short of memory for a moment
 * loses its filesystem; it can wait.
 *
 * Context: the queue's thread.
 */
void blkback_map_ready(struct blkback_queue *queue, bool stop);

/**
 * blkback_map_release() - unmap the pages of requests that ended
 * @queue: the queue; what stays on @queue->ended may be answered: the frontend may
 *	do what it likes with a page that it hears of, so none is mapped here
 *	any more. Others go to @queue->busy.
 *
 * Context: the queue's thread.
 */
void blkback_map_release(struct blkback_queue *queue);

#endif /* BLKBACK_MAP_H */
