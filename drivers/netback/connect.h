/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NETBACK_CONNECT_H
#define NETBACK_CONNECT_H

struct kobj_uevent_env;
struct xpv_device;
struct xpv_driver_ops;

extern const struct xpv_driver_ops netback_ops;

/* What the hotplug scripts read from the device's uevents. */
int netback_uevent(struct xpv_device *xdev, struct kobj_uevent_env *env);

#endif /* NETBACK_CONNECT_H */
