// SPDX-License-Identifier: GPL-2.0
#include "to_guest_slots.h"

/*
 * A copy stays within 4 KiB on either side, so that packed data costs two for
 * nearly every page, and data that keeps its place in the page only one. Worth
 * a slot or two of the guest's, but not the ring that small fragments would
 * take; the header, in a slot of its own, is what frontends like best.
 */
#define SLOTS_FOR_COPIES 2

bool netback_plan_slots(const struct netback_packet_shape *shape,
			struct netback_slot_plan *plan)
{
	unsigned int packed = netback_packed_slots(shape->len, shape->headroom);

	plan->headroom = shape->headroom;
	plan->extras = shape->extras;
	/*
	 * Behind headroom a first piece of nearly a page would take two slots;
	 * frontends that ask for it are after packets of one slot.
	 */
	plan->separate = packed > 1 && !shape->headroom &&
		      shape->pieces <= XEN_NETIF_NR_SLOTS_MIN &&
		      shape->pieces <= packed + SLOTS_FOR_COPIES;
	plan->slots = plan->separate ? shape->pieces : packed;
	if (plan->slots > XEN_NETIF_NR_SLOTS_MIN)
		return false;
	plan->slots += plan->extras;
	return true;
}
