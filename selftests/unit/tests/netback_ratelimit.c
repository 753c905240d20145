// SPDX-License-Identifier: GPL-2.0
/* The token bucket of a vif: netback/ratelimit.c. */
#include <string.h>

#include "fake.h"
#include "netback/ratelimit.h"

#define US 1000ULL

static struct xpv_bucket rate;

/* Bytes that get through in @usec when there is always more to send. */
static u64 flood(u64 from, u64 usec, unsigned int size)
{
	u64 now = from, sum = 0, wait;

	while (now < from + usec) {
		wait = netback_rate_take(&rate, size, now * US);
		if (wait)
			now += (wait + US - 1) / US;
		else
			sum += size;
	}
	return sum;
}

/* Fails when the rate is not held, whatever the packets' size. */
static void held(void **state)
{
	static const unsigned int size[] = { 60, 1514, 65535 };
	u64 got, want = 1000000;	/* 50000 in 50 ms, for a second */
	unsigned int i;

	for (i = 0; i < 3; i++) {
		netback_rate_set(&rate, 50000, 50000);
		flood(0, 1000000, size[i]);
		got = flood(1000000, 10000000, size[i]) / 10;
		assert_true(got > want * 99 / 100 && got < want * 101 / 100);
	}
}

/* Fails when parts of a byte get lost between two packets. */
static void fractions(void **state)
{
	u64 now, sum = 0, want = 3000000 / 3;

	/* Asked each microsecond, of which three make a byte. */
	netback_rate_set(&rate, 1, 3);
	for (now = 0; now < 3000000; now++)
		if (!netback_rate_take(&rate, 60, now * US))
			sum += 60;
	assert_in_range(sum, want + NETBACK_RATE_BURST - 100,
			want + NETBACK_RATE_BURST + 100);
}

/* Fails when an idle guest may save up more than the bucket holds. */
static void burst(void **state)
{
	u64 sum = 0;

	netback_rate_set(&rate, 1000, 1000000);
	while (!netback_rate_take(&rate, 1000, 3600ULL * 1000000 * US))
		sum += 1000;
	assert_in_range(sum, NETBACK_RATE_BURST, NETBACK_RATE_BURST + 1000);
}

/* Fails when the largest packet can never go, or the next goes at once. */
static void large_packet(void **state)
{
	netback_rate_set(&rate, 1, 1000000);
	assert_true(!netback_rate_take(&rate, 65535, 0));
	assert_true(!netback_rate_take(&rate, 65535, 0));
	/* The rest of the bucket, and into debt. */
	assert_true(!netback_rate_take(&rate, 65535, 0));
	assert_true(netback_rate_take(&rate, 65535, 0) > 60ULL * 1000000 * US);
}

/* Fails when a clock that goes backwards, or extremes, upset the sums. */
static void clocks(void **state)
{
	netback_rate_set(&rate, NETBACK_RATE_MAX_BYTES, NETBACK_RATE_MAX_USEC);
	assert_true(!netback_rate_take(&rate, 65535, 500));
	assert_true(!netback_rate_take(&rate, 65535, ~0ULL >> 2));
	netback_rate_set(&rate, 0, 0);
	assert_true(!netback_rate_take(&rate, 65535, 0));
}

static int parse(const char *text, u64 *bytes, u64 *usec)
{
	char copy[64];

	strcpy(copy, text);
	return netback_rate_parse(copy, bytes, usec);
}

/* Fails when what is no rate is taken for one. */
static void parsing(void **state)
{
	static const char * const bad[] = {
		"", ",", "1", "1,", ",1", "1,2,3", "-1,1", "1,-1", " 1,1",
		"1,1 ", "0x10,1", "0,1", "1000000000001,1", "1,4000001",
		"99999999999999999999999,1",
	};
	u64 bytes = 5, usec = 6;
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_true(parse(bad[i], &bytes, &usec) < 0);
	assert_true(bytes == 5 && usec == 6);
	assert_int_equal(parse("50000,51000", &bytes, &usec), 0);
	assert_true(bytes == 50000 && usec == 51000);
	assert_int_equal(parse("0,0", &bytes, &usec), 0);
	assert_true(usec == 0);
}

UNIT_MAIN(fake_unit_test(held),
	  fake_unit_test(fractions),
	  fake_unit_test(burst),
	  fake_unit_test(large_packet),
	  fake_unit_test(clocks),
	  fake_unit_test(parsing))
