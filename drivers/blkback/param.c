// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/module.h>

#include "xpv.h"

#include "grant_limit.h"
#include "param.h"

/* A day: jiffies of 32 bits do not wrap within. */
#define UNUSED_MOST 86400

/* Longer than that, and it were a setting of its own. */
#define SQUEEZE_MOST 60000

/* A thread that looks has a processor to itself: no more than a tick or so. */
#define POLL_MOST 10000

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
	  blkback_persistent_grant_unused_seconds, 0, UNUSED_MOST, 0644);
MODULE_PARM_DESC(persistent_grant_unused_seconds,
		 "Unmap persistent grants that were not used for so long, 0 to 86400; 0: never (default: 60)");

XPV_PARAM(max_buffer_pages, blkback_max_buffer_pages, 0, BLKBACK_DOMAIN_PAGES,
	  0644);
MODULE_PARM_DESC(max_buffer_pages,
		 "Most free pages that a busy queue keeps for its next requests, 0 to 32768 (default: 1024)");

XPV_PARAM(buffer_squeeze_duration_ms, blkback_buffer_squeeze_duration_ms, 0,
	  SQUEEZE_MOST, 0644);
MODULE_PARM_DESC(buffer_squeeze_duration_ms,
		 "For how long queues keep no free pages when memory is short, 0 to 60000 (default: 10)");

XPV_PARAM(poll_us, blkback_poll_us, 0, POLL_MOST, 0644);
MODULE_PARM_DESC(poll_us,
		 "Longest that a queue's thread polls for requests before it sleeps, in microseconds, 0 to 10000; 0: never (default: 50)");

module_param_named(log_stats, blkback_log_stats, int, 0644);
MODULE_PARM_DESC(log_stats,
		 "1: print the counts of each busy queue every 10 seconds (default: 0)");

void blkback_params_init(void)
{
	if (!blkback_max_queues)
		blkback_max_queues = min_t(unsigned int, num_online_cpus(),
					   XPV_MAX_QUEUES);
}
