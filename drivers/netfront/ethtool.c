// SPDX-License-Identifier: GPL-2.0
#include <compat/ethtool.h>
#include <linux/rtnetlink.h>

#include "ethtool.h"
#include "netfront.h"

/* The in-tree driver's one name comes first; tools know it. */
static const char fixup_name[] = "rx_gso_checksum_fixup";

/* What is counted for each queue, in the order of the names below. */
enum queue_stat {
	TX_PACKETS, TX_BYTES, TX_DROPPED, TX_ERRORS, TX_SLOTS, TX_COPIES,
	TX_STOPS, TX_NOMEM, TX_EVENTS, TX_SPURIOUS, TX_NOTIFIES,
	RX_PACKETS, RX_BYTES, RX_DROPPED, RX_ERRORS, RX_FIXUPS, RX_EXTRAS,
	RX_EVENTS, RX_SPURIOUS, RX_NOTIFIES,
	XDP_PACKETS, XDP_COPIES, XDP_SENT, XDP_DROPPED, XDP_REDIRECTED,
	XDP_ERRORS, XDP_XMIT,
	NR_QUEUE_STATS,
};

/* "%u" is the queue's number. */
static const char * const queue_names[NR_QUEUE_STATS] = {
	[TX_PACKETS] = "tx_queue_%u_packets",
	[TX_BYTES] = "tx_queue_%u_bytes",
	[TX_DROPPED] = "tx_queue_%u_dropped",
	[TX_ERRORS] = "tx_queue_%u_errors",
	[TX_SLOTS] = "tx_queue_%u_slots",
	[TX_COPIES] = "tx_queue_%u_copies",
	[TX_STOPS] = "tx_queue_%u_stops",
	[TX_NOMEM] = "tx_queue_%u_nomem",
	[TX_EVENTS] = "tx_queue_%u_events",
	[TX_SPURIOUS] = "tx_queue_%u_spurious_events",
	[TX_NOTIFIES] = "tx_queue_%u_notifies",
	[RX_PACKETS] = "rx_queue_%u_packets",
	[RX_BYTES] = "rx_queue_%u_bytes",
	[RX_DROPPED] = "rx_queue_%u_dropped",
	[RX_ERRORS] = "rx_queue_%u_errors",
	[RX_FIXUPS] = "rx_queue_%u_gso_fixup",
	[RX_EXTRAS] = "rx_queue_%u_unknown_extras",
	[RX_EVENTS] = "rx_queue_%u_events",
	[RX_SPURIOUS] = "rx_queue_%u_spurious_events",
	[RX_NOTIFIES] = "rx_queue_%u_notifies",
	[XDP_PACKETS] = "rx_queue_%u_xdp_packets",
	[XDP_COPIES] = "rx_queue_%u_xdp_copies",
	[XDP_SENT] = "rx_queue_%u_xdp_tx",
	[XDP_DROPPED] = "rx_queue_%u_xdp_drop",
	[XDP_REDIRECTED] = "rx_queue_%u_xdp_redirect",
	[XDP_ERRORS] = "rx_queue_%u_xdp_errors",
	[XDP_XMIT] = "tx_queue_%u_xdp_xmit",
};

static void ring_stats(const struct netfront_queue *queue, unsigned int ring,
		       u64 *events, u64 *spurious, u64 *notifies)
{
	const struct xpv_ring_stats *stats = &queue->base.ring_stats[ring];

	*events = READ_ONCE(stats->events);
	*spurious = READ_ONCE(stats->spurious);
	*notifies = READ_ONCE(stats->notifies);
}

static void queue_stats(const struct netfront_queue *queue, u64 *data)
{
	const struct xpv_stats *own = &queue->base.stats;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&queue->tx.syncp);
		data[TX_PACKETS] = u64_stats_read(&queue->tx.packets);
		data[TX_BYTES] = u64_stats_read(&queue->tx.bytes);
		data[TX_DROPPED] = u64_stats_read(&queue->tx.dropped);
	} while (u64_stats_fetch_retry(&queue->tx.syncp, start));
	do {
		start = u64_stats_fetch_begin(&queue->rx.syncp);
		data[TX_ERRORS] = u64_stats_read(&queue->rx.tx_errors);
		data[RX_PACKETS] = u64_stats_read(&queue->rx.packets);
		data[RX_BYTES] = u64_stats_read(&queue->rx.bytes);
		data[RX_DROPPED] = u64_stats_read(&queue->rx.dropped);
		data[RX_ERRORS] = u64_stats_read(&queue->rx.errors);
		data[RX_FIXUPS] = u64_stats_read(&queue->rx.fixups);
	} while (u64_stats_fetch_retry(&queue->rx.syncp, start));

	data[TX_SLOTS] = xpv_stat_read(own, NETFRONT_STAT_TX_SLOTS);
	data[TX_COPIES] = xpv_stat_read(own, NETFRONT_STAT_TX_COPIES);
	data[TX_STOPS] = xpv_stat_read(own, NETFRONT_STAT_TX_STOPS);
	data[TX_NOMEM] = xpv_stat_read(own, NETFRONT_STAT_TX_NOMEM);
	data[XDP_PACKETS] = xpv_stat_read(own, NETFRONT_STAT_XDP_PACKETS);
	data[XDP_COPIES] = xpv_stat_read(own, NETFRONT_STAT_XDP_COPIES);
	data[XDP_SENT] = xpv_stat_read(own, NETFRONT_STAT_XDP_TX);
	data[XDP_DROPPED] = xpv_stat_read(own, NETFRONT_STAT_XDP_DROP);
	data[XDP_REDIRECTED] = xpv_stat_read(own, NETFRONT_STAT_XDP_REDIRECT);
	data[XDP_ERRORS] = xpv_stat_read(own, NETFRONT_STAT_XDP_ERRORS);
	data[XDP_XMIT] = xpv_stat_read(own, NETFRONT_STAT_XDP_XMIT);
	data[RX_EXTRAS] = xpv_stat_read(own, NETFRONT_STAT_RX_EXTRAS);
	ring_stats(queue, NETIF_TX, &data[TX_EVENTS], &data[TX_SPURIOUS],
		   &data[TX_NOTIFIES]);
	ring_stats(queue, NETIF_RX, &data[RX_EVENTS], &data[RX_SPURIOUS],
		   &data[RX_NOTIFIES]);
}

/*
 * All queues that the device can have, set up or not: their number is fixed,
 * so names and values agree however often it reconnects in between.
 */
static int get_sset_count(struct net_device *netdev, int sset)
{
	const struct netfront *nf = netdev_priv(netdev);

	if (sset != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return 1 + nf->max_queues * NR_QUEUE_STATS;
}

static void get_strings(struct net_device *netdev, u32 sset, u8 *data)
{
	const struct netfront *nf = netdev_priv(netdev);
	unsigned int i, j;

	if (sset != ETH_SS_STATS)
		return;
	ethtool_sprintf(&data, "%s", fixup_name);
	for (i = 0; i < nf->max_queues; i++)
		for (j = 0; j < NR_QUEUE_STATS; j++)
			ethtool_sprintf(&data, queue_names[j], i);
}

static void get_stats(struct net_device *netdev, struct ethtool_stats *stats,
		      u64 *data)
{
	const struct netfront *nf = netdev_priv(netdev);
	u64 *fixups = data++;
	unsigned int i;

	*fixups = 0;
	for (i = 0; i < nf->max_queues; i++) {
		queue_stats(&nf->queue[i], data);
		*fixups += data[RX_FIXUPS];
		data += NR_QUEUE_STATS;
	}
}

/* "vif" is what the in-tree driver answers. */
static void get_drvinfo(struct net_device *netdev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, "vif", sizeof(info->driver));
	strscpy(info->bus_info, dev_name(netdev->dev.parent),
		sizeof(info->bus_info));
}

/* One page per ring is the protocol's only size. */
static void get_ringparam(struct net_device *netdev,
			  struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack)
{
	ring->rx_max_pending = NETFRONT_RING_SLOTS;
	ring->tx_max_pending = NETFRONT_RING_SLOTS;
	ring->rx_pending = NETFRONT_RING_SLOTS;
	ring->tx_pending = NETFRONT_RING_SLOTS;
}

static void get_channels(struct net_device *netdev,
			 struct ethtool_channels *channels)
{
	const struct netfront *nf = netdev_priv(netdev);

	channels->max_combined = nf->max_queues;
	channels->combined_count = nf->nr_queues;
}

/*
 * The number is part of the handshake: a connected device goes through that
 * again, after this has returned (it needs RTNL).
 */
static int set_channels(struct net_device *netdev,
			struct ethtool_channels *channels)
{
	struct netfront *nf = netdev_priv(netdev);

	ASSERT_RTNL();

	if (!channels->combined_count)
		return -EINVAL;
	WRITE_ONCE(nf->requested_queues, channels->combined_count);
	if (nf->nr_queues && nf->nr_queues != channels->combined_count)
		xpv_device_restart(nf->xdev);
	return 0;
}

XPV_RXFH_SHIMS(netfront_rss_get, netfront_rss_set)
XPV_FIELDS_SHIMS(netfront_rss_get_fields, netfront_rss_set_fields,
		 netfront_rss_rings)

const struct ethtool_ops netfront_ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_stats,
	.get_ringparam = get_ringparam,
	.get_channels = get_channels,
	.set_channels = set_channels,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_rxfh_key_size = netfront_rss_key_size,
	.get_rxfh_indir_size = netfront_rss_table_size,
	XPV_RXFH_OPS(netfront_rss_get, netfront_rss_set),
	XPV_FIELDS_OPS(netfront_rss_get_fields, netfront_rss_set_fields,
		       netfront_rss_rings),
};
