// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "types.h"
#include "grant_map.h"
#include "stats.h"
#include "trace.h"

void xpv_page_cache_init(struct xpv_page_cache *cache, unsigned int limit)
{
	gnttab_page_cache_init(&cache->cache);
	cache->used = 0;
	cache->limit = limit;
}
EXPORT_SYMBOL_GPL(xpv_page_cache_init);

void xpv_page_cache_trim(struct xpv_page_cache *cache, unsigned int keep)
{
	gnttab_page_cache_shrink(&cache->cache, keep);
}
EXPORT_SYMBOL_GPL(xpv_page_cache_trim);

static struct page *cache_get(struct xpv_page_cache *cache)
{
	struct page *page;

	if (cache->used >= cache->limit ||
	    gnttab_page_cache_get(&cache->cache, &page))
		return NULL;
	cache->used++;
	return page;
}

static void cache_put(struct xpv_page_cache *cache, struct page *page)
{
	gnttab_page_cache_put(&cache->cache, &page, 1);
	cache->used--;
}

int xpv_map_batch_init(struct xpv_map_batch *batch, struct xpv_device *xdev,
		       unsigned int max)
{
	batch->xdev = xdev;
	batch->nr = 0;
	batch->max = max;
	batch->failed = 0;
	batch->map = kvcalloc(max, sizeof(*batch->map), GFP_KERNEL);
	batch->unmap = kvcalloc(max, sizeof(*batch->unmap), GFP_KERNEL);
	batch->pages = kvcalloc(max, sizeof(*batch->pages), GFP_KERNEL);
	batch->gmap = kvcalloc(max, sizeof(*batch->gmap), GFP_KERNEL);
	if (batch->map && batch->unmap && batch->pages && batch->gmap)
		return 0;
	xpv_map_batch_fini(batch);
	return -ENOMEM;
}
EXPORT_SYMBOL_GPL(xpv_map_batch_init);

void xpv_map_batch_fini(struct xpv_map_batch *batch)
{
	kvfree(batch->map);
	kvfree(batch->unmap);
	kvfree(batch->pages);
	kvfree(batch->gmap);
	batch->map = NULL;
	batch->unmap = NULL;
	batch->pages = NULL;
	batch->gmap = NULL;
}
EXPORT_SYMBOL_GPL(xpv_map_batch_fini);

static phys_addr_t map_address(const struct page *page)
{
	return (unsigned long)page_address(page);
}

static void map_set_result(struct xpv_page_cache *cache, struct xpv_gmap *gmap,
			   const struct gnttab_map_grant_ref *op)
{
	if (op->status == GNTST_okay) {
		gmap->handle = op->handle;
		return;
	}
	gmap->error = op->status == GNTST_no_device_space ? -ENOMEM : -EIO;
	cache_put(cache, gmap->page);
	gmap->page = NULL;
}

/* Xen or our own tables do not say what became of the page: never use it. */
static void lose_page(struct xpv_device *xdev, struct xpv_page_cache *cache,
		      const char *what, int status)
{
	cache->used--;
	atomic_inc(&xdev->lost);
	if (__ratelimit(&xdev->ratelimit))
		xpv_err(xdev, "%s: Xen says %d; page lost\n", what, status);
}

/*
 * The call as a whole failed, which no known Xen does: operations that it did
 * carry out are not in the kernel's tables.
 */
static void map_lose(struct xpv_map_batch *batch, struct xpv_page_cache *cache,
		     unsigned int i)
{
	struct xpv_gmap *gmap = batch->gmap[i];

	if (batch->map[i].status == GNTST_okay) {
		lose_page(batch->xdev, cache, "mapping", batch->map[i].status);
		gmap->error = -EIO;
		gmap->page = NULL;
	} else {
		map_set_result(cache, gmap, &batch->map[i]);
	}
}

static void map_run(struct xpv_map_batch *batch, struct xpv_page_cache *cache)
{
	unsigned int nr = batch->nr;
	unsigned int failed = 0;
	unsigned int i;
	int err;

	if (!nr)
		return;
	/*
	 * Operations start out as errors, and one whose page could not be
	 * entered in our tables has been unmapped and says so.
	 */
	err = gnttab_map_refs(batch->map, NULL, batch->pages, nr);
	for (i = 0; i < nr; i++) {
		if (unlikely(err))
			map_lose(batch, cache, i);
		else
			map_set_result(cache, batch->gmap[i], &batch->map[i]);
		failed += !xpv_gmap_mapped(batch->gmap[i]);
	}
	batch->nr = 0;
	batch->failed += failed;

	trace_xpv_map(batch->xdev, nr, failed);
	if (batch->stats) {
		xpv_stat_add(batch->stats, XPV_STAT_MAPS, nr);
		xpv_stat_inc(batch->stats, XPV_STAT_MAP_CALLS);
	}
}

int xpv_map_add(struct xpv_map_batch *batch, struct xpv_page_cache *cache,
		struct xpv_gmap *gmap, grant_ref_t ref, bool readonly)
{
	u32 flags = GNTMAP_host_map | (readonly ? GNTMAP_readonly : 0);
	unsigned int i;

	if (batch->nr == batch->max)
		map_run(batch, cache);

	gmap->handle = INVALID_GRANT_HANDLE;
	gmap->error = 0;
	gmap->page = cache_get(cache);
	if (!gmap->page) {
		gmap->error = -ENOMEM;
		return -ENOMEM;
	}

	i = batch->nr++;
	batch->gmap[i] = gmap;
	batch->pages[i] = gmap->page;
	gnttab_set_map_op(&batch->map[i], map_address(gmap->page), flags, ref,
			  batch->xdev->peer_id);
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_map_add);

unsigned int xpv_map_run(struct xpv_map_batch *batch,
			 struct xpv_page_cache *cache)
{
	unsigned int failed;

	map_run(batch, cache);
	failed = batch->failed;
	batch->failed = 0;
	return failed;
}
EXPORT_SYMBOL_GPL(xpv_map_run);

bool xpv_unmap_busy(const struct xpv_gmap *gmap)
{
	return page_count(gmap->page) > 1;
}
EXPORT_SYMBOL_GPL(xpv_unmap_busy);

void xpv_unmap_add(struct xpv_map_batch *batch, struct xpv_page_cache *cache,
		   struct xpv_gmap *gmap)
{
	unsigned int i;

	if (!xpv_gmap_mapped(gmap))
		return;
	if (batch->nr == batch->max)
		xpv_unmap_run(batch, cache);

	i = batch->nr++;
	batch->pages[i] = gmap->page;
	gnttab_set_unmap_op(&batch->unmap[i], map_address(gmap->page),
			    GNTMAP_host_map, gmap->handle);
	/* What Xen does not answer for counts as failed. */
	batch->unmap[i].status = GNTST_general_error;
	gmap->handle = INVALID_GRANT_HANDLE;
	gmap->page = NULL;
}
EXPORT_SYMBOL_GPL(xpv_unmap_add);

void xpv_unmap_run(struct xpv_map_batch *batch, struct xpv_page_cache *cache)
{
	struct xpv_device *xdev = batch->xdev;
	unsigned int nr = batch->nr;
	unsigned int failed = 0;
	unsigned int i;
	int err;

	if (!nr)
		return;
	err = gnttab_unmap_refs(batch->unmap, NULL, batch->pages, nr);
	for (i = 0; i < nr; i++) {
		if (likely(!err && batch->unmap[i].status == GNTST_okay)) {
			cache_put(cache, batch->pages[i]);
			continue;
		}
		failed++;
		lose_page(xdev, cache, "unmapping", batch->unmap[i].status);
	}
	batch->nr = 0;

	trace_xpv_unmap(xdev, nr, failed);
	if (batch->stats) {
		xpv_stat_add(batch->stats, XPV_STAT_UNMAPS, nr);
		xpv_stat_inc(batch->stats, XPV_STAT_UNMAP_CALLS);
	}
}
EXPORT_SYMBOL_GPL(xpv_unmap_run);
