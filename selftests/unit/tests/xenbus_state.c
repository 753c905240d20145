// SPDX-License-Identifier: GPL-2.0
/* Our state in xenstore and in xenbus' struct: common/xenbus_state.c. */
#include "fake.h"
#include "xenbus_state.h"

static struct fake_device dev;

static int setup(void **state)
{
	fake_setup(state);
	fake_device_init(&dev, XPV_FRONT);
	dev.xbdev.state = XenbusStateInitialising;
	fake_xs_set(FAKE_FRONT_DIR, "state", "1");
	fake_xs_late(true);
	xpv_xenbus_state_init(&dev.xdev);
	fake_xs_deliver();
	return 0;
}

static int teardown(void **state)
{
	xpv_xenbus_state_forget(&dev.xdev);
	xpv_xenbus_state_exit();
	return fake_teardown(state);
}

static void set(enum xenbus_state state)
{
	mutex_lock(&dev.xdev.lock);
	xpv_xenbus_state_set(&dev.xdev, state);
	mutex_unlock(&dev.xdev.lock);
}

/* What xenstore, the struct and we ourselves take for our state. */
static void assert_states(const char *store, enum xenbus_state xenbus,
			  enum xenbus_state own)
{
	assert_string_equal(fake_xs_get(FAKE_FRONT_DIR, "state"), store);
	assert_int_equal(dev.xbdev.state, xenbus);
	assert_int_equal(xpv_xenbus_state(&dev.xdev), own);
}

/* Fails when the struct leaves Initialising while xenwatch may look. */
static void struct_follows(void **state)
{
	set(XenbusStateInitialised);
	assert_states("3", XenbusStateInitialising, XenbusStateInitialised);
	fake_xs_deliver();
	assert_states("3", XenbusStateInitialised, XenbusStateInitialised);
	set(XenbusStateConnected);
	set(XenbusStateClosing);
	assert_states("5", XenbusStateInitialised, XenbusStateClosing);
	fake_xs_deliver();
	assert_states("5", XenbusStateClosing, XenbusStateClosing);
}

/* Fails when xenstore says Initialising before the struct does. */
static void initialising_comes_first(void **state)
{
	set(XenbusStateClosed);
	fake_xs_deliver();
	set(XenbusStateClosing);
	fake_fail(FAKE_XS_END, 0, 1, -EIO);
	set(XenbusStateInitialising);
	assert_states("5", XenbusStateInitialising, XenbusStateInitialising);
	set(XenbusStateInitialising);
	/* Closing's event comes only now, and must not bring that back. */
	fake_xs_deliver();
	assert_states("1", XenbusStateInitialising, XenbusStateInitialising);
}

/* Fails when a state that was not written is taken for one that was. */
static void write_fails(void **state)
{
	fake_fail(FAKE_XS_END, 0, 1, -EIO);
	set(XenbusStateInitialised);
	assert_states("1", XenbusStateInitialising, XenbusStateInitialising);
	assert_true(fake_log_has("cannot write state 3"));
}

/* Fails when a removed directory comes back, or its removal is an error. */
static void directory_gone(void **state)
{
	fake_xs_remove(FAKE_FRONT_DIR, "state");
	set(XenbusStateClosed);
	assert_null(fake_xs_get(FAKE_FRONT_DIR, "state"));
	assert_int_equal(fake_log_lines(), 0);
}

/* Fails when xenbus' idea after a resume, or another driver's, is undone. */
static void forgotten(void **state)
{
	set(XenbusStateConnected);
	xpv_xenbus_state_forget(&dev.xdev);
	fake_xs_deliver();
	assert_states("4", XenbusStateInitialising, XenbusStateInitialising);
}

/* Fails when states stay behind for ever without a watch. */
static void no_watch(void **state)
{
	xpv_xenbus_state_exit();
	fake_fail(FAKE_XS_WATCH, 0, 1, -ENOSPC);
	xpv_xenbus_state_init(&dev.xdev);
	assert_true(fake_log_has("cannot watch \"device\""));
	set(XenbusStateInitialised);
	assert_states("3", XenbusStateInitialised, XenbusStateInitialised);
	/* The next device tries again. */
	xpv_xenbus_state_init(&dev.xdev);
	assert_int_equal(fake_live.watches, 1);
}

#define own_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(own_test(struct_follows),
	  own_test(initialising_comes_first),
	  own_test(write_fails),
	  own_test(directory_gone),
	  own_test(forgotten),
	  own_test(no_watch))
