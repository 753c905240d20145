// SPDX-License-Identifier: GPL-2.0
/*
 * common/steps.c of a frontend and of its backend against each other: every
 * order in which the two can run is walked, and wherever nothing is left to do,
 * the two must have come to agree.
 *
 * A state of the walk is a copy of both devices and of the keys that they look
 * at. From each, either end's work runs, if it was kicked: as a whole, or with
 * the other end's work somewhere in between, where it reads the other's state
 * or its driver's operations are at work (a backend may wait for RTNL there).
 * Kicks that come together are one, so an end may miss states that the other
 * went through. Delays are over once nobody has anything else to do.
 */
#include <stdio.h>
#include <string.h>

#include <linux/jiffies.h>

#include "fake.h"
#include "steps.h"
#include "xenbus_state.h"

#define MAX_STATES 20000

/* Longer than any delay. */
#define LONG_TIME (1000 * HZ)

/* What the drivers of both ends share; rings have numbers from 1 on. */
struct pair {
	unsigned int rings;	/* published last */
	unsigned int attached;	/* those that the backend has mapped */
	bool shared;		/* @rings exist: the frontend has not freed them */
	bool in_use;		/* the frontend cannot close */
	bool unbound;		/* the frontend has no driver just now */
	unsigned int rebinds;	/* times that it may still be bound anew */
	bool reboot;		/* the next driver is a new kernel's */
};

/* A state of the walk. */
struct snapshot {
	struct xpv_device xdev[XPV_NR_SIDES];
	enum xenbus_state struct_state[XPV_NR_SIDES];
	char wire[XPV_NR_SIDES][4];
	struct pair pair;
	unsigned long now;
	unsigned int from;
};

/* What tells one state from another. */
struct key {
	u8 phase[XPV_NR_SIDES];
	u8 flags[XPV_NR_SIDES];
	u8 struct_state[XPV_NR_SIDES];
	u8 wire[XPV_NR_SIDES];
	u8 kicked[XPV_NR_SIDES];
	u8 retry[XPV_NR_SIDES];
	u8 on_hold[XPV_NR_SIDES];
	u8 shared;
	u8 attached;
	u8 in_use;
	u8 unbound;
	u8 rebinds;
	u8 reboot;
};

static struct fake_device dev[XPV_NR_SIDES];
static struct pair pair;
static struct xpv_driver_ops ops[XPV_NR_SIDES];

static struct snapshot *seen;
static struct key *keys;
static unsigned int nr_seen;

/* The point at which the other end comes in between; 0 for none. */
static unsigned int points, preempt_at;
/* There the frontend is unbound and bound again, too. */
static bool rebind_there;
static bool preempted, nested;
static enum xpv_side running;

static const char *const dir_of[] = {
	[XPV_FRONT] = FAKE_FRONT_DIR,
	[XPV_BACK] = FAKE_BACK_DIR,
};

static bool is_kicked(enum xpv_side side)
{
	return dev[side].xdev.work.queued &&
	       !(side == XPV_FRONT && pair.unbound);
}

static void run(enum xpv_side side)
{
	struct xpv_device *xdev = &dev[side].xdev;

	xdev->work.queued = 0;
	xpv_steps_run(xdev);
	kfree(xdev->last_error);
	xdev->last_error = NULL;
}

static void rebind(void);

static void run_other(void)
{
	unsigned int i;

	nested = true;
	if (rebind_there) {
		preempted = true;
		rebind();
		if (pair.unbound)
			rebind();
	}
	for (i = 0; i < 4 && is_kicked(!running); i++) {
		preempted = true;
		run(!running);
	}
	nested = false;
}

/* Where an end may be held up. */
static void pass_point(void)
{
	if (!nested && ++points == preempt_at)
		run_other();
}

static enum xpv_side side_of(const struct xpv_device *xdev)
{
	return xdev->drv->side;
}

static void unshare(enum xpv_side side)
{
	if (side == XPV_BACK)
		pair.attached = 0;
	else
		pair.shared = false;
}

static int publish(struct xpv_device *xdev)
{
	pass_point();
	if (side_of(xdev) == XPV_FRONT) {
		pair.rings++;
		pair.shared = true;
	}
	return 0;
}

/* The backend reads the frontend's keys, then maps what they name. */
static int connect(struct xpv_device *xdev)
{
	unsigned int rings = pair.rings;

	pass_point();
	if (side_of(xdev) == XPV_FRONT)
		return 0;
	if (!pair.shared || rings != pair.rings)
		return -EINVAL;
	pair.attached = rings;
	return 0;
}

/* Keys of rings that are gone look as they did. */
static bool stale(struct xpv_device *xdev)
{
	return pair.attached != pair.rings;
}

static void disconnect(struct xpv_device *xdev)
{
	unshare(side_of(xdev));
	pass_point();
}

static int close_device(struct xpv_device *xdev)
{
	pass_point();
	return side_of(xdev) == XPV_FRONT && pair.in_use ? -EBUSY : 0;
}

static void kick_back(struct xenbus_watch *watch, const char *path,
		      const char *token)
{
	xpv_device_kick(&dev[XPV_BACK].xdev);
}

static void kick_front(struct xenbus_watch *watch, const char *path,
		       const char *token)
{
	xpv_device_kick(&dev[XPV_FRONT].xdev);
}

/* What xenbus has for the state of each device's other end. */
static struct xenbus_watch otherend_watch[] = {
	{ .node = FAKE_FRONT_DIR "/state", .callback = kick_back },
	{ .node = FAKE_BACK_DIR "/state", .callback = kick_front },
};

static void init_device(enum xpv_side side, enum xenbus_state published)
{
	fake_device_init(&dev[side], side);
	dev[side].drv.ops = &ops[side];
	dev[side].drv.published_state = published;
	dev[side].xdev.connect_limit.burst = MAX_STATES;
	dev[side].xdev.ratelimit.burst = MAX_STATES;
}

static void save(struct snapshot *to)
{
	unsigned int side;

	for (side = 0; side < XPV_NR_SIDES; side++) {
		to->xdev[side] = dev[side].xdev;
		to->struct_state[side] = dev[side].xbdev.state;
		strcpy(to->wire[side], fake_xs_get(dir_of[side], "state"));
	}
	to->pair = pair;
	to->now = fake_jiffies;
}

static void restore(const struct snapshot *from)
{
	unsigned int side;

	for (side = 0; side < XPV_NR_SIDES; side++)
		fake_xs_set(dir_of[side], "state", from->wire[side]);
	for (side = 0; side < XPV_NR_SIDES; side++) {
		dev[side].xdev = from->xdev[side];
		INIT_LIST_HEAD(&dev[side].xdev.state_pending);
		INIT_LIST_HEAD(&dev[side].xdev.quarantine);
		dev[side].xbdev.state = from->struct_state[side];
	}
	pair = from->pair;
	fake_jiffies = from->now;
}

static struct key key_of(const struct snapshot *s)
{
	struct key key;
	unsigned int side;

	memset(&key, 0, sizeof(key));
	for (side = 0; side < XPV_NR_SIDES; side++) {
		key.phase[side] = s->xdev[side].phase;
		key.flags[side] = s->xdev[side].flags;
		key.struct_state[side] = s->struct_state[side];
		key.wire[side] = s->wire[side][0];
		key.kicked[side] = !!s->xdev[side].work.queued;
		key.retry[side] = !!s->xdev[side].retry.work.queued;
		key.on_hold[side] = s->xdev[side].on_hold;
	}
	key.shared = s->pair.shared;
	key.attached = !s->pair.attached ? 0 :
		       s->pair.attached == s->pair.rings ? 1 : 2;
	key.in_use = s->pair.in_use;
	key.unbound = s->pair.unbound;
	key.rebinds = s->pair.rebinds;
	key.reboot = s->pair.reboot;
	return key;
}

static void add(unsigned int from)
{
	struct key key;
	unsigned int i;

	assert_true(nr_seen < MAX_STATES);
	save(&seen[nr_seen]);
	key = key_of(&seen[nr_seen]);
	for (i = 0; i < nr_seen; i++)
		if (!memcmp(&keys[i], &key, sizeof(key)))
			return;
	seen[nr_seen].from = from;
	keys[nr_seen++] = key;
}

static void print_way(unsigned int i)
{
	const struct snapshot *s = &seen[i];

	if (i)
		print_way(s->from);
	print_message("# front %s (writes %s), back %s (writes %s), rings %u%s, attached %u\n",
		      xpv_phase_name(s->xdev[XPV_FRONT].phase),
		      s->wire[XPV_FRONT],
		      xpv_phase_name(s->xdev[XPV_BACK].phase),
		      s->wire[XPV_BACK], s->pair.rings,
		      s->pair.shared ? "" : " (gone)", s->pair.attached);
}

/* One end's work, with the other's in between at each point in turn. */
static void walk_points(unsigned int i, enum xpv_side side, unsigned int last)
{
	for (preempt_at = 1; preempt_at <= last; preempt_at++) {
		restore(&seen[i]);
		points = 0;
		preempted = false;
		run(side);
		if (preempted)
			add(i);
	}
	preempt_at = 0;
}

static bool walk_side(unsigned int i, enum xpv_side side)
{
	unsigned int last;

	restore(&seen[i]);
	if (!is_kicked(side))
		return false;
	running = side;
	preempt_at = 0;
	points = 0;
	run(side);
	add(i);
	last = points;
	walk_points(i, side, last);
	rebind_there = side == XPV_BACK &&
		       (seen[i].pair.rebinds || seen[i].pair.unbound);
	if (rebind_there)
		walk_points(i, side, last);
	rebind_there = false;
	return true;
}

/*
 * The frontend's driver is unbound, and later bound again, as device.c and the
 * kernel's xenbus_dev_remove() have it.
 */
static void rebind(void)
{
	struct xpv_device *xdev = &dev[XPV_FRONT].xdev;

	if (!pair.unbound) {
		unshare(XPV_FRONT);
		pair.unbound = true;
		pair.rebinds--;
		xenbus_switch_state(&dev[XPV_FRONT].xbdev, XenbusStateClosed);
	} else {
		pair.unbound = false;
		xdev->phase = XPV_INIT;
		xdev->flags = 0;
		xdev->on_hold = false;
		xdev->retry.work.queued = 0;
		if (pair.reboot) {
			dev[XPV_FRONT].xbdev.state = XenbusStateInitialising;
			fake_xs_set(FAKE_FRONT_DIR, "state", "1");
		}
		pair.reboot = false;
		mutex_lock(&xdev->lock);
		xpv_steps_init_front(xdev);
		mutex_unlock(&xdev->lock);
		xpv_device_kick(xdev);
	}
}

static void walk_rebind(unsigned int i)
{
	restore(&seen[i]);
	if (!pair.unbound && !pair.rebinds)
		return;
	rebind();
	add(i);
}

/* Nobody was kicked: the delays end. Return: whether there was one. */
static bool walk_time(unsigned int i)
{
	bool found = false;
	unsigned int side;

	restore(&seen[i]);
	fake_jiffies += LONG_TIME;
	for (side = 0; side < XPV_NR_SIDES; side++) {
		if (!dev[side].xdev.retry.work.queued)
			continue;
		dev[side].xdev.retry.work.queued = 0;
		xpv_device_kick(&dev[side].xdev);
		found = true;
	}
	if (found)
		add(i);
	return found;
}

static bool have_agreed(const struct snapshot *s, enum xpv_phase want)
{
	const struct pair *p = &s->pair;

	if (s->xdev[XPV_FRONT].phase != want || s->xdev[XPV_BACK].phase != want)
		return false;
	if (want == XPV_LIVE)
		return p->shared && p->attached == p->rings;
	return !p->attached;
}

/* Walk every way on from the first state; each that ends must end in @want. */
static void walk(enum xpv_phase want)
{
	bool front, back;
	unsigned int i;

	fake_xs_state_read = pass_point;
	nr_seen = 0;
	add(0);
	for (i = 0; i < nr_seen; i++) {
		front = walk_side(i, XPV_FRONT);
		back = walk_side(i, XPV_BACK);
		walk_rebind(i);
		if (front || back || seen[i].pair.unbound || walk_time(i))
			continue;
		if (have_agreed(&seen[i], want))
			continue;
		print_way(i);
		fail_msg("the two never agree");
	}
	fake_xs_state_read = NULL;
}

/**
 * struct start - where a walk begins
 * @phase: of each end
 * @wire: of each end, in xenstore
 * @struct_state: of each end, what xenbus' struct has, where that differs
 * @flags: of the frontend
 * @pair: what they share
 * @offline: the toolstack wants the device gone
 */
struct start {
	enum xpv_phase phase[XPV_NR_SIDES];
	enum xenbus_state wire[XPV_NR_SIDES];
	enum xenbus_state struct_state[XPV_NR_SIDES];
	unsigned long flags;
	struct pair pair;
	bool offline;
};

static void begin(const struct start *start, enum xenbus_state published)
{
	char text[4];
	unsigned int side;

	pair = start->pair;
	for (side = 0; side < XPV_NR_SIDES; side++) {
		init_device(side, published);
		snprintf(text, sizeof(text), "%u", start->wire[side]);
		fake_xs_set(dir_of[side], "state", text);
		dev[side].xdev.phase = start->phase[side];
		dev[side].xbdev.state = start->struct_state[side] ?:
					start->wire[side];
		xpv_device_kick(&dev[side].xdev);
	}
	dev[XPV_FRONT].xdev.flags = start->flags;
	fake_xs_set(FAKE_BACK_DIR, "online", start->offline ? "0" : "1");
}

static int setup(void **state)
{
	unsigned int side;

	fake_setup(state);
	seen = calloc(MAX_STATES, sizeof(*seen));
	keys = calloc(MAX_STATES, sizeof(*keys));
	for (side = 0; side < XPV_NR_SIDES; side++)
		ops[side] = (struct xpv_driver_ops){
			.publish = publish,
			.connect = connect,
			.stale = side == XPV_BACK ? stale : NULL,
			.disconnect = disconnect,
			.close = close_device,
		};
	register_xenbus_watch(&otherend_watch[0]);
	register_xenbus_watch(&otherend_watch[1]);
	return 0;
}

static int teardown(void **state)
{
	unregister_xenbus_watch(&otherend_watch[0]);
	unregister_xenbus_watch(&otherend_watch[1]);
	free(seen);
	free(keys);
	return fake_teardown(state);
}

/* For block frontends, which write Initialised, and network ones. */
static void walk_both(const struct start *start, enum xpv_phase want)
{
	begin(start, XenbusStateInitialised);
	walk(want);
	begin(start, XenbusStateConnected);
	walk(want);
}

#define PHASES(front, back) .phase = { XPV_##front, XPV_##back }
#define STATES(front, back) .wire = { XenbusState##front, XenbusState##back }
#define WALK(want, ...) \
	walk_both(&(struct start){ __VA_ARGS__ }, XPV_##want)

/* Both have rings, those of the frontend. */
#define CONNECTED .pair = { .rings = 1, .attached = 1, .shared = true }

/* xl create, xl block-attach: fails when either end misses its turn. */
static void both_start(void **state)
{
	WALK(LIVE, PHASES(INIT, INIT), STATES(Initialising, Initialising));
}

/* A guest saved and restored finds a new backend. */
static void restored(void **state)
{
	WALK(LIVE, PHASES(INIT, PUBLISHED), STATES(Initialising, InitWait));
}

/*
 * The backend's driver unloaded (which leaves Connected) and loaded again.
 * Fails when a live frontend destroys its rings at InitWait, or when the new
 * backend does not connect to one that is Connected.
 */
static void backend_reloaded(void **state)
{
	WALK(LIVE, PHASES(LIVE, INIT), STATES(Connected, Connected),
	     .pair = { .rings = 1, .shared = true });
}

/* The backend's domain started anew; the toolstack wrote Initialising. */
static void backend_started_over(void **state)
{
	WALK(LIVE, PHASES(LIVE, INIT), STATES(Connected, Initialising),
	     .pair = { .rings = 1, .shared = true });
}

/*
 * The frontend's driver unloaded and at once loaded again, or its kernel
 * replaced by kexec, before the backend has looked even once: what it has
 * mapped is gone, and its Connected is of the old connection. Fails when the
 * new frontend takes that Connected for an answer to its own rings while the
 * backend takes the new Initialised for the old frontend's.
 */
static void frontend_restarted(void **state)
{
	WALK(LIVE, PHASES(INIT, LIVE), STATES(Initialising, Connected),
	     .pair = { .rings = 1, .attached = 1 });
}

/* As above, after the backend has seen the old frontend close. */
static void frontend_loaded_again(void **state)
{
	WALK(LIVE, PHASES(INIT, CLOSED), STATES(Initialising, Closed));
}

/*
 * A closed frontend, whose backend is bound again (or its domain restarted):
 * it is to take part again. Fails when the backend's InitWait is gone before
 * the frontend has seen it and each then waits for the other at Closed.
 */
static void backend_bound_again(void **state)
{
	WALK(LIVE, PHASES(CLOSED, INIT), STATES(Closed, Closed));
}

/*
 * The toolstack wanted a disk gone that is in use; then its backend's driver is
 * unloaded and loaded again. Fails when the new backend is never joined.
 */
static void backend_bound_to_used(void **state)
{
	WALK(LIVE, PHASES(CLOSING, INIT), STATES(Closing, Closing),
	     .flags = BIT(XPV_IN_USE), .offline = true,
	     .pair = { .rings = 1, .shared = true, .in_use = true });
}

/* xl block-detach writes Closing for the backend: fails when one end stays. */
static void detached(void **state)
{
	WALK(CLOSED, PHASES(LIVE, LIVE), STATES(Connected, Closing),
	     .struct_state[XPV_BACK] = XenbusStateConnected, .offline = true,
	     CONNECTED);
}

/* The same before the frontend's driver was there, or had its turn. */
static void detached_early(void **state)
{
	WALK(CLOSED, PHASES(INIT, PUBLISHED), STATES(Initialising, Closing),
	     .struct_state[XPV_BACK] = XenbusStateInitWait, .offline = true);
}

/*
 * The frontend is unbound and bound again, twice, whatever the backend is at.
 * Fails when the frontend takes what the backend still says of the connection
 * before for an answer, and both end up Closed.
 */
static void frontend_bound_again(void **state)
{
	WALK(LIVE, PHASES(LIVE, LIVE), STATES(Connected, Connected),
	     .pair = { .rings = 1, .attached = 1, .shared = true,
		       .rebinds = 2 });
}

/*
 * The frontend has closed, and its guest begins anew (kexec) while the backend
 * is still closing. Fails when the backend then writes Closed, which the new
 * frontend takes for an answer.
 */
static void frontend_begins_anew(void **state)
{
	WALK(LIVE, PHASES(CLOSED, LIVE), STATES(Closed, Connected),
	     .pair = { .rings = 1, .attached = 1, .unbound = true,
		       .reboot = true });
}

#define walk_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(walk_test(both_start),
	  walk_test(restored),
	  walk_test(backend_reloaded),
	  walk_test(backend_started_over),
	  walk_test(frontend_restarted),
	  walk_test(frontend_loaded_again),
	  walk_test(backend_bound_again),
	  walk_test(backend_bound_to_used),
	  walk_test(detached),
	  walk_test(detached_early),
	  walk_test(frontend_bound_again),
	  walk_test(frontend_begins_anew))
