// SPDX-License-Identifier: GPL-2.0
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <xen/interface/io/netif.h>

#include "ethtool.h"
#include "netdev.h"
#include "netfront.h"
#include "queue.h"
#include "xdp.h"

/* What depends on the backend; the user can switch each of them off. */
#define OFFERED_FEATURES \
	(NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO | \
	 NETIF_F_TSO6 | NETIF_F_RXHASH)

/* The wire's 16 bits of length, less an Ethernet header with a VLAN tag. */
#define MAX_MTU (XEN_NETIF_MAX_TX_SIZE - VLAN_ETH_HLEN)

/*
 * Interfaces that have not been registered, by the number of their device. The
 * kernel names them (eth0, eth1) as they are registered, but their backends
 * come in any order.
 */
static LIST_HEAD(unnamed);
static DEFINE_MUTEX(unnamed_lock);	/* the list; taken inside RTNL */

/* RTNL. The device need not be connected. */
static int netdev_open(struct net_device *netdev)
{
	struct netfront *nf = netdev_priv(netdev);
	unsigned int i;

	WRITE_ONCE(nf->receiving, true);
	if (nf->live)
		netif_tx_start_all_queues(netdev);
	/* For packets that arrived while the interface was down. */
	for (i = 0; i < nf->nr_queues; i++)
		netfront_queue_kick(&nf->queue[i]);
	return 0;
}

/* RTNL. NAPI goes on freeing what was sent, but receives nothing. */
static int netdev_stop(struct net_device *netdev)
{
	struct netfront *nf = netdev_priv(netdev);
	unsigned int i;

	netif_tx_stop_all_queues(netdev);
	WRITE_ONCE(nf->receiving, false);
	for (i = 0; i < nf->nr_queues; i++)
		napi_synchronize(&nf->queue[i].napi);
	return 0;
}

/* Any context that may read statistics; the queues are always there. */
static void netdev_stats(struct net_device *netdev,
			 struct rtnl_link_stats64 *stats)
{
	struct netfront *nf = netdev_priv(netdev);
	u64 packets, bytes, dropped, errors, refused;
	struct netfront_queue *queue;
	unsigned int i, start;

	for (i = 0; i < nf->max_queues; i++) {
		queue = &nf->queue[i];
		do {
			start = u64_stats_fetch_begin(&queue->tx.syncp);
			packets = u64_stats_read(&queue->tx.packets);
			bytes = u64_stats_read(&queue->tx.bytes);
			dropped = u64_stats_read(&queue->tx.dropped);
		} while (u64_stats_fetch_retry(&queue->tx.syncp, start));
		stats->tx_packets += packets;
		stats->tx_bytes += bytes;
		stats->tx_dropped += dropped;

		do {
			start = u64_stats_fetch_begin(&queue->rx.syncp);
			packets = u64_stats_read(&queue->rx.packets);
			bytes = u64_stats_read(&queue->rx.bytes);
			dropped = u64_stats_read(&queue->rx.dropped);
			errors = u64_stats_read(&queue->rx.errors);
			refused = u64_stats_read(&queue->rx.tx_errors);
		} while (u64_stats_fetch_retry(&queue->rx.syncp, start));
		stats->rx_packets += packets;
		stats->rx_bytes += bytes;
		stats->rx_dropped += dropped;
		stats->rx_errors += errors;
		stats->tx_errors += refused;
	}
}

/* RTNL. */
static netdev_features_t netdev_fix(struct net_device *netdev,
				    netdev_features_t features)
{
	const struct netfront *nf = netdev_priv(netdev);

	return features & (nf->backend_features | ~OFFERED_FEATURES);
}

/*
 * The longest packet without scatter-gather is one slot; backends of that kind
 * expect no more than standard frames.
 */
static void limit_mtu(struct netfront *nf)
{
	unsigned int most = nf->can_sg ? MAX_MTU : ETH_DATA_LEN;

	if (rtnl_dereference(nf->xdp_prog))
		most = min(most, netfront_xdp_max_mtu());
	nf->netdev->max_mtu = most;
}

static int set_prog(struct netfront *nf, struct bpf_prog *prog,
		    struct netlink_ext_ack *extack)
{
	struct net_device *netdev = nf->netdev;
	struct bpf_prog *old;

	ASSERT_RTNL();

	if (prog && netdev->mtu > netfront_xdp_max_mtu()) {
		NL_SET_ERR_MSG_MOD(extack,
				   "with an XDP program a packet must fit one page: lower the MTU first");
		return -EINVAL;
	}

	old = rtnl_dereference(nf->xdp_prog);
	rcu_assign_pointer(nf->xdp_prog, prog);
	if (old)
		bpf_prog_put(old);
	if (!old == !prog || netdev->reg_state != NETREG_REGISTERED)
		return 0;

	limit_mtu(nf);
	/*
	 * A handshake by the new terms; it waits for RTNL, so this cannot wait
	 * for it. One that has yet to begin finds the program by itself.
	 */
	if (nf->nr_queues)
		xpv_device_restart(nf->xdev);
	return 0;
}

/* RTNL. */
static int netdev_bpf(struct net_device *netdev, struct netdev_bpf *bpf)
{
	if (bpf->command != XDP_SETUP_PROG)
		return -EINVAL;
	return set_prog(netdev_priv(netdev), bpf->prog, bpf->extack);
}

/*
 * No ndo_tx_timeout: the watchdog that goes with it warns with a stack trace,
 * and a backend that pauses would have it do so.
 */
static const struct net_device_ops netdev_ops = {
	.ndo_open = netdev_open,
	.ndo_stop = netdev_stop,
	.ndo_start_xmit = netfront_tx_xmit,
	.ndo_get_stats64 = netdev_stats,
	.ndo_fix_features = netdev_fix,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_bpf = netdev_bpf,
	.ndo_xdp_xmit = netfront_xdp_xmit,
};

/*
 * The ring's size under the names that old tools look for. It is fixed; what
 * is written is checked and forgotten, as ever.
 */
static ssize_t show_slots(char *buf)
{
	return sysfs_emit(buf, "%u\n", NETFRONT_RING_SLOTS);
}

static ssize_t check_slots(const char *buf, size_t len)
{
	unsigned long ignored;
	int err;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	err = kstrtoul(buf, 0, &ignored);
	return err ?: len;
}

static ssize_t rxbuf_min_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return show_slots(buf);
}

static ssize_t rxbuf_min_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t len)
{
	return check_slots(buf, len);
}
static DEVICE_ATTR_RW(rxbuf_min);

static ssize_t rxbuf_max_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return show_slots(buf);
}

static ssize_t rxbuf_max_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t len)
{
	return check_slots(buf, len);
}
static DEVICE_ATTR_RW(rxbuf_max);

static ssize_t rxbuf_cur_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return show_slots(buf);
}
static DEVICE_ATTR_RO(rxbuf_cur);

static struct attribute *netdev_attrs[] = {
	&dev_attr_rxbuf_min.attr,
	&dev_attr_rxbuf_max.attr,
	&dev_attr_rxbuf_cur.attr,
	NULL
};

static const struct attribute_group netdev_group = {
	.attrs = netdev_attrs,
};

static void notify_work(struct work_struct *work)
{
	struct netfront *nf = container_of(to_delayed_work(work),
					   struct netfront, notify);

	netdev_notify_peers(nf->netdev);
}

static void carrier_off_work(struct work_struct *work)
{
	struct netfront *nf = container_of(to_delayed_work(work),
					   struct netfront, carrier_off);

	rtnl_lock();
	if (!nf->live)
		netif_carrier_off(nf->netdev);
	rtnl_unlock();
}

static bool create_queues(struct netfront *nf)
{
	unsigned int i;

	nf->queue = kvcalloc(nf->max_queues, sizeof(*nf->queue), GFP_KERNEL);
	nf->base_queues =
		kcalloc(nf->max_queues, sizeof(*nf->base_queues), GFP_KERNEL);
	if (!nf->queue || !nf->base_queues) {
		kvfree(nf->queue);
		kfree(nf->base_queues);
		return false;
	}
	for (i = 0; i < nf->max_queues; i++) {
		netfront_queue_init(&nf->queue[i], nf, i);
		nf->base_queues[i] = &nf->queue[i].base;
	}
	return true;
}

struct netfront *netfront_netdev_create(struct xpv_device *xdev,
					unsigned int max_queues)
{
	struct net_device *netdev;
	struct netfront *nf;

	netdev = alloc_etherdev_mq(sizeof(*nf), max_queues);
	if (!netdev)
		return NULL;
	nf = netdev_priv(netdev);
	nf->xdev = xdev;
	nf->netdev = netdev;
	nf->max_queues = max_queues;
	nf->can_sg = true;
	INIT_LIST_HEAD(&nf->unnamed);
	INIT_DELAYED_WORK(&nf->notify, notify_work);
	INIT_DELAYED_WORK(&nf->carrier_off, carrier_off_work);
	netfront_ctrl_init(nf);
	netfront_rss_init(nf);
	if (!create_queues(nf)) {
		free_netdev(netdev);
		return NULL;
	}

	SET_NETDEV_DEV(netdev, xpv_dev(xdev));
	netdev->netdev_ops = &netdev_ops;
	netdev->ethtool_ops = &netfront_ethtool_ops;
	netdev->sysfs_groups[0] = &netdev_group;
	/* The driver keeps no copy of the address. */
	netdev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	/* The driver uses skb->cb while a packet is in flight. */
	netdev->priv_flags &= ~IFF_TX_SKB_SHARING;
	netdev->hw_features = OFFERED_FEATURES | NETIF_F_RXCSUM;
	netdev->features = netdev->hw_features | NETIF_F_GSO_ROBUST;
	/* Backends look for blank checksums behind no VLAN tag. */
	netdev->vlan_features = NETIF_F_SG;
	netdev->min_mtu = ETH_MIN_MTU;
	netdev->max_mtu = MAX_MTU;
	xpv_set_xdp_features(netdev);
	netif_set_tso_max_size(netdev, XEN_NETIF_MAX_TX_SIZE);
	netif_carrier_off(netdev);
	return nf;
}

static unsigned int device_number(const struct netfront *nf)
{
	unsigned int number;

	return kstrtouint(netfront_number(nf->xdev), 10, &number) ? UINT_MAX :
								   number;
}

static void insert_unnamed(struct netfront *nf)
{
	struct list_head *at;

	lockdep_assert_held(&unnamed_lock);

	if (!list_empty(&nf->unnamed))
		return;
	list_for_each(at, &unnamed)
		if (device_number(list_entry(at, struct netfront, unnamed)) >
		    device_number(nf))
			break;
	list_add_tail(&nf->unnamed, at);
}

void netfront_netdev_reserve_name(struct netfront *nf)
{
	mutex_lock(&unnamed_lock);
	insert_unnamed(nf);
	mutex_unlock(&unnamed_lock);
}

/*
 * All up to this one. Of another that cannot be registered its own connection
 * warns.
 */
static int register_in_order(struct netfront *nf)
{
	struct netfront *each, *next;
	int err = 0;

	ASSERT_RTNL();

	mutex_lock(&unnamed_lock);
	insert_unnamed(nf);
	list_for_each_entry_safe(each, next, &unnamed, unnamed) {
		list_del_init(&each->unnamed);
		err = register_netdevice(each->netdev);
		if (each == nf)
			break;
	}
	mutex_unlock(&unnamed_lock);
	return err;
}

void netfront_netdev_destroy(struct netfront *nf)
{
	struct netfront_queue *queue = nf->queue;
	unsigned int i;

	/* From here on nobody else registers it. */
	mutex_lock(&unnamed_lock);
	list_del_init(&nf->unnamed);
	mutex_unlock(&unnamed_lock);
	if (nf->netdev->reg_state == NETREG_REGISTERED)
		unregister_netdev(nf->netdev);
	for (i = 0; i < nf->max_queues; i++)
		netfront_queue_fini(&queue[i]);
	/* NAPI lists are walked under RCU. */
	synchronize_net();
	kfree(nf->base_queues);
	free_netdev(nf->netdev);
	kvfree(queue);
}

/* RTNL. */
static void read_features(struct netfront *nf)
{
	struct xpv_device *xdev = nf->xdev;

	nf->can_sg = xpv_feature(xdev, NETFRONT_SG);
	nf->backend_features = 0;
	if (nf->can_sg)
		nf->backend_features |= NETIF_F_SG;
	if (!xpv_feature(xdev, NETFRONT_NO_CSUM4))
		nf->backend_features |= NETIF_F_IP_CSUM;
	if (xpv_feature(xdev, NETFRONT_CSUM6))
		nf->backend_features |= NETIF_F_IPV6_CSUM;
	if (xpv_feature(xdev, NETFRONT_TSO4))
		nf->backend_features |= NETIF_F_TSO;
	if (xpv_feature(xdev, NETFRONT_TSO6))
		nf->backend_features |= NETIF_F_TSO6;
	if (xpv_feature(xdev, NETFRONT_CTRL))
		nf->backend_features |= NETIF_F_RXHASH;
}

void netfront_netdev_set_mtu(struct netfront *nf, unsigned int new_mtu)
{
	struct net_device *netdev = nf->netdev;
	unsigned int mtu = new_mtu ?: netdev->mtu;

	limit_mtu(nf);
	if (mtu > netdev->max_mtu) {
		netdev_info(netdev, "the backend or an XDP program takes packets of up to %u bytes: MTU %u becomes %u\n",
			    netdev->max_mtu, mtu, netdev->max_mtu);
		mtu = netdev->max_mtu;
	}
	if (mtu == netdev->mtu)
		return;
	if (netdev->reg_state != NETREG_REGISTERED)
		netdev->mtu = mtu;
	else if (dev_set_mtu(netdev, mtu))
		netdev_warn(netdev, "cannot set MTU %u\n", mtu);
}

static void set_address(struct netfront *nf, const u8 *mac)
{
	struct net_device *netdev = nf->netdev;
	struct sockaddr_storage addr = { .ss_family = netdev->type };

	if (netdev->reg_state != NETREG_REGISTERED) {
		eth_hw_addr_set(netdev, mac);
		return;
	}
	ether_addr_copy((u8 *)((struct sockaddr *)&addr)->sa_data, mac);
	if (xpv_set_mac_address(netdev, &addr, NULL))
		netdev_warn(netdev, "cannot set address %pM\n", mac);
}

/*
 * CPUs are spread over the queues, so that a flow stays on the queue of the
 * CPU that its sender runs on. Not repeated as long as the number of queues
 * stays: the user may have arranged it otherwise since.
 */
static void set_xps(struct netfront *nf, unsigned int nr_queues)
{
	cpumask_var_t mask;
	unsigned int i;

	if (nr_queues < 2 || nr_queues == nf->xps_queues ||
	    !alloc_cpumask_var(&mask, GFP_KERNEL))
		return;

	for (i = 0; i < nr_queues; i++) {
		xpv_queue_cpus(mask, i, nr_queues);
		/* Without it packets are spread by hash: as good. */
		netif_set_xps_queue(nf->netdev, mask, i);
	}
	nf->xps_queues = nr_queues;
	free_cpumask_var(mask);
}

int netfront_netdev_apply(struct netfront *nf,
			  const struct netfront_settings *set)
{
	struct net_device *netdev = nf->netdev;
	int err;

	ASSERT_RTNL();

	read_features(nf);
	netfront_netdev_set_mtu(nf, set->new_mtu);
	if (set->new_mac)
		set_address(nf, set->new_mac);
	err = netif_set_real_num_queues(netdev, set->nr_queues, set->nr_queues);
	if (err)
		return err;

	/* One that could not be registered cannot be tried again. */
	if (netdev->reg_state == NETREG_REGISTERED)
		netdev_update_features(netdev);
	else if (netdev->reg_state == NETREG_UNINITIALIZED)
		err = register_in_order(nf);
	else
		err = -ENODEV;
	if (!err)
		set_xps(nf, set->nr_queues);
	return err;
}
