/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Placing a packet in the slots that the guest has posted.
 */
#ifndef NETBACK_TO_GUEST_PLACE_H
#define NETBACK_TO_GUEST_PLACE_H

#include <linux/skbuff.h>

#include "to_guest_slots.h"

struct netback_queue;

/**
 * netback_plan_skb() - look at a packet
 * @queue: the queue
 * @skb: the packet
 * @plan: where the plan goes
 *
 * The stack goes by the netdev's features, but a packet may have been prepared
 * under those of an earlier connection.
 *
 * Return: false where the frontend cannot take such a packet at all.
 */
bool netback_plan_skb(const struct netback_queue *queue,
		      const struct sk_buff *skb,
		      struct netback_slot_plan *plan);

/**
 * netback_place_skb() - gather a packet's copies and responses
 * @queue: the queue, with @plan's slots posted
 * @skb: the packet; must stay until netback_run_copies() has run
 * @plan: what netback_plan_skb() said
 *
 * Context: the queue's thread.
 */
void netback_place_skb(struct netback_queue *queue, struct sk_buff *skb,
		       const struct netback_slot_plan *plan);

/**
 * netback_run_copies() - run the copies gathered up to now
 * @queue: the queue
 *
 * Context: the queue's thread.
 */
void netback_run_copies(struct netback_queue *queue);

#endif /* NETBACK_TO_GUEST_PLACE_H */
