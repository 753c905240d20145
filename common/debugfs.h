/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /sys/kernel/debug/xenpv/DRIVER/DEVICE/{state,features,queues}: the same
 * picture for all four drivers.
 */
#ifndef XPV_DEBUGFS_H
#define XPV_DEBUGFS_H

struct xpv_device;
struct xpv_driver;

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

#endif /* XPV_DEBUGFS_H */
