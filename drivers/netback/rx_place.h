/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Placing a packet in the slots that the guest has posted.
 */
#ifndef NETBACK_RX_PLACE_H
#define NETBACK_RX_PLACE_H

#include <linux/skbuff.h>

struct netback_queue;

/**
 * netback_rx_slots() - slots that a packet takes, exactly
 * @skb: the packet
 *
 * Its data is packed, so that every slot but the last is full; segments need
 * one more that describes them.
 */
unsigned int netback_rx_slots(const struct sk_buff *skb);

/**
 * netback_rx_fits() - whether the frontend can take such a packet at all
 * @queue: the queue
 * @skb: the packet
 *
 * The stack goes by the netdev's features, but a packet may have been prepared
 * under those of an earlier connection.
 */
bool netback_rx_fits(const struct netback_queue *queue,
		     const struct sk_buff *skb);

/**
 * netback_rx_place() - gather a packet's copies and responses
 * @queue: the queue, with netback_rx_slots() slots posted
 * @skb: the packet; must stay until netback_rx_copy() has run
 *
 * Context: the queue's thread.
 */
void netback_rx_place(struct netback_queue *queue, struct sk_buff *skb);

/**
 * netback_rx_copy() - run the copies gathered up to now
 * @queue: the queue
 *
 * Context: the queue's thread.
 */
void netback_rx_copy(struct netback_queue *queue);

#endif /* NETBACK_RX_PLACE_H */
