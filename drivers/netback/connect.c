// SPDX-License-Identifier: GPL-2.0
/*
 * The operations of a device, in the order of its life. All run under the
 * device's lock, unless said otherwise; see struct xpv_driver_ops.
 *
 *	probe		creates the network device; the uevent has udev or the
 *			toolstack run the hotplug script
 *	publish		offers features
 *	connect		attaches queues, starts threads, network device and
 *			control ring
 *	can_connect	whether the hotplug script has succeeded
 *	refresh		reads again the rate, the multicast filter and the
 *			headroom, on a watch or when a frontend reconfigures
 *	disconnect	undoes connect, from any state
 *	unplug		ends the watches; the uevent has the script run again
 *	remove		destroys the network device
 */
#include <linux/if_ether.h>
#include <linux/jiffies.h>
#include <linux/kobject.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "connect.h"
#include "debugfs.h"
#include "netback.h"
#include "netdev.h"
#include "queue.h"
#include "to_guest_slots.h"

/*
 * A frontend that does not tell when it posts slots has them posted all the
 * time, or is not there: packets wait for it this long.
 */
#define DRAIN_WITHOUT_NOTIFY_MSECS 30

/* As long as libxl gives a script before it takes the device away again. */
#define SCRIPT_SECONDS 40

/*
 * The script has succeeded: the vif is on its bridge. Packets flow before, but
 * Connected is written only after that.
 *
 * The key is the toolstack's. It goes with the directory, and stays where only
 * the driver goes: a device that is removed late must not take it from the next
 * one, whose directory has the same name.
 */
static bool can_connect(struct xpv_device *xdev)
{
	char *text = xpv_own_read(xdev, "hotplug-status");
	bool connected;

	if (IS_ERR(text))
		return false;
	connected = !strcmp(text, "connected");
	kfree(text);
	return connected;
}

/* Some scripts never do: a line says what is being waited for. */
static void script_timeout(struct work_struct *work)
{
	struct netback *nb = container_of(to_delayed_work(work),
					       struct netback, script_work);
	struct xpv_device *xdev = nb->xdev;

	/* The next connection has us look again. */
	if (!xpv_device_live(xdev) || can_connect(xdev))
		return;
	WRITE_ONCE(nb->script_missed, true);
	xpv_warn(xdev, "%s: hotplug-status is not \"connected\" after %u s: script %s has not reported; packets flow, but the state stays InitWait\n",
		 nb->dev->name, SCRIPT_SECONDS, nb->script ?: "(none)");
}

/* One line is enough: a guest may connect again and again. */
static void watch_script(struct netback *nb)
{
	if (!READ_ONCE(nb->script_missed))
		xpv_device_queue_delayed_work(nb->xdev, &nb->script_work,
					      SCRIPT_SECONDS * HZ);
}

/*
 * A frontend that another backend served before goes on with as many as that
 * one has offered, whatever the parameter says now.
 */
static unsigned int read_max_queues(struct xpv_device *xdev)
{
	unsigned int max = READ_ONCE(netback_max_queues);
	u64 offered = 0;

	xpv_own_read_u64(xdev, NETIF_KEY_MAX_QUEUES,
			 XPV_MAX_QUEUES, &offered);
	return max_t(unsigned int, max, offered);
}

static void read_own(struct netback *nb)
{
	char *text = xpv_own_read(nb->xdev, "script");

	nb->script = IS_ERR(text) ? NULL : text;
	text = xpv_own_read(nb->xdev, "vifname");
	if (!IS_ERR(text)) {
		nb->named = *text;
		kfree(text);
	}
	text = xpv_own_read(nb->xdev, "mac");
	if (IS_ERR(text))
		return;
	strscpy(nb->mac, text, sizeof(nb->mac));
	kfree(text);
}

static void stop_watches(struct netback *nb)
{
	xpv_watch_stop(&nb->hotplug_watch);
	xpv_watch_stop(&nb->rate_watch);
	xpv_watch_stop(&nb->mcast_watch);
	xpv_watch_stop(&nb->headroom_watch);
}

/*
 * From here to unplug: stopping a watch waits for xenwatch, which may itself
 * be waiting for our work.
 */
static int start_watches(struct netback *nb)
{
	struct xpv_device *xdev = nb->xdev;
	int err;

	err = xpv_watch_start(xdev, &nb->hotplug_watch, "hotplug-status");
	if (!err)
		err = xpv_watch_start(xdev, &nb->rate_watch, "rate");
	if (!err)
		err = xpv_watch_start_peer(xdev, &nb->mcast_watch,
					   NETIF_KEY_REQUEST_MCAST);
	/* Linux' netfront writes it after the state that announces it. */
	if (!err)
		err = xpv_watch_start_peer(xdev, &nb->headroom_watch,
					   NETIF_KEY_HEADROOM);
	if (err)
		stop_watches(nb);
	return err;
}

/*
 * Whether a backend was here before this one: its driver was unbound or
 * reloaded. Neither is so where the toolstack has just made the device.
 */
static bool was_served(struct xpv_device *xdev)
{
	u64 state = XenbusStateUnknown;

	xpv_peer_read_u64(xdev, "state", XPV_NR_PEER_STATES - 1, &state);
	return can_connect(xdev) || state == XenbusStateInitialised ||
	       state == XenbusStateConnected;
}

static int probe(struct xpv_device *xdev)
{
	struct netback *nb;
	u64 handle;
	int err;

	err = xpv_own_read_u64(xdev, "handle", U16_MAX, &handle);
	if (err) {
		xpv_err(xdev, "reading %s/handle: error %d\n",
			xdev->xbdev->nodename, err);
		return err;
	}
	nb = netback_netdev_create(xdev, handle, read_max_queues(xdev));
	if (IS_ERR(nb)) {
		xpv_err(xdev, "creating the network device: error %ld\n",
			PTR_ERR(nb));
		return PTR_ERR(nb);
	}
	INIT_DELAYED_WORK(&nb->script_work, script_timeout);
	read_own(nb);
	nb->reloaded = was_served(xdev);
	err = start_watches(nb);
	if (err) {
		netback_netdev_destroy(nb);
		return err;
	}

	/* All is there that netback_uevent() shows. */
	smp_store_release(&xdev->priv, nb);
	kobject_uevent(&xpv_dev(xdev)->kobj, KOBJ_ONLINE);
	return 0;
}

int netback_uevent(struct xpv_device *xdev, struct kobj_uevent_env *env)
{
	/* Pairs with probe(). */
	struct netback *nb = smp_load_acquire(&xdev->priv);
	int err = 0;

	if (!nb)
		return 0;
	if (nb->script)
		err = add_uevent_var(env, "script=%s", nb->script);
	if (!err)
		err = add_uevent_var(env, "vif=%s", nb->dev->name);
	/* The toolstack runs the script once; see packaging/xenpv.rules. */
	if (!err && nb->reloaded)
		err = add_uevent_var(env, "XENPV_RELOADED=1");
	return err;
}

static int publish(struct xpv_device *xdev)
{
	struct netback *nb = xdev->priv;

	/* The parameter may have changed; the netdev's queues cannot. */
	xpv_feature_offer(xdev, NETBACK_MAX_QUEUES, nb->max_queues);
	return 0;
}

static netdev_features_t supported_features(struct xpv_device *xdev)
{
	netdev_features_t mask = 0;

	if (xpv_feature(xdev, NETBACK_FRONT_SG))
		mask |= NETIF_F_SG;
	if (xpv_feature(xdev, NETBACK_FRONT_GSO_TCPV4))
		mask |= NETIF_F_TSO;
	if (xpv_feature(xdev, NETBACK_FRONT_GSO_TCPV6))
		mask |= NETIF_F_TSO6;
	if (!xpv_feature(xdev, NETBACK_FRONT_NO_CSUM))
		mask |= NETIF_F_IP_CSUM;
	if (xpv_feature(xdev, NETBACK_FRONT_IPV6_CSUM))
		mask |= NETIF_F_IPV6_CSUM;
	return mask;
}

static void set_timeouts(struct netback *nb)
{
	nb->notify = xpv_feature(nb->xdev, NETBACK_FRONT_RX_NOTIFY);
	nb->drain = msecs_to_jiffies(nb->notify ?
				      netback_rx_drain_timeout_msecs :
				      DRAIN_WITHOUT_NOTIFY_MSECS);
	nb->stall = nb->notify ?
		msecs_to_jiffies(netback_rx_stall_timeout_msecs) : 0;
}

static void read_mcast(struct netback *nb)
{
	u64 request = 0;

	/* A key that is missing, or none that makes sense, asks for nothing. */
	xpv_peer_read_u64(nb->xdev, NETIF_KEY_REQUEST_MCAST, 1, &request);
	WRITE_ONCE(nb->mcast.active, request);
}

/*
 * Each packet tells its headroom, so that it may change at any time. A frontend
 * that asks for too much gets none, which the packets tell it as well.
 */
static void read_headroom(struct netback *nb)
{
	u64 headroom = 0;

	if (xpv_feature(nb->xdev, NETBACK_XDP_HEADROOM))
		xpv_peer_read_u64(nb->xdev, NETIF_KEY_HEADROOM,
				  NETBACK_MAX_HEADROOM, &headroom);
	WRITE_ONCE(nb->headroom, headroom);
}

static int alloc_queues(struct netback *nb, unsigned int nr)
{
	int err = 0;

	while (nb->nr_allocated < nr && !err)
		err = netback_queue_alloc(nb);
	xpv_device_show_queues(nb->xdev, nb->queue, nb->nr_allocated);
	return err;
}

static int create_queues(struct netback *nb, unsigned int *nr)
{
	unsigned int i;
	int err;

	err = xpv_queues_read_count(nb->xdev, nb->max_queues, nr);
	if (!err)
		err = alloc_queues(nb, *nr);
	for (i = 0; !err && i < *nr; i++)
		err = netback_queue_create(netback_queue_nr(nb, i),
					   *nr);
	return err;
}

static void disconnect(struct xpv_device *xdev)
{
	struct netback *nb = xdev->priv;
	unsigned int i;

	netback_debugfs_remove(nb);
	netback_ctrl_stop(nb);
	netback_netdev_disconnect(nb);
	for (i = 0; i < nb->nr_allocated; i++)
		netback_queue_destroy(netback_queue_nr(nb, i));
	/* A thread may have found its first slot meanwhile. */
	netif_carrier_off(nb->dev);
	netback_mcast_flush(&nb->mcast);
}

static int try_connect(struct netback *nb)
{
	unsigned int nr, i;
	int err;

	set_timeouts(nb);
	err = create_queues(nb, &nr);
	if (err)
		return err;
	/* No thread runs yet. */
	nb->stalled = nb->stall ? nr : 0;
	err = netback_netdev_connect(nb, nr, supported_features(nb->xdev));
	if (err)
		return err;

	err = netback_ctrl_start(nb);
	if (err)
		return err;
	read_mcast(nb);
	read_headroom(nb);
	for (i = 0; i < nr; i++)
		netback_to_guest_start(netback_queue_nr(nb, i));
	if (!nb->stall)
		netif_carrier_on(nb->dev);
	netback_debugfs_add(nb);
	return 0;
}

/* After this packets flow, though our state may still be InitWait. */
static int connect(struct xpv_device *xdev)
{
	struct netback *nb = xdev->priv;
	int err;

	disconnect(xdev);
	if (!xpv_feature(xdev, NETBACK_FRONT_RX_COPY)) {
		xpv_device_fail(xdev, -EOPNOTSUPP,
				"%s/request-rx-copy is not 1: pages are copied, not flipped",
				xdev->peer_path);
		return -EOPNOTSUPP;
	}
	err = try_connect(nb);
	if (err)
		disconnect(xdev);
	else
		watch_script(nb);
	/* Only the core may ask for another try. */
	return err == -EAGAIN ? -EIO : err;
}

static void set_rate(struct netback *nb, u64 bytes, u64 usec)
{
	spin_lock_bh(&nb->rate_lock);
	/* The same rate again would be a full bucket for free. */
	if (nb->rate.amount != bytes ||
	    nb->rate.period != usec * NSEC_PER_USEC)
		netback_rate_set(&nb->rate, bytes, usec);
	spin_unlock_bh(&nb->rate_lock);
}

static void read_rate(struct netback *nb)
{
	char *text = xpv_own_read(nb->xdev, "rate");
	u64 bytes = 0, usec = 0;

	if (!IS_ERR(text)) {
		if (netback_rate_parse(text, &bytes, &usec))
			xpv_warn_peer(nb->xdev,
				      "Failed to parse network rate limit. Traffic unlimited");
		kfree(text);
	}
	set_rate(nb, bytes, usec);
}

/*
 * libxl gives every frontend the key mtu, 1500 unless configured. Xen's script
 * then gives the vif the bridge's MTU and writes that for the frontend, whose
 * directory it finds by the vif's name: not where the toolstack has chosen the
 * name (vifname=). So then the vif's MTU is written here, once: what somebody
 * writes later stays.
 */
static void write_frontend_mtu(struct netback *nb)
{
	unsigned int mtu = READ_ONCE(nb->dev->mtu);
	char text[sizeof("65535")];
	u64 key = ETH_DATA_LEN;
	int err;

	if (!nb->named || nb->mtu_written)
		return;
	nb->mtu_written = true;
	err = xpv_peer_read_u64(nb->xdev, "mtu", U16_MAX, &key);
	if ((err && err != -ENOENT) || key != ETH_DATA_LEN || mtu == key)
		return;
	snprintf(text, sizeof(text), "%u", mtu);
	err = xpv_peer_write(nb->xdev, "mtu", text);
	if (err)
		xpv_warn(nb->xdev, "writing %s/mtu = \"%s\": error %d\n",
			 nb->xdev->peer_path, text, err);
}

static void refresh(struct xpv_device *xdev)
{
	struct netback *nb = xdev->priv;

	if (can_connect(xdev))
		write_frontend_mtu(nb);
	read_rate(nb);
	if (!nb->nr_queues)
		return;
	read_mcast(nb);
	read_headroom(nb);
}

/* A frontend that starts over with as many queues, or with others. */
static bool is_stale(struct xpv_device *xdev)
{
	struct netback *nb = xdev->priv;
	unsigned int nr;

	if (!nb->nr_queues ||
	    xpv_queues_read_count(xdev, nb->max_queues, &nr))
		return false;
	return nr != nb->nr_queues || xpv_queue_stale(nb->queue[0], nr) ||
	       netback_ctrl_stale(nb);
}

/* Context: without the device's lock; see struct xpv_driver_ops. */
static void unplug(struct xpv_device *xdev)
{
	stop_watches(xdev->priv);
	kobject_uevent(&xpv_dev(xdev)->kobj, KOBJ_OFFLINE);
}

static void remove(struct xpv_device *xdev)
{
	struct netback *nb = xdev->priv;

	cancel_delayed_work_sync(&nb->script_work);
	xpv_device_show_queues(xdev, NULL, 0);
	WRITE_ONCE(xdev->priv, NULL);
	netback_netdev_destroy(nb);
}

const struct xpv_driver_ops netback_ops = {
	.probe = probe,
	.publish = publish,
	.connect = connect,
	.can_connect = can_connect,
	.refresh = refresh,
	.stale = is_stale,
	.disconnect = disconnect,
	.unplug = unplug,
	.remove = remove,
	.show = netback_debugfs_show,
};
