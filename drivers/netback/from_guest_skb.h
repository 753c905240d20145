/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a packet's data gets from the guest's pages into an skb.
 *
 * All of it is copied by Xen, into memory of ours: the slots can be answered at
 * the end of the round, and no guest can pin memory or hold up another by what
 * it sends, wherever the packet queues afterwards. Mapping large packets
 * instead would be a second way to fill an skb, chosen in netback_build_skb().
 */
#ifndef NETBACK_FROM_GUEST_SKB_H
#define NETBACK_FROM_GUEST_SKB_H

#include <linux/skbuff.h>

#include "from_guest_parse.h"

struct netback_queue;

/* Packets up to this have no fragments: header and data are one buffer. */
#define NETBACK_SKB_LINEAR \
	(SKB_WITH_OVERHEAD(NETBACK_GRANT_SIZE) - NET_SKB_PAD - NET_IP_ALIGN)

/*
 * Of larger ones so much is linear: more than any header that Linux builds
 * (Ethernet, two VLAN tags, IPv4 and TCP at their longest: 142), and as much as
 * skb_checksum_setup() would pull for IPv6 extension headers. Headers in
 * fragments reset network cards (XSA-423).
 */
#define NETBACK_SKB_HEADER 256

/*
 * Grant copies that one packet can need: one per slot, and one more wherever
 * our memory crosses into another page: within the linear part once, and for
 * each fragment at its start.
 */
#define NETBACK_PACKET_COPIES (NETBACK_PACKET_SLOTS + 2 + \
			       65536 / NETBACK_GRANT_SIZE + 2)

/*
 * Grant copies of a round: a ring full of pages, each in two parts, would be
 * 512; half of that keeps the array in two pages' reach of the cache, and a
 * round that fills it is followed by another.
 */
#define NETBACK_FROM_GUEST_COPIES 256

/**
 * netback_build_skb() - make a packet's skb and gather the copies that fill it
 * @queue: the queue, with room for NETBACK_PACKET_COPIES
 * @pkt: a complete packet
 *
 * Context: NAPI.
 * Return: the skb, with data once the copies have run; NULL without memory, and
 * nothing gathered.
 */
struct sk_buff *netback_build_skb(struct netback_queue *queue,
				  const struct netback_packet *pkt);

#endif /* NETBACK_FROM_GUEST_SKB_H */
