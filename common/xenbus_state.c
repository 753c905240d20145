// SPDX-License-Identifier: GPL-2.0
#include <linux/list.h>
#include <linux/mutex.h>

#include "xenbus_state.h"
#include "watch.h"
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
 * The write itself gets us there, by a watch on the directory that has those of
 * all frontends: one for each would be half of the 128 that a guest may have.
 */
static DEFINE_MUTEX(xenbus_state_lock);	/* inside struct xpv_device.lock */
static LIST_HEAD(pending_devices);	/* devices whose structs lag behind */
static bool watching;

static void sync_xenbus_device(struct xpv_device *xdev)
{
	xdev->xbdev->state = xdev->xenstore_state;
	list_del_init(&xdev->state_pending);
}

/*
 * Any event will do: each device on the list has written its state before.
 *
 * Context: xenwatch.
 */
static void device_changed(struct xenbus_watch *watch, const char *path,
			   const char *token)
{
	struct xpv_device *xdev, *next;

	mutex_lock(&xenbus_state_lock);
	list_for_each_entry_safe(xdev, next, &pending_devices, state_pending)
		sync_xenbus_device(xdev);
	mutex_unlock(&xenbus_state_lock);
}

static struct xenbus_watch device_watch = {
	.node = "device",
	.will_handle = xpv_watch_will_handle,
	.callback = device_changed,
};

void xpv_xenbus_state_init(struct xpv_device *xdev)
{
	int err;

	if (xdev->drv->side == XPV_BACK)
		return;
	mutex_lock(&xenbus_state_lock);
	if (!watching) {
		err = register_xenbus_watch(&device_watch);
		if (err)
			xpv_warn(xdev, "cannot watch \"%s\": error %d\n",
				 device_watch.node, err);
		watching = !err;
	}
	mutex_unlock(&xenbus_state_lock);
}

void xpv_xenbus_state_exit(void)
{
	if (watching)
		unregister_xenbus_watch(&device_watch);
	watching = false;
}

static int write_state(struct xpv_device *xdev, struct xpv_transaction *xbt,
		       void *arg)
{
	enum xenbus_state *state = arg;

	return xpv_own_printf(xdev, xbt, "state", "%d", *state);
}

void xpv_xenbus_state_set(struct xpv_device *xdev, enum xenbus_state state)
{
	int err;

	lockdep_assert_held(&xdev->lock);

	if (xdev->drv->side == XPV_BACK) {
		xenbus_switch_state(xdev->xbdev, state);
		return;
	}

	mutex_lock(&xenbus_state_lock);
	if (state == XenbusStateInitialising) {
		list_del_init(&xdev->state_pending);
		xdev->xbdev->state = state;
	}
	err = xpv_transaction(xdev, write_state, &state);
	/* A guest gets EACCES where the parent directory has gone as well. */
	if (err && err != -ENOENT && err != -EACCES &&
	    __ratelimit(&xdev->ratelimit))
		xpv_err(xdev, "cannot write state %d: error %d\n", state, err);
	if (!err) {
		xdev->xenstore_state = state;
		if (list_empty(&xdev->state_pending))
			list_add_tail(&xdev->state_pending, &pending_devices);
		if (!watching)
			sync_xenbus_device(xdev);
	}
	mutex_unlock(&xenbus_state_lock);
}

enum xenbus_state xpv_xenbus_state(struct xpv_device *xdev)
{
	enum xenbus_state state;

	mutex_lock(&xenbus_state_lock);
	state = list_empty(&xdev->state_pending) ? xdev->xbdev->state :
						   xdev->xenstore_state;
	mutex_unlock(&xenbus_state_lock);
	return state;
}

void xpv_xenbus_state_forget(struct xpv_device *xdev)
{
	mutex_lock(&xenbus_state_lock);
	list_del_init(&xdev->state_pending);
	mutex_unlock(&xenbus_state_lock);
}
