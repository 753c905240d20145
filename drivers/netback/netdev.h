/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The network device that stands for a guest's interface in this domain.
 */
#ifndef NETBACK_NETDEV_H
#define NETBACK_NETDEV_H

#include <linux/netdevice.h>

struct netback;
struct xpv_device;

/**
 * netback_netdev_create() - make and register a vif
 * @xdev: the split device
 * @handle: its number in the guest
 * @max_queues: most queues it will ever have
 *
 * Context: process, may sleep; takes rtnl.
 * Return: the vif, or an ERR_PTR.
 */
struct netback *netback_netdev_create(struct xpv_device *xdev,
				      unsigned int handle,
				      unsigned int max_queues);

/**
 * netback_netdev_destroy() - unregister and free a vif
 * @nb: the vif, disconnected
 *
 * Context: process, may sleep; takes rtnl.
 */
void netback_netdev_destroy(struct netback *nb);

/**
 * netback_netdev_connect() - put queues to use
 * @nb: the vif, @supported and @sg set for the frontend
 * @nr: queues, attached and started
 * @supported: netdev features that the frontend supports
 *
 * Context: process, may sleep; takes rtnl.
 * Return: 0 or -errno.
 */
int netback_netdev_connect(struct netback *nb, unsigned int nr,
			   netdev_features_t supported);

/**
 * netback_netdev_disconnect() - take all queues out of use
 * @nb: the vif in any state
 *
 * When this returns no NAPI and no event of a queue runs, and no transmit
 * begins to use one. The queues' threads may run.
 *
 * Context: process, may sleep; takes rtnl.
 */
void netback_netdev_disconnect(struct netback *nb);

#endif /* NETBACK_NETDEV_H */
