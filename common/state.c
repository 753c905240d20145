// SPDX-License-Identifier: GPL-2.0
#include "state.h"

/*
 * Columns, in the order of enum xenbus_state (xen/interface/io/xenbus.h):
 * Unknown, Initialising, InitWait, Initialised, Connected, Closing,
 * Closed, Reconfiguring, Reconfigured.
 *
 * Unknown means that the peer's directory is gone. Reconfiguring comes from
 * Linux' own netfront, between two times Connected: it wants other headroom for
 * XDP, and waits for Reconfigured, for ever and with RTNL held.
 */
#define STAY(phase)	{ XPV_DO_NOTHING, phase }
#define PUBLISH		{ XPV_DO_PUBLISH, XPV_PUBLISHED }
#define CONNECT		{ XPV_DO_CONNECT, XPV_LIVE }
#define CHANGED		{ XPV_DO_CHANGED, XPV_LIVE }
#define CLOSE		{ XPV_DO_CLOSE, XPV_CLOSED }
#define RECHECK		{ XPV_DO_RECHECK, XPV_LIVE }
#define RECONFIGURE	{ XPV_DO_RECONFIGURE, XPV_LIVE }
#define CLOSE_OFFLINE	{ XPV_DO_CLOSE_OFFLINE, XPV_CLOSED }
#define RESET		{ XPV_DO_RESET, XPV_INIT }
#define CLOSING		{ XPV_DO_NOTHING, XPV_CLOSING }
#define REJOIN		{ XPV_DO_REJOIN, XPV_INIT }
#define FOLLOW		{ XPV_DO_FOLLOW, XPV_CLOSING }

static const struct xpv_step front[XPV_NR_PHASES][XPV_NR_PEER_STATES] = {
	/*
	 * A backend that is Closed while we have shared nothing is one that has
	 * yet to start over. One that is Connected has skipped InitWait.
	 */
	[XPV_INIT] = {
		STAY(XPV_INIT), STAY(XPV_INIT), PUBLISH, STAY(XPV_INIT),
		PUBLISH, CLOSE, STAY(XPV_INIT), STAY(XPV_INIT), STAY(XPV_INIT),
	},
	/* A backend that initialises anew has not seen what we published. */
	[XPV_PUBLISHED] = {
		RESET, RESET, STAY(XPV_PUBLISHED), STAY(XPV_PUBLISHED),
		CONNECT, CLOSE, CLOSE,
		STAY(XPV_PUBLISHED), STAY(XPV_PUBLISHED),
	},
	/*
	 * InitWait while we are live is a backend whose driver was reloaded: it
	 * maps our rings again and goes on where the old one stopped (the
	 * in-tree backends' allow_rebind). Tearing the rings down now would
	 * race with that mapping.
	 */
	[XPV_LIVE] = {
		RESET, RESET, STAY(XPV_LIVE), STAY(XPV_LIVE), CHANGED,
		CLOSE, CLOSE, STAY(XPV_LIVE), STAY(XPV_LIVE),
	},
	/*
	 * A backend that went away or is Closed leaves nothing to wait for. One
	 * at InitWait is new: it does not know of our rings.
	 */
	[XPV_CLOSING] = {
		CLOSE, RESET, REJOIN, STAY(XPV_CLOSING),
		STAY(XPV_CLOSING), CLOSE, CLOSE,
		STAY(XPV_CLOSING), STAY(XPV_CLOSING),
	},
	/* A restarted backend: take part again. */
	[XPV_CLOSED] = {
		STAY(XPV_CLOSED), RESET, RESET, STAY(XPV_CLOSED),
		STAY(XPV_CLOSED), STAY(XPV_CLOSED), STAY(XPV_CLOSED),
		STAY(XPV_CLOSED), STAY(XPV_CLOSED),
	},
};

static const struct xpv_step back[XPV_NR_PHASES][XPV_NR_PEER_STATES] = {
	/* Our features do not depend on the frontend. */
	[XPV_INIT] = {
		PUBLISH, PUBLISH, PUBLISH, PUBLISH, PUBLISH, PUBLISH, PUBLISH,
		PUBLISH, PUBLISH,
	},
	/*
	 * mini-os and netfront write Connected without Initialised. Closed may
	 * be what a frontend left that is about to start over: it waits for
	 * our InitWait, as one does that had to stay at Closing, being in use.
	 * Reconfiguring was Connected before we looked.
	 */
	[XPV_PUBLISHED] = {
		CLOSE, STAY(XPV_PUBLISHED), STAY(XPV_PUBLISHED), CONNECT,
		CONNECT, FOLLOW, CLOSE_OFFLINE,
		CONNECT, STAY(XPV_PUBLISHED),
	},
	/*
	 * A frontend that initialises anew without closing crashed or was
	 * replaced (kexec); one that is fast has published by the time we
	 * look. At Closing it may still flush: serve it until Closed.
	 */
	[XPV_LIVE] = {
		CLOSE, RESET, STAY(XPV_LIVE), RECHECK, RECHECK, CLOSING, CLOSE,
		RECONFIGURE, STAY(XPV_LIVE),
	},
	[XPV_CLOSING] = {
		CLOSE, RESET, STAY(XPV_CLOSING), STAY(XPV_CLOSING),
		STAY(XPV_CLOSING), STAY(XPV_CLOSING), CLOSE,
		STAY(XPV_CLOSING), STAY(XPV_CLOSING),
	},
	/*
	 * pv-grub hands its disk over to the kernel: Closed, then Initialising,
	 * or, mini-os' way, Closed straight to Connected.
	 */
	[XPV_CLOSED] = {
		STAY(XPV_CLOSED), RESET, STAY(XPV_CLOSED), CONNECT, CONNECT,
		STAY(XPV_CLOSED), STAY(XPV_CLOSED), STAY(XPV_CLOSED),
		STAY(XPV_CLOSED),
	},
};

struct xpv_step xpv_state_step(enum xpv_side side, enum xpv_phase phase,
			       unsigned int peer)
{
	const struct xpv_step stay = { XPV_DO_NOTHING, phase };

	if (phase >= XPV_NR_PHASES || peer >= XPV_NR_PEER_STATES)
		return stay;

	return side == XPV_FRONT ? front[phase][peer] : back[phase][peer];
}

const char *xpv_phase_name(enum xpv_phase phase)
{
	static const char * const name[XPV_NR_PHASES] = {
		[XPV_INIT] = "init",
		[XPV_PUBLISHED] = "published",
		[XPV_LIVE] = "live",
		[XPV_CLOSING] = "closing",
		[XPV_CLOSED] = "closed",
	};

	return phase < XPV_NR_PHASES ? name[phase] : "?";
}
