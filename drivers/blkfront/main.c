// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

#include "blkfront.h"
#include "indirect.h"
#include "pool.h"
#include "queue.h"

bool blkfront_trusted = true;
module_param_named(trusted, blkfront_trusted, bool, 0644);
MODULE_PARM_DESC(trusted,
		 "N: copy all data through pages of the driver's own, so that the backend sees nothing beside it; Y: the toolstack decides, by the key trusted of each disk (default: Y)");

bool blkfront_persistent = true;
module_param_named(feature_persistent, blkfront_persistent, bool, 0644);
MODULE_PARM_DESC(feature_persistent,
		 "Use persistent grants where the backend offers them (default: Y)");

/* More gain nothing unless the backend has as many processors (block.md 4). */
unsigned int blkfront_max_queues = 4;
XPV_PARAM(max_queues, blkfront_max_queues, 1, XPV_MAX_QUEUES, 0444);
MODULE_PARM_DESC(max_queues,
		 "Most queues of a disk, 1 to 64 and at most one for each CPU (default: 4)");

unsigned int blkfront_poll_queues;
XPV_PARAM(poll_queues, blkfront_poll_queues, 0, XPV_MAX_QUEUES - 1, 0444);
MODULE_PARM_DESC(poll_queues,
		 "Queues of a disk for polled I/O beside the others, 0 to 63 (default: 0)");

unsigned int blkfront_max_order = XPV_RING_MAX_ORDER;
XPV_PARAM(max_ring_page_order, blkfront_max_order, 0, XPV_RING_MAX_ORDER, 0444);
MODULE_PARM_DESC(max_ring_page_order,
		 "Most pages of a ring as log2, 0 to 4 (default: 4)");

/* 1 MiB per request; the in-tree blkback takes no more. */
unsigned int blkfront_max_segments = 256;
XPV_PARAM(max_indirect_segments, blkfront_max_segments,
	  BLKIF_MAX_SEGMENTS_PER_REQUEST, BLKFRONT_POOL_MAX, 0444);
MODULE_PARM_DESC(max_indirect_segments,
		 "Most pages of a request, 11 to 1024; 11 does without indirect descriptors (default: 256)");

static const struct xpv_feature features[BLKFRONT_NR_FEATURES] = {
	[BLKFRONT_FLUSH_CACHE] = {
		.key = BLKIF_KEY_FLUSH,
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKFRONT_BARRIER] = {
		.key = BLKIF_KEY_BARRIER,
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKFRONT_MAX_QUEUES] = {
		.key = BLKIF_KEY_MAX_QUEUES,
		.writer = XPV_BACK,
		.absent = 1,
		.min = 1,
		.max = XPV_MAX_QUEUES,
	},
	[BLKFRONT_MAX_ORDER] = {
		.key = BLKIF_KEY_MAX_RING_ORDER,
		.writer = XPV_BACK,
		.max = XPV_RING_MAX_ORDER,
	},
	[BLKFRONT_MAX_INDIRECT] = {
		.key = BLKIF_KEY_MAX_INDIRECT,
		.writer = XPV_BACK,
		.max = BLKFRONT_MAX_SEGS,
	},
	[BLKFRONT_PERSISTENT] = {
		.key = BLKIF_KEY_PERSISTENT,
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKFRONT_OWN_PERSISTENT] = {
		.key = BLKIF_KEY_PERSISTENT,
		.writer = XPV_FRONT,
		.max = 1,
		.flag = &blkfront_persistent,
	},
	[BLKFRONT_DISCARD] = {
		.key = BLKIF_KEY_DISCARD,
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKFRONT_DISCARD_GRANULARITY] = {
		.key = BLKIF_KEY_DISCARD_GRANULARITY,
		.writer = XPV_BACK,
		.max = U32_MAX,
	},
	[BLKFRONT_DISCARD_ALIGNMENT] = {
		.key = BLKIF_KEY_DISCARD_ALIGNMENT,
		.writer = XPV_BACK,
		.max = U32_MAX,
	},
	[BLKFRONT_DISCARD_SECURELY] = {
		.key = BLKIF_KEY_DISCARD_SECURE,
		.writer = XPV_BACK,
		.max = 1,
	},
};

/* An entry of the array below. */
#define NAME(stat, text) \
	[BLKFRONT_STAT_##stat - XPV_STAT_DRIVER] = text

static const char * const stat_names[] = {
	NAME(READS, "reads"),
	NAME(WRITES, "writes"),
	NAME(FLUSHES, "flushes"),
	NAME(DISCARDS, "discards"),
	NAME(READ_BYTES, "read_bytes"),
	NAME(WRITE_BYTES, "write_bytes"),
	NAME(BOUNCED, "bounced"),
	NAME(PERSISTENT, "persistent"),
	NAME(INDIRECT, "indirect"),
	NAME(PARTIAL, "partial"),
	NAME(POOL_HITS, "pool_pages_used"),
	NAME(POOL_GROWN, "pool_pages_added"),
	NAME(POLLED, "polled"),
	NAME(ERRORS, "errors"),
	NAME(READ_ERRORS, "read_errors"),
	NAME(WRITE_ERRORS, "write_errors"),
	NAME(FLUSH_ERRORS, "flush_errors"),
	NAME(DISCARD_ERRORS, "discard_errors"),
	NAME(REFUSED, "not_supported"),
};

static const struct xenbus_device_id ids[] = {
	{ "vbd" },
	{ "" }
};

static struct xpv_driver driver = {
	.name = "xen-blkfront",
	.side = XPV_FRONT,
	.ids = ids,
	.ops = &blkfront_ops,
	.features = features,
	.nr_features = BLKFRONT_NR_FEATURES,
	.stat_names = stat_names,
	.nr_stats = BLKFRONT_STAT_END - XPV_STAT_DRIVER,
	.published_state = XenbusStateInitialised,
	/* Swap space may be on it. */
	.reclaim = true,
};

static int __init blkfront_init(void)
{
	int err;

	if (!xpv_disks_allowed()) {
		pr_err("xen-blkfront: this machine is no Xen domain, or its emulated disks are still plugged in (xen_emul_unplug)\n");
		return -ENODEV;
	}
	err = register_blkdev(BLKFRONT_MAJOR, "xvd");
	if (err) {
		pr_err("xen-blkfront: cannot get block major %u: error %d; is another xvd driver loaded?\n",
		       BLKFRONT_MAJOR, err);
		return err;
	}
	err = xpv_driver_register(&driver, THIS_MODULE, KBUILD_MODNAME);
	if (err)
		unregister_blkdev(BLKFRONT_MAJOR, "xvd");
	return err;
}

static void __exit blkfront_exit(void)
{
	xpv_driver_unregister(&driver);
	unregister_blkdev(BLKFRONT_MAJOR, "xvd");
}

module_init(blkfront_init);
module_exit(blkfront_exit);

MODULE_DESCRIPTION("Xen virtual block device frontend");
MODULE_AUTHOR("The xenpv authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(XPV_VERSION);
MODULE_ALIAS_BLOCKDEV_MAJOR(BLKFRONT_MAJOR);
MODULE_ALIAS("xen:vbd");
MODULE_ALIAS("xenblk");
