/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Descriptors of indirect requests: pages that list the segments, granted once
 * and used again and again, and room to note the segments' pages.
 *
 * Made when a large request first wants one. Where none can be had a request
 * goes out in parts of BLKIF_MAX_SEGMENTS_PER_REQUEST.
 */
#ifndef BLKFRONT_FRAME_H
#define BLKFRONT_FRAME_H

#include "blkfront.h"

#define BLKFRONT_SEGS_PER_PAGE \
	(XEN_PAGE_SIZE / sizeof(struct blkif_request_segment))
#define BLKFRONT_MAX_SEGS \
	(BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST * BLKFRONT_SEGS_PER_PAGE)

/**
 * struct blkfront_frame - what makes a request an indirect one
 * @next: in the list of free ones
 * @seg: blkfront_info.max_segs of them
 * @nr_pages: pages that list segments
 * @page: these, and their grants
 */
struct blkfront_frame {
	struct blkfront_frame *next;
	struct blkfront_seg *seg;
	unsigned int nr_pages;
	struct blkfront_seg page[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
};

/**
 * blkfront_frame_ready() - make sure of a frame
 * @q: the queue
 *
 * Context: @q->lock held. Allocates, without waiting or touching reserves.
 * Return: whether one can be taken.
 */
bool blkfront_frame_ready(struct blkfront_queue *q);

/**
 * blkfront_frame_take() - take a frame
 * @q: the queue; blkfront_frame_ready() promised one
 *
 * Context: @q->lock held.
 * Return: the frame.
 */
struct blkfront_frame *blkfront_frame_take(struct blkfront_queue *q);

/**
 * blkfront_frame_put() - give a frame back
 * @q: the queue
 * @frame: the frame
 *
 * Context: @q->lock held.
 */
void blkfront_frame_put(struct blkfront_queue *q, struct blkfront_frame *frame);

/**
 * blkfront_frames_trim() - free frames that nobody used since the last call
 * @q: the queue
 *
 * Context: @q->lock held.
 * Return: whether there are any left.
 */
bool blkfront_frames_trim(struct blkfront_queue *q);

/**
 * blkfront_frames_close() - free all frames
 * @q: the queue, of which none is in use
 *
 * Context: process.
 */
void blkfront_frames_close(struct blkfront_queue *q);

/**
 * blkfront_frame_entry() - one segment's place in the descriptors
 * @frame: the frame
 * @i: which
 *
 * Written only: what stands there the backend may have written.
 */
static inline struct blkif_request_segment *
blkfront_frame_entry(struct blkfront_frame *frame, unsigned int i)
{
	struct blkif_request_segment *list;

	list = page_address(frame->page[i / BLKFRONT_SEGS_PER_PAGE].page);
	return &list[i % BLKFRONT_SEGS_PER_PAGE];
}

#endif /* BLKFRONT_FRAME_H */
