/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The xenbus handshake of both sides as two static tables.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef XPV_STATE_H
#define XPV_STATE_H

#include <linux/types.h>

/* Which end of the split device we drive. */
enum xpv_side {
	XPV_FRONT,
	XPV_BACK,
	XPV_NR_SIDES,
};

/*
 * Where the handshake stands, as this module sees it. The state written to
 * xenstore follows from it (wire_state() in steps.c) but differs: a network
 * frontend writes Connected as soon as its rings are published, a block
 * frontend writes Initialised.
 */
enum xpv_phase {
	XPV_INIT,	/* nothing is shared with the peer */
	XPV_PUBLISHED,	/* our half is in xenstore, the peer's is not yet */
	XPV_LIVE,	/* rings are shared and served */
	XPV_CLOSING,	/* we want to close; served as before */
	XPV_CLOSED,	/* nothing is shared until the peer starts over */
	XPV_NR_PHASES,
};

/* The peer's states: XenbusStateUnknown (0) to XenbusStateReconfigured (8). */
#define XPV_NR_PEER_STATES 9

/* What a step asks of the device. */
enum xpv_action {
	XPV_DO_STAY,	/* an empty cell of a table; never returned */
	XPV_DO_NOTHING,	/* only enter the next phase */
	XPV_DO_PUBLISH,	/* write our keys (frontend: make the queues first) */
	XPV_DO_CONNECT,	/* read the peer's keys and go live */
	XPV_DO_CHANGED,	/* the live peer wrote its state again */
	XPV_DO_RESET,	/* drop what is shared, keep the upper device */
	XPV_DO_RECHECK,	/* see whether we share what the peer published last */
	XPV_DO_RECONFIGURE,	/* read anew what the peer asks for */
	XPV_DO_CLOSE_OFFLINE,	/* close, unless the device is to stay */
	XPV_DO_CLOSE,	/* close, unless the disk or interface is in use */
	XPV_DO_REJOIN,	/* reset, if only a user keeps the device at Closing */
	XPV_DO_FOLLOW,	/* close as well, unless the peer may yet rejoin */
	XPV_NR_ACTIONS,
};

/**
 * struct xpv_step - one cell of a state table
 * @action: enum xpv_action, to run first
 * @next: enum xpv_phase, taken when the action succeeds
 */
struct xpv_step {
	u8 action;
	u8 next;
};

/**
 * xpv_state_step() - what to do now
 * @side: which table
 * @phase: our phase
 * @peer: the peer's state as read from xenstore; anything unknown to the
 *	  protocol counts as no news
 *
 * The tables are level-triggered: a caller repeats until a step asks nothing
 * and changes nothing, so that coalesced watch events lose no transition.
 *
 * Context: any; pure.
 * Return: the step. Never fails: a combination without meaning asks nothing and
 * stays in @phase.
 */
struct xpv_step xpv_state_step(enum xpv_side side, enum xpv_phase phase,
			       unsigned int peer);

/**
 * xpv_phase_name() - a phase in words, for messages and debugfs
 * @phase: the phase
 *
 * Return: a constant string, "?" for a value outside the enum.
 */
const char *xpv_phase_name(enum xpv_phase phase);

#endif /* XPV_STATE_H */
