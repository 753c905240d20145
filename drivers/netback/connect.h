/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NETBACK_CONNECT_H
#define NETBACK_CONNECT_H

#include "netback.h"

extern const struct xpv_driver_ops netback_ops;
extern const struct xpv_feature netback_features[NETBACK_NR_FEATURES];

/* What the hotplug scripts read from the device's uevents. */
int netback_uevent(struct xpv_device *xdev, struct kobj_uevent_env *env);

#endif /* NETBACK_CONNECT_H */
