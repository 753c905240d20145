/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slots of a packet that a guest sends, one after the other, from private
 * copies: what they describe, and whether it can be believed.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef NETBACK_TX_PARSE_H
#define NETBACK_TX_PARSE_H

#include <linux/types.h>
#include <xen/interface/io/netif.h>

/*
 * Most slots of a packet that is accepted: what every backend has to take and
 * every frontend may count on, whatever MAX_SKB_FRAGS either was built with.
 */
#define NETBACK_TX_SLOTS XEN_NETIF_NR_SLOTS_MIN

/* There are so many kinds of extra info, and none makes sense twice. */
#define NETBACK_TX_EXTRAS (XEN_NETIF_EXTRA_TYPE_MAX - 1)

/* Grants, and so slots, cover 4 KiB whatever the size of our pages. */
#define NETBACK_GRANT_SIZE 4096U

/**
 * enum netback_tx_verdict - what is to be done after a slot
 *
 * Sizes, offsets, segments and extra infos that do not add up cost the guest
 * that packet: frontends that are in use get them wrong. Only an attempt at
 * more slots than any frontend has use for shuts it off.
 *
 * @NETBACK_TX_MORE: nothing yet, the packet goes on in the next slot
 * @NETBACK_TX_PACKET: a packet is complete and sound
 * @NETBACK_TX_MCAST: a request to change the multicast filter
 * @NETBACK_TX_DROP: complete, but to be answered with an error
 * @NETBACK_TX_FATAL: the frontend breaks the protocol; serve it no more
 */
enum netback_tx_verdict {
	NETBACK_TX_MORE,
	NETBACK_TX_PACKET,
	NETBACK_TX_MCAST,
	NETBACK_TX_DROP,
	NETBACK_TX_FATAL,
};

/* What the next slot is. */
enum netback_tx_expect {
	NETBACK_TX_FIRST,	/* of a packet; what a zeroed one says */
	NETBACK_TX_EXTRA,
	NETBACK_TX_DATA,
};

/* A slot of the ring, either way. */
union netback_tx_entry {
	struct xen_netif_tx_request req;
	struct xen_netif_extra_info extra;
};

/**
 * struct netback_tx_slot - a part of a packet
 * @gref: the frontend's page
 * @offset: where in it
 * @size: how much; of a sound packet @offset + @size is within the page
 */
struct netback_tx_slot {
	u32 gref;
	u16 offset;
	u16 size;
};

/**
 * struct netback_tx_packet - a packet, as far as its slots have come
 * @expect: enum netback_tx_expect
 * @extras: extra infos seen, up to NETBACK_TX_EXTRAS
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
struct netback_tx_packet {
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
	struct netback_tx_slot slot[NETBACK_TX_SLOTS];
};

/**
 * netback_tx_feed() - look at a packet's next slot
 * @pkt: zeroed before the first packet; starts over after a complete one
 * @entry: private copy of the slot
 * @fatal_slots: a packet of so many slots, and more than NETBACK_TX_SLOTS, is
 *		 an attack rather than a mistake
 *
 * Context: any; pure.
 * Return: enum netback_tx_verdict. After NETBACK_TX_FATAL no further slot may
 * be fed.
 */
enum netback_tx_verdict netback_tx_feed(struct netback_tx_packet *pkt,
					const union netback_tx_entry *entry,
					unsigned int fatal_slots);

#endif /* NETBACK_TX_PARSE_H */
