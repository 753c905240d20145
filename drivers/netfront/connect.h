/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The driver's operations: see struct xpv_driver_ops for when they run. All
 * but netfront_show() run under the device's lock, which is taken outside
 * RTNL; what runs under RTNL (open, stop, ethtool) never takes it.
 */
#ifndef NETFRONT_CONNECT_H
#define NETFRONT_CONNECT_H

struct seq_file;
struct xpv_device;

int netfront_probe(struct xpv_device *xdev);
void netfront_refresh(struct xpv_device *xdev);
int netfront_publish(struct xpv_device *xdev);
int netfront_connect(struct xpv_device *xdev);
void netfront_disconnect(struct xpv_device *xdev);
void netfront_remove(struct xpv_device *xdev);
void netfront_show(struct xpv_device *xdev, struct seq_file *seq);

#endif /* NETFRONT_CONNECT_H */
