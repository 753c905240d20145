// SPDX-License-Identifier: GPL-2.0
/* A disk's rate limit: blkback/ratelimit.[ch]. */
#include "fake.h"
#include "blkback/ratelimit.h"

#define MS 1000000ULL

/* Requests that pass in ten seconds, asked for as soon as they may. */
static u64 run(struct blkback_ratelimit *limit, u64 bytes, u64 *end)
{
	u64 now = 5000 * MS, start = now, wait, count = 0;

	while (now < start + 10000 * MS) {
		wait = blkback_ratelimit_take(limit, now, bytes);
		if (!wait)
			count++;
		/* As coarse as a sleeping thread is. */
		now += wait ? wait + 3 * MS : 1000;
	}
	*end = now;
	return count;
}

/* Fails when the rate is missed by more than the burst allows. */
static void requests(void **state)
{
	struct blkback_ratelimit limit = {};
	u64 end;

	assert_true(blkback_ratelimit_set(&limit, 200, 0));
	assert_true(limit.enabled);
	assert_in_range(run(&limit, 4096, &end), 1990, 2030);
}

static void bytes(void **state)
{
	struct blkback_ratelimit limit = {};
	u64 end;

	blkback_ratelimit_set(&limit, 0, 10 << 20);
	assert_in_range(run(&limit, 1 << 20, &end), 99, 103);
	blkback_ratelimit_set(&limit, 0, 20 << 20);
	assert_in_range(run(&limit, 65536, &end), 3180, 3240);
}

/* The tighter of the two holds. */
static void both(void **state)
{
	struct blkback_ratelimit limit = {};
	u64 end;

	blkback_ratelimit_set(&limit, 100, 1ULL << 40);
	assert_in_range(run(&limit, 4096, &end), 990, 1020);
	blkback_ratelimit_set(&limit, 100000, 4096 * 50);
	assert_in_range(run(&limit, 4096, &end), 495, 510);
}

/* Fails when a limit is not lifted, or an idle disk saves up credit. */
static void changes(void **state)
{
	struct blkback_ratelimit limit = {};
	u64 end, now;
	unsigned int i;

	assert_false(blkback_ratelimit_set(&limit, 0, 0));
	assert_int_equal(blkback_ratelimit_take(&limit, 1, 1), 0);
	blkback_ratelimit_set(&limit, 10, 0);
	assert_false(blkback_ratelimit_set(&limit, 10, 0));
	run(&limit, 1, &end);
	now = end + 3600000 * MS;
	for (i = 0; i < 3; i++)
		if (blkback_ratelimit_take(&limit, now, 1))
			break;
	assert_int_equal(i, 2);
	assert_true(blkback_ratelimit_set(&limit, 0, 0));
	assert_false(limit.enabled);
	for (i = 0; i < 100; i++)
		assert_int_equal(blkback_ratelimit_take(&limit, now, 1 << 30),
				 0);
	/* The greatest limit does not overflow. */
	blkback_ratelimit_set(&limit, ~0ULL, ~0ULL);
	assert_true(limit.bytes.amount == BLKBACK_RATELIMIT_MAX);
	for (i = 0; i < 100; i++)
		assert_int_equal(blkback_ratelimit_take(&limit, now, 1 << 20),
				 0);
}

UNIT_MAIN(fake_unit_test(requests), fake_unit_test(bytes),
	  fake_unit_test(both), fake_unit_test(changes))
