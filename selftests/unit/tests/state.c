// SPDX-License-Identifier: GPL-2.0
/*
 * The handshake of both sides, cell by cell: common/state.c.
 *
 * What is expected is written as rules, from the protocol (io/xenbus.h,
 * io/blkif.h) and the orders in which known peers change their state: what a
 * peer in this state says to a device in that phase. Where no rule speaks, the
 * peer's state is no news. Each test is one row of a table; it fails when any
 * of its nine cells differs.
 */
#include <xen/xenbus.h>

#include "fake.h"

#define UNKNOWN BIT(XenbusStateUnknown)
#define INITIALISING BIT(XenbusStateInitialising)
#define INIT_WAIT BIT(XenbusStateInitWait)
#define INITIALISED BIT(XenbusStateInitialised)
#define CONNECTED BIT(XenbusStateConnected)
#define CLOSING BIT(XenbusStateClosing)
#define CLOSED BIT(XenbusStateClosed)
#define RECONFIGURING BIT(XenbusStateReconfiguring)
#define RECONFIGURED BIT(XenbusStateReconfigured)
#define ANY (BIT(XPV_NR_PEER_STATES) - 1)

struct rule {
	unsigned int peer;	/* states that it is about */
	enum xpv_action action;
	enum xpv_phase next;
};

static const char *in_words(enum xpv_action action)
{
	static const char * const word[] = {
		[XPV_DO_NOTHING] = "nothing",
		[XPV_DO_PUBLISH] = "publish",
		[XPV_DO_CONNECT] = "connect",
		[XPV_DO_CHANGED] = "changed",
		[XPV_DO_RESET] = "reset",
		[XPV_DO_RECHECK] = "recheck",
		[XPV_DO_RECONFIGURE] = "reconfigure",
		[XPV_DO_CLOSE_OFFLINE] = "close if offline",
		[XPV_DO_CLOSE] = "close",
		[XPV_DO_REJOIN] = "rejoin",
		[XPV_DO_FOLLOW] = "follow",
	};

	return action < ARRAY_SIZE(word) ? word[action] : "?";
}

static struct rule rule_for(const struct rule *rules, unsigned int nr,
			    enum xpv_phase phase, unsigned int peer)
{
	struct rule found = { 0, XPV_DO_NOTHING, phase };
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!(rules[i].peer & BIT(peer)))
			continue;
		/* The rules themselves may not contradict each other. */
		assert_int_equal(found.peer, 0);
		found = rules[i];
	}
	return found;
}

static void check_row(enum xpv_side side, enum xpv_phase phase,
		      const struct rule *rules, unsigned int nr)
{
	struct xpv_step step;
	unsigned int peer;
	struct rule want;

	for (peer = 0; peer < XPV_NR_PEER_STATES; peer++) {
		want = rule_for(rules, nr, phase, peer);
		step = xpv_state_step(side, phase, peer);
		if (step.action != want.action || step.next != want.next)
			fail_msg("peer %u: %s and on to %s; wanted %s and %s",
				 peer, in_words(step.action),
				 xpv_phase_name(step.next),
				 in_words(want.action),
				 xpv_phase_name(want.next));
	}
}

#define CHECK_ROW(side, phase, ...) do {				\
	static const struct rule rules[] = { __VA_ARGS__ };		\
									\
	check_row(side, phase, rules, ARRAY_SIZE(rules));		\
} while (0)

/*
 * Nothing is shared. The backend's features can be read from InitWait on; one
 * that is Connected already has passed it. One that closes now wants the
 * device gone: we have nothing to close and say so. A backend that is Closed
 * or has no directory yet has to start over first.
 */
static void front_init(void **state)
{
	CHECK_ROW(XPV_FRONT, XPV_INIT,
		  { INIT_WAIT | CONNECTED, XPV_DO_PUBLISH, XPV_PUBLISHED },
		  { CLOSING, XPV_DO_CLOSE, XPV_CLOSED });
}

/*
 * Our rings are in xenstore. Only Connected means that the backend took them.
 * A backend that begins again, or whose directory went, may never look at what
 * we wrote before. Closing and Closed refuse us.
 */
static void front_published(void **state)
{
	CHECK_ROW(XPV_FRONT, XPV_PUBLISHED,
		  { CONNECTED, XPV_DO_CONNECT, XPV_LIVE },
		  { UNKNOWN | INITIALISING, XPV_DO_RESET, XPV_INIT },
		  { CLOSING | CLOSED, XPV_DO_CLOSE, XPV_CLOSED });
}

/*
 * Connected written again announces changed keys (a resize). InitWait is a
 * reloaded backend that will take up our rings where they stand; a backend
 * that begins before that, or has gone, has nothing of ours any more: keep the
 * disk or the interface and start over. Closing and Closed detach.
 */
static void front_live(void **state)
{
	CHECK_ROW(XPV_FRONT, XPV_LIVE,
		  { CONNECTED, XPV_DO_CHANGED, XPV_LIVE },
		  { UNKNOWN | INITIALISING, XPV_DO_RESET, XPV_INIT },
		  { CLOSING | CLOSED, XPV_DO_CLOSE, XPV_CLOSED });
}

/*
 * We could not close (in use) or gave up. Every sign that the backend closes
 * or has gone is a reason to try again. A backend that begins again is a
 * chance. InitWait may be one that has yet to notice our Closing: after a
 * failure of ours, starting over there would go round and round; where a user
 * keeps us, it is a new backend, which nobody joins otherwise.
 */
static void front_closing(void **state)
{
	CHECK_ROW(XPV_FRONT, XPV_CLOSING,
		  { UNKNOWN | CLOSING | CLOSED, XPV_DO_CLOSE, XPV_CLOSED },
		  { INIT_WAIT, XPV_DO_REJOIN, XPV_INIT },
		  { INITIALISING, XPV_DO_RESET, XPV_INIT });
}

/* Only a backend that begins again brings us back. */
static void front_closed(void **state)
{
	CHECK_ROW(XPV_FRONT, XPV_CLOSED,
		  { INITIALISING | INIT_WAIT, XPV_DO_RESET, XPV_INIT });
}

/* What a backend offers does not depend on where the frontend stands. */
static void back_init(void **state)
{
	CHECK_ROW(XPV_BACK, XPV_INIT,
		  { ANY, XPV_DO_PUBLISH, XPV_PUBLISHED });
}

/*
 * Initialised and Connected both say that the frontend's rings are published
 * (block frontends write the first, network ones and mini-os the second). A
 * frontend that is closing has not closed yet, or it is in use and joins us: it
 * gets some time to do so. One whose domain has gone has nothing to come. One
 * that is Closed may be about to start over, and a closed
 * one of ours waits for just our InitWait: that must stand as long as the
 * toolstack wants the device. Reconfiguring comes after Connected only: a
 * frontend that was that quick waits for an answer, which takes a connection.
 */
static void back_published(void **state)
{
	CHECK_ROW(XPV_BACK, XPV_PUBLISHED,
		  { INITIALISED | CONNECTED | RECONFIGURING, XPV_DO_CONNECT,
		    XPV_LIVE },
		  { CLOSING, XPV_DO_FOLLOW, XPV_CLOSING },
		  { UNKNOWN, XPV_DO_CLOSE, XPV_CLOSED },
		  { CLOSED, XPV_DO_CLOSE_OFFLINE, XPV_CLOSED });
}

/*
 * A frontend at Closing still has requests under way: answer, do not
 * disconnect (unmounting flushes). One that begins again without closing has
 * crashed; if it is quick, all we see is that it has published, and whether
 * that is what we attached must be looked at. Closed, or no directory, ends it.
 * Linux' netfront at Reconfiguring waits, without end, until its new wishes are
 * read; then it goes on to Connected. Reconfigured is no frontend's word.
 */
static void back_live(void **state)
{
	CHECK_ROW(XPV_BACK, XPV_LIVE,
		  { INITIALISED | CONNECTED, XPV_DO_RECHECK, XPV_LIVE },
		  { RECONFIGURING, XPV_DO_RECONFIGURE, XPV_LIVE },
		  { INITIALISING, XPV_DO_RESET, XPV_INIT },
		  { CLOSING, XPV_DO_NOTHING, XPV_CLOSING },
		  { UNKNOWN | CLOSED, XPV_DO_CLOSE, XPV_CLOSED });
}

/* Waiting for the frontend's last word; it may also begin again. */
static void back_closing(void **state)
{
	CHECK_ROW(XPV_BACK, XPV_CLOSING,
		  { INITIALISING, XPV_DO_RESET, XPV_INIT },
		  { UNKNOWN | CLOSED, XPV_DO_CLOSE, XPV_CLOSED });
}

/*
 * pv-grub hands its device over to the kernel it loads: Closed, Initialising.
 * mini-os goes from Closed straight to Connected.
 */
static void back_closed(void **state)
{
	CHECK_ROW(XPV_BACK, XPV_CLOSED,
		  { INITIALISING, XPV_DO_RESET, XPV_INIT },
		  { INITIALISED | CONNECTED, XPV_DO_CONNECT, XPV_LIVE });
}

/*
 * Fails when a bound is off by one (ASan sees the read beyond the table) or
 * nonsense moves a device.
 */
static void peer_out_of_range(void **state)
{
	static const unsigned int peer[] = {
		9, 10, 16, 255, 256, 0x7fffffff, 0x80000000, 0xffffffff,
	};
	struct xpv_step step;
	unsigned int side, phase, i;

	for (side = 0; side < XPV_NR_SIDES; side++)
		for (phase = 0; phase < XPV_NR_PHASES; phase++)
			for (i = 0; i < ARRAY_SIZE(peer); i++) {
				step = xpv_state_step(side, phase, peer[i]);
				assert_int_equal(step.action, XPV_DO_NOTHING);
				assert_int_equal(step.next, phase);
			}
}

/* Fails as above, for the phase. */
static void phase_out_of_range(void **state)
{
	static const unsigned int phase[] = { XPV_NR_PHASES, 6, 99, 200, 255 };
	struct xpv_step step;
	unsigned int side, peer, i;

	for (side = 0; side < XPV_NR_SIDES; side++)
		for (peer = 0; peer < XPV_NR_PEER_STATES + 2; peer++)
			for (i = 0; i < ARRAY_SIZE(phase); i++) {
				step = xpv_state_step(side, phase[i], peer);
				assert_int_equal(step.action, XPV_DO_NOTHING);
				assert_int_equal(step.next, phase[i]);
			}
}

/* Fails when a cell holds what no caller knows. */
static void cells_are_sane(void **state)
{
	unsigned int side, phase, peer;
	struct xpv_step step;

	for (side = 0; side < XPV_NR_SIDES; side++)
		for (phase = 0; phase < XPV_NR_PHASES; phase++)
			for (peer = 0; peer < XPV_NR_PEER_STATES; peer++) {
				step = xpv_state_step(side, phase, peer);
				assert_in_range(step.action, 0,
						XPV_NR_ACTIONS - 1);
				assert_in_range(step.next, 0,
						XPV_NR_PHASES - 1);
			}
}

/*
 * A caller repeats until nothing is asked and nothing changes. Fails when two
 * cells of a column send a device back and forth while the peer stands still,
 * or when the longest way takes more than the steps device.c allows (8).
 */
static void every_column_settles(void **state)
{
	unsigned int side, phase, peer, now, steps;
	struct xpv_step step;

	for (side = 0; side < XPV_NR_SIDES; side++)
		for (phase = 0; phase < XPV_NR_PHASES; phase++)
			for (peer = 0; peer < XPV_NR_PEER_STATES; peer++) {
				now = phase;
				for (steps = 0; steps < 8; steps++) {
					step = xpv_state_step(side, now, peer);
					if (step.next == now)
						break;
					now = step.next;
				}
				assert_true(steps < 8);
			}
}

/* Fails when a name is missing, doubled, or read beyond the array. */
static void phase_names(void **state)
{
	unsigned int a, b;

	for (a = 0; a < XPV_NR_PHASES; a++) {
		assert_string_not_equal(xpv_phase_name(a), "?");
		for (b = 0; b < a; b++)
			assert_string_not_equal(xpv_phase_name(a),
						xpv_phase_name(b));
	}
	assert_string_equal(xpv_phase_name(XPV_NR_PHASES), "?");
	assert_string_equal(xpv_phase_name(255), "?");
}

UNIT_MAIN(fake_unit_test(front_init),
	  fake_unit_test(front_published),
	  fake_unit_test(front_live),
	  fake_unit_test(front_closing),
	  fake_unit_test(front_closed),
	  fake_unit_test(back_init),
	  fake_unit_test(back_published),
	  fake_unit_test(back_live),
	  fake_unit_test(back_closing),
	  fake_unit_test(back_closed),
	  fake_unit_test(peer_out_of_range),
	  fake_unit_test(phase_out_of_range),
	  fake_unit_test(cells_are_sane),
	  fake_unit_test(every_column_settles),
	  fake_unit_test(phase_names))
