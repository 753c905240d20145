// SPDX-License-Identifier: GPL-2.0
/* Keys that may change: common/watch.c. */
#include "fake.h"

/* As many as the test of 64 disks has. */
#define MANY 64

static struct fake_device dev, other;

static int setup(void **state)
{
	fake_setup(state);
	fake_device_init(&dev, XPV_BACK);
	fake_device_init(&other, XPV_BACK);
	strscpy(other.own, "backend/vbd/7/517120", sizeof(other.own));
	return 0;
}

static int teardown(void **state)
{
	xpv_watch_exit();
	return fake_teardown(state);
}

static bool noticed(struct fake_device *device)
{
	return test_and_clear_bit(XPV_REFRESH, &device->xdev.flags);
}

/*
 * Fails when a change is missed, when another key's or another device's is
 * noted (the names begin alike), or after the end.
 */
static void own_keys(void **state)
{
	struct xpv_watch watch[3] = {};

	assert_int_equal(xpv_watch_start(&dev.xdev, &watch[0], "online"), 0);
	assert_int_equal(xpv_watch_start(&dev.xdev, &watch[1], "rate"), 0);
	assert_int_equal(xpv_watch_start(&other.xdev, &watch[2], "rate"), 0);
	noticed(&dev);
	noticed(&other);

	fake_xs_set(FAKE_BACK_DIR, "online", "0");
	assert_true(noticed(&dev));
	assert_false(noticed(&other));
	fake_xs_set(other.own, "rate", "1");
	assert_false(noticed(&dev));
	assert_true(noticed(&other));
	fake_xs_set(FAKE_BACK_DIR, "rates", "1");
	fake_xs_set(FAKE_BACK_DIR, "rat", "1");
	fake_xs_set(FAKE_BACK_DIR, "state", "4");
	fake_xs_set(FAKE_FRONT_DIR, "rate", "1");
	fake_xs_set(other.own, "online", "0");
	assert_false(noticed(&dev));
	assert_false(noticed(&other));
	/* Above and beneath the key. */
	fake_xs_set(FAKE_BACK_DIR, "rate/sub", "1");
	assert_true(noticed(&dev));
	fake_xs_remove("backend/vbd", "7");
	assert_true(noticed(&dev));
	assert_true(noticed(&other));

	xpv_watch_stop(&watch[1]);
	xpv_watch_stop(&watch[1]);
	fake_xs_set(FAKE_BACK_DIR, "rate", "2");
	assert_false(noticed(&dev));
	fake_xs_set(FAKE_BACK_DIR, "online", "1");
	assert_true(noticed(&dev));
	assert_int_equal(xpv_watch_start(&dev.xdev, &watch[1], "rate"), 0);
	fake_xs_set(FAKE_BACK_DIR, "rate", "3");
	assert_true(noticed(&dev));
	xpv_watch_stop(&watch[0]);
	xpv_watch_stop(&watch[1]);
	xpv_watch_stop(&watch[2]);
}

/* Fails when a frontend's own keys are looked for among the backends'. */
static void own_keys_of_a_frontend(void **state)
{
	struct xpv_watch watch = {};
	struct fake_device front;

	fake_device_init(&front, XPV_FRONT);
	assert_int_equal(xpv_watch_start(&front.xdev, &watch, "mtu"), 0);
	noticed(&front);
	fake_xs_set(FAKE_BACK_DIR, "mtu", "1");
	assert_false(noticed(&front));
	fake_xs_set(FAKE_FRONT_DIR, "mtu", "9000");
	assert_true(noticed(&front));
	xpv_watch_stop(&watch);
}

/* Fails when a device's own keys cost a watch each, of 128 that there are. */
static void one_watch_for_all(void **state)
{
	struct xpv_watch watch[MANY][3] = {};
	static const char * const key[] = { "online", "rate", "mode" };
	unsigned int i, k;

	for (i = 0; i < MANY; i++)
		for (k = 0; k < ARRAY_SIZE(key); k++)
			assert_int_equal(xpv_watch_start(&dev.xdev,
							 &watch[i][k], key[k]),
					 0);
	assert_int_equal(fake_live.watches, 1);
	for (i = 0; i < MANY; i++)
		for (k = 0; k < ARRAY_SIZE(key); k++)
			xpv_watch_stop(&watch[i][k]);
}

/* What the backends write themselves is most: fails when it waits for xenwatch. */
static void events_of_others(void **state)
{
	struct xpv_watch watch = {};

	assert_int_equal(xpv_watch_start(&dev.xdev, &watch, "rate"), 0);
	noticed(&dev);
	fake_xs_late(true);
	fake_xs_set(FAKE_BACK_DIR, "state", "4");
	assert_int_equal(fake_xs_waiting(), 0);
	fake_xs_set(FAKE_BACK_DIR, "rate", "4");
	assert_int_equal(fake_xs_waiting(), 1);
	fake_xs_deliver();
	assert_true(noticed(&dev));
	fake_xs_late(false);
	xpv_watch_stop(&watch);
}

/* Fails when the peer's key is watched for in our own directory. */
static void peers_key(void **state)
{
	struct xpv_watch watch = {};

	assert_int_equal(xpv_watch_start_peer(&dev.xdev, &watch, "rate"), 0);
	assert_non_null(watch.watched);
	/* At once, for what was there before. */
	assert_true(noticed(&dev));
	fake_xs_set(FAKE_FRONT_DIR, "rate", "1");
	assert_true(noticed(&dev));
	fake_xs_set(FAKE_BACK_DIR, "rate", "1");
	fake_xs_set(FAKE_FRONT_DIR, "other", "1");
	assert_false(noticed(&dev));

	/* Deaf at once, gone when xenbus has the time. */
	xpv_watch_stop(&watch);
	assert_int_equal(fake_live.watches, 1);
	fake_xs_set(FAKE_FRONT_DIR, "rate", "2");
	assert_false(noticed(&dev));
	fake_run_works();
	assert_int_equal(fake_live.watches, 0);
	/* Stopped already, and started anew. */
	xpv_watch_stop(&watch);
	assert_int_equal(xpv_watch_start_peer(&dev.xdev, &watch, "mcast"), 0);
	xpv_watch_stop(&watch);
	fake_run_works();
}

/* However often the peer writes its key, one event waits (XSA-349). */
static void one_event_waits(void **state)
{
	struct xpv_watch watch = {};
	unsigned int i;

	assert_int_equal(xpv_watch_start_peer(&dev.xdev, &watch, "k"), 0);
	noticed(&dev);
	/* As if the first were still queued. */
	fake_xs_pending(FAKE_FRONT_DIR, "k", 1);
	for (i = 0; i < 1000; i++)
		fake_xs_set(FAKE_FRONT_DIR, "k", "1");
	assert_false(noticed(&dev));
	fake_xs_pending(FAKE_FRONT_DIR, "k", 0);
	fake_xs_set(FAKE_FRONT_DIR, "k", "2");
	assert_true(noticed(&dev));
	xpv_watch_stop(&watch);
	fake_run_works();
}

/* Fails when a watch that was not to be had is taken away, or never tried again. */
static void watch_fails(void **state)
{
	struct xpv_watch watch = {};

	fake_fail(FAKE_XS_WATCH, 0, 1, -ENOSPC);
	assert_int_equal(xpv_watch_start_peer(&dev.xdev, &watch, "k"), -ENOSPC);
	assert_null(watch.watched);
	xpv_watch_stop(&watch);
	fake_fail(FAKE_ALLOC, 1, 1, -ENOMEM);
	assert_int_equal(xpv_watch_start_peer(&dev.xdev, &watch, "k"), -ENOMEM);
	xpv_watch_stop(&watch);

	fake_fail(FAKE_XS_WATCH, 0, 1, -ENOSPC);
	assert_int_equal(xpv_watch_start(&dev.xdev, &watch, "k"), -ENOSPC);
	xpv_watch_stop(&watch);
	assert_int_equal(xpv_watch_start(&dev.xdev, &watch, "k"), 0);
	assert_int_equal(fake_live.watches, 1);
	xpv_watch_stop(&watch);
}

#define watch_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(watch_test(own_keys),
	  watch_test(own_keys_of_a_frontend),
	  watch_test(one_watch_for_all),
	  watch_test(events_of_others),
	  watch_test(peers_key),
	  watch_test(one_event_waits),
	  watch_test(watch_fails))
