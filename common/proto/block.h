/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What both ends of a disk must agree on: keys in xenstore, the shape of a
 * queue, the layout of a slot. Xen's public header io/blkif.h, which the names
 * below follow, is the authority; sizes are checked here at compile time.
 */
#ifndef XPV_PROTO_BLOCK_H
#define XPV_PROTO_BLOCK_H

#include <linux/build_bug.h>
#include <xen/interface/io/blkif.h>

/* Written by the backend: features. */
#define BLKIF_KEY_FLUSH "feature-flush-cache"
#define BLKIF_KEY_BARRIER "feature-barrier"
#define BLKIF_KEY_DISCARD "feature-discard"
#define BLKIF_KEY_DISCARD_GRANULARITY "discard-granularity"
#define BLKIF_KEY_DISCARD_ALIGNMENT "discard-alignment"
#define BLKIF_KEY_DISCARD_SECURE "discard-secure"
#define BLKIF_KEY_MAX_QUEUES "multi-queue-max-queues"
#define BLKIF_KEY_MAX_RING_ORDER "max-ring-page-order"
#define BLKIF_KEY_MAX_INDIRECT "feature-max-indirect-segments"
/* Written by both. */
#define BLKIF_KEY_PERSISTENT "feature-persistent"

/* Written by the backend: the disk. */
#define BLKIF_KEY_SECTORS "sectors"
#define BLKIF_KEY_INFO "info"
#define BLKIF_KEY_SECTOR_SIZE "sector-size"
#define BLKIF_KEY_PHYSICAL_SIZE "physical-sector-size"

/* Written by the frontend; XEN_IO_PROTO_ABI_*. */
#define BLKIF_KEY_PROTOCOL "protocol"

/*
 * The shape of a disk's queue, for struct xpv_queue_type. The slots are those
 * of frontends with the native layout; a backend passes the size of another.
 */
#define BLKIF_QUEUE_SHAPE						\
	.nr_rings = 1,							\
	.ring = {							\
		{							\
			.ref_key = "ring-ref",				\
			.slot_size = sizeof(union blkif_sring_entry),	\
		},							\
	},								\
	.multi_page = true

static_assert(sizeof(struct blkif_request) == 112);
static_assert(sizeof(struct blkif_response) == 16);
static_assert(sizeof(union blkif_sring_entry) == 112);
static_assert(sizeof(struct blkif_request_segment) == 8);

#endif /* XPV_PROTO_BLOCK_H */
