// SPDX-License-Identifier: GPL-2.0
/* Feature rows: common/feature.c. */
#include <linux/seq_file.h>

#include "fake.h"

/* A number with bounds on both sides and a default outside of them. */
static const struct xpv_feature number = {
	.key = "feature-number", .absent = 1, .min = 11, .max = 256,
};

/* A flag, as the protocol has them: missing means 0. */
static const struct xpv_feature flag = {
	.key = "feature-flag", .absent = 0, .min = 0, .max = 1,
};

static u32 settle(const struct xpv_feature *row, const char *text, int want)
{
	u32 val = 0xdead;

	assert_int_equal(xpv_feature_parse(row, text, &val), want);
	return val;
}

/* Fails when absent and 0 are mixed up. */
static void absent_key(void **state)
{
	assert_int_equal(settle(&number, NULL, 0), 1);
	assert_int_equal(settle(&flag, NULL, 0), 0);
}

/* Fails when a bound is off by one or clamped to the wrong end. */
static void number_bounds(void **state)
{
	/* Below @min: the peer does not have it in a form we can use. */
	assert_int_equal(settle(&number, "0", 0), 1);
	assert_int_equal(settle(&number, "10", 0), 1);
	assert_int_equal(settle(&number, "11", 0), 11);
	assert_int_equal(settle(&number, "12", 0), 12);
	assert_int_equal(settle(&number, "255", 0), 255);
	assert_int_equal(settle(&number, "256", 0), 256);
	assert_int_equal(settle(&number, "257", 0), 256);
	assert_int_equal(settle(&number, "1000000000", 0), 256);
}

/* Fails when a flag is taken as its number. */
static void flag_bounds(void **state)
{
	assert_int_equal(settle(&flag, "0", 0), 0);
	assert_int_equal(settle(&flag, "1", 0), 1);
	assert_int_equal(settle(&flag, "2", 0), 1);
	assert_int_equal(settle(&flag, "4294967295", 0), 1);
}

/* Fails when a value is cut to 32 bits before it is compared. */
static void beyond_32_bits(void **state)
{
	static const struct xpv_feature whole = { .max = U32_MAX };

	assert_int_equal(settle(&number, "4294967295", 0), 256);
	assert_int_equal(settle(&number, "4294967296", 0), 256);
	assert_int_equal(settle(&number, "4294967307", 0), 256);
	assert_int_equal(settle(&number, "18446744073709551615", 0), 256);
	assert_int_equal(settle(&number, "18446744073709551616", 0), 256);
	assert_int_equal(settle(&number, "18446744073709551627", 0), 256);
	assert_int_equal(settle(&whole, "4294967295", 0), U32_MAX);
	assert_int_equal(settle(&whole, "4294967296", 0), U32_MAX);
}

/* Fails when anything that is no number has an effect. */
static void junk(void **state)
{
	static const char * const text[] = {
		"", " ", "yes", "-1", "-12", "+12", "0x20", " 12", "12 ",
		"12x", "1 2", "12\n", "12.0", "\xff", "twelve",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(text); i++) {
		assert_int_equal(settle(&number, text[i], -EINVAL), 1);
		assert_int_equal(settle(&flag, text[i], -EINVAL), 0);
	}
}

/* Fails when length matters; 4 KiB is the most that a xenstore value has. */
static void four_kilobytes(void **state)
{
	char text[4097];

	memset(text, '9', 4096);
	text[4096] = '\0';
	assert_int_equal(settle(&number, text, 0), 256);
	memset(text, '0', 4096);
	assert_int_equal(settle(&number, text, 0), 1);
	memcpy(text + 4094, "12", 2);
	assert_int_equal(settle(&number, text, 0), 12);
	memset(text, 'x', 4096);
	assert_int_equal(settle(&number, text, -EINVAL), 1);
}

/* Fails as parse:trailing_junk_after_overflow does: junk taken for @max. */
static void long_junk_is_no_maximum(void **state)
{
	assert_int_equal(settle(&number, "99999999999999999999x", -EINVAL), 1);
}

/* A row with one possible value still tells numbers from junk. */
static void bounds_that_meet(void **state)
{
	static const struct xpv_feature row = {
		.absent = 0, .min = 5, .max = 5,
	};

	assert_int_equal(settle(&row, "4", 0), 0);
	assert_int_equal(settle(&row, "5", 0), 5);
	assert_int_equal(settle(&row, "6", 0), 5);
}

/* Fails when a parameter may leave the row's bounds. */
static void own_from_parameter(void **state)
{
	unsigned int param;
	const struct xpv_feature row = {
		.absent = 1, .min = 11, .max = 256, .param = &param,
	};

	param = 0;
	assert_int_equal(xpv_feature_from_param(&row), 11);
	param = 10;
	assert_int_equal(xpv_feature_from_param(&row), 11);
	param = 11;
	assert_int_equal(xpv_feature_from_param(&row), 11);
	param = 32;
	assert_int_equal(xpv_feature_from_param(&row), 32);
	param = 256;
	assert_int_equal(xpv_feature_from_param(&row), 256);
	param = 257;
	assert_int_equal(xpv_feature_from_param(&row), 256);
	param = U32_MAX;
	assert_int_equal(xpv_feature_from_param(&row), 256);
}

/* Fails when a flag parameter is not read, or read once and for all. */
static void own_from_flag(void **state)
{
	bool on = true;
	const struct xpv_feature row = { .max = 1, .flag = &on };

	assert_int_equal(xpv_feature_from_param(&row), 1);
	on = false;
	assert_int_equal(xpv_feature_from_param(&row), 0);
}

/* Fails when a row without a parameter offers less than it could. */
static void own_without_parameter(void **state)
{
	assert_int_equal(xpv_feature_from_param(&number), 256);
	assert_int_equal(xpv_feature_from_param(&flag), 1);
}

/* A device whose driver has rows of both sides. */

static unsigned int segments_param;
static bool flush_param;

enum { SEGMENTS, FLUSH, QUEUES, PERSISTENT };

static const struct xpv_feature rows[] = {
	[SEGMENTS] = {
		.key = "feature-max-indirect-segments", .writer = XPV_BACK,
		.absent = 0, .min = 11, .max = 256, .param = &segments_param,
	},
	[FLUSH] = {
		.key = "feature-flush-cache", .writer = XPV_BACK,
		.max = 1, .flag = &flush_param,
	},
	[QUEUES] = {
		.key = "multi-queue-num-queues", .writer = XPV_FRONT,
		.absent = 1, .min = 1, .max = 4,
	},
	[PERSISTENT] = {
		.key = "feature-persistent", .writer = XPV_FRONT, .max = 1,
	},
};

static void device_init(struct fake_device *dev, enum xpv_side side)
{
	fake_device_init(dev, side);
	dev->drv.features = rows;
	dev->drv.nr_features = ARRAY_SIZE(rows);
	segments_param = 64;
	flush_param = true;
	xpv_features_reset(&dev->xdev);
}

/* Fails when a row of the other side is written, or one of ours is not. */
static void publishes_own_rows_only(void **state)
{
	struct fake_device dev;

	device_init(&dev, XPV_BACK);
	assert_int_equal(xpv_features_publish(&dev.xdev, NULL, NULL), 0);
	assert_string_equal(fake_xs_get(FAKE_BACK_DIR,
					"feature-max-indirect-segments"), "64");
	assert_string_equal(fake_xs_get(FAKE_BACK_DIR, "feature-flush-cache"),
			    "1");
	assert_null(fake_xs_get(FAKE_BACK_DIR, "multi-queue-num-queues"));
	assert_null(fake_xs_get(FAKE_BACK_DIR, "feature-persistent"));
	assert_int_equal(fake_calls(FAKE_XS_WRITE), 2);
}

/* Fails when the first error is not the one returned, or work goes on. */
static void publish_stops_at_an_error(void **state)
{
	struct fake_device dev;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		fake_setup(state);
		device_init(&dev, XPV_FRONT);
		fake_fail(FAKE_XS_WRITE, i, 1, -ENOSPC);
		assert_int_equal(xpv_features_publish(&dev.xdev, NULL, NULL),
				 -ENOSPC);
		assert_int_equal(fake_calls(FAKE_XS_WRITE), i + 1);
		/* The message names the key. */
		assert_true(fake_log_has(i ? "feature-persistent" :
					 "multi-queue-num-queues"));
	}
}

/* Fails when an offer changes another row or outlives the connection. */
static void offers(void **state)
{
	struct fake_device dev;

	device_init(&dev, XPV_BACK);
	xpv_feature_offer(&dev.xdev, FLUSH, 0);
	assert_int_equal(xpv_feature(&dev.xdev, FLUSH), 0);
	assert_int_equal(xpv_feature(&dev.xdev, SEGMENTS), 64);
	assert_int_equal(xpv_features_publish(&dev.xdev, NULL, NULL), 0);
	assert_string_equal(fake_xs_get(FAKE_BACK_DIR, "feature-flush-cache"),
			    "0");

	segments_param = 128;
	xpv_features_reset(&dev.xdev);
	assert_int_equal(xpv_feature(&dev.xdev, FLUSH), 1);
	assert_int_equal(xpv_feature(&dev.xdev, SEGMENTS), 128);
}

/* Fails when a parameter, or the peer's directory, is preferred to ours. */
static void keeps_what_was_published(void **state)
{
	struct fake_device dev;

	device_init(&dev, XPV_BACK);
	fake_xs_set(FAKE_BACK_DIR, "feature-max-indirect-segments", "32");
	fake_xs_set(FAKE_BACK_DIR, "feature-flush-cache", "0");
	fake_xs_set(FAKE_FRONT_DIR, "feature-flush-cache", "1");
	xpv_feature_restore(&dev.xdev, SEGMENTS);
	xpv_feature_restore(&dev.xdev, FLUSH);
	assert_int_equal(xpv_feature(&dev.xdev, SEGMENTS), 32);
	assert_int_equal(xpv_feature(&dev.xdev, FLUSH), 0);

	/* A connection later the parameters count again. */
	xpv_features_reset(&dev.xdev);
	assert_int_equal(xpv_feature(&dev.xdev, SEGMENTS), 64);
	assert_int_equal(xpv_feature(&dev.xdev, FLUSH), 1);
}

/* Fails when a value may leave the row's bounds, or junk has an effect. */
static void keeps_within_bounds(void **state)
{
	struct fake_device dev;

	device_init(&dev, XPV_BACK);
	/* Missing: the frontend took the absent value. */
	xpv_feature_restore(&dev.xdev, SEGMENTS);
	assert_int_equal(xpv_feature(&dev.xdev, SEGMENTS), 11);
	xpv_feature_restore(&dev.xdev, FLUSH);
	assert_int_equal(xpv_feature(&dev.xdev, FLUSH), 0);

	xpv_features_reset(&dev.xdev);
	fake_xs_set(FAKE_BACK_DIR, "feature-max-indirect-segments", "100000");
	xpv_feature_restore(&dev.xdev, SEGMENTS);
	assert_int_equal(xpv_feature(&dev.xdev, SEGMENTS), 256);
	fake_xs_set(FAKE_BACK_DIR, "feature-max-indirect-segments", "many");
	xpv_feature_restore(&dev.xdev, SEGMENTS);
	assert_int_equal(xpv_feature(&dev.xdev, SEGMENTS), 256);

	/* Fails when a read that did not succeed counts as a missing key. */
	fake_fail(FAKE_XS_READ, 0, 1, -EIO);
	xpv_feature_restore(&dev.xdev, SEGMENTS);
	assert_int_equal(xpv_feature(&dev.xdev, SEGMENTS), 256);
}

/* Fails when values of the peer are read from our own directory. */
static void reads_the_peers_rows(void **state)
{
	struct fake_device dev;

	device_init(&dev, XPV_FRONT);
	/* Before the first reading: as if the keys were missing. */
	assert_int_equal(xpv_feature(&dev.xdev, SEGMENTS), 0);
	fake_xs_set(FAKE_BACK_DIR, "feature-max-indirect-segments", "32");
	fake_xs_set(FAKE_FRONT_DIR, "feature-flush-cache", "1");
	xpv_features_read(&dev.xdev);
	assert_int_equal(xpv_feature(&dev.xdev, SEGMENTS), 32);
	assert_int_equal(xpv_feature(&dev.xdev, FLUSH), 0);
	assert_int_equal(atomic_read(&dev.xdev.peer_warnings), 0);
	assert_int_equal(fake_log_lines(), 0);

	/* A key that went is absent again. */
	fake_xs_remove(FAKE_BACK_DIR, "feature-max-indirect-segments");
	xpv_features_read(&dev.xdev);
	assert_int_equal(xpv_feature(&dev.xdev, SEGMENTS), 0);
}

/* Fails when a value that flips is read twice (a check, then a use). */
static void reads_each_key_once(void **state)
{
	struct fake_device dev;

	device_init(&dev, XPV_FRONT);
	fake_xs_set(FAKE_BACK_DIR, "feature-max-indirect-segments", "32");
	fake_xs_set(FAKE_BACK_DIR, "feature-flush-cache", "1");
	xpv_features_read(&dev.xdev);
	assert_int_equal(fake_xs_reads(FAKE_BACK_DIR,
				       "feature-max-indirect-segments"), 1);
	assert_int_equal(fake_xs_reads(FAKE_BACK_DIR, "feature-flush-cache"),
			 1);
}

/* Fails when a reset keeps what a former peer said. */
static void reset_forgets_the_peer(void **state)
{
	struct fake_device dev;

	device_init(&dev, XPV_BACK);
	fake_xs_set(FAKE_FRONT_DIR, "multi-queue-num-queues", "3");
	xpv_features_read(&dev.xdev);
	assert_int_equal(xpv_feature(&dev.xdev, QUEUES), 3);
	xpv_features_reset(&dev.xdev);
	assert_int_equal(xpv_feature(&dev.xdev, QUEUES), 1);
}

/* Fails when the line does not name key and value, or may be endless. */
static void complains_about_junk(void **state)
{
	struct fake_device dev;
	char text[4097];

	device_init(&dev, XPV_BACK);
	memset(text, 'z', 4096);
	text[4096] = '\0';
	fake_xs_set(FAKE_FRONT_DIR, "multi-queue-num-queues", "0x3");
	fake_xs_set(FAKE_FRONT_DIR, "feature-persistent", text);
	xpv_features_read(&dev.xdev);
	assert_int_equal(xpv_feature(&dev.xdev, QUEUES), 1);
	assert_int_equal(xpv_feature(&dev.xdev, PERSISTENT), 0);
	assert_int_equal(atomic_read(&dev.xdev.peer_warnings), 2);
	assert_true(fake_log_has("multi-queue-num-queues \"0x3\""));
	assert_true(fake_log_has("feature-persistent \"zzzzzzzz"));
	text[33] = '\0';
	assert_false(fake_log_has(text));
}

/* Fails when reading without memory leaves a value of before. */
static void reading_fails(void **state)
{
	struct fake_device dev;

	device_init(&dev, XPV_BACK);
	fake_xs_set(FAKE_FRONT_DIR, "multi-queue-num-queues", "3");
	xpv_features_read(&dev.xdev);
	fake_fail(FAKE_XS_READ, 0, 2, -EACCES);
	xpv_features_read(&dev.xdev);
	assert_int_equal(xpv_feature(&dev.xdev, QUEUES), 1);
	fake_fail(FAKE_ALLOC, 0, 2, -ENOMEM);
	xpv_features_read(&dev.xdev);
	assert_int_equal(xpv_feature(&dev.xdev, QUEUES), 1);
}

/* Fails when a row is left out or attributed to the wrong side. */
static void listing(void **state)
{
	struct seq_file seq = { .len = 0 };
	struct fake_device dev;

	device_init(&dev, XPV_BACK);
	fake_xs_set(FAKE_FRONT_DIR, "multi-queue-num-queues", "2");
	xpv_features_read(&dev.xdev);
	xpv_features_show(&dev.xdev, &seq);
	assert_string_equal(seq.text,
			    "feature-max-indirect-segments (ours): 64\n"
			    "feature-flush-cache (ours): 1\n"
			    "multi-queue-num-queues (peer's): 2\n"
			    "feature-persistent (peer's): 0\n");
}

UNIT_MAIN(fake_unit_test(absent_key),
	  fake_unit_test(number_bounds),
	  fake_unit_test(flag_bounds),
	  fake_unit_test(beyond_32_bits),
	  fake_unit_test(junk),
	  fake_unit_test(four_kilobytes),
	  fake_unit_test(long_junk_is_no_maximum),
	  fake_unit_test(bounds_that_meet),
	  fake_unit_test(own_from_parameter),
	  fake_unit_test(own_from_flag),
	  fake_unit_test(own_without_parameter),
	  fake_unit_test(publishes_own_rows_only),
	  fake_unit_test(publish_stops_at_an_error),
	  fake_unit_test(offers),
	  fake_unit_test(keeps_what_was_published),
	  fake_unit_test(keeps_within_bounds),
	  fake_unit_test(reads_the_peers_rows),
	  fake_unit_test(reads_each_key_once),
	  fake_unit_test(reset_forgets_the_peer),
	  fake_unit_test(complains_about_junk),
	  fake_unit_test(reading_fails),
	  fake_unit_test(listing))
