// SPDX-License-Identifier: GPL-2.0
/* How many slots a packet to the guest takes: netback/to_guest_slots.c. */
#include <string.h>

#include "fake.h"
#include "netback/to_guest_slots.h"

static struct netback_slot_plan plan;

static bool count(unsigned int len, unsigned int pieces, unsigned int headroom,
		  unsigned int extras)
{
	struct netback_packet_shape shape = {
		.len = len,
		.pieces = pieces,
		.headroom = headroom,
		.extras = extras,
	};

	memset(&plan, 0xff, sizeof(plan));
	return netback_plan_slots(&shape, &plan);
}

/*
 * What to_guest_place.c does with packed data, byte by byte as it were: the
 * first slot is short of the headroom, the others are full.
 */
static unsigned int fill(unsigned int len, unsigned int headroom)
{
	unsigned int room = NETBACK_GRANT_SIZE - headroom, slots = 1;

	while (len > room) {
		len -= room;
		room = NETBACK_GRANT_SIZE;
		slots++;
	}
	return slots;
}

/* Fails when a slot more or less is counted than is used. */
static void packed(void **state)
{
	static const unsigned int headroom[] = {
		0, 1, 128, 256, 1000, NETBACK_MAX_HEADROOM,
	};
	unsigned int i, len;

	for (i = 0; i < ARRAY_SIZE(headroom); i++)
		for (len = 1; len <= 65535 + 18; len++) {
			assert_true(count(len, 100, headroom[i], 0));
			assert_int_equal(plan.slots, fill(len, headroom[i]));
			assert_int_equal(plan.headroom, headroom[i]);
			assert_false(plan.separate);
		}
}

/* Fails when headroom counts in every slot, or in none. */
static void headroom_in_first(void **state)
{
	assert_true(count(3840, 1, 256, 1));
	assert_int_equal(plan.slots, 1 + 1);
	assert_true(count(3841, 2, 256, 1));
	assert_int_equal(plan.slots, 2 + 1);
	assert_true(count(3840 + 4096, 2, 256, 1));
	assert_int_equal(plan.slots, 2 + 1);
	assert_true(count(3840 + 4096 + 1, 3, 256, 1));
	assert_int_equal(plan.slots, 3 + 1);
}

/*
 * A standard frame with two VLAN tags fits one slot behind the most headroom
 * that is given. Fails when the bound leaves no room for it.
 */
static void headroom_bound(void **state)
{
	assert_true(NETBACK_MAX_HEADROOM >= 256);
	assert_true(count(1522, 1, NETBACK_MAX_HEADROOM, 1));
	assert_int_equal(plan.slots, 2);
}

/*
 * Each extra-info takes a slot beside the data's, also where the data takes as
 * many as there may be: GSO; XDP; GSO, HASH and XDP.
 */
static void extras(void **state)
{
	unsigned int nr;

	for (nr = 0; nr <= 3; nr++) {
		assert_true(count(60, 1, 0, nr));
		assert_int_equal(plan.slots, 1 + nr);
		assert_int_equal(plan.extras, nr);
		assert_true(count(65535, XEN_NETIF_NR_SLOTS_MIN, 0, nr));
		assert_true(plan.separate);
		assert_int_equal(plan.slots, XEN_NETIF_NR_SLOTS_MIN + nr);
		assert_true(count(60, 1, 256, nr));
		assert_int_equal(plan.slots, 1 + nr);
	}
}

/* Fails when small fragments eat the ring, or large ones cost two copies. */
static void pieces(void **state)
{
	assert_true(count(9000, 5, 0, 0));
	assert_true(plan.separate);
	assert_int_equal(plan.slots, 5);
	assert_true(count(9000, 6, 0, 0));
	assert_false(plan.separate);
	assert_int_equal(plan.slots, 3);
	/* One slot is always enough for what fits it. */
	assert_true(count(4096, 2, 0, 0));
	assert_false(plan.separate);
	assert_int_equal(plan.slots, 1);
	/* More than frontends take, though allowed by the difference. */
	assert_true(count(17 * 4096, 19, 0, 0));
	assert_false(plan.separate);
	assert_int_equal(plan.slots, 17);
	/* Never behind headroom: the first piece may not fit. */
	assert_true(count(9000, 3, 256, 1));
	assert_false(plan.separate);
}

/* Fails when a packet gets through that no frontend takes. */
static void too_long(void **state)
{
	assert_true(count(18 * 4096, 18, 0, 1));
	assert_false(count(18 * 4096 + 1, 19, 0, 0));
	assert_true(count(18 * 4096 - 256, 18, 256, 1));
	assert_false(count(18 * 4096 - 255, 18, 256, 1));
}

UNIT_MAIN(fake_unit_test(packed),
	  fake_unit_test(headroom_in_first),
	  fake_unit_test(headroom_bound),
	  fake_unit_test(extras),
	  fake_unit_test(pieces),
	  fake_unit_test(too_long))
