// SPDX-License-Identifier: GPL-2.0
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <xen/page.h>

#include "types.h"
#include "grant.h"
#include "grant_map.h"
#include "ring.h"

/* All or none of them. */
static int grant_pages(struct xpv_device *xdev, struct xpv_ring *ring,
		       void *memory, unsigned int pages)
{
	grant_ref_t head;
	unsigned int i;

	if (gnttab_alloc_grant_references(pages, &head))
		return -ENOSPC;
	for (i = 0; i < pages; i++) {
		ring->gref[i] = gnttab_claim_grant_reference(&head);
		gnttab_grant_foreign_access_ref(ring->gref[i], xdev->peer_id,
						virt_to_gfn(memory + i *
							    XEN_PAGE_SIZE), 0);
	}
	return 0;
}

/*
 * xenbus_setup_ring() would end the device where memory or references are
 * short; the caller may have use for a smaller ring.
 */
int xpv_ring_create(struct xpv_device *xdev, struct xpv_ring *ring,
		    unsigned int order, u32 slot_size)
{
	unsigned int pages = 1U << order;
	void *memory;
	int err;

	/* Zeroed: the backend sees nothing of ours (XSA-403). */
	memory = alloc_pages_exact(pages * XEN_PAGE_SIZE,
				   GFP_NOIO | __GFP_ZERO | __GFP_NOWARN);
	if (!memory)
		return -ENOMEM;
	err = grant_pages(xdev, ring, memory, pages);
	if (err) {
		free_pages_exact(memory, pages * XEN_PAGE_SIZE);
		return err;
	}

	ring->mapped = false;
	ring->pages = pages;
	xpv_slots_init_front(&ring->slots, memory, pages * XEN_PAGE_SIZE,
			     slot_size);
	return 0;
}

/**
 * struct pins - a ring's pages, mapped one by one
 * @batch: for their maps and unmaps
 * @cache: where these are mapped
 * @page: the maps
 *
 * What xenbus_map_ring_valloc() cannot map has lines in the log and ends the
 * device, as often as a frontend likes. What is mapped already can be mapped
 * again, whatever the frontend does to its grant entries meanwhile.
 */
struct pins {
	struct xpv_map_batch batch;
	struct xpv_page_cache cache;
	struct xpv_gmap page[XPV_RING_MAX_PAGES];
};

static void unpin_pages(struct pins *pins, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		xpv_unmap_add(&pins->batch, &pins->cache, &pins->page[i]);
	xpv_unmap_run(&pins->batch, &pins->cache);
	xpv_page_cache_trim(&pins->cache, 0);
	xpv_map_batch_fini(&pins->batch);
}

static int pin_pages(struct xpv_device *xdev, struct pins *pins,
		     const grant_ref_t *gref, unsigned int nr)
{
	unsigned int i;
	int err;

	err = xpv_map_batch_init(&pins->batch, xdev, nr);
	if (err)
		return err;
	xpv_page_cache_init(&pins->cache, nr);
	for (i = 0; i < nr && !err; i++)
		err = xpv_map_add(&pins->batch, &pins->cache, &pins->page[i],
				  gref[i], false);
	if (xpv_map_run(&pins->batch, &pins->cache) && !err)
		err = -EINVAL;
	if (err)
		unpin_pages(pins, i);
	return err;
}

int xpv_ring_map(struct xpv_device *xdev, struct xpv_ring *ring, u32 slot_size)
{
	unsigned int pages = ring->pages;
	struct pins pins = {};
	void *memory;
	int err;

	ring->pages = 0;
	err = pin_pages(xdev, &pins, ring->gref, pages);
	if (err)
		return err;
	err = xenbus_map_ring_valloc(xdev->xbdev, ring->gref, pages, &memory);
	unpin_pages(&pins, pages);
	if (err)
		return err;

	err = xpv_slots_init_back(&ring->slots, memory, pages * XEN_PAGE_SIZE,
				  slot_size);
	if (err) {
		xenbus_unmap_ring_vfree(xdev->xbdev, memory);
		return err;
	}
	ring->mapped = true;
	ring->pages = pages;
	return 0;
}

/*
 * The backend may have the ring mapped for a little longer. The kernel's own
 * way to wait for that looks at ten pages a second, and devices that come and
 * go leave it more than that.
 */
static void free_ring(struct xpv_device *xdev, struct xpv_ring *ring,
		      void *memory)
{
	struct page *page;
	unsigned int i;

	for (i = 0; i < ring->pages; i++) {
		page = virt_to_page(memory + i * XEN_PAGE_SIZE);
		/* For the quarantine; free_pages_exact() drops ours. */
		get_page(page);
		xpv_grant_free(xdev, NULL, ring->gref[i], page);
		ring->gref[i] = INVALID_GRANT_REF;
	}
	free_pages_exact(memory, ring->pages * XEN_PAGE_SIZE);
}

void xpv_ring_destroy(struct xpv_device *xdev, struct xpv_ring *ring)
{
	void *memory = ring->slots.shared;

	if (!ring->pages)
		return;
	/* A late user finds no ring rather than a stale one. */
	ring->slots.shared = NULL;
	if (ring->mapped)
		xenbus_unmap_ring_vfree(xdev->xbdev, memory);
	else
		free_ring(xdev, ring, memory);
	ring->pages = 0;
}
