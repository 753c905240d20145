/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ring's memory: allocated and granted by a frontend, mapped by a backend.
 */
#ifndef XPV_RING_H
#define XPV_RING_H

#include <linux/bits.h>
#include <xen/interface/grant_table.h>

#include "ring_slots.h"

struct xpv_device;

/*
 * 16 pages: what xenbus can map in one go (XENBUS_MAX_RING_GRANTS), and the
 * default of the in-tree blkback's max_ring_page_order.
 */
#define XPV_RING_MAX_ORDER 4
#define XPV_RING_MAX_PAGES BIT(XPV_RING_MAX_ORDER)

/**
 * struct xpv_ring - one ring of a queue
 * @slots: indices and access; @slots.shared is NULL while there is no ring
 * @pages: grant-sized (4 KiB) pages it covers, 0 while there is no ring
 * @gref: a grant reference for each of them
 * @mapped: a frontend's memory mapped here, rather than memory of our own
 */
struct xpv_ring {
	struct xpv_slots slots;
	unsigned int pages;
	grant_ref_t gref[XPV_RING_MAX_PAGES];
	bool mapped;
};

/**
 * xpv_ring_create() - allocate, zero and grant a ring (frontend)
 * @xdev: the device
 * @ring: zeroed or destroyed ring
 * @order: log2 of its pages, up to XPV_RING_MAX_ORDER
 * @slot_size: bytes per slot
 *
 * Context: process, may sleep.
 * Return: 0 or -errno; nothing is left behind on error.
 */
int xpv_ring_create(struct xpv_device *xdev, struct xpv_ring *ring,
		    unsigned int order, u32 slot_size);

/**
 * xpv_ring_map() - map a frontend's ring (backend)
 * @xdev: the device
 * @ring: ring with @gref and @pages filled in
 * @slot_size: bytes per slot in the frontend's layout
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL for a page that cannot be mapped; -EPROTO for impossible
 * indices in the ring; -errno. Nothing is left behind on error, and nothing
 * logged.
 */
int xpv_ring_map(struct xpv_device *xdev, struct xpv_ring *ring,
		 u32 slot_size);

/**
 * xpv_ring_destroy() - give a ring's memory back, whichever end it is
 * @xdev: the device
 * @ring: the ring; one without memory is fine
 *
 * Pages of ours that the backend still has mapped are in quarantine until it
 * unmaps them, and not freed before (CVE-2022-23040).
 * No user of the ring's slots may be left.
 *
 * Context: process, may sleep.
 */
void xpv_ring_destroy(struct xpv_device *xdev, struct xpv_ring *ring);

#endif /* XPV_RING_H */
