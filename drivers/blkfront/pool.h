/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages of ours that data is copied through: where the backend is not trusted,
 * where a request's own pages cannot be shown, and with persistent grants.
 *
 * A stack for each ring. It holds a few pages from the start, so that some
 * request can always go on, and grows when requests want more. Persistent
 * grants need no search: a page and its grant are one entry.
 */
#ifndef BLKFRONT_POOL_H
#define BLKFRONT_POOL_H

#include "blkfront.h"

/*
 * Pages that are always there, for a direct request of any size: what a ring
 * falls back to when memory or grants are short.
 */
#define BLKFRONT_POOL_MIN BLKIF_MAX_SEGMENTS_PER_REQUEST

/*
 * Most pages per ring, 4 MiB. The in-tree blkback keeps 1056 grants of a ring
 * mapped and begins to unmap when there are more.
 */
#define BLKFRONT_POOL_MAX 1024

/**
 * blkfront_pool_create() - make the pool with its first pages
 * @queue: the queue; the pool is zeroed or closed
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int blkfront_pool_create(struct blkfront_queue *queue);

/**
 * blkfront_pool_grant() - from here on each page has a lasting grant
 * @queue: the queue, with an open pool that nobody has used yet, and with
 *     BLKFRONT_POOL_MIN references free
 *
 * Context: xpv_device.lock held, no request runs.
 */
void blkfront_pool_grant(struct blkfront_queue *queue);

/**
 * blkfront_pool_destroy() - free the pages; those that the backend keeps, later
 * @queue: the queue, of which no page is in use; a closed pool is fine
 *
 * Context: process.
 */
void blkfront_pool_destroy(struct blkfront_queue *queue);

/**
 * blkfront_pool_reserve() - make sure of pages
 * @queue: the queue
 * @count: how many are wanted
 *
 * Context: @queue->lock held. Allocates, without waiting or touching reserves.
 * Return: how many can be taken, up to @count.
 */
unsigned int blkfront_pool_reserve(struct blkfront_queue *queue,
				   unsigned int count);

/**
 * blkfront_pool_get() - take pages
 * @queue: the queue
 * @seg: where they go, with their grants if those last
 * @count: how many; blkfront_pool_reserve() promised them
 *
 * Context: @queue->lock held.
 */
void blkfront_pool_get(struct blkfront_queue *queue, struct blkfront_seg *seg,
		       unsigned int count);

/**
 * blkfront_pool_put() - give pages back
 * @queue: the queue
 * @seg: pages; entries without one are skipped
 * @count: entries
 *
 * Context: @queue->lock held.
 */
void blkfront_pool_put(struct blkfront_queue *queue,
		       const struct blkfront_seg *seg, unsigned int count);

/**
 * blkfront_pool_trim() - free pages that nobody used since the last call
 * @queue: the queue
 *
 * Those that the backend has mapped stay: nothing can make it unmap them.
 *
 * Context: @queue->lock held.
 * Return: whether there is more than the first pages.
 */
bool blkfront_pool_trim(struct blkfront_queue *queue);

#endif /* BLKFRONT_POOL_H */
