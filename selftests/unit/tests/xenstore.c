// SPDX-License-Identifier: GPL-2.0
/* Our directory and the peer's, transactions: common/xenstore.c. */
#include "fake.h"

#define MAX_TRIES 64	/* of xpv_transaction() */

static struct fake_device dev;

static int teardown(void **state)
{
	fake_run_works();
	return fake_teardown(state);
}

static int setup(void **state)
{
	fake_setup(state);
	fake_device_init(&dev, XPV_BACK);
	fake_xs_set(FAKE_BACK_DIR, "state", "1");
	return 0;
}

/* Fails when the directories are mixed up: the one is trusted, one is not. */
static void whose_directory(void **state)
{
	char *text;

	fake_xs_set(FAKE_BACK_DIR, "mode", "r");
	fake_xs_set(FAKE_FRONT_DIR, "mode", "w");
	text = xpv_own_read(&dev.xdev, "mode");
	assert_string_equal(text, "r");
	kfree(text);
	text = xpv_peer_read(&dev.xdev, "mode");
	assert_string_equal(text, "w");
	kfree(text);
	assert_int_equal(PTR_ERR(xpv_own_read(&dev.xdev, "params")), -ENOENT);
	assert_int_equal(PTR_ERR(xpv_peer_read(&dev.xdev, "params")), -ENOENT);
}

static int own_u64(const char *text, u64 max, u64 *val)
{
	*val = 0xdead;
	if (text)
		fake_xs_set(FAKE_BACK_DIR, "number", text);
	return xpv_own_read_u64(&dev.xdev, "number", max, val);
}

/* Fails when a bad value is used, unnamed, or a missing one complained of. */
static void numbers(void **state)
{
	u64 val;

	assert_int_equal(own_u64(NULL, 9, &val), -ENOENT);
	assert_int_equal(fake_log_lines(), 0);
	assert_int_equal(own_u64("9", 9, &val), 0);
	assert_int_equal(val, 9);
	assert_int_equal(own_u64("10", 9, &val), -ERANGE);
	assert_true(fake_log_has(FAKE_BACK_DIR "/number \"10\""));
	assert_int_equal(own_u64("0x1", 9, &val), -EINVAL);
	assert_true(fake_log_has("\"0x1\""));
	assert_int_equal(val, 0xdead);

	fake_xs_set(FAKE_FRONT_DIR, "number", "7");
	assert_int_equal(xpv_peer_read_u64(&dev.xdev, "number", 9, &val), 0);
	assert_int_equal(val, 7);
	fake_fail(FAKE_XS_READ, 0, 1, -EACCES);
	assert_int_equal(xpv_peer_read_u64(&dev.xdev, "number", 9, &val),
			 -EACCES);
}

/* Fails when a long value fills the log, or many bad values do. */
static void complaints_are_short_and_few(void **state)
{
	char text[4097];
	unsigned int i;
	u64 val;

	memset(text, 'z', 4096);
	text[4096] = '\0';
	dev.xdev.ratelimit.burst = 3;
	for (i = 0; i < 100; i++)
		assert_int_equal(own_u64(text, 9, &val), -EINVAL);
	assert_int_equal(fake_log_lines(), 3);
	assert_int_equal(atomic_read(&dev.xdev.peer_warnings), 100);
	text[33] = '\0';
	assert_false(fake_log_has(text));
}

/*
 * A value with a line break could forge a line of the log. Fails when it is
 * printed as it is.
 */
static void complaints_are_one_line(void **state)
{
	u64 val;

	own_u64("1\nvbd-7-51712: all is well", 9, &val);
	assert_true(fake_log_has("number"));
	assert_false(fake_log_has("\nvbd"));
}

/* Fails when a peer that has gone gets its directory back. */
static void writing_to_the_peer(void **state)
{
	assert_int_equal(xpv_peer_write(&dev.xdev, "mtu", "9000"), -ENOENT);
	assert_null(fake_xs_get(FAKE_FRONT_DIR, "mtu"));
	fake_xs_set(FAKE_FRONT_DIR, "state", "1");
	assert_int_equal(xpv_peer_write(&dev.xdev, "mtu", "9000"), 0);
	assert_string_equal(fake_xs_get(FAKE_FRONT_DIR, "mtu"), "9000");
	assert_null(fake_xs_get(FAKE_BACK_DIR, "mtu"));

	fake_fail(FAKE_XS_WRITE, 0, 1, -EACCES);
	assert_int_equal(xpv_peer_write(&dev.xdev, "mtu", "1"), -EACCES);
	assert_string_equal(fake_xs_get(FAKE_FRONT_DIR, "mtu"), "9000");
	assert_int_equal(fake_log_lines(), 0);
}

/* Fails when a value is cut, or a failure goes unsaid. */
static void writing(void **state)
{
	char text[600];

	assert_int_equal(xpv_own_printf(&dev.xdev, NULL, "a/b", "%u-%s", 5,
					"x"), 0);
	assert_string_equal(fake_xs_get(FAKE_BACK_DIR, "a/b"), "5-x");
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(xpv_own_printf(&dev.xdev, NULL, "long", "%s",
					text), 0);
	assert_string_equal(fake_xs_get(FAKE_BACK_DIR, "long"), text);
	assert_int_equal(fake_log_lines(), 0);

	fake_fail(FAKE_XS_WRITE, 0, 1, -EACCES);
	assert_int_equal(xpv_own_printf(&dev.xdev, NULL, "k", "%u", 1),
			 -EACCES);
	assert_true(fake_log_has("k = \"1\""));
	fake_fail(FAKE_ALLOC, 0, 1, -ENOMEM);
	assert_int_equal(xpv_own_printf(&dev.xdev, NULL, "k", "%u", 1),
			 -ENOMEM);
	assert_null(fake_xs_get(FAKE_BACK_DIR, "k"));
}

/*
 * Fails when a value may wait for memory that is freed by I/O: our state is
 * written under a lock that a disk needs to connect, and swap may be on that.
 */
static void writing_waits_for_no_io(void **state)
{
	fake_text_gfp = GFP_KERNEL;
	assert_int_equal(xpv_own_printf(&dev.xdev, NULL, "k", "%u", 1), 0);
	assert_int_equal(fake_text_gfp, GFP_NOIO);
}

/* Removing what is not there is fine. */
static void removing(void **state)
{
	fake_xs_set(FAKE_BACK_DIR, "k", "1");
	xpv_own_remove(&dev.xdev, NULL, "k");
	assert_null(fake_xs_get(FAKE_BACK_DIR, "k"));
	xpv_own_remove(&dev.xdev, NULL, "k");
	xpv_own_remove(&dev.xdev, NULL, "other");
}

/* Transactions */

static unsigned int runs;
static int runs_err;

static int write_two(struct xpv_device *xdev, struct xpv_transaction *xbt,
		     void *arg)
{
	int err;

	assert_ptr_equal(arg, &runs);
	assert_non_null(xbt);
	runs++;
	err = xpv_own_printf(xdev, xbt, "first", "%u", runs);
	if (err)
		return err;
	/* Nobody sees half of it. */
	assert_null(fake_xs_get(FAKE_BACK_DIR, "first"));
	if (runs_err)
		return runs_err;
	return xpv_own_printf(xdev, xbt, "second", "%u", runs);
}

static int transact(void)
{
	runs = 0;
	return xpv_transaction(&dev.xdev, write_two, &runs);
}

static void assert_nothing_written(void)
{
	assert_null(fake_xs_get(FAKE_BACK_DIR, "first"));
	assert_null(fake_xs_get(FAKE_BACK_DIR, "second"));
	assert_int_equal(fake_live.transactions, 0);
}

/* Fails when writes go around the transaction. */
static void transaction(void **state)
{
	runs_err = 0;
	assert_int_equal(transact(), 0);
	assert_int_equal(runs, 1);
	assert_string_equal(fake_xs_get(FAKE_BACK_DIR, "first"), "1");
	assert_string_equal(fake_xs_get(FAKE_BACK_DIR, "second"), "1");
}

/* Fails when a broken transaction is not tried again, or too often. */
static void transaction_retried(void **state)
{
	static const unsigned int times[] = { 1, 2, 10, MAX_TRIES - 1 };
	char text[16];
	unsigned int i;

	runs_err = 0;
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		setup(state);
		fake_fail(FAKE_XS_END, 0, times[i], -EAGAIN);
		assert_int_equal(transact(), 0);
		assert_int_equal(runs, times[i] + 1);
		/* What the last run wrote, and only that. */
		snprintf(text, sizeof(text), "%u", runs);
		assert_string_equal(fake_xs_get(FAKE_BACK_DIR, "second"), text);
	}
}

/* Fails when it goes on for ever, or gives up with success. */
static void transaction_always_broken(void **state)
{
	runs_err = 0;
	fake_fail(FAKE_XS_END, 0, 1000000, -EAGAIN);
	assert_int_equal(transact(), -EIO);
	assert_int_equal(runs, MAX_TRIES);
	assert_nothing_written();
	assert_true(fake_log_has("given up"));
}

/* Fails when another error is retried or lost. */
static void transaction_ends_badly(void **state)
{
	runs_err = 0;
	fake_fail(FAKE_XS_END, 0, 1, -EIO);
	assert_int_equal(transact(), -EIO);
	assert_int_equal(runs, 1);
	assert_nothing_written();
	fake_fail(FAKE_XS_START, 0, 1, -EINTR);
	assert_int_equal(transact(), -EINTR);
	assert_int_equal(runs, 0);
	/* The start of a retry. */
	fake_fail(FAKE_XS_END, 0, 1, -EAGAIN);
	fake_fail(FAKE_XS_START, 1, 1, -ENOMEM);
	assert_int_equal(transact(), -ENOMEM);
	assert_int_equal(runs, 1);
	assert_nothing_written();
}

/* Fails when a failure inside commits half, or is taken for a broken one. */
static void transaction_aborted(void **state)
{
	runs_err = -ENODEV;
	assert_int_equal(transact(), -ENODEV);
	assert_int_equal(runs, 1);
	assert_nothing_written();
	runs_err = -EAGAIN;
	assert_int_equal(transact(), -EAGAIN);
	assert_int_equal(runs, 1);
	assert_nothing_written();
	runs_err = 0;
	fake_fail(FAKE_XS_WRITE, 1, 1, -ENOSPC);
	assert_int_equal(transact(), -ENOSPC);
	assert_nothing_written();
}

/* Fails when a directory comes back with what is written to it. */
static void transaction_too_late(void **state)
{
	fake_xs_remove(FAKE_BACK_DIR, "state");
	runs_err = 0;
	assert_int_equal(transact(), -ENOENT);
	assert_nothing_written();
}

/*
 * As the kernel's frontends read it, but for what is no number. Fails when the
 * two frontends could differ, or what nobody can read is trusted.
 */
static void trusted(void **state)
{
	static const struct {
		const char *text;
		bool yes;
		unsigned int lines;
	} is[] = {
		{ NULL, true, 0 }, { "0", false, 0 }, { "00", false, 0 },
		{ "1", true, 0 }, { "2", true, 0 }, { "4294967296", true, 0 },
		{ "", false, 1 }, { "x", false, 1 }, { "-1", false, 1 },
		{ "yes", false, 1 }, { "1 ", false, 1 },
		{ "18446744073709551616", false, 1 },
	};
	struct fake_device front;
	unsigned int i, lines;

	fake_device_init(&front, XPV_FRONT);
	for (i = 0; i < ARRAY_SIZE(is); i++) {
		if (is[i].text)
			fake_xs_set(FAKE_FRONT_DIR, "trusted", is[i].text);
		lines = fake_log_lines();
		assert_int_equal(xpv_backend_trusted(&front.xdev), is[i].yes);
		assert_int_equal(fake_log_lines(), lines + is[i].lines);
	}
	assert_true(fake_log_has(FAKE_FRONT_DIR "/trusted \"1 \""));
}

#define xs_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(xs_test(whose_directory),
	  xs_test(numbers),
	  xs_test(trusted),
	  xs_test(complaints_are_short_and_few),
	  xs_test(complaints_are_one_line),
	  xs_test(writing),
	  xs_test(writing_to_the_peer),
	  xs_test(writing_waits_for_no_io),
	  xs_test(removing),
	  xs_test(transaction),
	  xs_test(transaction_retried),
	  xs_test(transaction_always_broken),
	  xs_test(transaction_ends_badly),
	  xs_test(transaction_aborted),
	  xs_test(transaction_too_late))
