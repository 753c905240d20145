/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What debugfs shows of a disk beside common's part.
 */
#ifndef BLKFRONT_DEBUGFS_H
#define BLKFRONT_DEBUGFS_H

#include "blkfront.h"

/**
 * blkfront_show() - xpv_driver_ops.show
 * @xdev: the device
 * @seq: where to print
 *
 * Context: process, without the device's lock.
 */
void blkfront_show(struct xpv_device *xdev, struct seq_file *seq);

#endif /* BLKFRONT_DEBUGFS_H */
