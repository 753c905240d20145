/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A request from its slot to its response: the memory it needs, all of it
 * there before it comes, and its way through the block layer.
 */
#ifndef BLKBACK_IO_H
#define BLKBACK_IO_H

#include <linux/blk_types.h>
#include <linux/list.h>
#include <linux/llist.h>

#include "xpv.h"

#include "abi.h"

struct blkback_queue;

/**
 * struct blkback_request - a request of the frontend's
 * @bq: its queue; constant
 * @link: on one of the queue's lists, which all belong to its thread
 * @done: on the queue's list of ended I/O; pushed by the bio's end
 * @op: what is asked for; private copy, thread only
 * @status: enum blkback_status to answer with; thread only
 * @error: how the bio ended; written by its end before @done is pushed
 * @segs: its segments; constant pointer into the pool
 * @gmaps: their mappings; thread only
 * @bvecs: their places in the bio
 * @bio: the one bio that carries it: a request has at most as many segments as
 *	 a bio has room for (BIO_MAX_VECS); the block layer splits as it needs
 */
struct blkback_request {
	struct blkback_queue *bq;
	struct list_head link;
	struct llist_node done;
	struct blkback_op op;
	s16 status;
	blk_status_t error;
	struct blkback_seg *segs;
	struct xpv_gmap *gmaps;
	struct bio_vec *bvecs;
	struct bio bio;
};

/**
 * struct blkback_pool - all the requests that a queue can have under way
 * @nr: requests: as many as the ring has slots, so that none ever waits for one
 * @max_segs: segments for which each has room
 * @requests: the requests
 * @segs: their segments, @max_segs each
 * @gmaps: likewise
 * @bvecs: likewise
 * @free: those without work; thread only
 */
struct blkback_pool {
	unsigned int nr;
	unsigned int max_segs;
	struct blkback_request *requests;
	struct blkback_seg *segs;
	struct xpv_gmap *gmaps;
	struct bio_vec *bvecs;
	struct list_head free;
};

/**
 * blkback_pool_init() - allocate a queue's requests
 * @pool: zeroed or finished pool
 * @bq: the queue
 * @nr: requests
 * @max_segs: segments per request, up to BIO_MAX_VECS
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM; nothing is left behind on error.
 */
int blkback_pool_init(struct blkback_pool *pool, struct blkback_queue *bq,
		      unsigned int nr, unsigned int max_segs);

/**
 * blkback_pool_fini() - free a queue's requests
 * @pool: the pool; a zeroed one is fine
 *
 * All requests are free: the queue's thread has ended.
 *
 * Context: process, may sleep.
 */
void blkback_pool_fini(struct blkback_pool *pool);

/**
 * blkback_request_clear_maps() - mark all of a request's segments unmapped
 * @req: a request without mappings
 */
void blkback_request_clear_maps(struct blkback_request *req);

/**
 * blkback_request_submit() - hand a request to the disk
 * @req: a checked request with all of its segments mapped
 *
 * It comes back by way of its queue's @done list, maybe before this returns.
 *
 * Context: the queue's thread, in a plug.
 */
void blkback_request_submit(struct blkback_request *req);

/**
 * blkback_request_settle() - turn the end of a request's I/O into its status
 * @req: a request taken from its queue's @done list
 *
 * A disk that does not know flushes is remembered, and the device withdraws
 * the feature.
 *
 * Context: the queue's thread.
 */
void blkback_request_settle(struct blkback_request *req);

#endif /* BLKBACK_IO_H */
