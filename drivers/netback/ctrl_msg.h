/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The messages of the control ring: what each may say, and what it changes.
 * xen/interface/io/netif.h, "Control messages".
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef NETBACK_CTRL_MSG_H
#define NETBACK_CTRL_MSG_H

#include "hash.h"

/* The most that a message has us fetch from a page: a whole mapping. */
#define NETBACK_CTRL_PAYLOAD (NETBACK_HASH_MAX_MAPPING * 4)

/**
 * netback_ctrl_check() - the first look at a message
 * @config: what the guest has set up to now
 * @req: private copy of the message
 * @bytes: how much of the page @req->data[0] is to be fetched, from its
 *	   beginning, before netback_ctrl_apply(); up to NETBACK_CTRL_PAYLOAD
 *
 * Return: XEN_NETIF_CTRL_STATUS_SUCCESS, or what to answer.
 */
u32 netback_ctrl_check(const struct netback_hash_config *config,
		       const struct xen_netif_ctrl_request *req,
		       unsigned int *bytes);

/**
 * netback_ctrl_apply() - do what a message says
 * @config: what the guest has set up to now; unchanged where it is refused
 * @req: the message, found sound by netback_ctrl_check()
 * @payload: what was fetched for it
 * @nr_queues: queues that the guest has
 * @data: what goes with the answer
 *
 * Return: XEN_NETIF_CTRL_STATUS_*.
 */
u32 netback_ctrl_apply(struct netback_hash_config *config,
		       const struct xen_netif_ctrl_request *req,
		       const void *payload, unsigned int nr_queues, u32 *data);

#endif /* NETBACK_CTRL_MSG_H */
