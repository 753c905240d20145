/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NETFRONT_DEBUGFS_H
#define NETFRONT_DEBUGFS_H

struct seq_file;
struct xpv_device;

/**
 * netfront_debugfs_show() - print an interface's state, for debugfs
 * @xdev: the split device
 * @seq: where to print
 *
 * Context: any process, without a lock: plain values only.
 */
void netfront_debugfs_show(struct xpv_device *xdev, struct seq_file *seq);

#endif /* NETFRONT_DEBUGFS_H */
