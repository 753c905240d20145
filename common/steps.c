// SPDX-License-Identifier: GPL-2.0
/* What a device does about its phase and its peer's state: state.c's tables. */
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "feature.h"
#include "grant.h"
#include "xenbus_state.h"
#include "parse.h"
#include "steps.h"
#include "trace.h"
#include "violation.h"
#include "work.h"
#include "xenstore.h"

/*
 * Steps that one evaluation may take. The longest honest way is
 * Closed -> init -> published -> live; a peer that flips its state while we
 * read it gets the rest at the next kick, which its own writes cause.
 */
#define MAX_STEPS 8

/* How long a connection waits that exceeds xdev->connect_limit. */
#define CONNECT_DELAY HZ

/*
 * Pages that a backend may keep of connections before the last, 16 MiB: an
 * honest one that crashed has unmapped them by then, a hostile one would keep
 * more with each connection (CVE-2023-54081). Those of the last connection are
 * not limited: the full pools of a disk's queues are more than this.
 */
#define MAX_QUARANTINE 4096

/* Seconds to the next try to publish: twice as many each time, up to these. */
#define MAX_RETRY_DELAY 64U

/*
 * How long a new backend stays at InitWait for a frontend that is at Closing.
 * One that is in use is joined within milliseconds, and does not see InitWait
 * if that is removed at once; one that closes may wait for us to close as well.
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
		if (ops->can_connect && !ops->can_connect(xdev))
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
		kfree(xdev->last_error);
		xdev->last_error = NULL;
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

	if (wire != XenbusStateUnknown && wire != xpv_xenbus_state(xdev))
		xpv_xenbus_state_set(xdev, wire);
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
		 * directory is gone as well.
		 */
		if (err != -ENOENT && err != -EACCES)
			return err;
		*state = XenbusStateUnknown;
		return 0;
	}

	err = xpv_parse_u64(text, XPV_NR_PEER_STATES - 1, &val);
	if (err)
		xpv_warn_peer(xdev, "state \"%s\" is no xenbus state",
			      xpv_printable(text));
	else
		*state = val;
	kfree(text);
	return err;
}

static int try_publish(struct xpv_device *xdev)
{
	const struct xpv_driver_ops *ops = xdev->drv->ops;
	unsigned int held;
	int err;

	held = xpv_quarantine_reclaim(xdev);
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

	err = xpv_transaction(xdev, xpv_features_publish, NULL);
	if (err)
		ops->disconnect(xdev);
	else
		xpv_quarantine_age(xdev);
	return err;
}

static void start_hold(struct xpv_device *xdev, unsigned long delay)
{
	xdev->on_hold = true;
	xdev->hold_until = jiffies + delay;
	xpv_device_kick_later(xdev, delay);
}

/* Return: whether a start_hold() lasts; the device is kicked at its end. */
static bool is_on_hold(struct xpv_device *xdev)
{
	unsigned long now = jiffies;

	if (xdev->on_hold && time_before(now, xdev->hold_until)) {
		/* Another delay may have replaced this one's. */
		xpv_device_kick_later(xdev, xdev->hold_until - now);
		return true;
	}
	xdev->on_hold = false;
	return false;
}

/*
 * Memory, grants or room in xenstore may be there later, and a backend may
 * unmap pages later. Users of a frontend wait for it as they do for a backend.
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
	start_hold(xdev, delay * HZ);
}

/* A backend has published, and a frontend at Closing is to see InitWait. */
static void await_rejoin(struct xpv_device *xdev)
{
	unsigned int peer;

	if (!read_peer_state(xdev, &peer) && peer == XenbusStateClosing)
		start_hold(xdev, REJOIN_WAIT);
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

	if (is_on_hold(xdev))
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

static int run_action(struct xpv_device *xdev, enum xpv_action action)
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
		return is_on_hold(xdev) ? -EAGAIN : 0;
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

/* An action has succeeded. Return: as run_step(). */
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
static bool may_run(struct xpv_device *xdev, struct xpv_step step)
{
	bool begins = step.action == XPV_DO_PUBLISH ||
		      (step.action == XPV_DO_CONNECT &&
		       xdev->phase == XPV_CLOSED);

	if (!begins || __ratelimit(&xdev->connect_limit))
		return true;
	xpv_device_kick_later(xdev, CONNECT_DELAY);
	return false;
}

/* Return: true where another look at the tables is due. */
static bool run_step(struct xpv_device *xdev, struct xpv_step step,
		     unsigned int peer)
{
	static const char * const verb[XPV_NR_ACTIONS] = {
		[XPV_DO_PUBLISH] = "publish",
		[XPV_DO_CONNECT] = "connect",
		[XPV_DO_CLOSE_OFFLINE] = "close",
		[XPV_DO_CLOSE] = "close",
	};
	int err;

	if (!may_run(xdev, step))
		return false;
	err = run_action(xdev, step.action);

	/* Until the frontend leaves that state: it may read ours late. */
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

/* Our failure or the peer's: release what is shared, write Closing. */
static void give_up(struct xpv_device *xdev)
{
	xdev->drv->ops->disconnect(xdev);
	clear_bit(XPV_FAILED, &xdev->flags);
	/* No retry after a violation or a failure. */
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

/* The toolstack wants the backend to go; some toolstacks write no such key. */
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
void xpv_steps_init_front(struct xpv_device *xdev)
{
	if (xpv_xenbus_state(xdev) == XenbusStateInitialising)
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
static void handle_resume(struct xpv_device *xdev)
{
	char *path = xchg(&xdev->new_peer_path, NULL);

	/* This backend has refused nothing yet. */
	xdev->on_hold = false;
	xdev->drv->ops->disconnect(xdev);
	if (path) {
		kfree(xdev->peer_path);
		xdev->peer_path = path;
		xdev->peer_id = xdev->xbdev->otherend_id;
	}
	enter_phase(xdev, XPV_INIT);
}

/* Return: true where another look is due. */
static bool evaluate_once(struct xpv_device *xdev)
{
	const struct xpv_driver *drv = xdev->drv;
	unsigned int peer;

	if (test_and_clear_bit(XPV_RESUMED, &xdev->flags))
		handle_resume(xdev);
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

	return run_step(xdev, xpv_state_step(drv->side, xdev->phase, peer),
			peer);
}

void xpv_steps_run(struct xpv_device *xdev)
{
	unsigned int steps;

	mutex_lock(&xdev->lock);
	for (steps = 0; steps < MAX_STEPS; steps++)
		if (test_bit(XPV_REMOVING, &xdev->flags) ||
		    !evaluate_once(xdev))
			break;
	mutex_unlock(&xdev->lock);
}
