/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many slots a packet takes on its way to the guest.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef NETBACK_TO_GUEST_SLOTS_H
#define NETBACK_TO_GUEST_SLOTS_H

#include <linux/types.h>

#include "from_guest_parse.h"

/*
 * Most headroom that a frontend gets: half a page, so that a standard frame
 * still fits behind it. Linux asks for 256 bytes. The header's own limit,
 * XEN_NETIF_MAX_XDP_HEADROOM, is beyond the end of the page.
 */
#define NETBACK_MAX_HEADROOM (NETBACK_GRANT_SIZE / 2)

/**
 * struct netback_packet_shape - what the slots of a packet depend on
 * @len: its bytes
 * @pieces: parts of its memory, each within a page of 4 KiB
 * @headroom: bytes to leave free in the first slot, up to NETBACK_MAX_HEADROOM
 * @extras: slots that describe it: GSO, XDP
 */
struct netback_packet_shape {
	unsigned int len;
	unsigned int pieces;
	unsigned int headroom;
	unsigned int extras;
};

/**
 * struct netback_slot_plan - how a packet goes into slots
 * @slots: slots that it takes, exactly, with @extras of them
 * @extras: slots that describe it, after the first
 * @headroom: bytes left free in the first
 * @separate: each piece of its memory has a slot of its own; else its data is
 *	      packed, so that every slot but the last is full
 */
struct netback_slot_plan {
	unsigned int slots;
	unsigned int extras;
	unsigned int headroom;
	bool separate;
};

/**
 * netback_packed_slots() - data slots of a packet that fills them
 * @len: its bytes, not 0
 * @headroom: bytes left free in the first
 */
static inline unsigned int netback_packed_slots(unsigned int len,
						unsigned int headroom)
{
	return (headroom + len + NETBACK_GRANT_SIZE - 1) / NETBACK_GRANT_SIZE;
}

/**
 * netback_plan_slots() - plan a packet
 * @shape: the packet
 * @plan: where the plan goes
 *
 * Return: false for a packet of more slots than frontends take.
 */
bool netback_plan_slots(const struct netback_packet_shape *shape,
			struct netback_slot_plan *plan);

#endif /* NETBACK_TO_GUEST_SLOTS_H */
