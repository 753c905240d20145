/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a request holds while the backend has it: a slot, grants, pages of the
 * pool where its own cannot be shown, descriptors where it is large.
 */
#ifndef BLKFRONT_SHADOW_H
#define BLKFRONT_SHADOW_H

#include "blkfront.h"

/*
 * Most grants per ring, 8 MiB of data under way: a guest has 32768 of them by
 * default, for all its disks and networks. Those that a burst took go back to
 * the kernel when it is over, see blkfront_trim().
 */
#define BLKFRONT_MAX_GREFS 2048

/* Grants that an idle ring keeps: those of one direct request. */
#define BLKFRONT_MIN_GREFS BLKIF_MAX_SEGMENTS_PER_REQUEST

/**
 * blkfront_shadow_take() - take all that a request needs, or nothing
 * @queue: the ring
 * @sh: the request's shadow with @nr_segs and @bounced set
 * @limit: with BLK_STS_AGAIN, how many segments can be had now
 *
 * Less than was asked for is offered only where nothing is under way, whose
 * end could be awaited: requests are not cut without need.
 *
 * Context: queue_rq, @queue->lock held. Waits for nothing.
 * Return: BLK_STS_OK with grants, pages and descriptors in @sh, and a slot
 * free; BLK_STS_AGAIN where fewer segments would do; BLK_STS_RESOURCE where the
 * block layer is to try again.
 */
blk_status_t blkfront_shadow_take(struct blkfront_queue *queue,
				  struct blkfront_shadow *sh,
				  unsigned int *limit);

/**
 * blkfront_shadow_revoke() - end the backend's access, where it does not last
 * @queue: the ring
 * @sh: the shadow of a request that the backend has or had
 *
 * Context: whoever owns @sh; no lock needed.
 * Return: true if the backend has unmapped everything; false where it has a
 * page, whose contents are its own from now on.
 */
bool blkfront_shadow_revoke(struct blkfront_queue *queue,
			    struct blkfront_shadow *sh);

/**
 * blkfront_shadow_release() - give everything back
 * @queue: the ring
 * @sh: a shadow whose access was revoked
 *
 * Context: @queue->lock held.
 */
void blkfront_shadow_release(struct blkfront_queue *queue,
			     struct blkfront_shadow *sh);

/**
 * blkfront_shadow_clear_stalled() - test and clear blkfront_queue.stalled
 * @queue: the ring, to which slots, grants or pages were released
 *
 * Context: @queue->lock held.
 * Return: true where a request waits for what was released: then call
 * blkfront_shadow_resume_stalled() without the lock, before the request that
 * released it ends (it keeps its hardware queue alive).
 */
static inline bool blkfront_shadow_clear_stalled(struct blkfront_queue *queue)
{
	bool stalled = queue->stalled;

	queue->stalled = false;
	return stalled;
}

/**
 * blkfront_shadow_resume_stalled() - run the hardware queues of a ring
 * @rq: a request that used it and has not ended
 *
 * Context: any, without @queue->lock.
 */
void blkfront_shadow_resume_stalled(struct request *rq);

#endif /* BLKFRONT_SHADOW_H */
