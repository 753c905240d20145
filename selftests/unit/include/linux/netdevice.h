/* SPDX-License-Identifier: GPL-2.0 */
/* What the headers of the network drivers name. */
#ifndef SHIM_LINUX_NETDEVICE_H
#define SHIM_LINUX_NETDEVICE_H

#include <linux/types.h>
#include <linux/if_ether.h>

typedef u64 netdev_features_t;

struct net_device;

/* The test's. */
void *netdev_priv(const struct net_device *netdev);
bool netif_is_rxfh_configured(const struct net_device *netdev);
void netdev_rss_key_fill(void *key, size_t len);

#endif /* SHIM_LINUX_NETDEVICE_H */
