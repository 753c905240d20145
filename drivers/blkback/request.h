/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests, from slot to response, and their memory. It is allocated as
 * requests come, reused for the next ones, and freed when the queue has been
 * idle: a ring of 512 slots costs nothing until it is filled.
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

/* Sizes of the memory for indirect requests; see large_sizes in request.c. */
#define BLKBACK_NR_LARGE 2

/*
 * For memory that a request needs: the queue waits and tries again rather than
 * reclaim, which might wait for I/O on the very disk that it serves.
 */
#define BLKBACK_GFP (GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN)

/**
 * struct blkback_page - a page of a request's data
 * @map: its mapping; @map.page is NULL while there is none
 * @pgnt: the persistent grant that the page is of; @map.handle is none then.
 *	  Else NULL.
 */
struct blkback_page {
	struct xpv_gmap map;
	struct blkback_pgnt *pgnt;
};

/**
 * struct blkback_large - memory that an indirect request needs beyond others
 * @link: on the pool's list while free
 * @size: index of large_sizes
 * @segs: segments, in memory that crosses no page boundary
 * @pages: their pages
 * @bvecs: their vectors of the bio
 */
struct blkback_large {
	struct list_head link;
	unsigned int size;
	struct blkback_seg *segs;
	struct blkback_page *pages;
	struct bio_vec *bvecs;
};

/**
 * struct blkback_request - a request
 * @queue: its queue; constant
 * @link: on one of the queue's lists, which are its thread's alone
 * @done: on the queue's list of ended I/O; pushed by the bio's end, in any
 *	  context
 * @op: what is asked for; private copy, the thread's alone
 * @status: enum blkback_status to answer with; the thread's alone
 * @error: how the bio ended; written by its end before @done is pushed
 * @segs: its segments: @own_segs or those of @large
 * @pages: their pages, likewise
 * @bvecs: their vectors of the bio, likewise
 * @copies: a page for each segment, with a copy of the data that is written;
 *	    NULL where the disk is given @pages
 * @large: memory of an indirect request, NULL for others
 * @began: when it was consumed, in ns
 * @fetched: @segs of an indirect request is filled in
 * @mapped: mapping was tried, and has to be undone
 * @resubmitted: it has failed and was submitted again, unmerged
 * @bio: the one bio that carries it: a request has at most as many segments as
 *	 a bio has room for (BIO_MAX_VECS); the block layer splits it as needed
 * @own_segs: room for the segments of a slot
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
 * @free: requests not in use
 * @large: memory for indirect requests not in use, by size
 * @nr: requests that exist; read by debugfs
 * @nr_large: memory for indirect ones that exists; read by debugfs
 */
struct blkback_pool {
	struct list_head free;
	struct list_head large[BLKBACK_NR_LARGE];
	unsigned int nr;
	unsigned int nr_large;
};

/**
 * blkback_pool_init() - make an empty pool
 * @pool: of a queue without a thread
 */
void blkback_pool_init(struct blkback_pool *pool);

/**
 * blkback_pool_trim() - free what no request uses
 * @pool: the pool
 *
 * Context: the queue's thread, or while there is none.
 */
void blkback_pool_trim(struct blkback_pool *pool);

/**
 * blkback_request_get() - take a request from the pool, or allocate one
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
 * Context: the queue's thread, or inline completion: must not sleep.
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

/**
 * blkback_request_refuse() - end a request with an error, and say why
 * @req: the request, on one of its queue's lists; moved to those that ended
 * @status: enum blkback_status
 * @why: in words, for the log
 *
 * Context: the queue's thread.
 */
void blkback_request_refuse(struct blkback_request *req, s16 status,
			    const char *why);

/**
 * blkback_request_reject() - end a request that breaks a rule
 * @req: see blkback_request_refuse()
 * @verdict: the rule; other than BLKBACK_FINE
 *
 * Context: the queue's thread.
 */
void blkback_request_reject(struct blkback_request *req,
			    enum blkback_verdict verdict);

#endif /* BLKBACK_REQUEST_H */
