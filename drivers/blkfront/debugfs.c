// SPDX-License-Identifier: GPL-2.0
#include <linux/seq_file.h>

#include "debugfs.h"

/* Without the lock: plain values only, nothing behind @bf->gd. */
void blkfront_show(struct xpv_device *xdev, struct seq_file *seq)
{
	static const char * const mode[] = {
		[BLKFRONT_DOWN] = "down",
		[BLKFRONT_LIVE] = "live",
		[BLKFRONT_DEAD] = "dead",
	};
	static const char * const flush[] = {
		[BLKFRONT_FLUSH_NONE] = "none",
		[BLKFRONT_FLUSH_BY_CACHE] = "cache",
		[BLKFRONT_FLUSH_BY_BARRIER] = "barrier",
		[BLKFRONT_FLUSH_LOST] = "lost",
	};
	const struct blkfront *bf = xdev->priv;

	seq_printf(seq, "disk: %s\n", bf->vdev.name);
	seq_printf(seq, "virtual device: %u\n", bf->vdev.number);
	seq_printf(seq, "requests: %s\n", mode[READ_ONCE(bf->mode)]);
	seq_printf(seq, "sectors: %llu\n", READ_ONCE(bf->geo.sectors));
	seq_printf(seq, "sector size: %u\n", bf->geo.sector_size);
	seq_printf(seq, "physical sector size: %u\n", bf->geo.physical_size);
	seq_printf(seq, "read only: %u\n", bf->geo.readonly);
	seq_printf(seq, "flush: %s\n", flush[READ_ONCE(bf->flush)]);
	seq_printf(seq, "backend trusted: %u\n", !bf->bounce);
	seq_printf(seq, "discard: %u\n", READ_ONCE(bf->discard));
	seq_printf(seq, "secure discard: %u\n",
		   READ_ONCE(bf->discard_securely));
	seq_printf(seq, "persistent grants: %u\n", bf->persistent);
	seq_printf(seq, "queues: %u\n", bf->nr_queues);
	seq_printf(seq, "polled queues: %u\n", bf->nr_polled);
	seq_printf(seq, "rings: %u\n", bf->nr_rings);
	seq_printf(seq, "pages per ring: %u\n", 1U << bf->order);
	seq_printf(seq, "queue depth: %u\n", bf->depth);
	seq_printf(seq, "segments per request: %u\n", bf->max_segs);
}
