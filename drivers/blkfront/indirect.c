// SPDX-License-Identifier: GPL-2.0
#include <linux/gfp.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "indirect.h"

/* As in pool.c: no waiting, no reserves. */
#define INDIRECT_GFP (GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)

/* Pages without a grant have none yet: @nr_pages counts those that do. */
static void destroy(struct blkfront_queue *queue,
		    struct blkfront_indirect *indirect)
{
	unsigned int i;

	for (i = 0; i < indirect->nr_pages; i++)
		xpv_grant_free(queue->bf->xdev, &queue->grefs,
			       indirect->page[i].gref, indirect->page[i].page);
	kfree(indirect->seg);
	kfree(indirect);
}

static bool list_pages(struct blkfront_queue *queue,
		       struct blkfront_indirect *indirect, unsigned int count)
{
	struct blkfront *bf = queue->bf;
	struct blkfront_seg *seg;

	for (; count; count--) {
		seg = &indirect->page[indirect->nr_pages];
		seg->page = alloc_page(INDIRECT_GFP | __GFP_ZERO);
		if (!seg->page)
			return false;
		seg->gref = xpv_gref_take(&queue->grefs);
		/*
		 * What a backend keeps mapped it maps writable, whatever it is
		 * for. We never read what stands there.
		 */
		xpv_grant(bf->xdev, seg->gref, seg->page, !bf->persistent);
		indirect->nr_pages++;
	}
	return true;
}

static struct blkfront_indirect *make(struct blkfront_queue *queue)
{
	unsigned int max_segs = queue->bf->max_segs;
	unsigned int pages = DIV_ROUND_UP(max_segs, BLKFRONT_SEGS_PER_PAGE);
	struct blkfront_indirect *indirect;

	/* What every ring keeps for small requests is not for this. */
	if (!xpv_gref_pool_reserve(&queue->grefs,
				   pages + BLKIF_MAX_SEGMENTS_PER_REQUEST))
		return NULL;
	indirect = kzalloc(sizeof(*indirect), INDIRECT_GFP);
	if (!indirect)
		return NULL;
	indirect->seg =
		kmalloc_array(max_segs, sizeof(*indirect->seg), INDIRECT_GFP);
	if (!indirect->seg || !list_pages(queue, indirect, pages)) {
		destroy(queue, indirect);
		return NULL;
	}
	return indirect;
}

bool blkfront_indirect_reserve(struct blkfront_queue *queue)
{
	struct blkfront_indirects *indirects = &queue->indirects;
	struct blkfront_indirect *indirect;

	lockdep_assert_held(&queue->lock);

	if (likely(indirects->nr))
		return true;
	indirect = make(queue);
	if (!indirect)
		return false;
	indirects->total++;
	blkfront_indirect_put(queue, indirect);
	blkfront_trim_later(queue->bf);
	return true;
}

struct blkfront_indirect *blkfront_indirect_get(struct blkfront_queue *queue)
{
	struct blkfront_indirects *indirects = &queue->indirects;
	struct blkfront_indirect *indirect = indirects->free;

	lockdep_assert_held(&queue->lock);

	indirects->free = indirect->next;
	indirects->nr--;
	indirects->low = min(indirects->low, indirects->nr);
	return indirect;
}

void blkfront_indirect_put(struct blkfront_queue *queue,
			   struct blkfront_indirect *indirect)
{
	struct blkfront_indirects *indirects = &queue->indirects;

	lockdep_assert_held(&queue->lock);

	indirect->next = indirects->free;
	indirects->free = indirect;
	indirects->nr++;
}

/* Return: false, with nothing changed, where the backend has it mapped. */
static bool try_destroy(struct blkfront_queue *queue,
			struct blkfront_indirect *indirect)
{
	struct blkfront_seg *last = &indirect->page[indirect->nr_pages - 1];

	if (!xpv_grant_try_free(&queue->grefs, last->gref))
		return false;
	__free_page(last->page);
	indirect->nr_pages--;
	destroy(queue, indirect);
	return true;
}

/* Those at the end of the list are the ones that nobody used. */
bool blkfront_indirects_trim(struct blkfront_queue *queue)
{
	struct blkfront_indirects *indirects = &queue->indirects;
	struct blkfront_indirect **at = &indirects->free;
	struct blkfront_indirect *indirect;
	unsigned int i;

	lockdep_assert_held(&queue->lock);

	for (i = indirects->low; i < indirects->nr; i++)
		at = &(*at)->next;
	while ((indirect = *at)) {
		*at = indirect->next;
		if (try_destroy(queue, indirect)) {
			indirects->nr--;
			indirects->total--;
			continue;
		}
		*at = indirect;
		at = &indirect->next;
	}
	indirects->low = indirects->nr;
	return indirects->total;
}

void blkfront_indirects_destroy(struct blkfront_queue *queue)
{
	struct blkfront_indirect *indirect;

	while ((indirect = queue->indirects.free)) {
		queue->indirects.free = indirect->next;
		destroy(queue, indirect);
	}
	memset(&queue->indirects, 0, sizeof(queue->indirects));
}
