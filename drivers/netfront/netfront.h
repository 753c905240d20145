/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An interface and its queues, and what the tables in main.c declare: module
 * parameters, the keys of the protocol, counters.
 *
 * Locks, outermost first: xpv_device.lock, RTNL, netfront_ctrl.lock, a netdev
 * queue's transmit lock. NAPI takes no lock but the transmit lock, and that for
 * XDP_TX only.
 */
#ifndef NETFRONT_H
#define NETFRONT_H

#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "ctrl.h"
#include "proto/net.h"
#include "rss.h"
#include "rx.h"
#include "tx.h"
#include "xpv.h"

struct bpf_prog;

extern unsigned int netfront_max_queues;
extern bool netfront_trusted;

/* Rows of the feature table. */
enum netfront_feature {
	/* the backend's */
	NETFRONT_RX_COPY,
	NETFRONT_SG,
	NETFRONT_TSO4,
	NETFRONT_TSO6,
	NETFRONT_NO_CSUM4,
	NETFRONT_CSUM6,
	NETFRONT_SPLIT,
	NETFRONT_MAX_QUEUES,
	NETFRONT_XDP_HEADROOM,
	NETFRONT_CTRL,
	/* ours */
	NETFRONT_OWN_REQUEST_COPY,
	NETFRONT_OWN_RX_NOTIFY,
	NETFRONT_OWN_SG,
	NETFRONT_OWN_TSO4,
	NETFRONT_OWN_TSO6,
	NETFRONT_OWN_CSUM6,
	NETFRONT_OWN_NO_CSUM4,
	NETFRONT_OWN_XDP_HEADROOM,
	NETFRONT_NR_FEATURES,
};

/*
 * Our own counters beside the common ones. Transmit slots have one of their
 * own because XPV_STAT_PUT already counts receive requests, from another
 * context.
 */
enum netfront_stat {
	NETFRONT_STAT_TX_SLOTS = XPV_STAT_DRIVER, /* the transmitter */
	NETFRONT_STAT_TX_COPIES,	/* packets copied whole: transmitter */
	NETFRONT_STAT_TX_STOPS,		/* ring full: the transmitter */
	NETFRONT_STAT_TX_NOMEM,		/* no page to copy to: transmitter */
	NETFRONT_STAT_RX_NOMEM,		/* no page or skb: NAPI */
	NETFRONT_STAT_RX_EXTRAS,	/* extra-info of unknown type: NAPI */
	NETFRONT_STAT_XDP_PACKETS,	/* given to a program: NAPI */
	NETFRONT_STAT_XDP_COPIES,	/* of these, for headroom: NAPI */
	NETFRONT_STAT_XDP_TX,		/* sent back: NAPI */
	NETFRONT_STAT_XDP_DROP,		/* dropped by the program: NAPI */
	NETFRONT_STAT_XDP_REDIRECT,	/* sent elsewhere: NAPI */
	NETFRONT_STAT_XDP_ERRORS,	/* aborted, failed or unfit: NAPI */
	NETFRONT_STAT_XDP_XMIT,		/* sent for others: transmitter */
	NETFRONT_STAT_END,
};

#define NETFRONT_NR_STATS (NETFRONT_STAT_END - XPV_STAT_DRIVER)

/* One page each, as the protocol has it: 256 slots either way. */
#define NETFRONT_RING_SLOTS 256

/**
 * struct netfront_queue - one queue
 * @base: rings and event channels
 * @nf: the interface
 * @napi: completes transmission and receives; added at probe, enabled from
 *	  netfront_queue_start() to netfront_queue_stop() whether the interface
 *	  is up or not, so that transmitted packets are always freed
 * @grefs: references of both rings' slots; each slot keeps its own from
 *	   creation to destruction, and passes it through here when a grant
 *	   ends. Owned by NAPI while the queue runs
 * @worked: by ring: slots were consumed since its last EOI; owned by NAPI
 * @running: NAPI is enabled; under RTNL
 * @tx: transmitting half
 * @rx: receiving half
 */
struct netfront_queue {
	struct xpv_queue base;
	struct netfront *nf;
	struct napi_struct napi;
	struct xpv_gref_pool grefs;
	bool worked[NETIF_NR_RINGS];
	bool running;
	struct netfront_tx tx;
	struct netfront_rx rx;
};

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
 * @notify: sends gratuitous ARP and the like after a connection
 * @carrier_off: turns the carrier off when no new connection came in time
 * @ctrl: the control ring; its lock guards the two below
 * @rss: how packets are to be spread over the queues
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

static inline struct xpv_slots *netfront_slots(struct netfront_queue *queue,
					       unsigned int ring)
{
	return &queue->base.ring[ring].slots;
}

/* The network stack's side of a queue's transmit ring. */
static inline struct netdev_queue *
netfront_queue_txq(const struct netfront_queue *queue)
{
	return netdev_get_tx_queue(queue->nf->netdev, queue->base.index);
}

/**
 * netfront_queue_kick() - have NAPI look at the rings
 * @queue: a queue; nothing happens unless it runs
 *
 * Context: process.
 */
static inline void netfront_queue_kick(struct netfront_queue *queue)
{
	/* NAPI scheduled with bottom halves off runs when they are enabled. */
	local_bh_disable();
	napi_schedule(&queue->napi);
	local_bh_enable();
}

/* The device's number, as in its name on the bus: "0" of "vif-0". */
static inline const char *netfront_number(struct xpv_device *xdev)
{
	const char *dash = strrchr(dev_name(xpv_dev(xdev)), '-');

	return dash ? dash + 1 : "";
}

#endif /* NETFRONT_H */
