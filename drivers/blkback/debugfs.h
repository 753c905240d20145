/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What debugfs shows of a device beside the counters and features of common/.
 */
#ifndef BLKBACK_DEBUGFS_H
#define BLKBACK_DEBUGFS_H

struct seq_file;
struct xpv_device;
struct xpv_queue;

/**
 * blkback_debugfs_show() - the operation @show: more of a device's state
 * @xdev: the device
 * @seq: where to
 *
 * Context: any process, without a lock: reads plain values only.
 */
void blkback_debugfs_show(struct xpv_device *xdev, struct seq_file *seq);

/**
 * blkback_debugfs_show_queue() - the operation @show_queue: more of a queue
 * @base: the queue's common part
 * @seq: where to
 *
 * Context: any process, without a lock: reads plain values only.
 */
void blkback_debugfs_show_queue(struct xpv_queue *base, struct seq_file *seq);

#endif /* BLKBACK_DEBUGFS_H */
