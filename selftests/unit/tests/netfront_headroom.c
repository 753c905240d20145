// SPDX-License-Identifier: GPL-2.0
/* Where the data lies in a slot with headroom: netfront/headroom.h. */
#include "fake.h"
#include "netfront/headroom.h"

/* Fails when a slot without headroom loses its beginning. */
static void none(void **state)
{
	unsigned int len;

	for (len = 0; len <= 4096; len++) {
		assert_int_equal(netfront_headroom_skip(0, 0, len), 0);
		assert_int_equal(netfront_headroom_skip(0, 256, len), 0);
	}
}

/* Our netback: fails when headroom that the offset tells is taken off twice. */
static void offset_tells(void **state)
{
	assert_int_equal(netfront_headroom_skip(256, 256, 60), 0);
	assert_int_equal(netfront_headroom_skip(256, 256, 1514), 0);
	assert_int_equal(netfront_headroom_skip(2048, 2048, 2048), 0);
}

/*
 * Linux' netback. Fails when frames come out longer than they were sent by what
 * lies before them.
 */
static void length_includes(void **state)
{
	assert_int_equal(netfront_headroom_skip(256, 0, 256 + 60), 256);
	assert_int_equal(netfront_headroom_skip(256, 0, 256 + 1514), 256);
	assert_int_equal(netfront_headroom_skip(256, 0, 4096), 256);
}

/* Fails when a length wraps below 0. */
static void too_short(void **state)
{
	assert_int_equal(netfront_headroom_skip(256, 0, 256), 256);
	assert_int_equal(netfront_headroom_skip(256, 0, 255), -EPROTO);
	assert_int_equal(netfront_headroom_skip(256, 0, 0), -EPROTO);
	assert_int_equal(netfront_headroom_skip(0xffff, 0, 4096), -EPROTO);
}

UNIT_MAIN(fake_unit_test(none),
	  fake_unit_test(offset_tells),
	  fake_unit_test(length_includes),
	  fake_unit_test(too_short))
