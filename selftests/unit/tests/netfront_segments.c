// SPDX-License-Identifier: GPL-2.0
/* Sizes of segments, as backends have them: netfront/segments.h. */
#include "fake.h"
#include "netfront/segments.h"

/* The kernel's mark for segments of other sizes, by list. */
#define BY_FRAGS 65535

/* Fails when one packet can become tens of thousands. */
static void too_small(void **state)
{
	unsigned int size;

	for (size = 0; size < 8; size++) {
		assert_int_equal(netfront_segment_size(size, 0), -EPROTO);
		assert_int_equal(netfront_segment_size(size, 65000), -EPROTO);
	}
	assert_int_equal(netfront_segment_size(8, 65000), 8);
}

static void usual(void **state)
{
	assert_int_equal(netfront_segment_size(1448, 65160), 1448);
	assert_int_equal(netfront_segment_size(1448, 1449), 1448);
	assert_int_equal(netfront_segment_size(536, 1448), 536);
}

/* Fails when a packet that fits is taken for one of segments. */
static void one_segment(void **state)
{
	assert_int_equal(netfront_segment_size(1448, 1448), 0);
	assert_int_equal(netfront_segment_size(1448, 0), 0);
	assert_int_equal(netfront_segment_size(8, 8), 0);
}

/* Fails when the mark gets through for any packet there can be. */
static void never_by_frags(void **state)
{
	unsigned int payload;

	for (payload = 0; payload <= 65535; payload++)
		assert_int_equal(netfront_segment_size(BY_FRAGS, payload), 0);
}

UNIT_MAIN(fake_unit_test(too_small), fake_unit_test(usual), fake_unit_test(one_segment),
	  fake_unit_test(never_by_frags))
