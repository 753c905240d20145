/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types that all of common/ and the drivers share: a driver, its operations
 * and a device. No code but one-line accessors, so that any file may include
 * this without depending on another.
 */
#ifndef XPV_TYPES_H
#define XPV_TYPES_H

#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <xen/xenbus.h>

#include "state.h"

struct dentry;
struct seq_file;
struct xpv_device;
struct xpv_feature;
struct xpv_queue;
struct xpv_watched;

/* Feature rows per driver; sizes the two value arrays in struct xpv_device. */
#define XPV_MAX_FEATURES 32

/**
 * struct xpv_driver_ops - what a driver does at each step of a device's life
 *
 * All run in process context under the device's lock, may sleep, and return 0
 * or -errno. An operation that fails has undone what it did. A frontend whose
 * @publish failed is called again later.
 *
 * @probe: a device appeared: allocate private data (xpv_device.priv). Nothing
 *	   is shared yet. Runs in xenwatch's context: must not wait for the
 *	   peer.
 * @refresh: optional. A key that the driver watches changed (or is read for the
 *	     first time), or the live frontend is at Reconfiguring.
 * @publish: frontend: the backend's features have been read (xpv_feature());
 *	     create the queues and write their keys; the rows of our side are
 *	     written afterwards by steps.c. Backend: set the features that
 *	     depend on the device with xpv_feature_offer(); write other keys.
 *	     Called in no transaction.
 * @connect: the peer has published its half and its features have been read:
 *	     begin service. Backend: attach the queues. -EAGAIN means not ready
 *	     yet and logs nothing: the driver kicks the device when it is.
 * @can_connect: optional. Backend: whether Connected may be written; until then
 *		 a live device stays at InitWait in xenstore (netback waits for
 *		 the hotplug script). Called again at each kick.
 * @ready: optional. Frontend: whether loading the module may return, because
 *	   the disk or interface is usable. Without it, when live, or once
 *	   published where that state is Connected. Runs without the lock.
 * @changed: optional. Frontend: the live backend wrote Connected again, as it
 *	     does when the size of its disk has changed.
 * @stale: backend: whether the frontend has published other rings than those
 *	   attached (xpv_queue_stale()).
 * @disconnect: release everything shared with the peer: stop the queues, finish
 *		or requeue what is in flight, destroy them. Keeps the disk or
 *		interface. Runs in any phase, more than once. May wait for our
 *		own device's I/O, never for the peer. Cannot fail.
 * @close: optional. The device is to close while the machine runs on: remove
 *	   the disk or interface. -EBUSY while it is in use; the driver kicks
 *	   the device when it no longer is. @disconnect follows on success.
 * @unplug: optional. The device is being removed: remove what other contexts
 *	    reach through sysfs. Runs in xenwatch's context, before all else,
 *	    once, without the lock; must not wait for I/O or the peer.
 * @remove: the last call, after @disconnect: remove the disk or interface in
 *	    any state and free the private data. Cannot fail.
 * @shrink: optional. Backend: this machine is short of memory: free what is
 *	    only cached. Runs without the lock, between @probe and @unplug, in
 *	    the reclaim path: must not sleep or allocate.
 * @show_queue: optional. Print more of a queue to debugfs, under
 *		xpv_device.queues_lock.
 * @show: optional. Print more of the driver's state to debugfs. Runs without
 *	  the lock, between @probe and @unplug: reads plain values only.
 */
struct xpv_driver_ops {
	int (*probe)(struct xpv_device *xdev);
	void (*refresh)(struct xpv_device *xdev);
	int (*publish)(struct xpv_device *xdev);
	int (*connect)(struct xpv_device *xdev);
	bool (*can_connect)(struct xpv_device *xdev);
	bool (*ready)(struct xpv_device *xdev);
	void (*changed)(struct xpv_device *xdev);
	bool (*stale)(struct xpv_device *xdev);
	void (*disconnect)(struct xpv_device *xdev);
	int (*close)(struct xpv_device *xdev);
	void (*unplug)(struct xpv_device *xdev);
	void (*remove)(struct xpv_device *xdev);
	void (*shrink)(struct xpv_device *xdev);
	void (*show_queue)(struct xpv_queue *q, struct seq_file *seq);
	void (*show)(struct xpv_device *xdev, struct seq_file *seq);
};

/**
 * struct xpv_driver - one of the drivers
 * @name: the module's name, for messages and debugfs
 * @side: which end
 * @ids: xenbus device types, ended by an empty one
 * @ops: operations
 * @features: table of keys, or NULL
 * @nr_features: its rows
 * @stat_names: names of the driver's own counters, from XPV_STAT_DRIVER
 * @nr_stats: their number
 * @published_state: frontend: state to write once published: Initialised
 *		     (block) or Connected (network)
 * @reclaim: the device may be needed to free memory (swap): its work has a
 *	     rescuer thread, must not wait for work that has none, and all that
 *	     it allocates is allocated without I/O
 * @uevent: optional. Backend: adds variables to the device's uevents, which
 *	    the hotplug scripts read.
 * @xenbus: filled in by xpv_driver_register()
 * @nr_devices: devices that exist, including those being removed
 * @debugfs: directory of its devices
 */
struct xpv_driver {
	const char *name;
	enum xpv_side side;
	const struct xenbus_device_id *ids;
	const struct xpv_driver_ops *ops;
	const struct xpv_feature *features;
	unsigned int nr_features;
	const char * const *stat_names;
	unsigned int nr_stats;
	enum xenbus_state published_state;
	bool reclaim;
	int (*uevent)(struct xpv_device *xdev, struct kobj_uevent_env *env);

	struct xenbus_driver xenbus;
	atomic_t nr_devices;
	struct dentry *debugfs;
};

/* Bits of struct xpv_device.flags; changed with atomic bit operations. */
enum xpv_device_flag {
	XPV_BROKEN,	/* the peer broke the protocol; see xpv_violation() */
	XPV_REMOVING,	/* remove() was called: no more handshakes */
	XPV_REFRESH,	/* a watched key of our own directory changed */
	XPV_RESUMED,	/* the machine was restored: all grants are void */
	XPV_FAILED,	/* the driver gave up: disconnect and close */
	XPV_RESTART,	/* frontend: close, then start over with this backend */
	/*
	 * Frontend: start over once if the backend closes: a slow backend may
	 * still react to the connection before.
	 */
	XPV_RETRY,
	XPV_IN_USE,	/* frontend: at Closing due to a user; under @lock */
};

/**
 * struct xpv_watch - a watch on a key
 * @link: own key: in the list of all
 * @xdev: own key: the device; NULL where it is not active
 * @key: own key
 * @watched: peer's key: the kernel's part; NULL where it is not active
 *
 * A change has struct xpv_driver_ops.refresh run, in the device's work.
 */
struct xpv_watch {
	struct list_head link;
	struct xpv_device *xdev;
	const char *key;
	struct xpv_watched *watched;
};

/**
 * struct xpv_device - one split device
 * @xbdev: the kernel's device; referenced for the life of this struct
 * @drv: its driver
 * @priv: the driver's private data
 * @peer_id: the peer's domain
 * @peer_path: the peer's directory; replaced at resume under @lock
 * @lock: serialises all of the driver's operations; the outermost lock
 * @work: evaluates the state tables; not re-entrant
 * @retry: kicks the device after a delay, see xpv_device_kick_later()
 * @connect_limit: how often a connection may begin; under @lock
 * @on_hold: @hold_until is set: a frontend waits to publish again, a backend
 *	     for one that was at Closing; under @lock
 * @hold_until: the end of that, in jiffies; under @lock
 * @failures: failed attempts to publish since it was live; under @lock
 * @remove_work: ends the device's life after @unplug
 * @phase: where the handshake stands; written under @lock
 * @flags: enum xpv_device_flag
 * @xenstore_state: frontend: its state in xenstore, see xenbus_state.c
 * @state_pending: non-empty: struct xenbus_device does not have
 *		   @xenstore_state yet
 * @reconfigured: backend: the frontend is at Reconfiguring, and we have
 *		  answered; under @lock
 * @online: backend: watch on the key by which the toolstack keeps the device
 * @own: feature values of our side; under @lock
 * @peer: feature values of the peer's side; under @lock
 * @queues: the driver's queues, for debugfs; set with xpv_device_show_queues()
 * @nr_queues: their number
 * @queues_lock: guards the two against debugfs; taken inside @lock
 * @new_peer_path: the peer's directory after a resume, until the work takes it
 * @violations: number of xpv_violation() calls
 * @peer_warnings: number of xpv_warn_peer() calls
 * @quarantined: pages that the peer still has mapped, on @quarantine
 * @quarantine: these pages, see grant.c
 * @quarantine_lock: guards the list; innermost, interrupts off
 * @lost: pages that Xen did not let us unmap
 * @last_error: the text of the last failure, logged once; under @lock
 * @ratelimit: for log lines that the peer can cause
 * @removing: in the list of devices whose @remove_work is not done
 * @removed: completed when @remove_work is done
 * @ref: one for xenbus until it has called remove, one for @remove_work
 * @debugfs: its directory
 */
struct xpv_device {
	struct xenbus_device *xbdev;
	struct xpv_driver *drv;
	void *priv;
	domid_t peer_id;
	char *peer_path;

	struct mutex lock;	/* see the lock order in README.md */
	struct work_struct work;
	struct delayed_work retry;
	struct ratelimit_state connect_limit;
	bool on_hold;
	unsigned long hold_until;
	unsigned int failures;
	struct work_struct remove_work;
	enum xpv_phase phase;
	unsigned long flags;
	enum xenbus_state xenstore_state;
	struct list_head state_pending;
	bool reconfigured;
	struct xpv_watch online;
	u32 own[XPV_MAX_FEATURES];
	u32 peer[XPV_MAX_FEATURES];

	struct xpv_queue **queues;
	unsigned int nr_queues;
	struct mutex queues_lock;	/* @queues against debugfs */

	char *new_peer_path;
	atomic_t violations;
	atomic_t peer_warnings;
	atomic_t quarantined;
	struct list_head quarantine;
	spinlock_t quarantine_lock;	/* @quarantine */
	atomic_t lost;
	char *last_error;
	struct ratelimit_state ratelimit;
	struct list_head removing;
	struct completion removed;
	struct kref ref;
	struct dentry *debugfs;
};

/**
 * xpv_broken() - whether the peer has broken the protocol since it connected
 * @xdev: the device
 *
 * Context: any.
 */
static inline bool xpv_broken(const struct xpv_device *xdev)
{
	return test_bit(XPV_BROKEN, &xdev->flags);
}

/**
 * xpv_device_removing() - whether the device is being removed
 * @xdev: the device
 *
 * Context: any.
 */
static inline bool xpv_device_removing(const struct xpv_device *xdev)
{
	return test_bit(XPV_REMOVING, &xdev->flags);
}

/**
 * xpv_device_abandoned() - whether no connection follows unasked
 * @xdev: the device
 *
 * Context: any.
 * Return: true where the peer broke the protocol, the driver gave up, or the
 * device is being removed.
 */
static inline bool xpv_device_abandoned(const struct xpv_device *xdev)
{
	return READ_ONCE(xdev->flags) &
	       (BIT(XPV_BROKEN) | BIT(XPV_FAILED) | BIT(XPV_REMOVING));
}

/**
 * xpv_own_path() - our own directory in xenstore
 * @xdev: the device
 *
 * Return: its path, valid as long as the device.
 */
static inline const char *xpv_own_path(const struct xpv_device *xdev)
{
	return xdev->xbdev->nodename;
}

/**
 * xpv_peer_path() - the peer's directory in xenstore
 * @xdev: the device
 *
 * Context: under the device's lock, which a resume replaces it under.
 * Return: its path.
 */
static inline const char *xpv_peer_path(const struct xpv_device *xdev)
{
	return xdev->peer_path;
}

/**
 * xpv_device_phase() - where the handshake stands
 * @xdev: the device
 *
 * Exact under the device's lock, a hint elsewhere.
 */
static inline enum xpv_phase xpv_device_phase(const struct xpv_device *xdev)
{
	return READ_ONCE(xdev->phase);
}

/**
 * xpv_device_live() - whether the handshake is complete
 * @xdev: the device
 *
 * Exact under the device's lock, a hint elsewhere.
 */
static inline bool xpv_device_live(const struct xpv_device *xdev)
{
	return xpv_device_phase(xdev) == XPV_LIVE;
}

/**
 * xpv_device_of() - the split device behind a struct device
 * @dev: device of the xen or xen-backend bus bound to one of our drivers
 *
 * Return: the device; NULL once its removal has begun.
 */
static inline struct xpv_device *xpv_device_of(struct device *dev)
{
	return dev_get_drvdata(dev);
}

static inline struct device *xpv_dev(struct xpv_device *xdev)
{
	return &xdev->xbdev->dev;
}

#define xpv_err(xdev, fmt, ...) dev_err(xpv_dev(xdev), fmt, ##__VA_ARGS__)
#define xpv_warn(xdev, fmt, ...) dev_warn(xpv_dev(xdev), fmt, ##__VA_ARGS__)
#define xpv_info(xdev, fmt, ...) dev_info(xpv_dev(xdev), fmt, ##__VA_ARGS__)

#endif /* XPV_TYPES_H */
