/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Placing a packet in the slots that the guest has posted.
 */
#ifndef NETBACK_RX_PLACE_H
#define NETBACK_RX_PLACE_H

#include <linux/skbuff.h>

#include "rx_slots.h"

struct netback_queue;

/**
 * netback_rx_plan() - look at a packet
 * @queue: the queue
 * @skb: the packet
 * @plan: where the plan goes
 *
 * The stack goes by the netdev's features, but a packet may have been prepared
 * under those of an earlier connection.
 *
 * Return: false where the frontend cannot take such a packet at all.
 */
bool netback_rx_plan(const struct netback_queue *queue,
		     const struct sk_buff *skb, struct netback_rx_plan *plan);

/**
 * netback_rx_place() - gather a packet's copies and responses
 * @queue: the queue, with @plan's slots posted
 * @skb: the packet; must stay until netback_rx_copy() has run
 * @plan: what netback_rx_plan() said
 *
 * Context: the queue's thread.
 */
void netback_rx_place(struct netback_queue *queue, struct sk_buff *skb,
		      const struct netback_rx_plan *plan);

/**
 * netback_rx_copy() - run the copies gathered up to now
 * @queue: the queue
 *
 * Context: the queue's thread.
 */
void netback_rx_copy(struct netback_queue *queue);

#endif /* NETBACK_RX_PLACE_H */
