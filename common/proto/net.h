/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What both ends of a network interface must agree on: keys in xenstore, the
 * shapes of queues and of the control ring, the layout of a slot. Xen's public
 * header io/netif.h, which the names below follow, is the authority; sizes are
 * checked here at compile time.
 */
#ifndef XPV_PROTO_NET_H
#define XPV_PROTO_NET_H

#include <linux/build_bug.h>
#include <xen/interface/io/netif.h>

/* Written by the backend: features. */
#define NETIF_KEY_RX_COPY "feature-rx-copy"
#define NETIF_KEY_RX_FLIP "feature-rx-flip"
#define NETIF_KEY_SPLIT "feature-split-event-channels"
#define NETIF_KEY_MAX_QUEUES "multi-queue-max-queues"
#define NETIF_KEY_CTRL "feature-ctrl-ring"
#define NETIF_KEY_MCAST "feature-multicast-control"
#define NETIF_KEY_DYNAMIC_MCAST "feature-dynamic-multicast-control"
#define NETIF_KEY_OFFER_HEADROOM "feature-xdp-headroom"
/* Written by the frontend: what it wants of these. */
#define NETIF_KEY_REQUEST_COPY "request-rx-copy"
#define NETIF_KEY_REQUEST_MCAST "request-multicast-control"
#define NETIF_KEY_RX_NOTIFY "feature-rx-notify"
#define NETIF_KEY_HEADROOM "xdp-headroom"
/* Written by both: what the writer can receive. */
#define NETIF_KEY_SG "feature-sg"
#define NETIF_KEY_TSO4 "feature-gso-tcpv4"
#define NETIF_KEY_TSO6 "feature-gso-tcpv6"
#define NETIF_KEY_NO_CSUM4 "feature-no-csum-offload"
#define NETIF_KEY_CSUM6 "feature-ipv6-csum-offload"

/*
 * The rings of a queue, named from the frontend's side as the protocol does: tx
 * is what the guest sends.
 */
enum netif_ring {
	NETIF_TX,
	NETIF_RX,
	NETIF_NR_RINGS,
};

/* A slot of each ring, either way. */
union netif_tx_entry {
	struct xen_netif_tx_request req;
	struct xen_netif_tx_response rsp;
};

union netif_rx_entry {
	struct xen_netif_rx_request req;
	struct xen_netif_rx_response rsp;
};

union netif_ctrl_entry {
	struct xen_netif_ctrl_request req;
	struct xen_netif_ctrl_response rsp;
};

/* The shapes of a queue and of the control ring, for struct xpv_queue_type. */
#define NETIF_QUEUE_SHAPE						\
	.nr_rings = NETIF_NR_RINGS,					\
	.ring = {							\
		[NETIF_TX] = {						\
			.ref_key = "tx-ring-ref",			\
			.evtchn_key = "event-channel-tx",		\
			.suffix = "-tx",				\
			.slot_size = sizeof(union netif_tx_entry),	\
		},							\
		[NETIF_RX] = {						\
			.ref_key = "rx-ring-ref",			\
			.evtchn_key = "event-channel-rx",		\
			.suffix = "-rx",				\
			.slot_size = sizeof(union netif_rx_entry),	\
		},							\
	}

#define NETIF_CTRL_SHAPE						\
	.nr_rings = 1,							\
	.ring = {							\
		{							\
			.ref_key = "ctrl-ring-ref",			\
			.suffix = "",					\
			.slot_size = sizeof(union netif_ctrl_entry),	\
		},							\
	},								\
	.evtchn_key = "event-channel-ctrl"

static_assert(sizeof(struct xen_netif_tx_request) == 12);
static_assert(sizeof(struct xen_netif_tx_response) == 4);
static_assert(sizeof(union netif_tx_entry) == 12);
static_assert(sizeof(struct xen_netif_rx_request) == 8);
static_assert(sizeof(struct xen_netif_rx_response) == 8);
static_assert(sizeof(struct xen_netif_extra_info) == 8);
static_assert(sizeof(struct xen_netif_ctrl_request) == 16);
static_assert(sizeof(struct xen_netif_ctrl_response) == 12);

#endif /* XPV_PROTO_NET_H */
