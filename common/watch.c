// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "watch.h"
#include "work.h"

/*
 * A watch of the kernel's, which outlives the struct xpv_watch that it is for:
 * unregister_xenbus_watch() waits until xenwatch is done with whatever it is
 * at, which may be the removal of the very device that is being unbound by
 * somebody else, under the lock that xenwatch waits for.
 */
struct xpv_watched {
	struct xenbus_watch watch;
	spinlock_t lock;	/* @xdev */
	struct xpv_device *xdev;	/* NULL: stopped */
	struct work_struct end;
};

bool xpv_watch_will_handle(struct xenbus_watch *watch, const char *path,
			   const char *token)
{
	return !watch->nr_pending;
}

/* Context: xenwatch. */
static void peer_key_changed(struct xenbus_watch *watch, const char *path,
			     const char *token)
{
	struct xpv_watched *watched = container_of(watch, struct xpv_watched,
						   watch);

	spin_lock(&watched->lock);
	if (watched->xdev)
		xpv_device_refresh(watched->xdev);
	spin_unlock(&watched->lock);
}

static void unregister_watch(struct work_struct *work)
{
	struct xpv_watched *watched = container_of(work, struct xpv_watched,
						   end);

	unregister_xenbus_watch(&watched->watch);
	kfree(watched->watch.node);
	kfree(watched);
}

int xpv_watch_start_peer(struct xpv_device *xdev, struct xpv_watch *watch,
			 const char *key)
{
	struct xpv_watched *watched = kzalloc(sizeof(*watched), GFP_KERNEL);
	int err = -ENOMEM;

	if (!watched)
		return err;
	spin_lock_init(&watched->lock);
	INIT_WORK(&watched->end, unregister_watch);
	watched->xdev = xdev;
	watched->watch.will_handle = xpv_watch_will_handle;
	watched->watch.callback = peer_key_changed;
	watched->watch.node = kasprintf(GFP_KERNEL, "%s/%s", xdev->peer_path,
					key);
	if (!watched->watch.node)
		goto free;
	/* xenbus_watch_pathfmt() ends the device where this fails. */
	err = register_xenbus_watch(&watched->watch);
	if (err)
		goto free;
	watch->watched = watched;
	return 0;

free:
	kfree(watched->watch.node);
	kfree(watched);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_watch_start_peer);

static LIST_HEAD(own_watches);
static DEFINE_SPINLOCK(own_lock);	/* @own_watches */

/* Whether one is the other or something above or beneath it. */
static bool is_related(const char *path, const char *dir, const char *key)
{
	size_t len = strlen(dir);
	size_t nr = strlen(path);

	/* @path is @dir or above it. */
	if (nr <= len)
		return !strncmp(path, dir, nr) && (nr == len || dir[nr] == '/');
	if (strncmp(path, dir, len) || path[len] != '/')
		return false;
	path += len + 1;
	len = strlen(key);
	return !strncmp(path, key, len) && (!path[len] || path[len] == '/');
}

/* Return: whether any device wants to know. */
static bool find_own(const char *path, bool refresh)
{
	struct xpv_watch *watch;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&own_lock, flags);
	list_for_each_entry(watch, &own_watches, link) {
		if (!is_related(path, xpv_own_path(watch->xdev), watch->key))
			continue;
		found = true;
		if (!refresh)
			break;
		xpv_device_refresh(watch->xdev);
	}
	spin_unlock_irqrestore(&own_lock, flags);
	return found;
}

/*
 * Most of what is written there the devices write themselves. Nobody else may
 * but the toolstack.
 *
 * Context: xenbus' reader, under its spinlock.
 */
static bool tree_will_handle(struct xenbus_watch *watch, const char *path,
			     const char *token)
{
	return find_own(path, false);
}

/* Context: xenwatch. */
static void tree_changed(struct xenbus_watch *watch, const char *path,
			 const char *token)
{
	find_own(path, true);
}

/* One for all devices of a side: a guest has 128 watches. */
static struct xenbus_watch tree_watch[XPV_NR_SIDES] = {
	[XPV_FRONT] = {
		.node = "device",
		.will_handle = tree_will_handle,
		.callback = tree_changed,
	},
	[XPV_BACK] = {
		.node = "backend",
		.will_handle = tree_will_handle,
		.callback = tree_changed,
	},
};

static DEFINE_MUTEX(tree_lock);	/* @watching */
static bool watching[XPV_NR_SIDES];

int xpv_watch_start(struct xpv_device *xdev, struct xpv_watch *watch,
		    const char *key)
{
	enum xpv_side side = xdev->drv->side;
	unsigned long flags;
	int err = 0;

	mutex_lock(&tree_lock);
	if (!watching[side])
		err = register_xenbus_watch(&tree_watch[side]);
	watching[side] = !err;
	mutex_unlock(&tree_lock);
	if (err)
		return err;

	watch->xdev = xdev;
	watch->key = key;
	spin_lock_irqsave(&own_lock, flags);
	list_add_tail(&watch->link, &own_watches);
	spin_unlock_irqrestore(&own_lock, flags);
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_watch_start);

void xpv_watch_exit(void)
{
	enum xpv_side side;

	for (side = 0; side < XPV_NR_SIDES; side++) {
		if (watching[side])
			unregister_xenbus_watch(&tree_watch[side]);
		watching[side] = false;
	}
}

static void stop_own(struct xpv_watch *watch)
{
	unsigned long flags;

	if (!watch->xdev)
		return;
	spin_lock_irqsave(&own_lock, flags);
	list_del(&watch->link);
	spin_unlock_irqrestore(&own_lock, flags);
	watch->xdev = NULL;
}

void xpv_watch_stop(struct xpv_watch *watch)
{
	struct xpv_watched *watched = watch->watched;

	stop_own(watch);
	if (!watched)
		return;
	watch->watched = NULL;
	spin_lock(&watched->lock);
	watched->xdev = NULL;
	spin_unlock(&watched->lock);
	xpv_queue_work(&watched->end);
}
EXPORT_SYMBOL_GPL(xpv_watch_stop);
