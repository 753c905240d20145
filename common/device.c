// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/rwsem.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <xen/xen.h>

#include "debugfs.h"
#include "device.h"
#include "feature.h"
#include "grant.h"
#include "stats.h"
#include "steps.h"
#include "violation.h"
#include "watch.h"
#include "work.h"
#include "xenbus_state.h"
#include "xenstore.h"

/*
 * Connections that a device may begin per interval, more than an honest peer
 * does. A peer that writes its state, or keys that do not work, in a loop would
 * have each round's lines in the log, its uevents and what a bridge makes of
 * it, and so would an error of ours.
 */
#define MAX_CONNECTS 20
#define CONNECT_INTERVAL (5 * HZ)

/*
 * How long xenbus' remove callback waits for our own I/O in flight. It runs in
 * xenwatch, which serves all devices: what takes longer ends in the
 * background. Long enough for a busy disk, so that the usual removal is
 * complete when the caller goes on.
 */
#define REMOVE_WAIT (5 * HZ)

/*
 * A disk that swap may be on serves nothing until its work is done: no
 * allocation beneath @fn may wait for I/O, the kernel's own included.
 */
static void run_operations(struct xpv_device *xdev,
			   void (*fn)(struct xpv_device *xdev))
{
	unsigned int noio;

	if (!xdev->drv->reclaim) {
		fn(xdev);
		return;
	}
	noio = memalloc_noio_save();
	fn(xdev);
	memalloc_noio_restore(noio);
}

static void device_work(struct work_struct *work)
{
	run_operations(container_of(work, struct xpv_device, work),
		       xpv_steps_run);
}

static void retry_work(struct work_struct *work)
{
	xpv_device_kick(container_of(to_delayed_work(work), struct xpv_device,
				     retry));
}

static void device_free(struct kref *ref)
{
	struct xpv_device *xdev = container_of(ref, struct xpv_device, ref);

	xpv_quarantine_release(xdev);
	kfree(xdev->peer_path);
	kfree(xdev->new_peer_path);
	kfree(xdev->last_error);
	put_device(xpv_dev(xdev));
	kfree(xdev);
}

/*
 * Devices whose removal xenbus may not have waited for. One that is bound again
 * meanwhile would serve rings that the former instance is still to answer on.
 */
static LIST_HEAD(removing_devices);
static DEFINE_MUTEX(removing_lock);	/* @removing */

static void add_removing(struct xpv_device *xdev)
{
	mutex_lock(&removing_lock);
	list_add(&xdev->removing, &removing_devices);
	mutex_unlock(&removing_lock);
}

static void end_removing(struct xpv_device *xdev)
{
	mutex_lock(&removing_lock);
	list_del(&xdev->removing);
	mutex_unlock(&removing_lock);
	/* device_remove() and whoever binds it again may both wait. */
	complete_all(&xdev->removed);
}

/* The former instance of a device, referenced; NULL where there is none. */
static struct xpv_device *get_removing(const struct xenbus_device *xbdev)
{
	struct xpv_device *xdev, *found = NULL;

	mutex_lock(&removing_lock);
	list_for_each_entry(xdev, &removing_devices, removing) {
		if (xdev->xbdev != xbdev)
			continue;
		kref_get(&xdev->ref);
		found = xdev;
		break;
	}
	mutex_unlock(&removing_lock);
	return found;
}

/*
 * As long as a removal may take, no longer: xenwatch may wait for the device
 * that is being bound.
 */
static int wait_for_removal(struct xenbus_device *xbdev)
{
	struct xpv_device *former = get_removing(xbdev);
	bool removed;

	if (!former)
		return 0;
	removed = wait_for_completion_timeout(&former->removed, REMOVE_WAIT);
	kref_put(&former->ref, device_free);
	if (removed)
		return 0;
	dev_warn(&xbdev->dev,
		 "not bound: the removal still goes on; bind it again later\n");
	return -EBUSY;
}

static void destroy_device(struct xpv_device *xdev)
{
	mutex_lock(&xdev->lock);
	xdev->drv->ops->disconnect(xdev);
	xdev->drv->ops->remove(xdev);
	mutex_unlock(&xdev->lock);
}

static void remove_work(struct work_struct *work)
{
	struct xpv_device *xdev = container_of(work, struct xpv_device,
					       remove_work);
	struct xpv_driver *drv = xdev->drv;

	/* With XPV_REMOVING set the work does nothing any more, nor retries. */
	cancel_work_sync(&xdev->work);
	cancel_delayed_work_sync(&xdev->retry);
	run_operations(xdev, destroy_device);
	/* The driver may have kicked the device until now. */
	cancel_work_sync(&xdev->work);
	xpv_xenbus_state_forget(xdev);

	end_removing(xdev);
	kref_put(&xdev->ref, device_free);
	/* By address only: @drv may be unloaded as soon as the count is 0. */
	if (atomic_dec_and_test(&drv->nr_devices))
		wake_up_var(&drv->nr_devices);
}

void xpv_device_restart(struct xpv_device *xdev)
{
	set_bit(XPV_RESTART, &xdev->flags);
	xpv_device_kick(xdev);
}
EXPORT_SYMBOL_GPL(xpv_device_restart);

struct resize {
	int (*fn)(struct xpv_device *xdev, struct xpv_transaction *xbt,
		  void *arg);
	void *arg;
};

static int write_resize(struct xpv_device *xdev, struct xpv_transaction *xbt,
			void *arg)
{
	const struct resize *resize = arg;
	int err = resize->fn(xdev, xbt, resize->arg);

	if (err)
		return err;
	/* The same state again: this is what the frontend's watch is for. */
	return xpv_own_printf(xdev, xbt, "state", "%d", XenbusStateConnected);
}

int xpv_device_resize(struct xpv_device *xdev,
		      int (*fn)(struct xpv_device *xdev,
				struct xpv_transaction *xbt, void *arg),
		      void *arg)
{
	struct resize resize = { .fn = fn, .arg = arg };

	lockdep_assert_held(&xdev->lock);

	if (xdev->phase != XPV_LIVE)
		return -EAGAIN;
	return xpv_transaction(xdev, write_resize, &resize);
}
EXPORT_SYMBOL_GPL(xpv_device_resize);

static struct xpv_device *device_alloc(struct xenbus_device *xbdev,
				       struct xpv_driver *drv)
{
	struct xpv_device *xdev = kzalloc(sizeof(*xdev), GFP_KERNEL);

	if (!xdev)
		return NULL;
	xdev->peer_path = kstrdup(xbdev->otherend, GFP_KERNEL);
	if (!xdev->peer_path) {
		kfree(xdev);
		return NULL;
	}

	xdev->xbdev = xbdev;
	get_device(&xbdev->dev);
	xdev->drv = drv;
	xdev->peer_id = xbdev->otherend_id;
	xdev->phase = XPV_INIT;
	mutex_init(&xdev->lock);
	mutex_init(&xdev->queues_lock);
	INIT_WORK(&xdev->work, device_work);
	INIT_DELAYED_WORK(&xdev->retry, retry_work);
	INIT_WORK(&xdev->remove_work, remove_work);
	init_completion(&xdev->removed);
	kref_init(&xdev->ref);
	INIT_LIST_HEAD(&xdev->state_pending);
	INIT_LIST_HEAD(&xdev->quarantine);
	spin_lock_init(&xdev->quarantine_lock);
	ratelimit_state_init(&xdev->ratelimit, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	/* The number that it drops is in debugfs; no line of its own. */
	ratelimit_set_flags(&xdev->ratelimit, RATELIMIT_MSG_ON_RELEASE);
	ratelimit_state_init(&xdev->connect_limit, CONNECT_INTERVAL,
			     MAX_CONNECTS);
	ratelimit_set_flags(&xdev->connect_limit, RATELIMIT_MSG_ON_RELEASE);
	xpv_features_reset(xdev);
	return xdev;
}

static struct xpv_driver *driver_of(struct xenbus_device *xbdev)
{
	return container_of(to_xenbus_driver(xbdev->dev.driver),
			    struct xpv_driver, xenbus);
}

/*
 * Reading a device's uevent file is ordered with nothing that xenbus does: it
 * may come while the device goes.
 */
static DECLARE_RWSEM(drvdata_lock);

static void forget_device(struct xenbus_device *xbdev)
{
	down_write(&drvdata_lock);
	dev_set_drvdata(&xbdev->dev, NULL);
	up_write(&drvdata_lock);
}

static int xenbus_probe(struct xenbus_device *xbdev,
			const struct xenbus_device_id *id)
{
	struct xpv_driver *drv = driver_of(xbdev);
	struct xpv_device *xdev;
	int err;

	err = wait_for_removal(xbdev);
	if (err)
		return err;
	xdev = device_alloc(xbdev, drv);
	if (!xdev) {
		xenbus_dev_error(xbdev, -ENOMEM, "allocating the device");
		return -ENOMEM;
	}
	dev_set_drvdata(&xbdev->dev, xdev);
	xpv_xenbus_state_init(xdev);
	mutex_lock(&xdev->lock);
	err = drv->ops->probe(xdev);
	if (!err && drv->side == XPV_FRONT)
		xpv_steps_init_front(xdev);
	if (err)
		/* For what @probe kicked before it failed. */
		set_bit(XPV_REMOVING, &xdev->flags);
	mutex_unlock(&xdev->lock);
	if (err) {
		forget_device(xbdev);
		cancel_delayed_work_sync(&xdev->retry);
		cancel_work_sync(&xdev->work);
		kref_put(&xdev->ref, device_free);
		return err;
	}

	atomic_inc(&drv->nr_devices);
	if (drv->side == XPV_BACK && xpv_watch_start(xdev, &xdev->online,
						     "online"))
		xpv_warn(xdev, "cannot watch online: a closed frontend may keep the device from going\n");
	xpv_debugfs_add(xdev);
	xpv_device_refresh(xdev);
	return 0;
}

static void xenbus_otherend_changed(struct xenbus_device *xbdev,
				    enum xenbus_state state)
{
	struct xpv_device *xdev = xpv_device_of(&xbdev->dev);

	if (xdev)
		xpv_device_kick(xdev);
}

static int xenbus_resume(struct xenbus_device *xbdev)
{
	struct xpv_device *xdev = xpv_device_of(&xbdev->dev);
	char *path;

	if (!xdev)
		return 0;
	/* No disk has been resumed yet, nor is one before xenwatch goes on. */
	path = kstrdup(xbdev->otherend, GFP_NOIO);
	if (!path)
		return -ENOMEM;

	kfree(xchg(&xdev->new_peer_path, path));
	xpv_xenbus_state_forget(xdev);
	set_bit(XPV_RESUMED, &xdev->flags);
	xpv_device_kick(xdev);
	return 0;
}

static void device_remove(struct xenbus_device *xbdev)
{
	struct xpv_device *xdev = xpv_device_of(&xbdev->dev);

	if (!xdev)
		return;
	if (xdev->drv->ops->unplug)
		xdev->drv->ops->unplug(xdev);
	xpv_watch_stop(&xdev->online);
	xpv_debugfs_remove(xdev);
	set_bit(XPV_REMOVING, &xdev->flags);
	forget_device(xbdev);

	kref_get(&xdev->ref);
	add_removing(xdev);
	xpv_device_queue_work(xdev, &xdev->remove_work);
	if (!wait_for_completion_timeout(&xdev->removed, REMOVE_WAIT))
		dev_warn(&xbdev->dev,
			 "removal goes on in the background: I/O in flight\n");
	kref_put(&xdev->ref, device_free);
}

#if XPV_HAVE_REMOVE_VOID
static void xenbus_remove(struct xenbus_device *xbdev)
{
	device_remove(xbdev);
}
#else
static int xenbus_remove(struct xenbus_device *xbdev)
{
	device_remove(xbdev);
	return 0;
}
#endif

static int xenbus_uevent(XPV_UEVENT_DEVICE *xbdev, struct kobj_uevent_env *env)
{
	struct xpv_device *xdev;
	int err = 0;

	down_read(&drvdata_lock);
	xdev = dev_get_drvdata(&xbdev->dev);
	if (xdev && xdev->drv->uevent)
		err = xdev->drv->uevent(xdev, env);
	up_read(&drvdata_lock);
	return err;
}

/* Context: reclaim; xenbus keeps probe and remove away meanwhile. */
static void xenbus_reclaim(struct xenbus_device *xbdev)
{
	struct xpv_device *xdev = xpv_device_of(&xbdev->dev);

	if (xdev && xdev->priv)
		xdev->drv->ops->shrink(xdev);
}

/*
 * A frontend that says Connected once it is published serves from then on; the
 * backend's word may have to wait for a script, which a booting guest does not.
 */
static bool is_serving(struct xpv_device *xdev)
{
	return xpv_device_live(xdev) ||
	       (READ_ONCE(xdev->phase) == XPV_PUBLISHED &&
		xdev->drv->published_state == XenbusStateConnected);
}

static int xenbus_is_ready(struct xenbus_device *xbdev)
{
	struct xpv_device *xdev = xpv_device_of(&xbdev->dev);

	if (!xdev || !is_serving(xdev))
		return 0;
	return !xdev->drv->ops->ready || xdev->drv->ops->ready(xdev);
}

int xpv_driver_register(struct xpv_driver *drv, struct module *owner,
			const char *mod_name)
{
	struct xenbus_driver *xenbus = &drv->xenbus;
	int err;

	if (!xen_domain()) {
		pr_err("%s: this machine is no Xen domain\n", drv->name);
		return -ENODEV;
	}
	if (WARN_ON_ONCE(drv->nr_features > XPV_MAX_FEATURES ||
			 XPV_STAT_DRIVER + drv->nr_stats > XPV_STAT_MAX))
		return -EINVAL;

	atomic_set(&drv->nr_devices, 0);
	xpv_debugfs_add_driver(drv);
	xenbus->ids = drv->ids;
	xenbus->probe = xenbus_probe;
	xenbus->remove = xenbus_remove;
	xenbus->otherend_changed = xenbus_otherend_changed;
	if (drv->side == XPV_FRONT) {
		xenbus->resume = xenbus_resume;
		xenbus->is_ready = xenbus_is_ready;
		err = __xenbus_register_frontend(xenbus, owner, mod_name);
	} else {
		/*
		 * Unloading leaves the state Connected, so that frontends
		 * wait and the next driver goes on with their rings.
		 */
		xenbus->allow_rebind = true;
		xenbus->uevent = xenbus_uevent;
		if (drv->ops->shrink)
			xenbus->reclaim_memory = xenbus_reclaim;
		err = __xenbus_register_backend(xenbus, owner, mod_name);
	}
	if (err)
		xpv_debugfs_remove_driver(drv);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_driver_register);

void xpv_driver_unregister(struct xpv_driver *drv)
{
	xenbus_unregister_driver(&drv->xenbus);
	wait_var_event(&drv->nr_devices, !atomic_read(&drv->nr_devices));
	xpv_debugfs_remove_driver(drv);
}
EXPORT_SYMBOL_GPL(xpv_driver_unregister);
