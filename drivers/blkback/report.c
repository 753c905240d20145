// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "xen-blkback: " fmt

#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/seq_file.h>

#include "dispatch.h"
#include "param.h"
#include "report.h"

/* Where the counter of a verdict is in the table. */
#define REFUSED(verdict) ((verdict) + FIRST_REFUSED - 1)
#define FIRST_REFUSED (BLKBACK_STAT_REFUSED - XPV_STAT_DRIVER)

const char * const blkback_stat_names[BLKBACK_NR_STATS] = {
	[BLKBACK_STAT_READS - XPV_STAT_DRIVER] = "reads",
	[BLKBACK_STAT_WRITES - XPV_STAT_DRIVER] = "writes",
	[BLKBACK_STAT_FLUSHES - XPV_STAT_DRIVER] = "flushes",
	[BLKBACK_STAT_BARRIERS - XPV_STAT_DRIVER] = "barriers",
	[BLKBACK_STAT_DISCARDS - XPV_STAT_DRIVER] = "discards",
	[BLKBACK_STAT_READ_SECTORS - XPV_STAT_DRIVER] = "read_sectors",
	[BLKBACK_STAT_WRITE_SECTORS - XPV_STAT_DRIVER] = "write_sectors",
	[BLKBACK_STAT_ERRORS - XPV_STAT_DRIVER] = "errors",
	[BLKBACK_STAT_BUSY - XPV_STAT_DRIVER] = "busy_pages",
	[BLKBACK_STAT_UNMAPPABLE - XPV_STAT_DRIVER] = "unmappable",
	[REFUSED(BLKBACK_BAD_OP)] = "refused_operation",
	[REFUSED(BLKBACK_BAD_COUNT)] = "refused_count",
	[REFUSED(BLKBACK_BAD_SEGMENT)] = "refused_segment",
	[REFUSED(BLKBACK_BAD_ALIGNMENT)] = "refused_alignment",
	[REFUSED(BLKBACK_BAD_RANGE)] = "refused_range",
	[REFUSED(BLKBACK_BAD_MODE)] = "refused_read_only",
	[BLKBACK_STAT_RATE_LIMITED - XPV_STAT_DRIVER] = "rate_limited",
	[BLKBACK_STAT_PGNT_HITS - XPV_STAT_DRIVER] = "pgnt_hits",
	[BLKBACK_STAT_POLLED - XPV_STAT_DRIVER] = "poll_hits",
	[BLKBACK_STAT_INLINE - XPV_STAT_DRIVER] = "inline_completions",
	[BLKBACK_STAT_RESUBMITTED - XPV_STAT_DRIVER] = "resubmitted",
};

/* "16:7": seven took less than that, and not less than half of it. */
static void show_hist(struct seq_file *seq, const char *name,
		      const struct xpv_hist *hist)
{
	unsigned int i;
	u64 nr;

	seq_printf(seq, "  %s_latency_below_us:", name);
	for (i = 0; i < XPV_HIST_BUCKETS; i++) {
		nr = READ_ONCE(hist->bucket[i]);
		if (nr)
			seq_printf(seq, " %llu:%llu", (1024ULL << i) / 1000,
				   nr);
	}
	seq_puts(seq, "\n");
}

void blkback_report_queue(struct blkback_queue *queue, struct seq_file *seq)
{
	seq_printf(seq, "  outstanding: %u\n", READ_ONCE(queue->outstanding));
	seq_printf(seq, "  persistent_grants: %u\n", READ_ONCE(queue->pgnts.nr));
	show_hist(seq, "read", &queue->latency[BLKBACK_LATENCY_READ]);
	show_hist(seq, "write", &queue->latency[BLKBACK_LATENCY_WRITE]);
	show_hist(seq, "other", &queue->latency[BLKBACK_LATENCY_OTHER]);
}

static u64 since_logged(struct blkback_queue *queue, unsigned int id)
{
	u64 now = xpv_stat_read(&queue->base.stats, id);
	u64 then = queue->logged.count[id];

	queue->logged.count[id] = now;
	return now - then;
}

/* In the words of the in-tree backend; an idle queue prints nothing. */
void blkback_report_log(struct blkback_queue *queue)
{
	u64 flushes;

	if (likely(!READ_ONCE(blkback_log_stats)) ||
	    time_before(jiffies, queue->log_at))
		return;
	queue->log_at = jiffies + BLKBACK_LOG_INTERVAL;
	flushes = since_logged(queue, BLKBACK_STAT_FLUSHES);
	flushes += since_logged(queue, BLKBACK_STAT_BARRIERS);
	pr_info("(%s): oo %3llu  |  rd %4llu  |  wr %4llu  |  f %4llu  |  ds %4llu\n",
		current->comm, since_logged(queue, XPV_STAT_STALLS),
		since_logged(queue, BLKBACK_STAT_READS),
		since_logged(queue, BLKBACK_STAT_WRITES), flushes,
		since_logged(queue, BLKBACK_STAT_DISCARDS));
}
