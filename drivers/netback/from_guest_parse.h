/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slots of a packet that a guest sends, one after the other, from private
 * copies: what they describe, and whether it can be believed.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef NETBACK_FROM_GUEST_PARSE_H
#define NETBACK_FROM_GUEST_PARSE_H

#include <linux/types.h>
#include <xen/interface/io/netif.h>

/*
 * Most slots of a packet that is accepted: what every backend has to take and
 * every frontend may count on, whatever MAX_SKB_FRAGS either was built with.
 */
#define NETBACK_PACKET_SLOTS XEN_NETIF_NR_SLOTS_MIN

/* There are so many kinds of extra info, and none makes sense twice. */
#define NETBACK_PACKET_EXTRAS (XEN_NETIF_EXTRA_TYPE_MAX - 1)

/* Grants, and so slots, cover 4 KiB whatever the size of our pages. */
#define NETBACK_GRANT_SIZE 4096U

/**
 * enum netback_parse_result - what is to be done after a slot
 *
 * Sizes, offsets, segments and extra infos that do not add up cost the guest
 * that packet: frontends that are in use get them wrong. Only an attempt at
 * more slots than any frontend has use for shuts it off.
 *
 * @NETBACK_PARSE_MORE: nothing yet, the packet goes on in the next slot
 * @NETBACK_PARSE_PACKET: a packet is complete and sound
 * @NETBACK_PARSE_MCAST: a request to change the multicast filter
 * @NETBACK_PARSE_DROP: complete, but to be answered with an error
 * @NETBACK_PARSE_FATAL: the frontend breaks the protocol; serve it no more
 */
enum netback_parse_result {
	NETBACK_PARSE_MORE,
	NETBACK_PARSE_PACKET,
	NETBACK_PARSE_MCAST,
	NETBACK_PARSE_DROP,
	NETBACK_PARSE_FATAL,
};

/* What the next slot is. */
enum netback_parse_expect {
	NETBACK_EXPECT_FIRST,	/* of a packet; what a zeroed one says */
	NETBACK_EXPECT_EXTRA,
	NETBACK_EXPECT_DATA,
};

/* A slot of the ring, either way. */
union netback_from_guest_slot {
	struct xen_netif_tx_request req;
	struct xen_netif_extra_info extra;
};

/**
 * struct netback_packet_slot - a part of a packet
 * @gref: the frontend's page
 * @offset: where in it
 * @size: how much; of a sound packet @offset + @size is within the page
 */
struct netback_packet_slot {
	u32 gref;
	u16 offset;
	u16 size;
};

/**
 * struct netback_packet - a packet, as far as its slots have come
 * @expect: enum netback_parse_expect
 * @extras: extra infos seen, up to NETBACK_PACKET_EXTRAS
 * @gso_type: XEN_NETIF_GSO_TYPE_*, 0 for an ordinary packet
 * @mcast: XEN_NETIF_EXTRA_TYPE_MCAST_ADD or _DEL, 0 for a packet
 * @addr: for @mcast
 * @hashed: the guest gave the packet's hash
 * @hash_l4: which covers its ports
 * @hash: that hash
 * @gso_size: payload per segment
 * @flags: of the first slot
 * @size: of the whole packet, as the first slot says
 * @rest: what the slots up to now leave of @size; becomes the first slot's
 * @seen: slots with data seen, empty ones and ones in excess included
 * @first: the first entry of @slot with data in it
 * @slots: entries of @slot used
 * @why: what is wrong with it, in words, or NULL
 * @slot: where the data is; the sizes of @first to @slots add up to @size once
 *	  the packet is complete
 */
struct netback_packet {
	u8 expect;
	u8 extras;
	u8 gso_type;
	u8 mcast;
	u8 addr[6];
	bool hashed;
	bool hash_l4;
	u32 hash;
	u16 gso_size;
	u16 flags;
	u16 size;
	u16 rest;
	u16 seen;
	u16 first;
	u16 slots;
	const char *why;
	struct netback_packet_slot slot[NETBACK_PACKET_SLOTS];
};

/**
 * netback_parse_slot() - look at a packet's next slot
 * @pkt: zeroed before the first packet; starts over after a complete one
 * @entry: private copy of the slot
 * @fatal_slots: a packet of so many slots, and more than NETBACK_PACKET_SLOTS,
 *		 is an attack rather than a mistake
 *
 * Context: any; pure.
 * Return: enum netback_parse_result. After NETBACK_PARSE_FATAL no further slot
 * may be fed.
 */
enum netback_parse_result
netback_parse_slot(struct netback_packet *pkt,
		   const union netback_from_guest_slot *entry,
		   unsigned int fatal_slots);

#endif /* NETBACK_FROM_GUEST_PARSE_H */
