// SPDX-License-Identifier: GPL-2.0
#include <linux/seq_file.h>

#include "debugfs.h"
#include "netfront.h"

void netfront_debugfs_show(struct xpv_device *xdev, struct seq_file *seq)
{
	const struct netfront *nf = xdev->priv;

	seq_printf(seq, "queues: %u of %u\n", READ_ONCE(nf->nr_queues),
		   nf->max_queues);
	seq_printf(seq, "backend trusted: %u\n", !READ_ONCE(nf->bounce));
	seq_printf(seq, "transmitting: %u\n", READ_ONCE(nf->live));
	seq_printf(seq, "receiving: %u\n", READ_ONCE(nf->receiving));
	seq_printf(seq, "XDP program: %u\n",
		   !!rcu_access_pointer(nf->xdp_prog));
	seq_printf(seq, "control ring: %u, last message %u, backend up to date: %u\n",
		   READ_ONCE(nf->ctrl.started), READ_ONCE(nf->ctrl.id),
		   !READ_ONCE(nf->ctrl.stale));
	seq_printf(seq, "hashing: %s, types 0x%x, table of %u\n",
		   READ_ONCE(nf->rss.on) ? "on" : "off",
		   READ_ONCE(nf->rss.types), READ_ONCE(nf->rss_backend.size));
}
