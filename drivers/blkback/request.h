/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory that requests need, from slot to response. It comes into being
 * as requests do, is used again for the next ones, and goes when the queue
 * has been idle: a ring of 512 slots costs nothing until it is filled.
 */
#ifndef BLKBACK_REQUEST_H
#define BLKBACK_REQUEST_H

#include <linux/blk_types.h>
#include <linux/list.h>
#include <linux/llist.h>

#include "xpv.h"

#include "abi.h"

struct blkback_pgnt;
struct blkback_queue;

/* Sizes of lists that are kept for use again; see large_sizes in request.c. */
#define BLKBACK_NR_LARGE 2

/* A queue waits and tries again rather than have others' memory reclaimed. */
#define BLKBACK_GFP (GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN)

/**
 * struct blkback_page - a page of a request's data
 * @map: its mapping; @map.page is NULL while there is none
 * @pgnt: where the page stays mapped, and @map.handle is none; else NULL
 */
struct blkback_page {
	struct xpv_gmap map;
	struct blkback_pgnt *pgnt;
};

/**
 * struct blkback_large - what an indirect request needs beyond others
 * @link: on the pool's list while free
 * @size: which of the sizes
 * @segs: segments, in memory that crosses no page boundary
 * @pages: their pages
 * @bvecs: their places in the bio
 */
struct blkback_large {
	struct list_head link;
	unsigned int size;
	struct blkback_seg *segs;
	struct blkback_page *pages;
	struct bio_vec *bvecs;
};

/**
 * struct blkback_request - a request of the frontend's
 * @queue: its queue; constant
 * @link: on one of the queue's lists, which all belong to its thread
 * @done: on the queue's list of ended I/O; pushed by the bio's end
 * @op: what is asked for; private copy, thread only
 * @status: enum blkback_status to answer with; thread only
 * @error: how the bio ended; written by its end before @done is pushed
 * @segs: its segments: @own_segs or those of @large
 * @pages: their pages, likewise; thread only
 * @bvecs: their places in the bio, likewise
 * @copies: of the data that is written, a page for each segment; NULL where the
 *	    disk is given @pages
 * @large: memory of an indirect request, NULL for others
 * @began: when it was taken, in ns
 * @fetched: an indirect one's @segs is filled in
 * @mapped: its pages were tried to be mapped: to be undone
 * @resubmitted: it has failed and was sent again, unmerged
 * @bio: the one bio that carries it: a request has at most as many segments as
 *	 a bio has room for (BIO_MAX_VECS); the block layer splits as it needs
 * @own_segs: room for what fits a slot
 * @own_pages: likewise
 * @own_bvecs: likewise
 */
struct blkback_request {
	struct blkback_queue *queue;
	struct list_head link;
	struct llist_node done;
	struct blkback_op op;
	u64 began;
	s16 status;
	blk_status_t error;
	bool fetched;
	bool mapped;
	bool resubmitted;
	struct blkback_seg *segs;
	struct blkback_page *pages;
	struct bio_vec *bvecs;
	struct page **copies;
	struct blkback_large *large;
	struct bio bio;
	struct blkback_seg own_segs[BLKBACK_DIRECT_SEGS];
	struct blkback_page own_pages[BLKBACK_DIRECT_SEGS];
	struct bio_vec own_bvecs[BLKBACK_DIRECT_SEGS];
};

/**
 * struct blkback_pool - a queue's memory for requests; its thread's alone
 * @free: requests without work
 * @large: memory for indirect ones without work, by size
 * @nr: requests that exist
 * @nr_large: memory for indirect ones that exists
 */
struct blkback_pool {
	struct list_head free;
	struct list_head large[BLKBACK_NR_LARGE];
	unsigned int nr;
	unsigned int nr_large;
};

void blkback_pool_init(struct blkback_pool *pool);

/**
 * blkback_pool_trim() - free what no request uses
 * @pool: the pool
 *
 * Context: process; the queue's thread, or while there is none.
 */
void blkback_pool_trim(struct blkback_pool *pool);

/**
 * blkback_request_get() - have a request
 * @queue: the queue
 *
 * Context: the queue's thread.
 * Return: a request without mappings, or NULL where memory is short.
 */
struct blkback_request *blkback_request_get(struct blkback_queue *queue);

/**
 * blkback_request_put() - a request was answered
 * @req: the request, without mappings, on no list
 *
 * Context: the queue's thread, or in its place (blkback_complete_inline()).
 */
void blkback_request_put(struct blkback_request *req);

/**
 * blkback_request_enlarge() - make room for more segments than a slot has
 * @req: an indirect request
 *
 * Context: the queue's thread.
 * Return: whether there is room for its segments now.
 */
bool blkback_request_enlarge(struct blkback_request *req);

#endif /* BLKBACK_REQUEST_H */
