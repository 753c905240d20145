/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device's attributes in sysfs, under the in-tree backend's names, which
 * xentop, libxenstat and libvirt expect.
 */
#ifndef BLKBACK_SYSFS_H
#define BLKBACK_SYSFS_H

struct xpv_device;

/**
 * blkback_sysfs_add() - add a device's attributes
 * @xdev: the device, with its private data set
 *
 * Context: process, may sleep.
 * Return: 0 or -errno; nothing is left behind on error.
 */
int blkback_sysfs_add(struct xpv_device *xdev);

/**
 * blkback_sysfs_remove() - remove them
 * @xdev: the device
 *
 * When this returns, no reader is left (XSA-528). Readers wait for nothing.
 *
 * Context: process, may sleep.
 */
void blkback_sysfs_remove(struct xpv_device *xdev);

#endif /* BLKBACK_SYSFS_H */
