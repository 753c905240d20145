// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of the driver: module parameters, features, counters' names.
 */
#include <linux/cpumask.h>
#include <linux/module.h>

#include "blkback.h"
#include "connect.h"
#include "idle.h"
#include "skb_flush.h"

/* Module parameters, under the in-tree backend's names */

/* A day: jiffies of 32 bits do not wrap within. */
#define MAX_UNUSED_SECONDS 86400

/* A minute: to keep no free pages for longer, set max_buffer_pages to 0. */
#define MAX_SHRINK_MS 60000

/* 10 ms: a thread that polls keeps a CPU busy, for no more than a few ticks. */
#define MAX_POLL_US 10000

unsigned int blkback_max_queues;
unsigned int blkback_max_ring_page_order = XPV_RING_MAX_ORDER;
bool blkback_feature_persistent = true;
unsigned int blkback_max_persistent_grants = 1056;
unsigned int blkback_persistent_grant_unused_seconds = 60;
unsigned int blkback_max_buffer_pages = 1024;
unsigned int blkback_buffer_squeeze_duration_ms = 10;
unsigned int blkback_poll_us = 50;
int blkback_log_stats;

XPV_PARAM(max_queues, blkback_max_queues, 1, XPV_MAX_QUEUES, 0644);
MODULE_PARM_DESC(max_queues,
		 "Most queues offered for a disk, 1 to 64 (default: one for each CPU)");

XPV_PARAM(max_ring_page_order, blkback_max_ring_page_order, 0,
	  XPV_RING_MAX_ORDER, 0444);
MODULE_PARM_DESC(max_ring_page_order,
		 "Most pages of a ring as log2, 0 to 4 (default: 4)");

module_param_named(feature_persistent, blkback_feature_persistent, bool, 0644);
MODULE_PARM_DESC(feature_persistent, "Offer persistent grants (default: Y)");

XPV_PARAM(max_persistent_grants, blkback_max_persistent_grants, 0,
	  BLKBACK_DOMAIN_PGNTS, 0644);
MODULE_PARM_DESC(max_persistent_grants,
		 "Most persistent grants of a queue, 0 to 16384; a guest has 16384 for all its disks (default: 1056)");

XPV_PARAM(persistent_grant_unused_seconds,
	  blkback_persistent_grant_unused_seconds, 0, MAX_UNUSED_SECONDS, 0644);
MODULE_PARM_DESC(persistent_grant_unused_seconds,
		 "Unmap persistent grants that were not used for so long, 0 to 86400; 0: never (default: 60)");

XPV_PARAM(max_buffer_pages, blkback_max_buffer_pages, 0, BLKBACK_DOMAIN_PAGES,
	  0644);
MODULE_PARM_DESC(max_buffer_pages,
		 "Most free pages that a busy queue keeps for its next requests, 0 to 32768 (default: 1024)");

XPV_PARAM(buffer_squeeze_duration_ms, blkback_buffer_squeeze_duration_ms, 0,
	  MAX_SHRINK_MS, 0644);
MODULE_PARM_DESC(buffer_squeeze_duration_ms,
		 "For how long queues keep no free pages when memory is short, 0 to 60000 (default: 10)");

XPV_PARAM(poll_us, blkback_poll_us, 0, MAX_POLL_US, 0644);
MODULE_PARM_DESC(poll_us,
		 "Longest that a queue's thread polls for requests before it sleeps, in microseconds, 0 to 10000; 0: never (default: 50)");

module_param_named(log_stats, blkback_log_stats, int, 0644);
MODULE_PARM_DESC(log_stats,
		 "1: print the counts of each busy queue every 10 seconds (default: 0)");

/* Features */

static const struct xpv_feature features[BLKBACK_NR_FEATURES] = {
	[BLKBACK_FEATURE_FLUSH] = {
		.key = BLKIF_KEY_FLUSH,
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKBACK_FEATURE_BARRIER] = {
		.key = BLKIF_KEY_BARRIER,
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKBACK_FEATURE_DISCARD] = {
		.key = BLKIF_KEY_DISCARD,
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKBACK_FEATURE_GRANULARITY] = {
		.key = BLKIF_KEY_DISCARD_GRANULARITY,
		.writer = XPV_BACK,
		.max = U32_MAX,
	},
	[BLKBACK_FEATURE_ALIGNMENT] = {
		.key = BLKIF_KEY_DISCARD_ALIGNMENT,
		.writer = XPV_BACK,
		.max = U32_MAX,
	},
	[BLKBACK_FEATURE_SECURE] = {
		.key = BLKIF_KEY_DISCARD_SECURE,
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKBACK_FEATURE_PERSISTENT] = {
		.key = BLKIF_KEY_PERSISTENT,
		.writer = XPV_BACK,
		.max = 1,
		.flag = &blkback_feature_persistent,
	},
	[BLKBACK_FEATURE_FRONT_PERSISTENT] = {
		.key = BLKIF_KEY_PERSISTENT,
		.writer = XPV_FRONT,
		.max = 1,
	},
	[BLKBACK_FEATURE_QUEUES] = {
		.key = BLKIF_KEY_MAX_QUEUES,
		.writer = XPV_BACK,
		.min = 1,
		.max = XPV_MAX_QUEUES,
		.param = &blkback_max_queues,
	},
	[BLKBACK_FEATURE_RING_ORDER] = {
		.key = BLKIF_KEY_MAX_RING_ORDER,
		.writer = XPV_BACK,
		.max = XPV_RING_MAX_ORDER,
		.param = &blkback_max_ring_page_order,
	},
	[BLKBACK_FEATURE_INDIRECT] = {
		.key = BLKIF_KEY_MAX_INDIRECT,
		.writer = XPV_BACK,
		.max = BLKBACK_MAX_SEGS,
	},
};

/* Counters */

#define INDEX(stat) (BLKBACK_STAT_##stat - XPV_STAT_DRIVER)

/* Where the counter of a verdict is in the table. */
#define REFUSED(verdict) (INDEX(REFUSED) + BLKBACK_BAD_##verdict - 1)

static const char * const stat_names[BLKBACK_NR_STATS] = {
	[INDEX(READS)] = "reads",
	[INDEX(WRITES)] = "writes",
	[INDEX(FLUSHES)] = "flushes",
	[INDEX(BARRIERS)] = "barriers",
	[INDEX(DISCARDS)] = "discards",
	[INDEX(READ_SECTORS)] = "read_sectors",
	[INDEX(WRITE_SECTORS)] = "write_sectors",
	[INDEX(ERRORS)] = "errors",
	[INDEX(BUSY)] = "busy_pages",
	[INDEX(UNMAPPABLE)] = "unmappable",
	[REFUSED(OP)] = "refused_operation",
	[REFUSED(COUNT)] = "refused_count",
	[REFUSED(SEGMENT)] = "refused_segment",
	[REFUSED(ALIGNMENT)] = "refused_alignment",
	[REFUSED(RANGE)] = "refused_range",
	[REFUSED(MODE)] = "refused_read_only",
	[INDEX(RATE_LIMITED)] = "rate_limited",
	[INDEX(PGNT_HITS)] = "pgnt_hits",
	[INDEX(POLL_HITS)] = "poll_hits",
	[INDEX(INLINE)] = "inline_completions",
	[INDEX(RESUBMITTED)] = "resubmitted",
};

/* Registration */

static const struct xenbus_device_id ids[] = {
	{ "vbd" },
	{ "" },
};

static struct xpv_driver driver = {
	.name = "xen-blkback",
	.side = XPV_BACK,
	.ids = ids,
	.ops = &blkback_ops,
	.features = features,
	.nr_features = BLKBACK_NR_FEATURES,
	.stat_names = stat_names,
	.nr_stats = BLKBACK_NR_STATS,
};

static int __init blkback_init(void)
{
	int err;

	/* Unless it was set: the default depends on the machine. */
	if (!blkback_max_queues)
		blkback_max_queues = min_t(unsigned int, num_online_cpus(),
					   XPV_MAX_QUEUES);
	err = blkback_skb_flush_init();
	if (err)
		return err;
	err = xpv_driver_register(&driver, THIS_MODULE, KBUILD_MODNAME);
	if (err)
		blkback_skb_flush_exit();
	return err;
}
module_init(blkback_init);

static void __exit blkback_exit(void)
{
	xpv_driver_unregister(&driver);
	blkback_idle_exit();
	blkback_skb_flush_exit();
}
module_exit(blkback_exit);

MODULE_DESCRIPTION("Xen paravirtual block backend");
MODULE_LICENSE("GPL");
MODULE_VERSION(XPV_VERSION);
MODULE_ALIAS("xen-backend:vbd");
