// SPDX-License-Identifier: GPL-2.0
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "ethtool.h"
#include "netback.h"
#include "netdev.h"
#include "queue.h"

/*
 * The largest frame's bytes fit the 16 bits of a transmit slot, with header and
 * VLAN tag: what the in-tree driver has, and scripts set.
 */
#define MAX_MTU (ETH_MAX_MTU - VLAN_ETH_HLEN)

/* Let NAPI and events run. */
static void start_queues(struct netback *nb)
{
	unsigned int i;

	ASSERT_RTNL();

	if (nb->started)
		return;
	nb->started = true;
	for (i = 0; i < nb->nr_queues; i++)
		netback_queue_start(netback_queue_nr(nb, i));
}

static void stop_queues(struct netback *nb)
{
	unsigned int i;

	ASSERT_RTNL();

	if (!nb->started)
		return;
	nb->started = false;
	for (i = 0; i < nb->nr_queues; i++)
		netback_queue_stop(netback_queue_nr(nb, i));
}

/* Context: rtnl, not the device's lock. */
static int open(struct net_device *dev)
{
	struct netback *nb = netdev_priv(dev);

	if (nb->nr_queues)
		start_queues(nb);
	netif_tx_start_all_queues(dev);
	return 0;
}

static int stop(struct net_device *dev)
{
	stop_queues(netdev_priv(dev));
	netif_tx_stop_all_queues(dev);
	return 0;
}

/*
 * Not asked where there is only one queue. Where the guest has set no hash the
 * stack's own choice is as good as any that we could make.
 */
static u16 select_queue(struct net_device *dev, struct sk_buff *skb,
			struct net_device *sb_dev)
{
	u16 queue;

	if (netback_ctrl_queue(netdev_priv(dev), skb, dev->real_num_tx_queues,
			       &queue))
		return queue;
	return netdev_pick_tx(dev, skb, sb_dev);
}

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct netback *nb = netdev_priv(dev);
	unsigned int index = skb_get_queue_mapping(skb);
	struct netback_queue *queue;

	/* Not connected, or with fewer queues than when this was chosen. */
	if (index >= smp_load_acquire(&nb->nr_queues)) {
		dev_core_stats_tx_dropped_inc(dev);
		goto drop;
	}
	queue = netback_queue_nr(nb, index);
	if (!netback_mcast_wants(&nb->mcast, skb->data))
		goto drop;

	skb_tx_timestamp(skb);
	if (netback_to_guest_enqueue(queue, skb))
		return NETDEV_TX_OK;

	xpv_stat_inc(&queue->base.stats, NETBACK_STAT_TX_DROPPED);
drop:
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

/* Queues live as long as the device: nothing here depends on a connection. */
static void get_stats64(struct net_device *dev, struct rtnl_link_stats64 *sum)
{
	const struct netback *nb = netdev_priv(dev);

	sum->rx_packets = netback_stat_sum(nb, NETBACK_STAT_RX_PACKETS);
	sum->rx_bytes = netback_stat_sum(nb, NETBACK_STAT_RX_BYTES);
	sum->rx_errors = netback_stat_sum(nb, NETBACK_STAT_RX_ERRORS);
	sum->rx_dropped = netback_stat_sum(nb, NETBACK_STAT_RX_DROPPED);
	sum->tx_packets = netback_stat_sum(nb, NETBACK_STAT_TX_PACKETS);
	sum->tx_bytes = netback_stat_sum(nb, NETBACK_STAT_TX_BYTES);
	sum->tx_errors = netback_stat_sum(nb, NETBACK_STAT_TX_ERRORS);
	sum->tx_dropped = netback_stat_sum(nb, NETBACK_STAT_TX_DROPPED) +
		netback_stat_sum(nb, NETBACK_STAT_TX_EXPIRED);
}

static int change_mtu(struct net_device *dev, int mtu)
{
	const struct netback *nb = netdev_priv(dev);

	if (mtu > ETH_DATA_LEN && !nb->sg)
		return -EINVAL;
	dev->mtu = mtu;
	return 0;
}

/* What depends on the frontend. */
#define FRONTEND_FEATURES (NETIF_F_SG | NETIF_F_TSO | NETIF_F_TSO6 | \
			   NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM)

static netdev_features_t fix_features(struct net_device *dev,
				      netdev_features_t features)
{
	const struct netback *nb = netdev_priv(dev);

	return features & (nb->supported | ~FRONTEND_FEATURES);
}

static const struct net_device_ops netdev_ops = {
	.ndo_open = open,
	.ndo_stop = stop,
	.ndo_start_xmit = start_xmit,
	.ndo_select_queue = select_queue,
	.ndo_get_stats64 = get_stats64,
	.ndo_change_mtu = change_mtu,
	.ndo_fix_features = fix_features,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

int netback_netdev_connect(struct netback *nb, unsigned int nr,
			   netdev_features_t supported)
{
	struct net_device *dev = nb->dev;
	int err;

	rtnl_lock();
	err = netif_set_real_num_tx_queues(dev, nr);
	if (!err)
		err = netif_set_real_num_rx_queues(dev, nr);
	if (err)
		goto unlock;

	WRITE_ONCE(nb->supported, supported);
	nb->sg = supported & NETIF_F_SG;
	if (!nb->sg && dev->mtu > ETH_DATA_LEN)
		dev_set_mtu(dev, ETH_DATA_LEN);
	netdev_update_features(dev);

	/* The queues before their number. */
	smp_store_release(&nb->nr_queues, nr);
	if (netif_running(dev)) {
		start_queues(nb);
		netif_tx_wake_all_queues(dev);
	}
unlock:
	rtnl_unlock();
	return err;
}

void netback_netdev_disconnect(struct netback *nb)
{
	rtnl_lock();
	netif_carrier_off(nb->dev);
	stop_queues(nb);
	WRITE_ONCE(nb->nr_queues, 0);
	rtnl_unlock();
}

static void init_netdev(struct netback *nb)
{
	struct net_device *dev = nb->dev;
	u8 addr[ETH_ALEN];

	dev->netdev_ops = &netdev_ops;
	dev->ethtool_ops = &netback_ethtool_ops;
	dev->hw_features = FRONTEND_FEATURES | NETIF_F_FRAGLIST;
	dev->features = dev->hw_features | NETIF_F_RXCSUM;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = MAX_MTU;
	/* Packets are put on a list of ours. */
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	/*
	 * The greatest address that is no broadcast: a bridge takes the lowest
	 * of its ports' for its own.
	 */
	eth_broadcast_addr(addr);
	addr[0] &= ~0x01;
	eth_hw_addr_set(dev, addr);
	netif_carrier_off(dev);
}

static struct netback *alloc_vif(struct xpv_device *xdev,
				 unsigned int handle, unsigned int max)
{
	struct netback *nb;
	struct net_device *dev;
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), "vif%u.%u", xdev->peer_id, handle);
	dev = alloc_netdev_mq(sizeof(*nb), name, NET_NAME_UNKNOWN,
			      ether_setup, max);
	if (!dev)
		return NULL;
	SET_NETDEV_DEV(dev, xpv_dev(xdev));

	nb = netdev_priv(dev);
	nb->queue = kcalloc(max, sizeof(*nb->queue), GFP_KERNEL);
	if (!nb->queue) {
		free_netdev(dev);
		return NULL;
	}
	nb->xdev = xdev;
	nb->dev = dev;
	nb->handle = handle;
	nb->max_queues = max;
	nb->supported = FRONTEND_FEATURES;
	nb->sg = true;
	spin_lock_init(&nb->rate_lock);
	spin_lock_init(&nb->stall_lock);
	netback_mcast_init(&nb->mcast);
	netback_ctrl_init(nb);
	return nb;
}

static void free_vif(struct netback *nb)
{
	unsigned int i;

	for (i = 0; i < nb->nr_allocated; i++)
		__netif_napi_del(&netback_queue_nr(nb, i)->napi);
	/* NAPI lists are walked under RCU. */
	synchronize_net();
	for (i = 0; i < nb->nr_allocated; i++)
		kvfree(netback_queue_nr(nb, i));
	kfree(nb->queue);
	kfree(nb->script);
	free_netdev(nb->dev);
}

/*
 * Off until somebody asks for it (ethtool -K): what a guest sends without
 * segmentation offload is for the most part forwarded as it is, to guests
 * whose MTU the merged packets exceed, and which may be routers themselves.
 */
static void disable_gro(struct net_device *dev)
{
	ASSERT_RTNL();

	dev->wanted_features &= ~NETIF_F_GRO;
	netdev_update_features(dev);
}

static int register_vif(struct net_device *dev)
{
	int err;

	rtnl_lock();
	err = register_netdevice(dev);
	if (!err)
		disable_gro(dev);
	rtnl_unlock();
	return err;
}

struct netback *netback_netdev_create(struct xpv_device *xdev,
				      unsigned int handle,
				      unsigned int max_queues)
{
	struct netback *nb = alloc_vif(xdev, handle, max_queues);
	int err;

	if (!nb)
		return ERR_PTR(-ENOMEM);
	init_netdev(nb);
	err = register_vif(nb->dev);
	if (err) {
		free_vif(nb);
		return ERR_PTR(err);
	}
	return nb;
}

void netback_netdev_destroy(struct netback *nb)
{
	unregister_netdev(nb->dev);
	free_vif(nb);
}
