// SPDX-License-Identifier: GPL-2.0
#include <xen/interface/io/xenbus.h>

#include "state.h"

/*
 * One row per phase of ours, one cell per state of the peer's. A state without
 * a cell (XPV_DO_STAY) is no news.
 *
 * XenbusStateUnknown means that the peer's directory is gone. Reconfiguring
 * comes from the kernel's own netfront, between two times Connected: it wants
 * other headroom for XDP, and waits for Reconfigured without limit and with
 * RTNL held.
 */
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
	 * A backend that is Closed while nothing is shared has yet to start
	 * over. One that is Connected has skipped InitWait.
	 */
	[XPV_INIT] = {
		[XenbusStateInitWait] = PUBLISH,
		[XenbusStateConnected] = PUBLISH,
		[XenbusStateClosing] = CLOSE,
	},
	/* A backend that initialises anew has not seen what we published. */
	[XPV_PUBLISHED] = {
		[XenbusStateUnknown] = RESET,
		[XenbusStateInitialising] = RESET,
		[XenbusStateConnected] = CONNECT,
		[XenbusStateClosing] = CLOSE,
		[XenbusStateClosed] = CLOSE,
	},
	/*
	 * InitWait while we are live is a backend whose driver was reloaded: it
	 * maps our rings again and goes on where the old one stopped (the
	 * in-tree backends' allow_rebind). Destroying the rings now would race
	 * with that mapping.
	 */
	[XPV_LIVE] = {
		[XenbusStateUnknown] = RESET,
		[XenbusStateInitialising] = RESET,
		[XenbusStateConnected] = CHANGED,
		[XenbusStateClosing] = CLOSE,
		[XenbusStateClosed] = CLOSE,
	},
	/*
	 * A backend that is gone or Closed leaves nothing to wait for. One at
	 * InitWait is new: it does not know of our rings.
	 */
	[XPV_CLOSING] = {
		[XenbusStateUnknown] = CLOSE,
		[XenbusStateInitialising] = RESET,
		[XenbusStateInitWait] = REJOIN,
		[XenbusStateClosing] = CLOSE,
		[XenbusStateClosed] = CLOSE,
	},
	/* A restarted backend: take part again. */
	[XPV_CLOSED] = {
		[XenbusStateInitialising] = RESET,
		[XenbusStateInitWait] = RESET,
	},
};

static const struct xpv_step back[XPV_NR_PHASES][XPV_NR_PEER_STATES] = {
	/* Our features do not depend on the frontend. */
	[XPV_INIT] = {
		[XenbusStateUnknown] = PUBLISH,
		[XenbusStateInitialising] = PUBLISH,
		[XenbusStateInitWait] = PUBLISH,
		[XenbusStateInitialised] = PUBLISH,
		[XenbusStateConnected] = PUBLISH,
		[XenbusStateClosing] = PUBLISH,
		[XenbusStateClosed] = PUBLISH,
		[XenbusStateReconfiguring] = PUBLISH,
		[XenbusStateReconfigured] = PUBLISH,
	},
	/*
	 * mini-os and netfront write Connected without Initialised. Closed may
	 * be left by a frontend that is about to start over: it waits for our
	 * InitWait, as does one that had to stay at Closing, being in use.
	 * Reconfiguring was Connected before the state was read.
	 */
	[XPV_PUBLISHED] = {
		[XenbusStateUnknown] = CLOSE,
		[XenbusStateInitialised] = CONNECT,
		[XenbusStateConnected] = CONNECT,
		[XenbusStateClosing] = FOLLOW,
		[XenbusStateClosed] = CLOSE_OFFLINE,
		[XenbusStateReconfiguring] = CONNECT,
	},
	/*
	 * A frontend that initialises anew without closing crashed or was
	 * replaced (kexec); a fast one has published by the time its state is
	 * read. At Closing it may still flush: serve it until Closed.
	 */
	[XPV_LIVE] = {
		[XenbusStateUnknown] = CLOSE,
		[XenbusStateInitialising] = RESET,
		[XenbusStateInitialised] = RECHECK,
		[XenbusStateConnected] = RECHECK,
		[XenbusStateClosing] = CLOSING,
		[XenbusStateClosed] = CLOSE,
		[XenbusStateReconfiguring] = RECONFIGURE,
	},
	[XPV_CLOSING] = {
		[XenbusStateUnknown] = CLOSE,
		[XenbusStateInitialising] = RESET,
		[XenbusStateClosed] = CLOSE,
	},
	/*
	 * pv-grub hands its disk over to the kernel: Closed, then Initialising,
	 * or, mini-os' way, Closed straight to Connected.
	 */
	[XPV_CLOSED] = {
		[XenbusStateInitialising] = RESET,
		[XenbusStateInitialised] = CONNECT,
		[XenbusStateConnected] = CONNECT,
	},
};

struct xpv_step xpv_state_step(enum xpv_side side, enum xpv_phase phase,
			       unsigned int peer)
{
	struct xpv_step step = { XPV_DO_STAY };

	if (phase < XPV_NR_PHASES && peer < XPV_NR_PEER_STATES)
		step = side == XPV_FRONT ? front[phase][peer] :
					   back[phase][peer];
	if (step.action == XPV_DO_STAY)
		step = (struct xpv_step){ XPV_DO_NOTHING, phase };
	return step;
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
