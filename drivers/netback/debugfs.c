// SPDX-License-Identifier: GPL-2.0
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "debugfs.h"
#include "netback.h"

static struct dentry *root;

/* Our private indices only: the shared ones are the guest's word. */
static void show_slots(struct seq_file *seq, const char *name,
		       const struct xpv_slots *s)
{
	seq_printf(seq, "%s: nr_ents %u, req cons %u, rsp prod %u, pushed %u\n",
		   name, s->nr, READ_ONCE(s->cons), READ_ONCE(s->prod),
		   READ_ONCE(s->pushed));
}

static int io_ring_show(struct seq_file *seq, void *v)
{
	struct netback_queue *queue = seq->private;
	const struct netback_from_guest *fg = &queue->from_guest;
	const struct netback_to_guest *tg = &queue->to_guest;

	seq_printf(seq, "Queue %u\n", queue->base.index);
	show_slots(seq, "TX", &queue->base.ring[NETBACK_FROM_GUEST].slots);
	seq_printf(seq, "  NAPI state: %lx, taken %u, answered %u, waits for credit %d\n",
		   READ_ONCE(queue->napi.state), READ_ONCE(fg->consumed),
		   READ_ONCE(fg->responded), READ_ONCE(fg->no_credit));
	show_slots(seq, "RX", &queue->base.ring[NETBACK_TO_GUEST].slots);
	seq_printf(seq, "  queued %u packets, %u bytes; need %u slots, waiting for them %d, stalled %d\n",
		   READ_ONCE(tg->packets), READ_ONCE(tg->bytes),
		   READ_ONCE(tg->need), READ_ONCE(tg->waits_slots),
		   READ_ONCE(tg->stalled));
	return 0;
}

static int io_ring_open(struct inode *inode, struct file *file)
{
	return single_open(file, io_ring_show, inode->i_private);
}

static ssize_t io_ring_write(struct file *file, const char __user *from,
			     size_t count, loff_t *pos)
{
	struct netback_queue *queue =
		((struct seq_file *)file->private_data)->private;
	char text[sizeof("kick")];
	ssize_t len;

	if (*pos)
		return 0;
	len = simple_write_to_buffer(text, sizeof(text) - 1, pos, from, count);
	if (len < 0)
		return len;
	text[len] = '\0';
	if (strcmp(text, "kick"))
		return -EINVAL;

	/* Refused while the vif is down. */
	local_bh_disable();
	napi_schedule(&queue->napi);
	local_bh_enable();
	netback_to_guest_kick(queue);
	return count;
}

static int ctrl_show(struct seq_file *seq, void *v)
{
	netback_ctrl_show(seq->private, seq);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ctrl);

static const struct file_operations io_ring_fops = {
	.owner = THIS_MODULE,
	.open = io_ring_open,
	.read = seq_read,
	.write = io_ring_write,
	.llseek = seq_lseek,
	.release = single_release,
};

void netback_debugfs_init(void)
{
	root = debugfs_create_dir("xen-netback", NULL);
}

void netback_debugfs_exit(void)
{
	debugfs_remove(root);
}

void netback_debugfs_add(struct netback *nb)
{
	char name[sizeof("io_ring_q4294967295")];
	unsigned int i;

	nb->debugfs = debugfs_create_dir(nb->dev->name, root);
	for (i = 0; i < nb->nr_queues; i++) {
		snprintf(name, sizeof(name), "io_ring_q%u", i);
		debugfs_create_file(name, 0600, nb->debugfs,
				    netback_queue_nr(nb, i), &io_ring_fops);
	}
	if (nb->ctrl.attached)
		debugfs_create_file("ctrl", 0400, nb->debugfs, nb,
				    &ctrl_fops);
}

void netback_debugfs_remove(struct netback *nb)
{
	debugfs_remove(nb->debugfs);
	nb->debugfs = NULL;
}

void netback_debugfs_show(struct xpv_device *xdev, struct seq_file *seq)
{
	struct netback *nb = xdev->priv;

	seq_printf(seq, "vif: %s, handle %u, frontend's mac %s\n",
		   nb->dev->name, nb->handle, nb->mac);
	seq_printf(seq, "script: %s\n", nb->script ?: "none");
	seq_printf(seq, "queues in use: %u of %u\n",
		   READ_ONCE(nb->nr_queues), nb->max_queues);
	seq_printf(seq, "carrier: %d, queues that take nothing: %u\n",
		   netif_carrier_ok(nb->dev), READ_ONCE(nb->stalled));
	seq_printf(seq, "rate: %llu bytes in %llu us\n",
		   READ_ONCE(nb->rate.amount),
		   div_u64(READ_ONCE(nb->rate.period), NSEC_PER_USEC));
	seq_printf(seq, "headroom: %u\n", READ_ONCE(nb->headroom));
	seq_printf(seq, "multicast filter: %s, %u addresses\n",
		   READ_ONCE(nb->mcast.active) ? "on" : "off",
		   READ_ONCE(nb->mcast.nr));
	seq_printf(seq, "control ring: %s, %llu messages, %llu refused; hashing %s\n",
		   READ_ONCE(nb->ctrl.attached) ? "yes" : "no",
		   READ_ONCE(nb->ctrl.served), READ_ONCE(nb->ctrl.refused),
		   rcu_access_pointer(nb->ctrl.active) ? "on" : "off");
}
