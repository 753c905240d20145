// SPDX-License-Identifier: GPL-2.0
/* Numbers that a peer wrote: common/parse.c. */
#include "fake.h"

#define UNTOUCHED 0xabcdefULL

static int parse(const char *text, u64 max, u64 *val)
{
	*val = UNTOUCHED;
	return xpv_parse_u64(text, max, val);
}

static void assert_number(const char *text, u64 max, u64 want)
{
	u64 val;

	assert_int_equal(parse(text, max, &val), 0);
	assert_true(val == want);
}

static void assert_refused(const char *text, u64 max, int err)
{
	u64 val;

	assert_int_equal(parse(text, max, &val), err);
	assert_true(val == UNTOUCHED);
}

/* Fails when a digit is lost or the base is not 10. */
static void reads_decimal(void **state)
{
	assert_number("0", U64_MAX, 0);
	assert_number("7", U64_MAX, 7);
	assert_number("1234567890", U64_MAX, 1234567890);
	assert_number("18446744073709551615", U64_MAX, U64_MAX);
	/* Leading zeros are digits, not a base. */
	assert_number("010", U64_MAX, 10);
	assert_number("0000000000000000000000000000000001", U64_MAX, 1);
}

/* Fails when the comparison with @max is off by one. */
static void bounds_inclusive(void **state)
{
	assert_number("64", 64, 64);
	assert_refused("65", 64, -ERANGE);
	assert_number("0", 0, 0);
	assert_refused("1", 0, -ERANGE);
	assert_number("4294967295", U32_MAX, U32_MAX);
	assert_refused("4294967296", U32_MAX, -ERANGE);
	/* What a 32-bit truncation would take for 1. */
	assert_refused("4294967297", U32_MAX, -ERANGE);
	assert_refused("18446744073709551617", U32_MAX, -ERANGE);
}

/* Fails when the overflow check is off by a digit or by one. */
static void overflow_of_64_bits(void **state)
{
	assert_refused("18446744073709551616", U64_MAX, -ERANGE);
	assert_refused("18446744073709551620", U64_MAX, -ERANGE);
	assert_refused("99999999999999999999", U64_MAX, -ERANGE);
	assert_refused("36893488147419103232", U64_MAX, -ERANGE);
	assert_refused("100000000000000000000000000", U64_MAX, -ERANGE);
}

/* Fails when the loop has a fixed length or the sum may wrap. */
static void four_kilobytes_of_digits(void **state)
{
	char text[4097];

	memset(text, '9', 4096);
	text[4096] = '\0';
	assert_refused(text, U64_MAX, -ERANGE);
	memset(text, '0', 4095);
	text[4095] = '5';
	assert_number(text, U64_MAX, 5);
}

/* Fails when anything but digits is skipped or ends the number. */
static void refuses_what_is_no_number(void **state)
{
	static const char * const junk[] = {
		"", " ", "-", "+", "x", "-1", "+1", "-0", " 1", "1 ", "\t1",
		"1\n", "\n", "0x10", "1x", "x1", "1.0", "1e3", "1,000", "1 2",
		"0b1", "1-", "/", ":", "1/", "1:", "\xb2", "1\xff", "\x80",
		"\xd9\xa1", "true", "NaN",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(junk); i++)
		assert_refused(junk[i], U64_MAX, -EINVAL);
}

/* Fails when signed characters index or compare below '0'. */
static void every_byte(void **state)
{
	char text[3] = "1";
	unsigned int byte;

	for (byte = 1; byte < 256; byte++) {
		text[1] = byte;
		if (byte >= '0' && byte <= '9')
			assert_number(text, 100, 10 + byte - '0');
		else
			assert_refused(text, 100, -EINVAL);
	}
}

/*
 * What is no number stays none however long it is: the verdict may not depend
 * on where the digits overflow. Fails when the scan stops at the overflow.
 */
static void trailing_junk_after_overflow(void **state)
{
	assert_refused("99999999999999999999x", U64_MAX, -EINVAL);
	assert_refused("18446744073709551616 ", 64, -EINVAL);
	assert_refused("99999999999999999999-1", U32_MAX, -EINVAL);
}

UNIT_MAIN(fake_unit_test(reads_decimal),
	  fake_unit_test(bounds_inclusive),
	  fake_unit_test(overflow_of_64_bits),
	  fake_unit_test(four_kilobytes_of_digits),
	  fake_unit_test(refuses_what_is_no_number),
	  fake_unit_test(every_byte),
	  fake_unit_test(trailing_junk_after_overflow))
