// SPDX-License-Identifier: GPL-2.0
/*
 * Both tables of common/state.c against each other: every order in which the
 * two ends can look at one another is walked, and wherever nothing is left to
 * do, the two must have come to agree.
 *
 * A model of what device.c makes of the tables: each end writes its state,
 * which wakes the other; a look takes one step and repeats while the phase
 * changes; wake-ups that come together are one. Several writes may lie between
 * two looks, so an end may miss states that the other went through. A look
 * takes its time (a backend waits for RTNL, say): it reads the other's state,
 * acts on it, then writes its own, and the other may do as much in between.
 */
#include <xen/xenbus.h>

#include "fake.h"

/* What the backend has mapped. */
enum attached {
	NONE,
	CURRENT,
	STALE,	/* rings that the frontend has given up since */
};

/* How far a look is. */
enum stage {
	IDLE,
	HAS_READ,
	HAS_ACTED,
};

struct end {
	u8 phase;
	u8 wire;	/* its state in xenstore */
	u8 wrote;	/* what it wrote itself; the toolstack may overwrite */
	u8 awake;
	u8 stage;
	u8 read;	/* what it read of the other */
	u8 next;	/* the phase to enter */
};

struct pair {
	struct end end[XPV_NR_SIDES];
	u8 shared;	/* the frontend's rings exist and are published */
	u8 attached;
	u8 rings;	/* counts the frontend's rings, modulo 4 */
	u8 keys;	/* those of which the backend has read */
	u8 published;	/* what the frontend writes in XPV_PUBLISHED */
	u8 offline;	/* the toolstack wants the device gone */
	u8 rebinds;	/* times that the frontend may still be bound anew */
	u8 unbound;	/* the frontend has no driver just now */
	u8 restart;	/* XPV_RESTART of the frontend */
	u8 retry;	/* XPV_RETRY of the frontend */
	u8 in_use;	/* the frontend was to close, and could not */
};

#define MAX_PAIRS 131072

/* Pairs seen, and how each was come to first. */
static struct {
	struct pair pair;
	unsigned int from;
} seen[MAX_PAIRS];
static unsigned int nr_seen;

static u8 wire_of(const struct pair *p, enum xpv_side side)
{
	switch (p->end[side].phase) {
	case XPV_INIT:
		return side == XPV_FRONT ? XenbusStateInitialising :
					   p->end[side].wrote;
	case XPV_PUBLISHED:
		return side == XPV_FRONT ? p->published : XenbusStateInitWait;
	case XPV_LIVE:
		return XenbusStateConnected;
	case XPV_CLOSING:
		return XenbusStateClosing;
	default:
		return XenbusStateClosed;
	}
}

static void enter(struct pair *p, enum xpv_side side, u8 phase)
{
	struct end *end = &p->end[side];
	u8 wire;

	if (phase != end->phase)
		end->awake = 1;
	end->phase = phase;
	wire = wire_of(p, side);
	if (wire == end->wrote)
		return;
	end->wrote = wire;
	end->wire = wire;
	p->end[!side].awake = 1;
}

static void unshare(struct pair *p, enum xpv_side side)
{
	if (side == XPV_BACK) {
		p->attached = NONE;
		return;
	}
	p->shared = 0;
	if (p->attached == CURRENT)
		p->attached = STALE;
}

/* Return: the phase to enter, as take_step() of device.c has it. */
static u8 act(struct pair *p, enum xpv_side side, struct xpv_step step)
{
	switch (step.action) {
	case XPV_DO_PUBLISH:
		if (side == XPV_FRONT) {
			p->shared = 1;
			p->rings = (p->rings + 1) % 4;
		}
		break;
	case XPV_DO_CONNECT:
		if (side == XPV_FRONT)
			break;
		/* References of rings that are gone cannot be mapped. */
		if (p->shared && p->keys == p->rings) {
			p->attached = CURRENT;
			break;
		}
		p->attached = NONE;
		/* Theirs who is at something else by now are no failure. */
		if (p->end[XPV_FRONT].wire != p->end[side].read) {
			p->end[side].awake = 1;
			return p->end[side].phase;
		}
		return XPV_CLOSING;
	case XPV_DO_RECHECK:
		/* Keys that were not replaced look as they did. */
		if (p->attached == CURRENT || !p->shared)
			break;
		unshare(p, side);
		return XPV_INIT;
	case XPV_DO_CLOSE_OFFLINE:
		if (!p->offline)
			return p->end[side].phase;
		unshare(p, side);
		break;
	case XPV_DO_REJOIN:
		if (!p->in_use)
			return p->end[side].phase;
		unshare(p, side);
		break;
	case XPV_DO_FOLLOW:
		/* In time, if the frontend does not look: here it does. */
		if (p->in_use)
			return p->end[side].phase;
		break;
	case XPV_DO_CLOSE:
		if (side == XPV_FRONT && p->in_use)
			return XPV_CLOSING;
		unshare(p, side);
		break;
	case XPV_DO_RESET:
		unshare(p, side);
		break;
	default:
		break;
	}
	return step.next;
}

/* The first half of a restart; return: the phase. */
static u8 begin_restart(struct pair *p, u8 phase)
{
	if (phase == XPV_INIT)
		p->restart = 0;
	if (!p->restart || (phase != XPV_PUBLISHED && phase != XPV_LIVE))
		return phase;
	unshare(p, XPV_FRONT);
	return XPV_CLOSING;
}

static bool end_restart(struct pair *p, u8 phase, u8 peer)
{
	if (phase != XPV_CLOSED || peer != XenbusStateClosed || p->offline ||
	    !(p->restart || p->retry))
		return false;
	if (!p->restart)
		p->retry = 0;
	p->restart = 0;
	return true;
}

/* A backend about to write Closed looks at the frontend once more. */
static bool has_begun_anew(const struct pair *p, enum xpv_side side)
{
	const struct end *end = &p->end[side];

	return side == XPV_BACK && !p->offline && end->phase != XPV_CLOSED &&
	       end->next == XPV_CLOSED &&
	       xpv_state_step(side, XPV_CLOSED, p->end[XPV_FRONT].wire).action !=
	       XPV_DO_NOTHING;
}

/* As look_once() of device.c: the second and third part of it. */
static void act_and_write(struct pair *p, enum xpv_side side)
{
	struct end *end = &p->end[side];

	struct xpv_step step = xpv_state_step(side, end->phase, end->read);

	if (end->stage == HAS_ACTED) {
		end->stage = IDLE;
		if (has_begun_anew(p, side)) {
			end->phase = XPV_CLOSED;
			end->awake = 1;
		} else {
			enter(p, side, end->next);
		}
		end->read = 0;
		end->next = 0;
		return;
	}
	end->stage = HAS_ACTED;
	if (side == XPV_FRONT && end_restart(p, end->phase, end->read)) {
		end->next = XPV_INIT;
		return;
	}
	if (side == XPV_FRONT && step.action == XPV_DO_RESET && p->shared)
		p->retry = 1;
	end->next = act(p, side, step);
}

static void look(struct pair *p, enum xpv_side side)
{
	struct end *end = &p->end[side];

	if (end->stage != IDLE) {
		act_and_write(p, side);
		return;
	}
	end->awake = 0;
	if (side == XPV_FRONT)
		enter(p, side, begin_restart(p, end->phase));
	end->read = p->end[!side].wire;
	end->stage = HAS_READ;
	if (side == XPV_BACK)
		p->keys = p->rings;
}

static bool can_look(const struct pair *p, enum xpv_side side)
{
	const struct end *end = &p->end[side];

	if (side == XPV_FRONT && p->unbound)
		return false;
	return end->awake || end->stage != IDLE;
}

/*
 * The frontend's driver is unbound, once a look is through, and later bound
 * again, as xenbus_probe() and remove_work() of device.c have it.
 */
static void rebind(struct pair *p)
{
	struct end *end = &p->end[XPV_FRONT];

	if (!p->unbound) {
		unshare(p, XPV_FRONT);
		p->unbound = 1;
		p->rebinds--;
		enter(p, XPV_FRONT, XPV_CLOSED);
		return;
	}
	p->unbound = 0;
	p->restart = 1;
	p->retry = 1;
	end->awake = 1;
}

static bool can_rebind(const struct pair *p)
{
	return p->unbound || (p->rebinds && p->end[XPV_FRONT].stage == IDLE);
}

static void add(const struct pair *p, unsigned int from)
{
	unsigned int i;

	for (i = 0; i < nr_seen; i++)
		if (!memcmp(&seen[i].pair, p, sizeof(*p)))
			return;
	assert_true(nr_seen < MAX_PAIRS);
	seen[nr_seen].pair = *p;
	seen[nr_seen++].from = from;
}

static void print_way(unsigned int i)
{
	static const char * const attached[] = { "nothing", "rings",
						 "STALE rings" };
	const struct pair *p = &seen[i].pair;
	const struct end *end = p->end;

	if (i)
		print_way(seen[i].from);
	print_message("# front %s (writes %u), back %s (writes %u) with %s\n",
		      xpv_phase_name(end[XPV_FRONT].phase), end[XPV_FRONT].wire,
		      xpv_phase_name(end[XPV_BACK].phase), end[XPV_BACK].wire,
		      attached[p->attached]);
}

/* Walk every way from @start; each that ends must end in @want. */
static void walk(const struct pair *start, enum xpv_phase want)
{
	const struct end *end;
	unsigned int i, side;
	struct pair p;
	bool ended;

	nr_seen = 0;
	add(start, 0);
	for (i = 0; i < nr_seen; i++) {
		ended = true;
		for (side = 0; side < XPV_NR_SIDES; side++) {
			p = seen[i].pair;
			if (!can_look(&p, side))
				continue;
			ended = false;
			look(&p, side);
			add(&p, i);
		}
		p = seen[i].pair;
		if (can_rebind(&p)) {
			/* Being bound once less often is no way out. */
			ended &= !p.unbound;
			rebind(&p);
			add(&p, i);
		}
		end = seen[i].pair.end;
		if (!ended || (end[XPV_FRONT].phase == want &&
			       end[XPV_BACK].phase == want &&
			       seen[i].pair.attached ==
			       (want == XPV_LIVE ? CURRENT : NONE)))
			continue;
		print_way(i);
		fail_msg("the two never agree");
	}
}

/* For block frontends, which write Initialised, and network ones. */
static void walk_both(struct pair start, enum xpv_phase want)
{
	start.published = XenbusStateInitialised;
	walk(&start, want);
	start.published = XenbusStateConnected;
	walk(&start, want);
}

#define END(phase, state) { XPV_##phase, XenbusState##state, \
			    XenbusState##state, 1 }
/* The toolstack wrote Closing over the backend's state. */
#define TOLD_TO_CLOSE(phase, state) { XPV_##phase, XenbusStateClosing, \
				      XenbusState##state, 1 }
#define PAIR(front, back, ...) ((struct pair){ .end = { front, back }, \
					       __VA_ARGS__ })

/* xl create, xl block-attach: fails when either end misses its turn. */
static void both_start(void **state)
{
	walk_both(PAIR(END(INIT, Initialising), END(INIT, Initialising)),
		  XPV_LIVE);
}

/* A guest saved and restored finds a new backend. */
static void restored(void **state)
{
	walk_both(PAIR(END(INIT, Initialising), END(PUBLISHED, InitWait)),
		  XPV_LIVE);
}

/*
 * The backend's driver unloaded (which leaves Connected) and loaded again.
 * Fails when a live frontend tears its rings down at InitWait, or when the new
 * backend does not connect to one that is Connected.
 */
static void backend_reloaded(void **state)
{
	walk_both(PAIR(END(LIVE, Connected), END(INIT, Connected), .shared = 1),
		  XPV_LIVE);
}

/* The backend's domain started anew; the toolstack wrote Initialising. */
static void backend_started_over(void **state)
{
	walk_both(PAIR(END(LIVE, Connected), END(INIT, Initialising),
		       .shared = 1), XPV_LIVE);
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
	walk_both(PAIR(END(INIT, Initialising), END(LIVE, Connected),
		       .attached = STALE), XPV_LIVE);
}

/* As above, after the backend has seen the old frontend close. */
static void frontend_loaded_again(void **state)
{
	walk_both(PAIR(END(INIT, Initialising), END(CLOSED, Closed)), XPV_LIVE);
}

/*
 * A closed frontend, whose backend is bound again (or its domain restarted):
 * it is to take part again. Fails when the backend's InitWait is gone before
 * the frontend has seen it and each then waits for the other at Closed.
 */
static void backend_bound_again(void **state)
{
	walk_both(PAIR(END(CLOSED, Closed), END(INIT, Closed)), XPV_LIVE);
}

/*
 * The toolstack wanted a disk gone that is in use; then its backend's driver is
 * unloaded and loaded again. Fails when the new backend is never joined.
 */
static void backend_bound_to_used(void **state)
{
	walk_both(PAIR(END(CLOSING, Closing), END(INIT, Closing), .shared = 1,
		       .offline = 1, .in_use = 1), XPV_LIVE);
}

/* xl block-detach writes Closing for the backend: fails when one end stays. */
static void detached(void **state)
{
	walk_both(PAIR(END(LIVE, Connected), TOLD_TO_CLOSE(LIVE, Connected),
		       .shared = 1, .attached = CURRENT, .offline = 1),
		  XPV_CLOSED);
}

/* The same before the frontend's driver was there, or had its turn. */
static void detached_early(void **state)
{
	walk_both(PAIR(END(INIT, Initialising),
		       TOLD_TO_CLOSE(PUBLISHED, InitWait), .offline = 1),
		  XPV_CLOSED);
}

/*
 * The frontend is unbound and bound again, twice, whatever the backend is at.
 * Fails when the frontend takes what the backend still says of the connection
 * before for an answer, and both end up Closed.
 */
static void frontend_bound_again(void **state)
{
	walk_both(PAIR(END(LIVE, Connected), END(LIVE, Connected),
		       .shared = 1, .attached = CURRENT, .rebinds = 2),
		  XPV_LIVE);
}

UNIT_MAIN(fake_unit_test(both_start),
	  fake_unit_test(restored),
	  fake_unit_test(backend_reloaded),
	  fake_unit_test(backend_started_over),
	  fake_unit_test(frontend_restarted),
	  fake_unit_test(frontend_loaded_again),
	  fake_unit_test(backend_bound_again),
	  fake_unit_test(backend_bound_to_used),
	  fake_unit_test(detached),
	  fake_unit_test(detached_early),
	  fake_unit_test(frontend_bound_again))
