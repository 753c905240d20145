// SPDX-License-Identifier: GPL-2.0
#include <linux/gfp.h>
#include <linux/sizes.h>
#include <xen/page.h>

#include "device.h"
#include "grant.h"
#include "ring.h"

int xpv_ring_create(struct xpv_device *xdev, struct xpv_ring *ring,
		    unsigned int order, u32 slot_size)
{
	unsigned int pages = 1U << order;
	void *memory;
	int err;

	/* Zeroed: the backend sees nothing of ours (XSA-403). */
	err = xenbus_setup_ring(xdev->xbdev, GFP_NOIO, &memory, pages,
				ring->gref);
	if (err)
		return err;

	ring->mapped = false;
	ring->pages = pages;
	xpv_slots_init_front(&ring->slots, memory, pages * XEN_PAGE_SIZE,
			     slot_size);
	return 0;
}

int xpv_ring_map(struct xpv_device *xdev, struct xpv_ring *ring, u32 slot_size)
{
	unsigned int pages = ring->pages;
	void *memory;
	int err;

	ring->pages = 0;
	err = xenbus_map_ring_valloc(xdev->xbdev, ring->gref, pages, &memory);
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
static void withdraw(struct xpv_device *xdev, struct xpv_ring *ring,
		     void *memory)
{
	unsigned int i;

	for (i = 0; i < ring->pages; i++) {
		xpv_page_withdraw(xdev, ring->gref[i],
				  virt_to_page(memory + i * XEN_PAGE_SIZE));
		ring->gref[i] = INVALID_GRANT_REF;
	}
	xenbus_teardown_ring(&memory, ring->pages, ring->gref);
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
		withdraw(xdev, ring, memory);
	ring->pages = 0;
}
