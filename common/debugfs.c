// SPDX-License-Identifier: GPL-2.0
#include <linux/debugfs.h>
#include <linux/export.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "feature.h"
#include "queue.h"

static struct dentry *root;

static int state_show(struct seq_file *seq, void *unused)
{
	struct xpv_device *xdev = seq->private;

	seq_printf(seq, "phase: %s\n", xpv_phase_name(READ_ONCE(xdev->phase)));
	seq_printf(seq, "peer domain: %u\n", xdev->peer_id);
	seq_printf(seq, "broken: %u\n", xpv_broken(xdev));
	seq_printf(seq, "violations: %d\n", atomic_read(&xdev->violations));
	seq_printf(seq, "complaints: %d\n", atomic_read(&xdev->peer_warnings));
	seq_printf(seq, "pages quarantined: %d\n",
		   atomic_read(&xdev->quarantined));
	seq_printf(seq, "pages lost: %d\n", atomic_read(&xdev->lost));
	if (xdev->drv->ops->show)
		xdev->drv->ops->show(xdev, seq);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static int features_show(struct seq_file *seq, void *unused)
{
	xpv_features_show(seq->private, seq);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(features);

static void show_ring(struct seq_file *seq, const struct xpv_queue *q,
		      unsigned int i)
{
	const struct xpv_slots *slots = &q->ring[i].slots;
	const struct xpv_ring_stats *stats = &q->ring_stats[i];

	seq_printf(seq, "  %s: pages %u slots %u prod %u cons %u pushed %u\n",
		   q->type->ring[i].ref_key, q->ring[i].pages, slots->nr,
		   slots->prod, slots->cons, slots->pushed);
	seq_printf(seq, "    events %llu spurious %llu notifies %llu\n",
		   READ_ONCE(stats->events), READ_ONCE(stats->spurious),
		   READ_ONCE(stats->notifies));
}

static void show_queue(struct seq_file *seq, const struct xpv_driver *drv,
		       struct xpv_queue *q)
{
	unsigned int i;

	seq_printf(seq, "queue %u:\n", q->index);
	for (i = 0; i < q->type->nr_rings; i++)
		show_ring(seq, q, i);
	for (i = 0; i < XPV_STAT_DRIVER; i++)
		seq_printf(seq, "  %s: %llu\n", xpv_stat_name(i),
			   xpv_stat_read(&q->stats, i));
	for (i = 0; i < drv->nr_stats; i++)
		seq_printf(seq, "  %s: %llu\n", drv->stat_names[i],
			   xpv_stat_read(&q->stats, XPV_STAT_DRIVER + i));
	if (drv->ops->show_queue)
		drv->ops->show_queue(q, seq);
}

static int queues_show(struct seq_file *seq, void *unused)
{
	struct xpv_device *xdev = seq->private;
	unsigned int i;

	mutex_lock(&xdev->queues_lock);
	for (i = 0; i < xdev->nr_queues; i++)
		show_queue(seq, xdev->drv, xdev->queues[i]);
	mutex_unlock(&xdev->queues_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(queues);

void xpv_device_show_queues(struct xpv_device *xdev, struct xpv_queue **queues,
			    unsigned int nr)
{
	mutex_lock(&xdev->queues_lock);
	xdev->queues = queues;
	xdev->nr_queues = nr;
	mutex_unlock(&xdev->queues_lock);
}
EXPORT_SYMBOL_GPL(xpv_device_show_queues);

void xpv_debugfs_add(struct xpv_device *xdev)
{
	struct dentry *dir;

	dir = debugfs_create_dir(dev_name(xpv_dev(xdev)), xdev->drv->debugfs);
	xdev->debugfs = dir;
	debugfs_create_file("state", 0400, dir, xdev, &state_fops);
	debugfs_create_file("features", 0400, dir, xdev, &features_fops);
	debugfs_create_file("queues", 0400, dir, xdev, &queues_fops);
}

void xpv_debugfs_remove(struct xpv_device *xdev)
{
	debugfs_remove_recursive(xdev->debugfs);
}

void xpv_debugfs_add_driver(struct xpv_driver *drv)
{
	drv->debugfs = debugfs_create_dir(drv->name, root);
}

void xpv_debugfs_remove_driver(struct xpv_driver *drv)
{
	debugfs_remove_recursive(drv->debugfs);
}

void xpv_debugfs_init(void)
{
	root = debugfs_create_dir("xenpv", NULL);
}

void xpv_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}
