// SPDX-License-Identifier: GPL-2.0
#include <linux/seq_file.h>

#include "blkback.h"
#include "debugfs.h"

/* "16:7": seven took less than 16 us, and not less than half of that. */
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

void blkback_debugfs_show_queue(struct xpv_queue *base, struct seq_file *seq)
{
	struct blkback_queue *queue =
		container_of(base, struct blkback_queue, base);
	const struct xpv_hist *latency = queue->counters.latency;

	seq_printf(seq, "  outstanding: %u\n",
		   READ_ONCE(queue->ring.outstanding));
	seq_printf(seq, "  persistent_grants: %u\n",
		   READ_ONCE(queue->pages.pgnts.nr));
	show_hist(seq, "read", &latency[BLKBACK_LATENCY_READ]);
	show_hist(seq, "write", &latency[BLKBACK_LATENCY_WRITE]);
	show_hist(seq, "other", &latency[BLKBACK_LATENCY_OTHER]);
}

static void show_disk(const struct blkback_vbd *vbd, struct seq_file *seq)
{
	dev_t number = READ_ONCE(vbd->number);

	if (number)
		seq_printf(seq, "disk: %u:%u\n", MAJOR(number), MINOR(number));
	else
		seq_puts(seq, "disk: closed\n");
	seq_printf(seq, "mode: %s\n", READ_ONCE(vbd->readonly) ? "r" : "w");
	seq_printf(seq, "info: %#x\n", vbd->info);
	seq_printf(seq, "sectors published: %llu\n",
		   READ_ONCE(vbd->published_sectors));
	seq_printf(seq, "logical block: %u\n", vbd->block << SECTOR_SHIFT);
	seq_printf(seq, "limits: %llu requests/s, %llu bytes/s\n",
		   READ_ONCE(vbd->ratelimit.iops.amount),
		   READ_ONCE(vbd->ratelimit.bytes.amount));
}

static void show_memory(struct blkback *bb, struct seq_file *seq)
{
	unsigned int i, nr, requests = 0, large = 0, pgnts = 0;
	const struct blkback_pages *pages;

	nr = blkback_nr_allocated(bb);
	for (i = 0; i < nr; i++) {
		pages = &blkback_queue_nr(bb, i)->pages;
		requests += READ_ONCE(pages->pool.nr);
		large += READ_ONCE(pages->pool.nr_large);
		pgnts += READ_ONCE(pages->pgnts.nr);
	}
	seq_printf(seq, "requests allocated: %u\n", requests);
	seq_printf(seq, "indirect requests allocated: %u\n", large);
	seq_printf(seq, "persistent grants: %s\n",
		   bb->persistent ? "on" : "off");
	seq_printf(seq, "persistent grants mapped: %u\n", pgnts);
	seq_printf(seq, "grants left to the domain: %d\n",
		   atomic_read(&bb->domain->free_pages));
	seq_printf(seq, "persistent grants left to the domain: %d\n",
		   atomic_read(&bb->domain->free_pgnts));
}

void blkback_debugfs_show(struct xpv_device *xdev, struct seq_file *seq)
{
	struct blkback *bb = xdev->priv;

	show_disk(&bb->vbd, seq);
	seq_printf(seq, "protocol: %d (%s)\n", bb->abi,
		   blkback_abi_name(bb->abi));
	seq_printf(seq, "queues in use: %u\n", READ_ONCE(bb->nr_queues));
	show_memory(bb, seq);
}
