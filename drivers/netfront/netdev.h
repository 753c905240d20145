/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The network device: lives from probe to remove, across any number of
 * backends, with its name, addresses and routes.
 */
#ifndef NETFRONT_NETDEV_H
#define NETFRONT_NETDEV_H

#include <linux/types.h>

struct netfront;
struct xpv_device;

/**
 * netfront_netdev_create() - make the network device, unregistered
 * @xdev: the split device
 * @max_queues: most queues it will ever have
 *
 * Context: process, may sleep.
 * Return: the interface, or NULL.
 */
struct netfront *netfront_netdev_create(struct xpv_device *xdev,
					unsigned int max_queues);

/**
 * netfront_netdev_reserve_name() - let it have its name in the order of devices
 * @nf: an interface that has its address
 *
 * As soon as an interface of a higher number is registered, this one is too,
 * whether its backend has come or not.
 *
 * Context: process, may sleep.
 */
void netfront_netdev_reserve_name(struct netfront *nf);

/**
 * netfront_netdev_destroy() - unregister and free; @nf is gone afterwards
 * @nf: a disconnected interface
 *
 * Context: process, without RTNL.
 */
void netfront_netdev_destroy(struct netfront *nf);

/**
 * netfront_netdev_set_mtu() - take an MTU over, as far as things allow
 * @nf: the interface
 * @new_mtu: the MTU; 0 for what it is
 *
 * Context: process, under RTNL.
 */
void netfront_netdev_set_mtu(struct netfront *nf, unsigned int new_mtu);

/**
 * struct netfront_settings - what a connection brings along
 * @nr_queues: queues
 * @new_mac: address to take over, or NULL to leave it
 * @new_mtu: MTU to take over, or 0 to leave it
 */
struct netfront_settings {
	unsigned int nr_queues;
	const u8 *new_mac;
	unsigned int new_mtu;
};

/**
 * netfront_netdev_apply() - fit the network device to a backend; register it
 * the first time
 * @nf: the interface; no queue is live
 * @set: the settings; features are read from the split device
 *
 * Context: process, under RTNL.
 * Return: 0 or -errno.
 */
int netfront_netdev_apply(struct netfront *nf,
			  const struct netfront_settings *set);

#endif /* NETFRONT_NETDEV_H */
