// SPDX-License-Identifier: GPL-2.0
/* What happens to a peer that lies, and counters: common/violation.c, stats.c. */
#include "fake.h"

static struct fake_device dev;

static int setup(void **state)
{
	fake_setup(state);
	fake_device_init(&dev, XPV_BACK);
	return 0;
}

/* Fails when the device is not marked, not kicked, or the line says nothing. */
static void first_lie(void **state)
{
	assert_false(xpv_broken(&dev.xdev));
	xpv_violation(&dev.xdev, "ring %u: index %#x", 3, 0xffffffff);
	assert_true(xpv_broken(&dev.xdev));
	assert_int_equal(atomic_read(&dev.xdev.violations), 1);
	assert_int_equal(fake_kicks(), 1);
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("ring 3: index 0xffffffff"));
	assert_true(fake_log_has("domain 7"));
}

/* Fails when each lie is a line (XSA-43) or a kick. */
static void many_lies(void **state)
{
	unsigned int i;

	for (i = 0; i < 1000; i++)
		xpv_violation(&dev.xdev, "lie %u", i);
	assert_int_equal(fake_log_lines(), 1);
	assert_int_equal(fake_kicks(), 1);
	assert_int_equal(atomic_read(&dev.xdev.violations), 1000);
	/* A device that connects again is as good as new. */
	clear_bit(XPV_BROKEN, &dev.xdev.flags);
	xpv_violation(&dev.xdev, "again");
	assert_true(xpv_broken(&dev.xdev));
	assert_int_equal(fake_kicks(), 2);
	assert_true(fake_log_has("again"));
}

/* Fails when reconnecting for ever makes lines for ever. */
static void rate_limited_across_connections(void **state)
{
	unsigned int i;

	dev.xdev.ratelimit.burst = 5;
	for (i = 0; i < 1000; i++) {
		clear_bit(XPV_BROKEN, &dev.xdev.flags);
		xpv_violation(&dev.xdev, "lie");
	}
	assert_int_equal(fake_log_lines(), 5);
	assert_int_equal(fake_kicks(), 1000);
}

/* Fails when a refused request shuts the device. */
static void peer_warnings(void **state)
{
	unsigned int i;

	dev.xdev.ratelimit.burst = 4;
	for (i = 0; i < 100; i++)
		xpv_warn_peer(&dev.xdev, "%s of %llu sectors", "read",
			      1ULL << 40);
	assert_int_equal(atomic_read(&dev.xdev.peer_warnings), 100);
	assert_int_equal(fake_log_lines(), 4);
	assert_true(fake_log_has("read of 1099511627776 sectors"));
	assert_false(xpv_broken(&dev.xdev));
	assert_int_equal(fake_kicks(), 0);
}

/* Fails when a counter has no name, or two have one. */
static void counter_names(void **state)
{
	unsigned int a, b;

	for (a = 0; a < XPV_STAT_DRIVER; a++) {
		assert_non_null(xpv_stat_name(a));
		assert_string_not_equal(xpv_stat_name(a), "?");
		for (b = 0; b < a; b++)
			assert_string_not_equal(xpv_stat_name(a),
						xpv_stat_name(b));
	}
	assert_string_equal(xpv_stat_name(XPV_STAT_DRIVER), "?");
	assert_true(XPV_STAT_DRIVER < XPV_STAT_MAX);
}

/* Fails when counters run into each other. */
static void counters(void **state)
{
	struct xpv_stats stats = { { 0 } };
	unsigned int id;

	for (id = 0; id < XPV_STAT_MAX; id++)
		xpv_stat_add(&stats, id, id);
	xpv_stat_inc(&stats, 3);
	for (id = 0; id < XPV_STAT_MAX; id++)
		assert_int_equal(xpv_stat_read(&stats, id), id + (id == 3));
}

#define lie_test(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

UNIT_MAIN(lie_test(first_lie),
	  lie_test(many_lies),
	  lie_test(rate_limited_across_connections),
	  lie_test(peer_warnings),
	  lie_test(counter_names),
	  lie_test(counters))
