/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Descriptors of indirect requests: pages that list the segments, granted once
 * and used again and again, and room to note the segments' pages.
 *
 * Made when a large request first wants one. Where none can be had a request
 * goes out in parts of BLKIF_MAX_SEGMENTS_PER_REQUEST.
 */
#ifndef BLKFRONT_INDIRECT_H
#define BLKFRONT_INDIRECT_H

#include "blkfront.h"

#define BLKFRONT_SEGS_PER_PAGE \
	(XEN_PAGE_SIZE / sizeof(struct blkif_request_segment))
#define BLKFRONT_MAX_SEGS \
	(BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST * BLKFRONT_SEGS_PER_PAGE)

/**
 * struct blkfront_indirect - what makes a request an indirect one
 * @next: in the list of free ones
 * @seg: blkfront.max_segs of them
 * @nr_pages: pages that list segments
 * @page: these, and their grants
 */
struct blkfront_indirect {
	struct blkfront_indirect *next;
	struct blkfront_seg *seg;
	unsigned int nr_pages;
	struct blkfront_seg page[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
};

/**
 * blkfront_indirect_reserve() - allocate one if none is free
 * @queue: the queue
 *
 * Context: @queue->lock held. Allocates, without waiting or touching reserves.
 * Return: whether one can be taken.
 */
bool blkfront_indirect_reserve(struct blkfront_queue *queue);

/**
 * blkfront_indirect_get() - take one
 * @queue: the queue; blkfront_indirect_reserve() promised one
 *
 * Context: @queue->lock held.
 * Return: the descriptors.
 */
struct blkfront_indirect *blkfront_indirect_get(struct blkfront_queue *queue);

/**
 * blkfront_indirect_put() - give one back
 * @queue: the queue
 * @indirect: the descriptors
 *
 * Context: @queue->lock held.
 */
void blkfront_indirect_put(struct blkfront_queue *queue,
			   struct blkfront_indirect *indirect);

/**
 * blkfront_indirects_trim() - free those that nobody used since the last call
 * @queue: the queue
 *
 * Context: @queue->lock held.
 * Return: whether there are any left.
 */
bool blkfront_indirects_trim(struct blkfront_queue *queue);

/**
 * blkfront_indirects_destroy() - free all
 * @queue: the queue, of which none is in use
 *
 * Context: process.
 */
void blkfront_indirects_destroy(struct blkfront_queue *queue);

/**
 * blkfront_indirect_entry() - one segment's place in the descriptors
 * @indirect: the descriptors
 * @i: which
 *
 * Written only: what stands there the backend may have written.
 */
static inline struct blkif_request_segment *
blkfront_indirect_entry(struct blkfront_indirect *indirect, unsigned int i)
{
	struct blkif_request_segment *list;

	list = page_address(indirect->page[i / BLKFRONT_SEGS_PER_PAGE].page);
	return &list[i % BLKFRONT_SEGS_PER_PAGE];
}

#endif /* BLKFRONT_INDIRECT_H */
