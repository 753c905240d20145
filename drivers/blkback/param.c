// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "xen-blkback: " fmt

#include <linux/cpumask.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/string.h>

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

/**
 * struct bound - a parameter with limits
 * @val: where it is kept
 * @min: a smaller value is taken as this
 * @max: a greater value is taken as this
 */
struct bound {
	unsigned int *val;
	unsigned int min;
	unsigned int max;
};

/* A value out of bounds is no reason to be without disks. */
static int bound_set(const char *text, const struct kernel_param *kp)
{
	const struct bound *bound = kp->arg;
	unsigned int val;
	int err = kstrtouint(text, 0, &val);
	int len = strcspn(text, "\n");

	if (err == -EINVAL) {
		pr_warn("%s=%.*s is no number; still %u\n", kp->name, len, text,
			*bound->val);
		return err;
	}
	if (err == -ERANGE)
		val = UINT_MAX;
	if (err || val < bound->min || val > bound->max) {
		val = clamp(val, bound->min, bound->max);
		pr_warn("%s=%.*s is not within %u to %u; using %u\n", kp->name,
			len, text, bound->min, bound->max, val);
	}
	WRITE_ONCE(*bound->val, val);
	return 0;
}

static int bound_get(char *text, const struct kernel_param *kp)
{
	const struct bound *bound = kp->arg;

	return sysfs_emit(text, "%u\n", *bound->val);
}

static const struct kernel_param_ops bound_ops = {
	.set = bound_set,
	.get = bound_get,
};

#define BOUND_PARAM(_name, _min, _max, _mode)				\
static struct bound bound_##_name = {					\
	.val = &blkback_##_name,					\
	.min = _min,							\
	.max = _max,							\
};									\
module_param_cb(_name, &bound_ops, &bound_##_name, _mode)

BOUND_PARAM(max_queues, 1, XPV_MAX_QUEUES, 0644);
MODULE_PARM_DESC(max_queues,
		 "Most queues offered for a disk, 1 to 64 (default: one for each CPU)");

BOUND_PARAM(max_ring_page_order, 0, XPV_RING_MAX_ORDER, 0444);
MODULE_PARM_DESC(max_ring_page_order,
		 "Most pages of a ring as log2, 0 to 4 (default: 4)");

module_param_named(feature_persistent, blkback_feature_persistent, bool, 0644);
MODULE_PARM_DESC(feature_persistent, "Offer persistent grants (default: Y)");

BOUND_PARAM(max_persistent_grants, 0, BLKBACK_DOMAIN_PGNTS, 0644);
MODULE_PARM_DESC(max_persistent_grants,
		 "Most persistent grants of a queue, 0 to 16384; a guest has 16384 for all its disks (default: 1056)");

BOUND_PARAM(persistent_grant_unused_seconds, 0, UNUSED_MOST, 0644);
MODULE_PARM_DESC(persistent_grant_unused_seconds,
		 "Unmap persistent grants that were not used for so long, 0 to 86400; 0: never (default: 60)");

BOUND_PARAM(max_buffer_pages, 0, BLKBACK_DOMAIN_PAGES, 0644);
MODULE_PARM_DESC(max_buffer_pages,
		 "Most free pages that a busy queue keeps for its next requests, 0 to 32768 (default: 1024)");

BOUND_PARAM(buffer_squeeze_duration_ms, 0, SQUEEZE_MOST, 0644);
MODULE_PARM_DESC(buffer_squeeze_duration_ms,
		 "For how long queues keep no free pages when memory is short, 0 to 60000 (default: 10)");

BOUND_PARAM(poll_us, 0, POLL_MOST, 0644);
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
