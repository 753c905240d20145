/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mapping a frontend's pages, in batches.
 *
 * A batch gathers operations over many requests and costs one hypercall; Xen
 * flushes the TLB once per 32 unmaps of a call, whoever they belong to. Each
 * operation has its own result. Nothing is unmapped twice, nothing that failed
 * is unmapped, nothing that succeeded is forgotten (XSA-362, 365, 367).
 *
 * Locking: a batch and a cache belong to one context.
 */
#ifndef XPV_GRANT_MAP_H
#define XPV_GRANT_MAP_H

#include <linux/mm_types.h>
#include <linux/types.h>
#include <xen/grant_table.h>

struct xpv_device;
struct xpv_stats;

/**
 * struct xpv_gmap - a page of the frontend's, mapped here
 * @page: our page that stands for it, NULL where none
 * @handle: Xen's handle, INVALID_GRANT_HANDLE where not mapped
 * @error: 0 or why the map failed (-errno)
 */
struct xpv_gmap {
	struct page *page;
	grant_handle_t handle;
	int error;
};

static inline bool xpv_gmap_mapped(const struct xpv_gmap *map)
{
	return map->handle != INVALID_GRANT_HANDLE;
}

/**
 * struct xpv_page_cache - pages fit for foreign mappings
 * @cache: the kernel's list of free ones
 * @used: pages handed out, bounded by @limit
 * @limit: most pages that may be out: caps what one guest can make us map
 *
 * Such pages are scarce in a PV dom0 (ballooned out or unpopulated).
 */
struct xpv_page_cache {
	struct gnttab_page_cache cache;
	unsigned int used;
	unsigned int limit;
};

/**
 * xpv_page_cache_init() - make an empty cache
 * @cache: the cache
 * @limit: most pages that may be out at a time
 */
void xpv_page_cache_init(struct xpv_page_cache *cache, unsigned int limit);

/**
 * xpv_page_cache_trim() - give free pages back to the kernel
 * @cache: the cache
 * @keep: free pages to keep, 0 for none
 *
 * Context: process, may sleep.
 */
void xpv_page_cache_trim(struct xpv_page_cache *cache, unsigned int keep);

/* Free pages in a cache. */
static inline unsigned int
xpv_page_cache_free(const struct xpv_page_cache *cache)
{
	return cache->cache.num_pages;
}

/**
 * struct xpv_map_batch - maps or unmaps under way
 * @xdev: the device they are for
 * @stats: counters to add to, or NULL; set by the owner
 * @nr: operations gathered
 * @max: room for so many
 * @failed: maps that failed in runs that an overflow caused
 * @map: operations, where maps are gathered
 * @unmap: operations, where unmaps are gathered
 * @pages: the page of each operation
 * @gmap: what each map fills in
 */
struct xpv_map_batch {
	struct xpv_device *xdev;
	struct xpv_stats *stats;
	unsigned int nr;
	unsigned int max;
	unsigned int failed;
	struct gnttab_map_grant_ref *map;
	struct gnttab_unmap_grant_ref *unmap;
	struct page **pages;
	struct xpv_gmap **gmap;
};

/**
 * xpv_map_batch_init() - make room for a batch
 * @batch: zeroed batch
 * @xdev: the device whose peer's pages are meant
 * @max: operations it takes; adding to a full batch runs it first
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int xpv_map_batch_init(struct xpv_map_batch *batch, struct xpv_device *xdev,
		       unsigned int max);

/**
 * xpv_map_batch_fini() - free a batch
 * @batch: an empty batch; a zeroed one is fine
 */
void xpv_map_batch_fini(struct xpv_map_batch *batch);

/**
 * xpv_map_add() - gather a map
 * @batch: the batch, holding only maps
 * @cache: where the page comes from
 * @gmap: what to fill; stays with the batch until xpv_map_run()
 * @ref: the frontend's reference, any value
 * @readonly: map without write access
 *
 * Context: process, may sleep.
 * Return: 0, or -ENOMEM where no page was to be had; @gmap then holds that
 * error and nothing else.
 */
int xpv_map_add(struct xpv_map_batch *batch, struct xpv_page_cache *cache,
		struct xpv_gmap *gmap, grant_ref_t ref, bool readonly);

/**
 * xpv_map_run() - map what was gathered
 * @batch: the batch; empty afterwards
 * @cache: where pages of failed maps return to
 *
 * Each gmap has its own result: either xpv_gmap_mapped(), or @error set and no
 * page. Any status but GNTST_okay is an error, positive ones too (XSA-316).
 *
 * Context: process, may sleep.
 * Return: number of maps that failed since this was last called.
 */
unsigned int xpv_map_run(struct xpv_map_batch *batch,
			 struct xpv_page_cache *cache);

/**
 * xpv_unmap_busy() - whether someone else still holds the mapped page
 * @gmap: a mapped page
 *
 * Network storage may retransmit from a page after its bio has ended; such a
 * page must not be unmapped yet.
 */
bool xpv_unmap_busy(const struct xpv_gmap *gmap);

/**
 * xpv_unmap_add() - gather an unmap
 * @batch: the batch, holding only unmaps
 * @cache: where the page goes
 * @gmap: mapped or not; one that is not mapped is passed over
 *
 * @gmap itself is not used after this call: the batch keeps what it needs.
 *
 * Context: process, may sleep.
 */
void xpv_unmap_add(struct xpv_map_batch *batch, struct xpv_page_cache *cache,
		   struct xpv_gmap *gmap);

/**
 * xpv_unmap_run() - unmap what was gathered
 * @batch: the batch; empty afterwards
 * @cache: where the pages go
 *
 * A page that Xen refuses to unmap is never used again: lost on purpose,
 * counted and logged, not a BUG (XSA-362).
 *
 * Context: process, may sleep.
 */
void xpv_unmap_run(struct xpv_map_batch *batch, struct xpv_page_cache *cache);

#endif /* XPV_GRANT_MAP_H */
