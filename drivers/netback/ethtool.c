// SPDX-License-Identifier: GPL-2.0
#include "ethtool.h"
#include "netback.h"

/* What the in-tree driver shows, under its names. */
static const unsigned int sums[] = {
	NETBACK_STAT_GSO_FIXUP,
	NETBACK_STAT_ZC_SENT,
	NETBACK_STAT_ZC_SUCCESS,
	NETBACK_STAT_ZC_FAIL,
	NETBACK_STAT_FRAG_OVERFLOW,
};

static const char *name_of(unsigned int stat)
{
	return netback_stat_names[stat - XPV_STAT_DRIVER];
}

u64 netback_stat_sum(const struct netback *nb, unsigned int stat)
{
	/* The number before the queues; pairs with netdev.c. */
	unsigned int nr = smp_load_acquire(&nb->nr_allocated);
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < nr; i++)
		sum += xpv_stat_read(&nb->queue[i]->stats, stat);
	return sum;
}

/* For all queues there may be: the number must not change between two calls. */
static int get_sset_count(struct net_device *dev, int set)
{
	const struct netback *nb = netdev_priv(dev);

	if (set != ETH_SS_STATS)
		return -EINVAL;
	return ARRAY_SIZE(sums) + nb->max_queues * NETBACK_NR_STATS;
}

static void get_strings(struct net_device *dev, u32 set, u8 *data)
{
	const struct netback *nb = netdev_priv(dev);
	unsigned int i, j;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(sums); i++)
		ethtool_sprintf(&data, "%s", name_of(sums[i]));
	for (i = 0; i < nb->max_queues; i++)
		for (j = 0; j < NETBACK_NR_STATS; j++)
			ethtool_sprintf(&data, "q%u_%s", i,
					netback_stat_names[j]);
}

static void get_ethtool_stats(struct net_device *dev,
			      struct ethtool_stats *stats, u64 *data)
{
	const struct netback *nb = netdev_priv(dev);
	/* The number before the queues; pairs with netdev.c. */
	unsigned int nr = smp_load_acquire(&nb->nr_allocated);
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(sums); i++)
		*data++ = netback_stat_sum(nb, sums[i]);
	for (i = 0; i < nb->max_queues; i++)
		for (j = 0; j < NETBACK_NR_STATS; j++)
			*data++ = i < nr ?
				xpv_stat_read(&nb->queue[i]->stats,
					      XPV_STAT_DRIVER + j) : 0;
}

/* The frontend chooses how many, up to what we advertise. */
static void get_channels(struct net_device *dev,
			 struct ethtool_channels *channels)
{
	const struct netback *nb = netdev_priv(dev);

	channels->max_combined = nb->max_queues;
	channels->combined_count = READ_ONCE(nb->nr_queues);
}

/* A page each, as the protocol has it. */
static void get_ringparam(struct net_device *dev,
			  struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack)
{
	ring->rx_max_pending = NETBACK_RING_SLOTS;
	ring->tx_max_pending = NETBACK_RING_SLOTS;
	ring->rx_pending = NETBACK_RING_SLOTS;
	ring->tx_pending = NETBACK_RING_SLOTS;
}

const struct ethtool_ops netback_ethtool_ops = {
	.get_link = ethtool_op_get_link,
	.get_channels = get_channels,
	.get_ringparam = get_ringparam,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_ethtool_stats,
};
