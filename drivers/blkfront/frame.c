// SPDX-License-Identifier: GPL-2.0
#include <linux/gfp.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "frame.h"
#include "shadow.h"

/* As in pool.c: no waiting, no reserves. */
#define FRAME_GFP (GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)

/* Pages without a grant have none yet: @nr_pages counts those that do. */
static void destroy(struct blkfront_queue *q, struct blkfront_frame *frame)
{
	unsigned int i;

	for (i = 0; i < frame->nr_pages; i++)
		xpv_grant_free(q->info->xdev, &q->grefs, frame->page[i].gref,
			       frame->page[i].page);
	kfree(frame->seg);
	kfree(frame);
}

static bool list_pages(struct blkfront_queue *q, struct blkfront_frame *frame,
		       unsigned int count)
{
	struct blkfront_info *info = q->info;
	struct blkfront_seg *seg;

	for (; count; count--) {
		seg = &frame->page[frame->nr_pages];
		seg->page = alloc_page(FRAME_GFP | __GFP_ZERO);
		if (!seg->page)
			return false;
		seg->gref = xpv_gref_take(&q->grefs);
		/*
		 * What a backend keeps mapped it maps writable, whatever it is
		 * for. We never read what stands there.
		 */
		xpv_grant(info->xdev, seg->gref, seg->page, !info->persistent);
		frame->nr_pages++;
	}
	return true;
}

static struct blkfront_frame *make(struct blkfront_queue *q)
{
	unsigned int max_segs = q->info->max_segs;
	unsigned int pages = DIV_ROUND_UP(max_segs, BLKFRONT_SEGS_PER_PAGE);
	struct blkfront_frame *frame;

	/* What every ring keeps for small requests is not for this. */
	if (!xpv_gref_pool_reserve(&q->grefs,
				   pages + BLKIF_MAX_SEGMENTS_PER_REQUEST))
		return NULL;
	frame = kzalloc(sizeof(*frame), FRAME_GFP);
	if (!frame)
		return NULL;
	frame->seg = kmalloc_array(max_segs, sizeof(*frame->seg), FRAME_GFP);
	if (!frame->seg || !list_pages(q, frame, pages)) {
		destroy(q, frame);
		return NULL;
	}
	return frame;
}

bool blkfront_frame_ready(struct blkfront_queue *q)
{
	struct blkfront_frames *frames = &q->frames;
	struct blkfront_frame *frame;

	lockdep_assert_held(&q->lock);

	if (likely(frames->nr))
		return true;
	frame = make(q);
	if (!frame)
		return false;
	frames->total++;
	blkfront_frame_put(q, frame);
	blkfront_trim_later(q->info);
	return true;
}

struct blkfront_frame *blkfront_frame_take(struct blkfront_queue *q)
{
	struct blkfront_frames *frames = &q->frames;
	struct blkfront_frame *frame = frames->free;

	lockdep_assert_held(&q->lock);

	frames->free = frame->next;
	frames->nr--;
	frames->low = min(frames->low, frames->nr);
	return frame;
}

void blkfront_frame_put(struct blkfront_queue *q, struct blkfront_frame *frame)
{
	struct blkfront_frames *frames = &q->frames;

	lockdep_assert_held(&q->lock);

	frame->next = frames->free;
	frames->free = frame;
	frames->nr++;
}

/* Return: false, with nothing changed, where the backend has it mapped. */
static bool try_destroy(struct blkfront_queue *q, struct blkfront_frame *frame)
{
	struct blkfront_seg *last = &frame->page[frame->nr_pages - 1];

	if (!xpv_grant_try_free(&q->grefs, last->gref))
		return false;
	__free_page(last->page);
	frame->nr_pages--;
	destroy(q, frame);
	return true;
}

/* Those at the end of the list are the ones that nobody used. */
bool blkfront_frames_trim(struct blkfront_queue *q)
{
	struct blkfront_frames *frames = &q->frames;
	struct blkfront_frame **at = &frames->free;
	struct blkfront_frame *frame;
	unsigned int i;

	lockdep_assert_held(&q->lock);

	for (i = frames->low; i < frames->nr; i++)
		at = &(*at)->next;
	while ((frame = *at)) {
		*at = frame->next;
		if (try_destroy(q, frame)) {
			frames->nr--;
			frames->total--;
			continue;
		}
		*at = frame;
		at = &frame->next;
	}
	frames->low = frames->nr;
	return frames->total;
}

void blkfront_frames_close(struct blkfront_queue *q)
{
	struct blkfront_frame *frame;

	while ((frame = q->frames.free)) {
		q->frames.free = frame->next;
		destroy(q, frame);
	}
	memset(&q->frames, 0, sizeof(q->frames));
}
