/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vif and its queues: what the files of this driver share.
 *
 * Locks, outermost first: xpv_device.lock, rtnl, a netdev queue's lock,
 * netback_to_guest.ring_lock, netback_to_guest.lock. What opens and closes the
 * interface runs under rtnl and takes no device lock. Queues are made once and
 * live as long as the vif, with their counters; only what they share with the
 * guest comes and goes. So no reader of statistics and no late transmit can
 * meet a freed one.
 */
#ifndef NETBACK_H
#define NETBACK_H

#include <linux/if.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include "ctrl.h"
#include "mcast.h"
#include "proto/net.h"
#include "ratelimit.h"
#include "to_guest.h"
#include "from_guest.h"
#include "xpv.h"

struct dentry;

/* The rings of a queue. The protocol names them as the guest sees them. */
enum netback_ring {
	NETBACK_FROM_GUEST = NETIF_TX,
	NETBACK_TO_GUEST = NETIF_RX,
};

enum netback_feature {
	/* ours */
	NETBACK_SG,
	NETBACK_GSO_TCPV4,
	NETBACK_GSO_TCPV6,
	NETBACK_IPV6_CSUM,
	NETBACK_RX_COPY,
	NETBACK_RX_FLIP,
	NETBACK_MCAST_CONTROL,
	NETBACK_DYNAMIC_MCAST,
	NETBACK_SPLIT_CHANNELS,
	NETBACK_XDP_HEADROOM,
	NETBACK_MAX_QUEUES,
	NETBACK_CTRL_RING,
	/* the frontend's */
	NETBACK_FRONT_RX_COPY,
	NETBACK_FRONT_RX_NOTIFY,
	NETBACK_FRONT_SG,
	NETBACK_FRONT_GSO_TCPV4,
	NETBACK_FRONT_GSO_TCPV6,
	NETBACK_FRONT_NO_CSUM,
	NETBACK_FRONT_IPV6_CSUM,
	NETBACK_NR_FEATURES,
};

/*
 * Counters of a queue. Named as the network device counts: what the guest
 * transmits is received here. One writer each: NAPI, the thread, or the
 * transmit path under the netdev queue's lock.
 */
enum netback_stat {
	/* NAPI */
	NETBACK_STAT_RX_PACKETS = XPV_STAT_DRIVER,
	NETBACK_STAT_RX_BYTES,
	NETBACK_STAT_RX_ERRORS,		/* packets that break the rules */
	NETBACK_STAT_RX_DROPPED,	/* no memory for them */
	NETBACK_STAT_RX_LIMITED,	/* waits for credit */
	NETBACK_STAT_GSO_FIXUP,		/* segments without a blank checksum */
	NETBACK_STAT_ZC_SENT,		/* mapped rather than copied */
	NETBACK_STAT_ZC_SUCCESS,
	NETBACK_STAT_ZC_FAIL,
	NETBACK_STAT_FRAG_OVERFLOW,	/* more slots than an skb has frags */
	/* under netback_to_guest.ring_lock */
	NETBACK_STAT_TX_PACKETS,
	NETBACK_STAT_TX_BYTES,
	NETBACK_STAT_TX_ERRORS,		/* copies that failed */
	NETBACK_STAT_TX_EXPIRED,	/* waited for slots too long */
	NETBACK_STAT_TX_STALLS,		/* times the guest was given up */
	NETBACK_STAT_TX_SLOTS,
	NETBACK_STAT_TX_COPIES,
	NETBACK_STAT_TX_COPY_CALLS,
	NETBACK_STAT_TX_INLINE,	/* packets that the thread never saw */
	/* transmits */
	NETBACK_STAT_TX_DROPPED,
	NETBACK_STAT_END,
};

#define NETBACK_NR_STATS (NETBACK_STAT_END - XPV_STAT_DRIVER)

/**
 * struct netback_queue - one queue of a vif
 * @base: rings, event channels, counters
 * @nb: the vif
 * @napi: serves the transmit ring; enabled while the vif is up
 * @from_guest: what the guest transmits
 * @to_guest: what it receives
 */
struct netback_queue {
	struct xpv_queue base;
	struct netback *nb;
	struct napi_struct napi;
	struct netback_from_guest from_guest;
	struct netback_to_guest to_guest;
};

/**
 * struct netback - one network interface of a guest; private data of @dev
 * @xdev: the split device
 * @dev: the network device
 * @handle: its number in the guest
 * @named: the toolstack has chosen the interface's name; constant
 * @mtu_written: to the frontend's directory; under the device's lock
 * @script: the hotplug script, or NULL; constant
 * @reloaded: another backend had the device before; constant
 * @script_work: checks whether the script has reported; queued by connections
 * @script_missed: it has found that it had not; written by @script_work
 * @mac: the guest's own address, for debugfs; as the toolstack wrote it
 * @queue: @max_queues pointers to struct netback_queue.base, filled from the
 *	   first
 * @max_queues: what we advertise; constant
 * @nr_allocated: queues that exist; grows only, released after the queue is
 *		  there
 * @nr_queues: queues that are connected, 0 while none; written under rtnl,
 *	       released when they are ready, read by transmits
 * @started: NAPI and events are enabled; under rtnl
 * @supported: netdev features that the frontend supports; under rtnl
 * @sg: it takes packets of several slots; under rtnl
 * @headroom: bytes that the frontend wants free before each packet, for XDP;
 *	      written under the device's lock
 * @drain: how long a packet may wait for slots, in jiffies; constant while
 *	   queues are started
 * @stall: how long until a guest that takes nothing is given up, 0 for never;
 *	   the same
 * @notify: the frontend sends an event when it posts slots; the same
 * @stalled: queues whose guest takes nothing, under @stall_lock
 * @stall_lock: guards @stalled, and the carrier while queues are started: it is
 *		on while @stalled is 0
 * @rate: what the guest may transmit, under @rate_lock (taken in softirq)
 * @rate_lock: guards @rate
 * @mcast: what it wants to receive
 * @ctrl: how it wants that to be spread over its queues
 * @hotplug_watch: on hotplug-status
 * @rate_watch: on rate
 * @mcast_watch: on the frontend's request-multicast-control
 * @headroom_watch: on its xdp-headroom
 * @debugfs: in-tree's directory, see debugfs.c
 */
struct netback {
	struct xpv_device *xdev;
	struct net_device *dev;
	unsigned int handle;
	bool named;
	bool mtu_written;
	char *script;
	bool reloaded;
	struct delayed_work script_work;
	bool script_missed;
	char mac[18];

	struct xpv_queue **queue;
	unsigned int max_queues;
	unsigned int nr_allocated;
	unsigned int nr_queues;
	bool started;
	netdev_features_t supported;
	bool sg;

	unsigned int headroom;
	unsigned long drain;
	unsigned long stall;
	bool notify;
	unsigned int stalled;
	spinlock_t stall_lock;	/* see above */

	struct xpv_bucket rate;
	spinlock_t rate_lock;	/* see above */
	struct netback_mcast mcast;
	struct netback_ctrl ctrl;

	struct xpv_watch hotplug_watch;
	struct xpv_watch rate_watch;
	struct xpv_watch mcast_watch;
	struct xpv_watch headroom_watch;
	struct dentry *debugfs;
};

/* Module parameters; see main.c. */
extern bool netback_separate_tx_rx_irq;
extern unsigned int netback_rx_drain_timeout_msecs;
extern unsigned int netback_rx_stall_timeout_msecs;
extern unsigned int netback_max_queues;
extern unsigned int netback_fatal_skb_slots;
extern bool netback_provides_xdp_headroom;

extern const char * const netback_stat_names[NETBACK_NR_STATS];

static inline struct netback_queue *netback_queue_of(struct xpv_queue *base)
{
	return container_of(base, struct netback_queue, base);
}

static inline struct netback_queue *netback_queue_nr(struct netback *nb,
						     unsigned int i)
{
	return netback_queue_of(nb->queue[i]);
}

#endif /* NETBACK_H */
