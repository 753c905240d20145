// SPDX-License-Identifier: GPL-2.0
/* How long a queue's thread polls before it sleeps: blkback/poll.h. */
#include "fake.h"
#include "blkback/poll.h"

#define MOST 50000U

/* Fails when short sleeps do not make it poll, or it polls for too long. */
static void grows(void **state)
{
	struct blkback_poll poll = {};
	unsigned int i;

	blkback_poll_update(&poll, 3000, MOST);
	assert_int_equal(poll.window, BLKBACK_POLL_STEP);
	blkback_poll_update(&poll, 3000, MOST);
	assert_int_equal(poll.window, 2 * BLKBACK_POLL_STEP);
	for (i = 0; i < 40; i++)
		blkback_poll_update(&poll, MOST - 1, MOST);
	assert_int_equal(poll.window, MOST);
}

/* Fails when the queue of an idle disk goes on polling. */
static void stops(void **state)
{
	struct blkback_poll poll = { .window = MOST };

	blkback_poll_update(&poll, MOST, MOST);
	assert_int_equal(poll.window, MOST / 2);
	blkback_poll_update(&poll, 1ULL << 40, MOST);
	assert_int_equal(poll.window, 0);
	blkback_poll_update(&poll, 1ULL << 40, MOST);
	assert_int_equal(poll.window, 0);
}

/* Fails when a limit that was lowered is not kept, or 0 does not switch off. */
static void limits(void **state)
{
	struct blkback_poll poll = { .window = MOST };

	blkback_poll_update(&poll, 0, MOST / 4);
	assert_int_equal(poll.window, MOST / 4);
	blkback_poll_update(&poll, 0, BLKBACK_POLL_STEP / 2);
	assert_int_equal(poll.window, BLKBACK_POLL_STEP / 2);
	blkback_poll_update(&poll, 0, 0);
	assert_int_equal(poll.window, 0);
	blkback_poll_update(&poll, 0, 0);
	assert_int_equal(poll.window, 0);
}

/* So many short sleeps. Return: how many had a poll before them, in vain. */
static unsigned int polls(struct blkback_poll *poll, unsigned int sleeps)
{
	unsigned int nr = 0;

	while (sleeps--) {
		nr += blkback_poll_window(poll) != 0;
		blkback_poll_update(poll, 3000, MOST);
	}
	return nr;
}

/* Fails when polls that never find anything do not back off. */
static void in_vain(void **state)
{
	struct blkback_poll poll = {};

	/* Until the longest window was tried; then after 1, 3, 7, ... sleeps. */
	assert_int_equal(polls(&poll, 5), 4);
	assert_int_equal(poll.window, MOST);
	assert_in_range(polls(&poll, 2 * BLKBACK_POLL_BACKOFF), 9, 11);
	assert_in_range(polls(&poll, 10 * (BLKBACK_POLL_BACKOFF + 1)), 9, 10);
	assert_int_equal(poll.window, MOST);
}

/* Fails when sleeps of about the longest window do not make it back off. */
static void longest_window(void **state)
{
	struct blkback_poll poll = {};
	unsigned int i, nr = 0;

	for (i = 0; i < 4 * BLKBACK_POLL_BACKOFF; i++) {
		nr += blkback_poll_window(&poll) != 0;
		blkback_poll_update(&poll, i % 2 ? MOST : MOST - 1, MOST);
	}
	assert_in_range(nr, 1, 20);
}

/* Fails when a poll that finds something does not end the backing off. */
static void hit(void **state)
{
	struct blkback_poll poll = {};

	polls(&poll, 2 * BLKBACK_POLL_BACKOFF);
	while (!blkback_poll_window(&poll))
		blkback_poll_update(&poll, 3000, MOST);
	blkback_poll_hit(&poll);
	assert_int_equal(blkback_poll_window(&poll), MOST);
	blkback_poll_update(&poll, 3000, MOST);
	assert_int_equal(poll.backoff, 1);
	assert_int_equal(blkback_poll_window(&poll), 0);
	blkback_poll_reset(&poll);
	assert_int_equal(blkback_poll_window(&poll), MOST);
}

UNIT_MAIN(cmocka_unit_test(in_vain),
	  cmocka_unit_test(longest_window),
	  cmocka_unit_test(hit),
	  cmocka_unit_test(grows),
	  cmocka_unit_test(stops),
	  cmocka_unit_test(limits))
