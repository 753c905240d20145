// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/rwsem.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <xen/platform_pci.h>
#include <xen/xen.h>

#include "debugfs.h"
#include "device.h"
#include "grant.h"
#include "main.h"
#include "own_state.h"
#include "parse.h"
#include "stats.h"
#include "trace.h"
#include "violation.h"
#include "xenstore.h"

/*
 * Steps that one evaluation may take. The longest honest way is
 * Closed -> init -> published -> live; a peer that flips its state while we
 * read it gets the rest at the next kick, which its own writes cause.
 */
#define MAX_STEPS 8

/*
 * Connections that a device may begin per interval, more than an honest peer
 * does, and how long one beyond that waits. A peer that writes its state, or
 * keys that do not work, in a loop would have each round's lines in the log,
 * its uevents and what a bridge makes of it, and so would an error of ours.
 */
#define MAX_ROUNDS 20
#define ROUNDS_INTERVAL (5 * HZ)
#define ROUND_DELAY HZ

/*
 * How long xenbus' remove callback waits for our own I/O in flight. It runs in
 * xenwatch, which serves all devices: what takes longer ends in the
 * background. Long enough for a busy disk, so that the usual removal is
 * complete when the caller goes on.
 */
#define REMOVE_WAIT (5 * HZ)

/*
 * Pages that a backend may keep of connections before the last, 16 MiB: an
 * honest one that crashed has let go of them by then, a hostile one would take
 * more with each connection (CVE-2023-54081). Those of the last connection are
 * not limited: the full pools of a disk's queues are more than this.
 */
#define MAX_QUARANTINE 4096

/* Seconds to the next try to publish: twice as many each time, up to these. */
#define MAX_RETRY_DELAY 64U

/*
 * How long a new backend stays at InitWait for a frontend that is at Closing.
 * One that is in use is joined within milliseconds, and does not see InitWait
 * if that is gone at once; one that closes may wait for us to close as well.
 */
#define REJOIN_WAIT (3 * HZ)

/* What xenstore says in each phase; 0 leaves it alone. */
static enum xenbus_state wire_state(struct xpv_device *xdev)
{
	const struct xpv_driver_ops *ops = xdev->drv->ops;

	switch (xdev->phase) {
	case XPV_INIT:
		/* A backend goes straight on to InitWait. */
		return xdev->drv->side == XPV_FRONT ? XenbusStateInitialising :
						      XenbusStateUnknown;
	case XPV_PUBLISHED:
		return xdev->drv->side == XPV_FRONT ?
			xdev->drv->published_state : XenbusStateInitWait;
	case XPV_LIVE:
		if (xdev->reconfigured)
			return XenbusStateReconfigured;
		if (ops->announce && !ops->announce(xdev))
			return XenbusStateUnknown;
		return XenbusStateConnected;
	case XPV_CLOSING:
		return XenbusStateClosing;
	default:
		return XenbusStateClosed;
	}
}

/* Return: whether it is another phase. */
static bool set_phase(struct xpv_device *xdev, enum xpv_phase next)
{
	enum xpv_phase old = xdev->phase;

	lockdep_assert_held(&xdev->lock);

	WRITE_ONCE(xdev->phase, next);
	if (next == old)
		return false;

	if (next == XPV_LIVE) {
		kfree(xdev->told);
		xdev->told = NULL;
		xdev->failures = 0;
	}
	trace_xpv_phase(xdev, old, next);
	return true;
}

/* The same, and tell the peer. */
static bool enter_phase(struct xpv_device *xdev, enum xpv_phase next)
{
	bool changed = set_phase(xdev, next);
	enum xenbus_state wire = wire_state(xdev);

	if (wire != XenbusStateUnknown && wire != xpv_own_state(xdev))
		xpv_own_state_set(xdev, wire);
	return changed;
}

/* Return: 0, or -errno where nothing can be said about the peer now. */
static int read_peer_state(struct xpv_device *xdev, unsigned int *state)
{
	char *text = xpv_peer_read(xdev, "state");
	u64 val;
	int err;

	if (IS_ERR(text)) {
		err = PTR_ERR(text);
		/*
		 * A guest gets EACCES rather than ENOENT where the parent
		 * directory has gone as well.
		 */
		if (err != -ENOENT && err != -EACCES)
			return err;
		*state = XenbusStateUnknown;
		return 0;
	}

	err = xpv_parse_u64(text, XPV_NR_PEER_STATES - 1, &val);
	if (err)
		xpv_complain(xdev, "state \"%s\" is none",
			     xpv_printable(text));
	else
		*state = val;
	kfree(text);
	return err;
}

static int publish_features(struct xpv_device *xdev,
			    struct xpv_transaction *xbt, void *arg)
{
	return xpv_features_publish(xdev, xbt);
}

static int try_publish(struct xpv_device *xdev)
{
	const struct xpv_driver_ops *ops = xdev->drv->ops;
	unsigned int held;
	int err;

	held = xpv_quarantine_review(xdev);
	if (held > MAX_QUARANTINE) {
		xpv_device_fail(xdev, -EDQUOT, "the peer keeps %u of our pages",
				held);
		return -EDQUOT;
	}
	clear_bit(XPV_BROKEN, &xdev->flags);
	xpv_features_reset(xdev);
	if (xdev->drv->side == XPV_FRONT)
		xpv_features_read(xdev);
	err = ops->publish(xdev);
	if (err)
		return err;

	err = xpv_transaction(xdev, publish_features, NULL);
	if (err)
		ops->disconnect(xdev);
	else
		xpv_quarantine_age(xdev);
	return err;
}

/*
 * Memory, grants or room in xenstore may be there later, and a backend may let
 * go of pages later. Users of a frontend wait for it as they do for a backend.
 */
static void publish_later(struct xpv_device *xdev, int err)
{
	unsigned int delay = min(1U << min(xdev->failures, 16U),
				 MAX_RETRY_DELAY);

	if (!test_bit(XPV_FAILED, &xdev->flags))
		xpv_device_fail(xdev, err, "cannot publish");
	clear_bit(XPV_FAILED, &xdev->flags);
	xdev->failures++;
	if (__ratelimit(&xdev->ratelimit))
		xpv_warn(xdev, "not published: error %d; next try in %u s\n",
			 err, delay);
	xpv_device_queue_delayed_work(xdev, &xdev->again, delay * HZ);
}

/* A backend has published, and is to be seen at InitWait. */
static void await_rejoin(struct xpv_device *xdev)
{
	unsigned int peer;

	if (!read_peer_state(xdev, &peer) && peer == XenbusStateClosing)
		xpv_device_queue_delayed_work(xdev, &xdev->again, REJOIN_WAIT);
}

static int publish_back(struct xpv_device *xdev)
{
	int err = try_publish(xdev);

	if (!err)
		await_rejoin(xdev);
	return err;
}

static int publish_front(struct xpv_device *xdev)
{
	int err;

	if (delayed_work_pending(&xdev->again))
		return -EAGAIN;
	err = try_publish(xdev);
	if (!err)
		return 0;
	publish_later(xdev, err);
	return -EAGAIN;
}

static int do_connect(struct xpv_device *xdev)
{
	/* A frontend's rings exist, and so may have a mark, since publish. */
	if (xdev->drv->side == XPV_BACK)
		clear_bit(XPV_BROKEN, &xdev->flags);
	/* Block backends write some of theirs only now. */
	xpv_features_read(xdev);
	return xdev->drv->ops->connect(xdev);
}

static int do_close(struct xpv_device *xdev)
{
	const struct xpv_driver_ops *ops = xdev->drv->ops;
	int err = ops->close ? ops->close(xdev) : 0;

	if (!err)
		ops->disconnect(xdev);
	return err;
}

static int do_action(struct xpv_device *xdev, enum xpv_action action)
{
	const struct xpv_driver_ops *ops = xdev->drv->ops;

	switch (action) {
	case XPV_DO_PUBLISH:
		return xdev->drv->side == XPV_FRONT ? publish_front(xdev) :
						      publish_back(xdev);
	case XPV_DO_CONNECT:
		return do_connect(xdev);
	case XPV_DO_CHANGED:
		if (ops->changed)
			ops->changed(xdev);
		return 0;
	case XPV_DO_RESET:
		ops->disconnect(xdev);
		return 0;
	case XPV_DO_RECHECK:
		return ops->stale && ops->stale(xdev) ? -ESTALE : 0;
	case XPV_DO_RECONFIGURE:
		if (ops->refresh)
			ops->refresh(xdev);
		return 0;
	case XPV_DO_CLOSE_OFFLINE:
		return xpv_device_online(xdev) ? -EAGAIN : do_close(xdev);
	case XPV_DO_CLOSE:
		return do_close(xdev);
	case XPV_DO_REJOIN:
		if (!test_and_clear_bit(XPV_IN_USE, &xdev->flags))
			return -EAGAIN;
		ops->disconnect(xdev);
		return 0;
	case XPV_DO_FOLLOW:
		return delayed_work_pending(&xdev->again) ? -EAGAIN : 0;
	default:
		return 0;
	}
}

/* A device that closes while in use still is. */
static bool is_sharing(const struct xpv_device *xdev)
{
	return xdev->phase == XPV_PUBLISHED || xdev->phase == XPV_LIVE ||
	       xdev->phase == XPV_CLOSING;
}

/*
 * Closing may take long, under RTNL for one. A frontend that has begun anew
 * meanwhile would take Closed for the answer to that, and close as well.
 */
static bool has_begun_anew(struct xpv_device *xdev)
{
	unsigned int peer;

	return xdev->drv->side == XPV_BACK && xpv_device_online(xdev) &&
	       !read_peer_state(xdev, &peer) &&
	       xpv_state_step(XPV_BACK, XPV_CLOSED, peer).action !=
	       XPV_DO_NOTHING;
}

/* An action has succeeded. Return: as take_step(). */
static bool finish_step(struct xpv_device *xdev, struct xpv_step step)
{
	if (step.action == XPV_DO_RESET && is_sharing(xdev) &&
	    xdev->drv->side == XPV_FRONT)
		set_bit(XPV_RETRY, &xdev->flags);
	if (step.next == XPV_CLOSED && xdev->phase != XPV_CLOSED &&
	    has_begun_anew(xdev))
		return set_phase(xdev, XPV_CLOSED);
	return enter_phase(xdev, step.next);
}

/*
 * What a frontend that is at something else by now had published may be there
 * no more: no reason to give up on it.
 */
static bool has_moved_on(struct xpv_device *xdev, unsigned int peer)
{
	unsigned int now;

	return xdev->drv->side == XPV_BACK && !read_peer_state(xdev, &now) &&
	       now != peer;
}

/* Return: false for a step that is to wait; the work then comes again. */
static bool may_take(struct xpv_device *xdev, struct xpv_step step)
{
	bool begins = step.action == XPV_DO_PUBLISH ||
		      (step.action == XPV_DO_CONNECT &&
		       xdev->phase == XPV_CLOSED);

	if (!begins || __ratelimit(&xdev->rounds))
		return true;
	xpv_device_queue_delayed_work(xdev, &xdev->later, ROUND_DELAY);
	return false;
}

/* Return: true where another look at the tables is due. */
static bool take_step(struct xpv_device *xdev, struct xpv_step step,
		      unsigned int peer)
{
	static const char * const verb[XPV_NR_ACTIONS] = {
		[XPV_DO_PUBLISH] = "publish",
		[XPV_DO_CONNECT] = "connect",
		[XPV_DO_CLOSE_OFFLINE] = "close",
		[XPV_DO_CLOSE] = "close",
	};
	int err;

	if (!may_take(xdev, step))
		return false;
	err = do_action(xdev, step.action);

	/* Until the frontend has gone on; it may look for that word late. */
	xdev->reconfigured = step.action == XPV_DO_RECONFIGURE;
	if (!err)
		return finish_step(xdev, step);
	if (err == -EAGAIN)
		return false;
	if (err == -ESTALE && step.action == XPV_DO_RECHECK) {
		xdev->drv->ops->disconnect(xdev);
		return enter_phase(xdev, XPV_INIT);
	}
	if (err == -EBUSY && step.next == XPV_CLOSED) {
		set_bit(XPV_IN_USE, &xdev->flags);
		enter_phase(xdev, XPV_CLOSING);
		return false;
	}

	if (step.action == XPV_DO_CONNECT && has_moved_on(xdev, peer))
		return true;
	if (!test_bit(XPV_FAILED, &xdev->flags))
		xpv_device_fail(xdev, err, "cannot %s", verb[step.action]);
	return true;
}

/* Ours or the peer's fault: let go of the peer, and tell the world. */
static void give_up(struct xpv_device *xdev)
{
	xdev->drv->ops->disconnect(xdev);
	clear_bit(XPV_FAILED, &xdev->flags);
	/* Neither a liar nor what does not work gets another try by itself. */
	clear_bit(XPV_RESTART, &xdev->flags);
	clear_bit(XPV_RETRY, &xdev->flags);
	clear_bit(XPV_IN_USE, &xdev->flags);
	enter_phase(xdev, XPV_CLOSING);
}

/* The first half of a restart; the bit stays set until the second. */
static void begin_restart(struct xpv_device *xdev)
{
	if (xdev->phase == XPV_INIT)
		clear_bit(XPV_RESTART, &xdev->flags);
	if (xdev->phase != XPV_PUBLISHED && xdev->phase != XPV_LIVE)
		return;
	xdev->drv->ops->disconnect(xdev);
	enter_phase(xdev, XPV_CLOSING);
}

/* The toolstack has told the backend to go; some write no such key. */
static bool backend_leaves(struct xpv_device *xdev)
{
	u64 online;

	return !xpv_peer_read_u64(xdev, "online", U32_MAX, &online) && !online;
}

/* Return: true for a device that closed only to start over. */
static bool end_restart(struct xpv_device *xdev, unsigned int peer)
{
	if (xdev->phase != XPV_CLOSED || peer != XenbusStateClosed)
		return false;
	if (!test_bit(XPV_RESTART, &xdev->flags) &&
	    !test_bit(XPV_RETRY, &xdev->flags))
		return false;
	return !backend_leaves(xdev) &&
	       (test_and_clear_bit(XPV_RESTART, &xdev->flags) ||
		test_and_clear_bit(XPV_RETRY, &xdev->flags));
}

/*
 * A driver that is bound again finds the state Closed, which the backend may
 * not have seen: what it says is of the connection before, until it has closed
 * as well, or begins anew.
 */
static void begin_front(struct xpv_device *xdev)
{
	if (xpv_own_state(xdev) == XenbusStateInitialising)
		return;
	set_bit(XPV_RESTART, &xdev->flags);
	set_bit(XPV_RETRY, &xdev->flags);
	enter_phase(xdev, XPV_CLOSED);
}

/*
 * The machine was restored elsewhere: grants, event channels and the backend
 * are not those of before. xenbus has looked up the new backend's directory
 * and set our state to Initialising.
 */
static void take_resume(struct xpv_device *xdev)
{
	char *path = xchg(&xdev->new_peer_path, NULL);

	/* Another backend, another try. */
	cancel_delayed_work(&xdev->again);
	xdev->drv->ops->disconnect(xdev);
	if (path) {
		kfree(xdev->peer_path);
		xdev->peer_path = path;
		xdev->peer_id = xdev->xbdev->otherend_id;
	}
	enter_phase(xdev, XPV_INIT);
}

/* Return: true where another look is due. */
static bool look_once(struct xpv_device *xdev)
{
	const struct xpv_driver *drv = xdev->drv;
	unsigned int peer;

	if (test_and_clear_bit(XPV_RESUMED, &xdev->flags))
		take_resume(xdev);
	if (test_and_clear_bit(XPV_REFRESH, &xdev->flags) && drv->ops->refresh)
		drv->ops->refresh(xdev);
	if (test_bit(XPV_FAILED, &xdev->flags) ||
	    (xpv_broken(xdev) && is_sharing(xdev)))
		give_up(xdev);
	if (test_bit(XPV_RESTART, &xdev->flags))
		begin_restart(xdev);
	if (read_peer_state(xdev, &peer))
		return false;
	if (end_restart(xdev, peer))
		return enter_phase(xdev, XPV_INIT);

	return take_step(xdev, xpv_state_step(drv->side, xdev->phase, peer),
			 peer);
}

static void look(struct xpv_device *xdev)
{
	unsigned int steps;

	mutex_lock(&xdev->lock);
	for (steps = 0; steps < MAX_STEPS; steps++)
		if (test_bit(XPV_REMOVING, &xdev->flags) || !look_once(xdev))
			break;
	mutex_unlock(&xdev->lock);
}

static void look_later(struct work_struct *work)
{
	struct xpv_device *xdev = container_of(to_delayed_work(work),
					       struct xpv_device, later);

	xpv_device_kick(xdev);
}

/*
 * A disk that swap may be on serves nothing until its work is done: no
 * allocation beneath @fn may wait for I/O, the kernel's own included.
 */
static void run_work(struct xpv_device *xdev,
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
	run_work(container_of(work, struct xpv_device, work), look);
}

static void look_again(struct work_struct *work)
{
	xpv_device_kick(container_of(to_delayed_work(work), struct xpv_device,
				     again));
}

static void device_free(struct kref *ref)
{
	struct xpv_device *xdev = container_of(ref, struct xpv_device, ref);

	xpv_quarantine_leave(xdev);
	kfree(xdev->peer_path);
	kfree(xdev->new_peer_path);
	kfree(xdev->told);
	put_device(xpv_dev(xdev));
	kfree(xdev);
}

/*
 * Devices whose removal xenbus may not have waited for. One that is bound again
 * meanwhile would serve rings that the former instance is still to answer on.
 */
static LIST_HEAD(leaving);
static DEFINE_MUTEX(leaving_lock);	/* @leaving */

static void begin_leaving(struct xpv_device *xdev)
{
	mutex_lock(&leaving_lock);
	list_add(&xdev->leaving, &leaving);
	mutex_unlock(&leaving_lock);
}

static void end_leaving(struct xpv_device *xdev)
{
	mutex_lock(&leaving_lock);
	list_del(&xdev->leaving);
	mutex_unlock(&leaving_lock);
	/* device_remove() and whoever binds it again may both wait. */
	complete_all(&xdev->gone);
}

/* The former instance of a device, referenced; NULL where there is none. */
static struct xpv_device *get_leaving(const struct xenbus_device *xbdev)
{
	struct xpv_device *xdev, *found = NULL;

	mutex_lock(&leaving_lock);
	list_for_each_entry(xdev, &leaving, leaving) {
		if (xdev->xbdev != xbdev)
			continue;
		kref_get(&xdev->ref);
		found = xdev;
		break;
	}
	mutex_unlock(&leaving_lock);
	return found;
}

/*
 * As long as a removal may take, no longer: xenwatch may wait for the device
 * that is being bound.
 */
static int wait_for_former(struct xenbus_device *xbdev)
{
	struct xpv_device *former = get_leaving(xbdev);
	bool gone;

	if (!former)
		return 0;
	gone = wait_for_completion_timeout(&former->gone, REMOVE_WAIT);
	kref_put(&former->ref, device_free);
	if (gone)
		return 0;
	dev_warn(&xbdev->dev,
		 "not bound: the removal still goes on; bind it again later\n");
	return -EBUSY;
}

static void end_life(struct xpv_device *xdev)
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

	cancel_work_sync(&xdev->work);
	/* Nobody is left who would queue it. */
	cancel_delayed_work_sync(&xdev->again);
	run_work(xdev, end_life);
	/* What the driver kicked before it stopped finds XPV_REMOVING set. */
	cancel_delayed_work_sync(&xdev->later);
	cancel_work_sync(&xdev->work);
	xpv_own_state_forget(xdev);

	end_leaving(xdev);
	kref_put(&xdev->ref, device_free);
	/* By address only: @drv may be unloaded as soon as the count is 0. */
	if (atomic_dec_and_test(&drv->nr_devices))
		wake_up_var(&drv->nr_devices);
}

static struct workqueue_struct *workqueue_of(const struct xpv_device *xdev)
{
	return xdev->drv->reclaim ? xpv_reclaim_workqueue : xpv_workqueue;
}

void xpv_device_kick(struct xpv_device *xdev)
{
	queue_work(workqueue_of(xdev), &xdev->work);
}
EXPORT_SYMBOL_GPL(xpv_device_kick);

void xpv_device_queue_work(struct xpv_device *xdev, struct work_struct *work)
{
	queue_work(workqueue_of(xdev), work);
}
EXPORT_SYMBOL_GPL(xpv_device_queue_work);

void xpv_device_queue_delayed_work(struct xpv_device *xdev,
				   struct delayed_work *work,
				   unsigned long delay)
{
	queue_delayed_work(workqueue_of(xdev), work, delay);
}
EXPORT_SYMBOL_GPL(xpv_device_queue_delayed_work);

void xpv_device_refresh(struct xpv_device *xdev)
{
	set_bit(XPV_REFRESH, &xdev->flags);
	xpv_device_kick(xdev);
}
EXPORT_SYMBOL_GPL(xpv_device_refresh);

/* Return: whether it differs from the last one. Takes over @text. */
static bool is_news(struct xpv_device *xdev, char *text)
{
	if (text && xdev->told && !strcmp(text, xdev->told)) {
		kfree(text);
		return false;
	}
	kfree(xdev->told);
	xdev->told = text;
	return true;
}

void xpv_device_fail(struct xpv_device *xdev, int err, const char *fmt, ...)
{
	va_list args;
	char *text;

	lockdep_assert_held(&xdev->lock);

	va_start(args, fmt);
	text = kvasprintf(GFP_NOIO, fmt, args);
	va_end(args);
	/* A guest can cause as many of these as it likes (XSA-43). */
	if (is_news(xdev, text) && __ratelimit(&xdev->ratelimit))
		xenbus_dev_error(xdev->xbdev, err, "%s", text ?: fmt);

	set_bit(XPV_FAILED, &xdev->flags);
	xpv_device_kick(xdev);
}
EXPORT_SYMBOL_GPL(xpv_device_fail);

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

bool xpv_device_online(struct xpv_device *xdev)
{
	return xenbus_dev_is_online(xdev->xbdev);
}
EXPORT_SYMBOL_GPL(xpv_device_online);

bool xpv_disks_allowed(void)
{
	return xen_has_pv_devices() && xen_has_pv_disk_devices();
}
EXPORT_SYMBOL_GPL(xpv_disks_allowed);

bool xpv_nics_allowed(void)
{
	return xen_has_pv_devices() && xen_has_pv_nic_devices();
}
EXPORT_SYMBOL_GPL(xpv_nics_allowed);

bool xpv_hvm_guest(void)
{
	return xen_hvm_domain();
}
EXPORT_SYMBOL_GPL(xpv_hvm_guest);

bool xpv_disks_emulated(void)
{
	return xen_hvm_domain() && xen_has_pv_and_legacy_disk_devices();
}
EXPORT_SYMBOL_GPL(xpv_disks_emulated);

void xpv_device_show_queues(struct xpv_device *xdev, struct xpv_queue **queues,
			    unsigned int nr)
{
	mutex_lock(&xdev->queues_lock);
	xdev->queues = queues;
	xdev->nr_queues = nr;
	mutex_unlock(&xdev->queues_lock);
}
EXPORT_SYMBOL_GPL(xpv_device_show_queues);

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
	INIT_DELAYED_WORK(&xdev->later, look_later);
	INIT_DELAYED_WORK(&xdev->again, look_again);
	INIT_WORK(&xdev->remove_work, remove_work);
	init_completion(&xdev->gone);
	kref_init(&xdev->ref);
	INIT_LIST_HEAD(&xdev->unsettled);
	INIT_LIST_HEAD(&xdev->quarantine);
	spin_lock_init(&xdev->quarantine_lock);
	ratelimit_state_init(&xdev->ratelimit, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	/* The number that it drops is in debugfs; no line of its own. */
	ratelimit_set_flags(&xdev->ratelimit, RATELIMIT_MSG_ON_RELEASE);
	ratelimit_state_init(&xdev->rounds, ROUNDS_INTERVAL, MAX_ROUNDS);
	ratelimit_set_flags(&xdev->rounds, RATELIMIT_MSG_ON_RELEASE);
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

	err = wait_for_former(xbdev);
	if (err)
		return err;
	xdev = device_alloc(xbdev, drv);
	if (!xdev) {
		xenbus_dev_error(xbdev, -ENOMEM, "allocating the device");
		return -ENOMEM;
	}
	dev_set_drvdata(&xbdev->dev, xdev);
	xpv_own_state_init(xdev);
	mutex_lock(&xdev->lock);
	err = drv->ops->probe(xdev);
	if (!err && drv->side == XPV_FRONT)
		begin_front(xdev);
	if (err)
		/* For what @probe kicked before it failed. */
		set_bit(XPV_REMOVING, &xdev->flags);
	mutex_unlock(&xdev->lock);
	if (err) {
		forget_device(xbdev);
		cancel_delayed_work_sync(&xdev->later);
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
	xpv_own_state_forget(xdev);
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
	begin_leaving(xdev);
	queue_work(workqueue_of(xdev), &xdev->remove_work);
	if (!wait_for_completion_timeout(&xdev->gone, REMOVE_WAIT))
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
		xdev->drv->ops->squeeze(xdev);
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
		if (drv->ops->squeeze)
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
