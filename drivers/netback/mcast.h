/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The multicast addresses that a guest wants to receive, where it asked for a
 * filter.
 */
#ifndef NETBACK_MCAST_H
#define NETBACK_MCAST_H

#include <linux/etherdevice.h>
#include <linux/spinlock.h>

/* As many as the in-tree driver takes; what Windows needs is far below. */
#define NETBACK_MCAST_MAX 64

/**
 * struct netback_mcast - the filter of a vif
 * @lock: guards @addr and @nr; taken from NAPI of any queue and from transmits
 *	  in any context
 * @addr: the addresses; part of the vif, so that none is ever freed under a
 *	  reader (XSA-527)
 * @nr: their number
 * @active: the guest asked for filtering; written by the device's work
 */
struct netback_mcast {
	spinlock_t lock;	/* see above */
	u8 addr[NETBACK_MCAST_MAX][ETH_ALEN];
	unsigned int nr;
	bool active;
};

void netback_mcast_init(struct netback_mcast *mc);

/**
 * netback_mcast_change() - add or remove an address
 * @mc: the filter
 * @add: add it
 * @addr: the address; one added twice, or removed without being there, is fine
 *
 * Context: any.
 * Return: 0; -EINVAL for no multicast address; -ENOSPC where it is full.
 */
int netback_mcast_change(struct netback_mcast *mc, bool add, const u8 *addr);

/**
 * netback_mcast_flush() - forget all addresses and stop filtering
 * @mc: the filter
 */
void netback_mcast_flush(struct netback_mcast *mc);

/**
 * netback_mcast_wants() - whether a frame is for the guest
 * @mc: the filter
 * @dest: the frame's destination
 *
 * Context: any.
 */
bool netback_mcast_wants(struct netback_mcast *mc, const u8 *dest);

#endif /* NETBACK_MCAST_H */
