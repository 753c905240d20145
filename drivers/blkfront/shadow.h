/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a request holds while the backend has it: a slot, grants, and bounce
 * pages where its own pages cannot be shown.
 */
#ifndef BLKFRONT_SHADOW_H
#define BLKFRONT_SHADOW_H

#include "blkfront.h"

/**
 * blkfront_shadow_reserve() - take all that a request needs, or nothing
 * @q: the queue
 * @sh: the request's shadow with @nr_segs and @bounced set
 *
 * On failure the queue is run again once there is more: when a request of it
 * ends or the kernel has grants.
 *
 * Context: queue_rq; takes @q->lock. Never sleeps, never allocates memory.
 * Return: true with a slot promised and grants and pages in @sh.
 */
bool blkfront_shadow_reserve(struct blkfront_queue *q,
			     struct blkfront_shadow *sh);

/**
 * blkfront_shadow_revoke() - end the backend's access
 * @q: the queue
 * @sh: the shadow of a request that the backend has or had
 *
 * Context: @q->lock held.
 * Return: true if the backend let go of everything; false where it keeps a
 * page, whose contents are its own from now on.
 */
bool blkfront_shadow_revoke(struct blkfront_queue *q,
			    struct blkfront_shadow *sh);

/**
 * blkfront_shadow_release() - give bounce pages back and free the shadow
 * @q: the queue
 * @sh: a shadow whose access was revoked
 *
 * Context: @q->lock held.
 * Return: true where a request waits for this: run the hardware queue, before
 * the request that @sh was for ends (it keeps the hardware queue alive).
 */
bool blkfront_shadow_release(struct blkfront_queue *q,
			     struct blkfront_shadow *sh);

/**
 * blkfront_bounce_out() - prepare bounce pages
 * @sh: a reserved, bounced shadow
 * @rq: its request
 *
 * Every byte of the pages is either payload or zero (XSA-403).
 *
 * Context: any.
 */
void blkfront_bounce_out(struct blkfront_shadow *sh, struct request *rq);

/**
 * blkfront_bounce_in() - copy what was read to the request's own pages
 * @sh: a bounced shadow whose access was revoked completely
 * @rq: its request
 *
 * Context: any.
 */
void blkfront_bounce_in(struct blkfront_shadow *sh, struct request *rq);

#endif /* BLKFRONT_SHADOW_H */
