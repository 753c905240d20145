// SPDX-License-Identifier: GPL-2.0
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>

#include "device.h"
#include "own_state.h"
#include "xenstore.h"

/*
 * A frontend's state is in two places, its directory and struct xenbus_device.
 * Since Linux 7.3 xenwatch compares the two whenever something beneath "device"
 * changes, and removes a frontend as one that the toolstack has made anew where
 * it reads Initialising and then finds another state in the struct
 * (xenbus_dev_changed()). Nothing locks one against the other, and
 * xenbus_switch_state() changes both, which is good only in xenwatch itself.
 *
 * So the struct's becomes Initialising before the directory's does, and leaves
 * it behind the directory's, in xenwatch: what that reads from then on is new.
 * A watch on all that xenwatch compares, ours alone or not, gets us there.
 */
static DEFINE_MUTEX(own_state_lock);	/* inside struct xpv_device.lock */
static LIST_HEAD(unsettled);	/* devices whose structs lag behind */
static bool watching;

static void settle(struct xpv_device *xdev)
{
	xdev->xbdev->state = xdev->written;
	list_del_init(&xdev->unsettled);
}

/* Context: xenwatch. */
static void device_changed(struct xenbus_watch *watch, const char *path,
			   const char *token)
{
	struct xpv_device *xdev, *next;

	mutex_lock(&own_state_lock);
	list_for_each_entry_safe(xdev, next, &unsettled, unsettled)
		settle(xdev);
	mutex_unlock(&own_state_lock);
}

/* Context: xenbus' reader, under its spinlock. */
static bool device_will_handle(struct xenbus_watch *watch, const char *path,
			       const char *token)
{
	return !watch->nr_pending;
}

static struct xenbus_watch device_watch = {
	.node = "device",
	.will_handle = device_will_handle,
	.callback = device_changed,
};

void xpv_own_state_init(void)
{
	int err;

	mutex_lock(&own_state_lock);
	if (!watching) {
		err = register_xenbus_watch(&device_watch);
		if (err)
			pr_warn("xenpv-common: cannot watch \"device\": error %d\n",
				err);
		watching = !err;
	}
	mutex_unlock(&own_state_lock);
}

void xpv_own_state_exit(void)
{
	if (watching)
		unregister_xenbus_watch(&device_watch);
}

static int put_state(struct xpv_device *xdev, struct xenbus_transaction xbt,
		     void *arg)
{
	enum xenbus_state *state = arg;

	return xpv_own_printf(xdev, xbt, "state", "%d", *state);
}

void xpv_own_state_set(struct xpv_device *xdev, enum xenbus_state state)
{
	int err;

	lockdep_assert_held(&xdev->lock);

	if (xdev->drv->side == XPV_BACK) {
		xenbus_switch_state(xdev->xbdev, state);
		return;
	}

	mutex_lock(&own_state_lock);
	if (state == XenbusStateInitialising) {
		list_del_init(&xdev->unsettled);
		xdev->xbdev->state = state;
	}
	err = xpv_transaction(xdev, put_state, &state);
	/* A guest gets EACCES where the parent directory has gone as well. */
	if (err && err != -ENOENT && err != -EACCES)
		xpv_err(xdev, "cannot write state %d: error %d\n", state, err);
	if (!err) {
		xdev->written = state;
		if (list_empty(&xdev->unsettled))
			list_add(&xdev->unsettled, &unsettled);
		if (!watching)
			settle(xdev);
	}
	mutex_unlock(&own_state_lock);
}

enum xenbus_state xpv_own_state(struct xpv_device *xdev)
{
	enum xenbus_state state;

	mutex_lock(&own_state_lock);
	state = list_empty(&xdev->unsettled) ? xdev->xbdev->state :
					       xdev->written;
	mutex_unlock(&own_state_lock);
	return state;
}

void xpv_own_state_forget(struct xpv_device *xdev)
{
	mutex_lock(&own_state_lock);
	list_del_init(&xdev->unsettled);
	mutex_unlock(&own_state_lock);
}
