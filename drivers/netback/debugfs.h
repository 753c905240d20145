/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /sys/kernel/debug/xen-netback/vifD.H/io_ring_qN, as the in-tree driver has
 * it: reading shows where both rings stand, writing "kick" has them looked at.
 */
#ifndef NETBACK_DEBUGFS_H
#define NETBACK_DEBUGFS_H

struct netback;
struct seq_file;
struct xpv_device;

void netback_debugfs_init(void);
void netback_debugfs_exit(void);

/**
 * netback_debugfs_add() - make the files of a vif's queues
 * @nb: the vif, connected
 */
void netback_debugfs_add(struct netback *nb);

/**
 * netback_debugfs_remove() - take them away; waits for readers
 * @nb: the vif in any state
 */
void netback_debugfs_remove(struct netback *nb);

/**
 * netback_debugfs_show() - print a vif's state
 * @xdev: the split device
 * @seq: where to print
 *
 * Context: any process, without a lock: plain values only.
 */
void netback_debugfs_show(struct xpv_device *xdev, struct seq_file *seq);

#endif /* NETBACK_DEBUGFS_H */
