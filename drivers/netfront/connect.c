// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/etherdevice.h>
#include <linux/hex.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "connect.h"
#include "debugfs.h"
#include "netdev.h"
#include "netfront.h"
#include "queue.h"
#include "xdp.h"

/*
 * Queues by default, as with the kernel's own driver: more have never paid on
 * one interface, and each costs 514 grants.
 */
#define DEFAULT_QUEUES 8U

/*
 * After a connection it takes a moment until the stack lets packets through
 * again (linkwatch); what tells the neighbours must not be lost to that.
 */
#define NOTIFY_DELAY (HZ / 10)

/*
 * How long the carrier outlives a connection. A new number of queues, an XDP
 * program, a backend that is replaced, a restore take a fraction of it, and a
 * network manager that sees the carrier go drops lease and routes; a bond that
 * is to change over to another interface waits so long.
 */
#define CARRIER_GRACE (5 * HZ)

/* Return: 0; -EINVAL for what is no address of a station. */
static int parse_mac(const char *text, u8 *mac)
{
	if (strlen(text) != 3 * ETH_ALEN - 1 || !mac_pton(text, mac) ||
	    !is_valid_ether_addr(mac))
		return -EINVAL;
	return 0;
}

/*
 * With its address an interface can have its name before its backend comes.
 * What is wrong with the key is said when it is read to connect.
 */
static void read_initial_mac(struct netfront *nf)
{
	char *text = xpv_own_read(nf->xdev, "mac");

	if (IS_ERR(text))
		return;
	if (!parse_mac(text, nf->mac)) {
		eth_hw_addr_set(nf->netdev, nf->mac);
		netfront_netdev_reserve_name(nf);
	}
	kfree(text);
}

static int probe(struct xpv_device *xdev)
{
	unsigned int max = READ_ONCE(netfront_max_queues) ?:
			   min(DEFAULT_QUEUES, num_online_cpus());
	struct netfront *nf;

	nf = netfront_netdev_create(xdev, max);
	if (!nf)
		return -ENOMEM;
	xdev->priv = nf;
	read_initial_mac(nf);
	if (xpv_watch_start(xdev, &nf->mtu_watch, "mtu"))
		xpv_warn(xdev, "cannot watch mtu: it is read when connecting only\n");
	return 0;
}

/*
 * The address, if it is another than at the last connection: one that the
 * user has set meanwhile is kept.
 */
static int read_mac(struct netfront *nf, struct netfront_settings *set)
{
	char *text = xpv_own_read(nf->xdev, "mac");
	u8 mac[ETH_ALEN];
	int err;

	if (IS_ERR(text)) {
		err = PTR_ERR(text);
		xpv_device_fail(nf->xdev, err, "cannot read mac");
		return err;
	}
	err = parse_mac(text, mac);
	if (err)
		xpv_device_fail(nf->xdev, err, "mac \"%s\" is no address",
				xpv_printable(text));
	kfree(text);
	if (err || ether_addr_equal_unaligned(mac, nf->mac))
		return err;

	memcpy(nf->mac, mac, ETH_ALEN);
	set->new_mac = nf->mac;
	return 0;
}

/* The same for the MTU, which not all toolstacks write. */
static void read_mtu(struct netfront *nf, struct netfront_settings *set)
{
	u64 mtu;

	if (xpv_own_read_u64(nf->xdev, "mtu", U16_MAX, &mtu))
		return;
	if (mtu < ETH_MIN_MTU) {
		xpv_warn_peer(nf->xdev, "mtu %llu is too small, ignored", mtu);
		return;
	}
	if (mtu == nf->mtu)
		return;
	nf->mtu = mtu;
	set->new_mtu = mtu;
}

static unsigned int choose_nr_queues(const struct netfront *nf)
{
	/* A backend that does not say how many takes one. */
	unsigned int limit = xpv_feature(nf->xdev, NETFRONT_MAX_QUEUES) ?: 1;

	return min3(READ_ONCE(nf->requested_queues) ?: nf->max_queues,
		    nf->max_queues, limit);
}

/* Fewer than wanted where memory or grants run short, but at least one. */
static int create_queues(struct netfront *nf, unsigned int *nr)
{
	bool split = xpv_feature(nf->xdev, NETFRONT_SPLIT);
	unsigned int i, wanted = choose_nr_queues(nf);
	int err = 0;

	for (i = 0; i < wanted && !err; i++)
		err = netfront_queue_create(&nf->queue[i], split);
	if (!err) {
		*nr = wanted;
		return 0;
	}

	*nr = i - 1;
	if (!*nr) {
		xpv_device_fail(nf->xdev, err, "cannot make a queue");
		return err;
	}
	xpv_warn(nf->xdev, "%u queues of %u: error %d\n", *nr, wanted, err);
	return 0;
}

/* From here on the rings are served; packets may come, none go yet. */
static int start_queues(struct netfront *nf,
			const struct netfront_settings *set)
{
	unsigned int i;
	int err;

	/* The CPUs that send through a queue are chosen by this. */
	for (i = 0; i < set->nr_queues; i++)
		xpv_queue_set_affinity(&nf->queue[i].base, set->nr_queues);
	rtnl_lock();
	err = netfront_netdev_apply(nf, set);
	if (!err) {
		for (i = 0; i < set->nr_queues; i++)
			netfront_queue_start(&nf->queue[i]);
		/* Who changes the program from here on has us start over. */
		netfront_xdp_set_features(nf);
		WRITE_ONCE(nf->nr_queues, set->nr_queues);
	}
	rtnl_unlock();
	if (err)
		xpv_device_fail(nf->xdev, err,
				"cannot set up the network device");
	return err;
}

static int write_keys(struct xpv_device *xdev, struct xpv_transaction *xbt,
		      void *arg)
{
	struct netfront *nf = arg;
	int err = xpv_queues_publish(xdev, xbt, nf->base_queues, nf->nr_queues,
				     xpv_feature(xdev, NETFRONT_MAX_QUEUES));

	return err ?: netfront_ctrl_publish(nf, xbt);
}

/*
 * Packets may go as soon as the rings are published: what a backend finds in
 * them when it comes, it serves. Its own Connected need not follow at all: it
 * stands for a hotplug script that reports, and not all do.
 */
static void start_transmit(struct netfront *nf)
{
	unsigned int i;

	rtnl_lock();
	nf->live = true;
	cancel_delayed_work(&nf->carrier_off);
	for (i = 0; i < nf->nr_queues; i++)
		netfront_tx_set_live(&nf->queue[i], true);
	netif_carrier_on(nf->netdev);
	if (netif_running(nf->netdev))
		netif_tx_wake_all_queues(nf->netdev);
	rtnl_unlock();
}

static void destroy_queues(struct netfront *nf)
{
	unsigned int i;

	for (i = 0; i < nf->max_queues; i++)
		netfront_queue_destroy(&nf->queue[i]);
}

/* RTNL. At once after a violation or a failure: no connection follows. */
static void schedule_carrier_off(struct netfront *nf)
{
	static const unsigned long at_once = BIT(XPV_BROKEN) |
					     BIT(XPV_FAILED) |
					     BIT(XPV_REMOVING);

	if (READ_ONCE(nf->xdev->flags) & at_once)
		netif_carrier_off(nf->netdev);
	else if (netif_carrier_ok(nf->netdev))
		schedule_delayed_work(&nf->carrier_off, CARRIER_GRACE);
}

/*
 * The network device stays, and for a while its carrier; its addresses, routes
 * and the settings of the user with it. What is to be sent waits meanwhile.
 */
static void disconnect(struct xpv_device *xdev)
{
	struct netfront *nf = xdev->priv;
	unsigned int i;

	/* Whoever awaits an answer may do so under RTNL. */
	netfront_ctrl_stop(nf);
	netfront_rss_disconnect(nf);
	/* It takes RTNL: not to be waited for under it. */
	cancel_delayed_work_sync(&nf->notify);
	rtnl_lock();
	nf->live = false;
	schedule_carrier_off(nf);
	netif_tx_stop_all_queues(nf->netdev);
	for (i = 0; i < nf->nr_queues; i++)
		netfront_queue_stop(&nf->queue[i]);
	WRITE_ONCE(nf->nr_queues, 0);
	rtnl_unlock();

	xpv_device_show_queues(xdev, NULL, 0);
	netfront_ctrl_destroy(nf);
	destroy_queues(nf);
}

static int publish(struct xpv_device *xdev)
{
	struct netfront *nf = xdev->priv;
	struct netfront_settings set = {};
	int err;

	if (!xpv_feature(xdev, NETFRONT_RX_COPY)) {
		xpv_device_fail(xdev, -EOPNOTSUPP,
				"the backend does not copy to our pages (feature-rx-copy)");
		return -EOPNOTSUPP;
	}
	err = read_mac(nf, &set);
	if (err)
		return err;
	read_mtu(nf, &set);
	/* The administrator's choice, and the toolstack's. */
	nf->bounce = !READ_ONCE(netfront_trusted) || !xpv_backend_trusted(xdev);

	err = create_queues(nf, &set.nr_queues);
	if (!err)
		err = start_queues(nf, &set);
	if (err)
		goto undo;
	netfront_ctrl_create(nf);
	err = xpv_transaction(xdev, write_keys, nf);
	if (err)
		goto undo;
	xpv_device_show_queues(xdev, nf->base_queues, nf->nr_queues);
	start_transmit(nf);
	netfront_ctrl_start(nf);
	return 0;
undo:
	disconnect(xdev);
	return err;
}

/* The backend has connected: announce our address to the network. */
static int connect(struct xpv_device *xdev)
{
	struct netfront *nf = xdev->priv;

	schedule_delayed_work(&nf->notify, NOTIFY_DELAY);
	netfront_rss_connect(nf);
	return 0;
}

/*
 * xl's script writes the bridge's MTU when we may have connected already, and
 * an administrator at any time. What comes before a connection waits for that.
 */
static void refresh(struct xpv_device *xdev)
{
	struct netfront *nf = xdev->priv;
	struct netfront_settings set = {};

	if (!nf->nr_queues)
		return;
	read_mtu(nf, &set);
	if (!set.new_mtu)
		return;
	rtnl_lock();
	netfront_netdev_set_mtu(nf, set.new_mtu);
	rtnl_unlock();
}

static void remove(struct xpv_device *xdev)
{
	struct netfront *nf = xdev->priv;

	xpv_watch_stop(&nf->mtu_watch);
	/* It takes RTNL: not to be waited for under it. */
	cancel_delayed_work_sync(&nf->carrier_off);
	xpv_device_show_queues(xdev, NULL, 0);
	netfront_netdev_destroy(nf);
	xdev->priv = NULL;
}

const struct xpv_driver_ops netfront_ops = {
	.probe = probe,
	.publish = publish,
	.connect = connect,
	.refresh = refresh,
	.disconnect = disconnect,
	.remove = remove,
	.show = netfront_debugfs_show,
};
