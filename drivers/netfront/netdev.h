/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The network device: lives from probe to remove, across any number of
 * backends, with its name, addresses and routes.
 */
#ifndef NETFRONT_NETDEV_H
#define NETFRONT_NETDEV_H

#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include "ctrl.h"
#include "rss.h"

struct bpf_prog;
struct netfront_queue;
struct xpv_device;
struct xpv_queue;

/**
 * struct netfront - one interface
 * @xdev: the split device
 * @netdev: the network device this is the private part of
 * @unnamed: on the list of interfaces that are not registered yet; see netdev.c
 * @queue: @max_queues queues; they live as long as @netdev, so that readers of
 *	   statistics need no protection; what they share comes and goes
 * @base_queues: the same, for debugfs
 * @max_queues: most queues that @netdev can have; fixed at probe
 * @requested_queues: as set with ethtool -L, 0 for as many as possible; RTNL
 * @nr_queues: queues set up now, 0 while disconnected; written under the
 *	       device's lock and RTNL
 * @xps_queues: for how many queues XPS was set; RTNL
 * @backend_features: of the features that come and go, those the backend takes;
 *		      changes under RTNL, only while no queue is live
 * @can_sg: the backend takes packets of several slots, or none has said
 *	    otherwise yet; changes only while no queue is live
 * @bounce: the backend is not trusted: it sees no page but copies; changes only
 *	    while there are no queues
 * @live: the rings are published: transmit; RTNL
 * @receiving: the interface is up: look at receive rings; written under RTNL
 * @xdp_prog: program that sees what is received, or NULL; written under RTNL
 * @mac: the toolstack's address as last read; under the device's lock
 * @mtu: the toolstack's MTU as last read, 0 for none; under the device's lock
 * @mtu_watch: on the key of that
 * @notify: tells the neighbours after a connection
 * @carrier_off: takes the carrier away where no connection follows the last
 * @ctrl: the control ring; its lock guards the two below
 * @rss: how packets are to be dealt out to the queues
 * @rss_backend: what the backend can do of that
 * @rss_shown: size of the table as ethtool was given it last; RTNL
 */
struct netfront {
	struct xpv_device *xdev;
	struct net_device *netdev;
	struct list_head unnamed;
	struct netfront_queue *queue;
	struct xpv_queue **base_queues;
	unsigned int max_queues;
	unsigned int requested_queues;
	unsigned int nr_queues;
	unsigned int xps_queues;
	netdev_features_t backend_features;
	bool can_sg;
	bool bounce;
	bool live;
	bool receiving;
	struct bpf_prog __rcu *xdp_prog;
	u8 mac[ETH_ALEN];
	unsigned int mtu;
	struct xpv_watch mtu_watch;
	struct delayed_work notify;
	struct delayed_work carrier_off;
	struct netfront_ctrl ctrl;
	struct netfront_rss rss;
	struct netfront_rss_backend rss_backend;
	u32 rss_shown;
};

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
 * netfront_netdev_limit_mtu() - set the longest MTU, as things are
 * @nf: the interface
 *
 * Context: process, under RTNL.
 */
void netfront_netdev_limit_mtu(struct netfront *nf);

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
