// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/module.h>

#include "connect.h"
#include "debugfs.h"
#include "netback.h"

/* More queues than this gain nothing and cost threads and event channels. */
#define DEFAULT_QUEUES 8U

/* A day: jiffies of 32 bits do not wrap within. */
#define MAX_TIMEOUT_MSECS 86400000

bool netback_separate_tx_rx_irq = true;
module_param_named(separate_tx_rx_irq, netback_separate_tx_rx_irq, bool, 0644);
MODULE_PARM_DESC(separate_tx_rx_irq,
		 "Offer an event channel for each direction (default: Y)");

unsigned int netback_rx_drain_timeout_msecs = 10000;
XPV_PARAM(rx_drain_timeout_msecs, netback_rx_drain_timeout_msecs, 0,
	  MAX_TIMEOUT_MSECS, 0444);
MODULE_PARM_DESC(rx_drain_timeout_msecs,
		 "How long a packet waits for a guest that posts no receive slots before it is dropped, in milliseconds (default: 10000)");

unsigned int netback_rx_stall_timeout_msecs = 60000;
XPV_PARAM(rx_stall_timeout_msecs, netback_rx_stall_timeout_msecs, 0,
	  MAX_TIMEOUT_MSECS, 0444);
MODULE_PARM_DESC(rx_stall_timeout_msecs,
		 "After how long without receive slots the guest's carrier goes off, in milliseconds; 0: never (default: 60000)");

unsigned int netback_max_queues;
XPV_PARAM(max_queues, netback_max_queues, 1, XPV_MAX_QUEUES, 0644);
MODULE_PARM_DESC(max_queues,
		 "Most queues offered for an interface, 1 to 64 (default: one for each CPU, up to 8)");

unsigned int netback_fatal_skb_slots = 20;
XPV_PARAM(fatal_skb_slots, netback_fatal_skb_slots, NETBACK_PACKET_SLOTS,
	  UINT_MAX, 0444);
MODULE_PARM_DESC(fatal_skb_slots,
		 "A guest that puts so many slots into one packet is disconnected; at least 18 (default: 20)");

bool netback_provides_xdp_headroom = true;
module_param_named(provides_xdp_headroom, netback_provides_xdp_headroom, bool,
		   0644);
MODULE_PARM_DESC(provides_xdp_headroom,
		 "Offer headroom before each packet to a frontend that runs an XDP program (default: Y)");

/* Kept for those who set it: with tables a cache would save nothing. */
static unsigned int hash_cache_size = 64;
module_param(hash_cache_size, uint, 0644);
MODULE_PARM_DESC(hash_cache_size,
		 "Without effect, kept for those who set it: hashes are computed by tables (default: 64)");

#define BACK(k, m)	{ .key = (k), .writer = XPV_BACK, .max = (m) }
#define FRONT(k)	{ .key = (k), .writer = XPV_FRONT, .max = 1 }

static const struct xpv_feature features[NETBACK_NR_FEATURES] = {
	[NETBACK_SG] = BACK(NETIF_KEY_SG, 1),
	[NETBACK_GSO_TCPV4] = BACK(NETIF_KEY_TSO4, 1),
	[NETBACK_GSO_TCPV6] = BACK(NETIF_KEY_TSO6, 1),
	[NETBACK_IPV6_CSUM] = BACK(NETIF_KEY_CSUM6, 1),
	[NETBACK_RX_COPY] = BACK(NETIF_KEY_RX_COPY, 1),
	[NETBACK_RX_FLIP] = BACK(NETIF_KEY_RX_FLIP, 0),
	[NETBACK_MCAST_CONTROL] = BACK(NETIF_KEY_MCAST, 1),
	[NETBACK_DYNAMIC_MCAST] =
		BACK(NETIF_KEY_DYNAMIC_MCAST, 1),
	[NETBACK_SPLIT_CHANNELS] = {
		.key = NETIF_KEY_SPLIT,
		.writer = XPV_BACK,
		.max = 1,
		.flag = &netback_separate_tx_rx_irq,
	},
	[NETBACK_XDP_HEADROOM] = {
		.key = NETIF_KEY_OFFER_HEADROOM,
		.writer = XPV_BACK,
		.max = 1,
		.flag = &netback_provides_xdp_headroom,
	},
	[NETBACK_MAX_QUEUES] = {
		.key = NETIF_KEY_MAX_QUEUES,
		.writer = XPV_BACK,
		.min = 1,
		.max = XPV_MAX_QUEUES,
		.param = &netback_max_queues,
	},
	[NETBACK_CTRL_RING] = BACK(NETIF_KEY_CTRL, 1),
	[NETBACK_FRONT_RX_COPY] = FRONT(NETIF_KEY_REQUEST_COPY),
	[NETBACK_FRONT_RX_NOTIFY] = FRONT(NETIF_KEY_RX_NOTIFY),
	[NETBACK_FRONT_SG] = FRONT(NETIF_KEY_SG),
	[NETBACK_FRONT_GSO_TCPV4] = FRONT(NETIF_KEY_TSO4),
	[NETBACK_FRONT_GSO_TCPV6] = FRONT(NETIF_KEY_TSO6),
	[NETBACK_FRONT_NO_CSUM] = FRONT(NETIF_KEY_NO_CSUM4),
	[NETBACK_FRONT_IPV6_CSUM] = FRONT(NETIF_KEY_CSUM6),
};

const char * const netback_stat_names[NETBACK_NR_STATS] = {
#define INDEX(stat) (NETBACK_STAT_##stat - XPV_STAT_DRIVER)
	[INDEX(RX_PACKETS)] = "rx_packets",
	[INDEX(RX_BYTES)] = "rx_bytes",
	[INDEX(RX_ERRORS)] = "rx_errors",
	[INDEX(RX_DROPPED)] = "rx_dropped",
	[INDEX(RX_LIMITED)] = "rx_limited",
	[INDEX(GSO_FIXUP)] = "rx_gso_checksum_fixup",
	[INDEX(ZC_SENT)] = "tx_zerocopy_sent",
	[INDEX(ZC_SUCCESS)] = "tx_zerocopy_success",
	[INDEX(ZC_FAIL)] = "tx_zerocopy_fail",
	[INDEX(FRAG_OVERFLOW)] = "tx_frag_overflow",
	[INDEX(TX_PACKETS)] = "tx_packets",
	[INDEX(TX_BYTES)] = "tx_bytes",
	[INDEX(TX_ERRORS)] = "tx_errors",
	[INDEX(TX_EXPIRED)] = "tx_expired",
	[INDEX(TX_STALLS)] = "tx_stalls",
	[INDEX(TX_SLOTS)] = "tx_slots",
	[INDEX(TX_COPIES)] = "tx_copies",
	[INDEX(TX_COPY_CALLS)] = "tx_copy_calls",
	[INDEX(TX_INLINE)] = "tx_inline",
	[INDEX(TX_DROPPED)] = "tx_dropped",
#undef INDEX
};

static const struct xenbus_device_id ids[] = {
	{ "vif" },
	{ "" },
};

static struct xpv_driver driver = {
	.name = "xen-netback",
	.side = XPV_BACK,
	.ids = ids,
	.ops = &netback_ops,
	.features = features,
	.nr_features = NETBACK_NR_FEATURES,
	.stat_names = netback_stat_names,
	.nr_stats = NETBACK_NR_STATS,
	.uevent = netback_uevent,
};

static int __init netback_init(void)
{
	int err;

	if (!netback_max_queues)
		netback_max_queues = min(DEFAULT_QUEUES, num_online_cpus());
	netback_debugfs_init();
	err = xpv_driver_register(&driver, THIS_MODULE, KBUILD_MODNAME);
	if (err)
		netback_debugfs_exit();
	return err;
}
module_init(netback_init);

static void __exit netback_exit(void)
{
	xpv_driver_unregister(&driver);
	netback_debugfs_exit();
}
module_exit(netback_exit);

MODULE_DESCRIPTION("Xen paravirtual network backend");
MODULE_LICENSE("GPL");
MODULE_VERSION(XPV_VERSION);
MODULE_ALIAS("xen-backend:vif");
