/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A split device's life: probe, handshake, resume, remove.
 *
 * xenbus calls back in one thread for all devices of the machine (xenwatch).
 * Nothing is done there: every callback kicks the device's work, which looks
 * at where the peer stands and steps through the state tables. All of a
 * driver's operations run in that work, one at a time, under @lock.
 */
#ifndef XPV_DEVICE_H
#define XPV_DEVICE_H

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

#include "feature.h"
#include "state.h"
#include "watch.h"
#include "xenstore.h"

struct dentry;
struct seq_file;
struct xpv_device;
struct xpv_queue;

/**
 * struct xpv_driver_ops - what a driver does at each turn of a device's life
 *
 * All run in process context under the device's lock, may sleep, and return 0
 * or -errno. An operation that fails has undone what it did. A frontend whose
 * @publish has failed is asked again later.
 *
 * @probe: a device appeared: allocate private data (xpv_device.priv). Nothing
 *	   is shared yet. Runs in xenwatch's context: no waiting for the peer.
 * @refresh: optional. Something that the driver watches changed (or is looked
 *	     at for the first time), or the live frontend reconfigures.
 * @publish: frontend: the backend's features have been read
 *	     (xpv_feature()); create the queues and write their keys; rows of
 *	     our side are written for the driver. Backend: set the features that
 *	     depend on the device with xpv_feature_offer(); write other keys.
 *	     Called inside no transaction.
 * @connect: the peer has published its half and its features have been read; go
 *	     live. Backend: attach the queues. -EAGAIN means not ready
 *	     yet, without a word: the driver kicks the device when it is.
 * @can_connect: optional. Backend: whether Connected may be written; until then
 *		 a live device stays at InitWait in xenstore (netback waits for
 *		 the hotplug script). Called again at each kick.
 * @ready: optional. Frontend: whether loading the module may return: what the
 *	   device is for is there to be used. Without it, when live, or once
 *	   published where that is Connected on the wire. Runs without the lock.
 * @changed: optional. Frontend: the live backend wrote Connected again, as it
 *	     does when its size has changed.
 * @stale: backend: whether the frontend has published other rings than those
 *	   attached (xpv_queue_stale()).
 * @disconnect: give up everything shared with the peer: stop the queues,
 *		finish or take back what is in flight, destroy them. Keeps the
 *		upper device. Runs in any phase, more than once. May wait for
 *		our own device's I/O, never for the peer. Cannot fail.
 * @close: optional. The device is to close while the machine goes on: take the
 *	   upper device away. -EBUSY while it is in use; the driver kicks the
 *	   device when it no longer is. @disconnect follows on success.
 * @unplug: optional. The device is being removed: take away what other
 *	    contexts reach through sysfs. Runs in xenwatch's context, first of
 *	    all, once, without the lock; must not wait for I/O or the peer.
 * @remove: last call, after @disconnect: take the upper device away in whatever
 *	    state it is and free the private data. Cannot fail.
 * @shrink: optional. Backend: this machine is short of memory: give back
 *	     what only serves speed. Runs without the lock, between @probe and
 *	     @unplug, in whatever needs memory: must not sleep or allocate.
 * @show_queue: optional. Print more of a queue to debugfs, likewise.
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
 * @reclaim: the device may be what memory is freed to: its work has a rescuer,
 *	     may wait for no work that has none, and all that it allocates is
 *	     allocated without I/O
 * @uevent: optional. Backend: adds variables to the device's uevents, which
 *	    the hotplug scripts read.
 * @xenbus: filled in by xpv_driver_register()
 * @nr_devices: devices that exist, being removed or not
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
	XPV_BROKEN,	/* the peer lied; see xpv_violation() */
	XPV_REMOVING,	/* remove() was called: no more handshakes */
	XPV_REFRESH,	/* a watched key of our own directory changed */
	XPV_RESUMED,	/* the machine was restored: what was shared is void */
	XPV_FAILED,	/* the driver gave up: disconnect and close */
	XPV_RESTART,	/* frontend: close, then begin anew with this backend */
	/*
	 * Frontend: begin anew once if the backend closes: that may be about
	 * what was shared before. A busy backend is that slow.
	 */
	XPV_RETRY,
	XPV_IN_USE,	/* frontend: at Closing due to a user; under @lock */
};

/**
 * struct xpv_device - one split device
 * @xbdev: the kernel's device; valid to the end, referenced
 * @drv: its driver
 * @priv: the driver's private data
 * @peer_id: the peer's domain
 * @peer_path: the peer's directory; replaced at resume under @lock
 * @lock: serialises all of the driver's operations; outermost lock
 * @work: evaluates the state tables; not re-entrant
 * @later: has @work run again, where a step is to wait
 * @connect_limit: how often a connection may begin; under @lock
 * @again: queues @work later; pending while a frontend waits to publish again,
 *	   and while a backend waits for one that was Closing to join it
 * @failures: how often it could not publish since it was live; under @lock
 * @remove_work: ends the device's life once it is unplugged
 * @phase: where we stand; written under @lock
 * @flags: enum xpv_device_flag
 * @xenstore_state: frontend: its state in xenstore, see xenbus_state.c
 * @state_pending: non-empty: struct xenbus_device does not have
 *		   @xenstore_state yet
 * @reconfigured: backend: the frontend reconfigures, and we have; under @lock
 * @online: backend: watch on the toolstack's wish to keep the device
 * @own: feature values of our side; under @lock
 * @peer: feature values of the peer's side; under @lock
 * @queues: the driver's queues, for debugfs; set with xpv_device_show_queues()
 * @nr_queues: their number
 * @queues_lock: guards the two against readers; taken inside @lock
 * @new_peer_path: the peer's directory after a resume, until the work takes it
 * @violations: lies counted
 * @peer_warnings: number of xpv_warn_peer() calls
 * @quarantined: pages the peer has not let go of, on @quarantine
 * @quarantine: these pages, see grant.c
 * @quarantine_lock: guards the list; innermost, interrupts off
 * @lost: pages that Xen did not let us unmap
 * @last_error: the text of the last failure, logged once; under @lock
 * @ratelimit: for lines that the peer causes
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
	struct delayed_work later;
	struct ratelimit_state connect_limit;
	struct delayed_work again;
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
 * xpv_driver_register() - take over a driver's devices
 * @drv: the driver
 * @owner: THIS_MODULE
 * @mod_name: KBUILD_MODNAME
 *
 * Context: module init.
 * Return: 0; -ENODEV where this machine is no Xen domain; -errno.
 */
int xpv_driver_register(struct xpv_driver *drv, struct module *owner,
			const char *mod_name);

/**
 * xpv_driver_unregister() - let all devices go and wait until they are gone
 * @drv: the driver
 *
 * Waits for I/O in flight on our side, as rmmod must.
 *
 * Context: module exit.
 */
void xpv_driver_unregister(struct xpv_driver *drv);

/**
 * xpv_device_kick() - have the device looked at
 * @xdev: the device
 *
 * Context: any.
 */
void xpv_device_kick(struct xpv_device *xdev);

/**
 * xpv_device_queue_work() - run a work of the driver's own
 * @xdev: the device
 * @work: the work; may be waited for (cancel_work_sync()) by the operations
 *
 * For what takes too long to be done under the device's lock.
 *
 * Context: any.
 */
void xpv_device_queue_work(struct xpv_device *xdev, struct work_struct *work);

/**
 * xpv_device_queue_delayed_work() - the same, later
 * @xdev: the device
 * @work: the work; one that is queued already stays as it is
 * @delay: jiffies
 *
 * Context: any.
 */
void xpv_device_queue_delayed_work(struct xpv_device *xdev,
				   struct delayed_work *work,
				   unsigned long delay);

/**
 * xpv_device_refresh() - have the driver's refresh operation run
 * @xdev: the device
 *
 * Context: any.
 */
void xpv_device_refresh(struct xpv_device *xdev);

/**
 * xpv_device_fail() - give up on a device that cannot go on
 * @xdev: the device
 * @err: -errno
 * @fmt: why, naming key and value, without newline
 *
 * Logs, writes the text to the device's error node for the toolstack, and has
 * the work disconnect and close. The same text is logged once until the pair is
 * live: keys are looked at again whenever the toolstack touches any of them.
 *
 * Context: the driver's operations, under the device's lock, which then return
 * their error as usual; the device says nothing more.
 */
__printf(3, 4)
void xpv_device_fail(struct xpv_device *xdev, int err, const char *fmt, ...);

/**
 * xpv_device_restart() - frontend: go through the handshake again
 * @xdev: the device
 *
 * For a change of what was negotiated, the number of queues for one. The
 * device closes towards the backend and, once that has closed as well, starts
 * over; the upper device stays. Nothing happens where nothing is shared: the
 * next connection will be by the new terms anyway.
 *
 * Context: any.
 */
void xpv_device_restart(struct xpv_device *xdev);

/**
 * xpv_device_resize() - backend: announce changed keys to the live frontend
 * @xdev: the device
 * @fn: writes the keys, in the transaction that writes the state again
 * @arg: for @fn
 *
 * Context: the driver's operations, under the device's lock.
 * Return: 0, or -errno; -EAGAIN where the device is not live.
 */
int xpv_device_resize(struct xpv_device *xdev,
		      int (*fn)(struct xpv_device *xdev,
				struct xpv_transaction *xbt, void *arg),
		      void *arg);

/**
 * xpv_device_online() - backend: whether the toolstack wants the device
 * @xdev: the device
 *
 * Context: process, may sleep.
 */
bool xpv_device_online(struct xpv_device *xdev);

/**
 * xpv_disks_allowed() - whether a frontend may drive this guest's disks
 *
 * An HVM guest whose emulated disks are still plugged in must leave the
 * paravirtual ones alone: both lead to the same storage (xen_emul_unplug).
 *
 * Context: any.
 */
bool xpv_disks_allowed(void);

/**
 * xpv_nics_allowed() - whether a frontend may drive this guest's network cards
 *
 * The same for the network. Where nothing was unplugged, xenbus has no bus for
 * frontends at all, and to register with it fails.
 *
 * Context: any.
 */
bool xpv_nics_allowed(void);

/**
 * xpv_hvm_guest() - whether this guest has firmware and emulated devices
 *
 * Context: any.
 */
bool xpv_hvm_guest(void);

/**
 * xpv_disks_emulated() - whether emulated hd and sd disks were kept
 *
 * The administrator of an HVM guest may keep them beside the paravirtual xvd
 * disks (xen_emul_unplug=unnecessary).
 *
 * Context: any.
 */
bool xpv_disks_emulated(void);

/**
 * xpv_device_show_queues() - name the queues that debugfs shows
 * @xdev: the device
 * @queues: array of pointers, or NULL before the queues are freed
 * @nr: their number
 *
 * Context: process, may sleep; waits for readers.
 */
void xpv_device_show_queues(struct xpv_device *xdev, struct xpv_queue **queues,
			    unsigned int nr);

/**
 * xpv_broken() - whether the peer lied since it connected
 * @xdev: the device
 *
 * Context: any.
 */
static inline bool xpv_broken(const struct xpv_device *xdev)
{
	return test_bit(XPV_BROKEN, &xdev->flags);
}

/**
 * xpv_device_live() - whether the handshake is complete
 * @xdev: the device
 *
 * Exact under the device's lock, a hint elsewhere.
 */
static inline bool xpv_device_live(const struct xpv_device *xdev)
{
	return READ_ONCE(xdev->phase) == XPV_LIVE;
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
#define xpv_dbg(xdev, fmt, ...) dev_dbg(xpv_dev(xdev), fmt, ##__VA_ARGS__)

#endif /* XPV_DEVICE_H */
