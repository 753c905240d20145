/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tables in main.c declare: module parameters, the keys of the
 * protocol, counters.
 */
#ifndef NETFRONT_MAIN_H
#define NETFRONT_MAIN_H

#include "xpv.h"

extern unsigned int netfront_max_queues;
extern bool netfront_trusted;

/* Rows of the feature table. */
enum netfront_feature {
	/* the backend's */
	NETFRONT_RX_COPY,
	NETFRONT_SG,
	NETFRONT_TSO4,
	NETFRONT_TSO6,
	NETFRONT_NO_CSUM4,
	NETFRONT_CSUM6,
	NETFRONT_SPLIT,
	NETFRONT_MAX_QUEUES,
	NETFRONT_XDP_HEADROOM,
	NETFRONT_CTRL,
	/* ours */
	NETFRONT_OWN_REQUEST_COPY,
	NETFRONT_OWN_RX_NOTIFY,
	NETFRONT_OWN_SG,
	NETFRONT_OWN_TSO4,
	NETFRONT_OWN_TSO6,
	NETFRONT_OWN_CSUM6,
	NETFRONT_OWN_NO_CSUM4,
	NETFRONT_OWN_XDP_HEADROOM,
	NETFRONT_NR_FEATURES,
};

/*
 * Our own counters beside the common ones. Transmit slots have one of their
 * own because XPV_STAT_PUT already counts receive requests, from another
 * context.
 */
enum netfront_stat {
	NETFRONT_STAT_TX_SLOTS = XPV_STAT_DRIVER, /* the transmitter */
	NETFRONT_STAT_TX_COPIES,	/* packets copied whole: transmitter */
	NETFRONT_STAT_TX_STOPS,		/* ring full: the transmitter */
	NETFRONT_STAT_TX_NOMEM,		/* no page to copy to: transmitter */
	NETFRONT_STAT_RX_NOMEM,		/* no page or skb: NAPI */
	NETFRONT_STAT_RX_EXTRAS,	/* extra-info of unknown type: NAPI */
	NETFRONT_STAT_XDP_PACKETS,	/* given to a program: NAPI */
	NETFRONT_STAT_XDP_COPIES,	/* of these, for headroom: NAPI */
	NETFRONT_STAT_XDP_TX,		/* sent back: NAPI */
	NETFRONT_STAT_XDP_DROP,		/* dropped by the program: NAPI */
	NETFRONT_STAT_XDP_REDIRECT,	/* sent elsewhere: NAPI */
	NETFRONT_STAT_XDP_ERRORS,	/* aborted, failed or unfit: NAPI */
	NETFRONT_STAT_XDP_XMIT,		/* sent for others: transmitter */
	NETFRONT_STAT_END,
};

#define NETFRONT_NR_STATS (NETFRONT_STAT_END - XPV_STAT_DRIVER)

#endif /* NETFRONT_MAIN_H */
