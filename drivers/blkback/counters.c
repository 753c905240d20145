// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "xen-blkback: " fmt

#include <linux/printk.h>
#include <linux/sched.h>

#include "blkback.h"
#include "counters.h"

static u64 count_since(struct blkback_queue *queue, unsigned int id)
{
	u64 now = xpv_stat_read(&queue->base.stats, id);
	u64 then = queue->counters.logged.count[id];

	queue->counters.logged.count[id] = now;
	return now - then;
}

void blkback_counters_log(struct blkback_queue *queue)
{
	u64 flushes;

	if (likely(!READ_ONCE(blkback_log_stats)) ||
	    time_before(jiffies, queue->counters.log_at))
		return;
	queue->counters.log_at = jiffies + BLKBACK_LOG_INTERVAL;
	flushes = count_since(queue, BLKBACK_STAT_FLUSHES);
	flushes += count_since(queue, BLKBACK_STAT_BARRIERS);
	pr_info("(%s): oo %3llu  |  rd %4llu  |  wr %4llu  |  f %4llu  |  ds %4llu\n",
		current->comm, count_since(queue, XPV_STAT_STALLS),
		count_since(queue, BLKBACK_STAT_READS),
		count_since(queue, BLKBACK_STAT_WRITES), flushes,
		count_since(queue, BLKBACK_STAT_DISCARDS));
}
