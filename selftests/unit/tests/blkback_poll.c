// SPDX-License-Identifier: GPL-2.0
/* How long a queue looks before it sleeps: blkback/poll.h. */
#include "fake.h"
#include "blkback/poll.h"

#define MOST 50000U

/* Fails when short sleeps do not make it look, or it looks for too long. */
static void grows(void **state)
{
	struct blkback_poll poll = {};
	unsigned int i;

	blkback_poll_learn(&poll, 3000, MOST);
	assert_int_equal(poll.window, BLKBACK_POLL_STEP);
	blkback_poll_learn(&poll, 3000, MOST);
	assert_int_equal(poll.window, 2 * BLKBACK_POLL_STEP);
	for (i = 0; i < 40; i++)
		blkback_poll_learn(&poll, MOST - 1, MOST);
	assert_int_equal(poll.window, MOST);
}

/* Fails when an idle disk goes on looking. */
static void gives_up(void **state)
{
	struct blkback_poll poll = { .window = MOST };

	blkback_poll_learn(&poll, MOST, MOST);
	assert_int_equal(poll.window, MOST / 2);
	blkback_poll_learn(&poll, 1ULL << 40, MOST);
	assert_int_equal(poll.window, 0);
	blkback_poll_learn(&poll, 1ULL << 40, MOST);
	assert_int_equal(poll.window, 0);
}

/* Fails when a limit that was lowered is not kept, or 0 does not switch off. */
static void limits(void **state)
{
	struct blkback_poll poll = { .window = MOST };

	blkback_poll_learn(&poll, 0, MOST / 4);
	assert_int_equal(poll.window, MOST / 4);
	blkback_poll_learn(&poll, 0, BLKBACK_POLL_STEP / 2);
	assert_int_equal(poll.window, BLKBACK_POLL_STEP / 2);
	blkback_poll_learn(&poll, 0, 0);
	assert_int_equal(poll.window, 0);
	blkback_poll_learn(&poll, 0, 0);
	assert_int_equal(poll.window, 0);
}

UNIT_MAIN(cmocka_unit_test(grows),
	  cmocka_unit_test(gives_up),
	  cmocka_unit_test(limits))
