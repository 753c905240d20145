/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /sys/kernel/debug/xenpv/DRIVER/DEVICE/{state,features,queues}: the same
 * picture for all four drivers.
 */
#ifndef XPV_DEBUGFS_H
#define XPV_DEBUGFS_H

#include "types.h"

void xpv_debugfs_init(void);
void xpv_debugfs_exit(void);
void xpv_debugfs_add_driver(struct xpv_driver *drv);
void xpv_debugfs_remove_driver(struct xpv_driver *drv);
void xpv_debugfs_add(struct xpv_device *xdev);

/**
 * xpv_debugfs_remove() - take a device's files away; waits for readers
 * @xdev: the device
 *
 * Readers take no lock that is held while waiting for I/O or a peer.
 */
void xpv_debugfs_remove(struct xpv_device *xdev);

/**
 * xpv_device_show_queues() - name the queues that debugfs shows
 * @xdev: the device
 * @queues: array of pointers, or NULL before the queues are freed
 * @nr: their number
 *
 * Context: process, may sleep; waits for readers.
 */
void xpv_device_show_queues(struct xpv_device *xdev, struct xpv_queue **queues,
			    unsigned int nr);

#endif /* XPV_DEBUGFS_H */
