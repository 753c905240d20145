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

	blkback_poll_update(&poll, 3000, MOST);
	assert_int_equal(poll.window, BLKBACK_POLL_STEP);
	blkback_poll_update(&poll, 3000, MOST);
	assert_int_equal(poll.window, 2 * BLKBACK_POLL_STEP);
	for (i = 0; i < 40; i++)
		blkback_poll_update(&poll, MOST - 1, MOST);
	assert_int_equal(poll.window, MOST);
}

/* Fails when an idle disk goes on looking. */
static void gives_up(void **state)
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

/* So many sleeps, each short; how many had a look before them, in vain. */
static unsigned int looks(struct blkback_poll *poll, unsigned int sleeps)
{
	unsigned int nr = 0;

	while (sleeps--) {
		nr += blkback_poll_window(poll) != 0;
		blkback_poll_update(poll, 3000, MOST);
	}
	return nr;
}

/* Fails when looks that never find anything are made again and again. */
static void in_vain(void **state)
{
	struct blkback_poll poll = {};

	/* Until the longest was tried; then behind 1, 3, 7, ... sleeps. */
	assert_int_equal(looks(&poll, 5), 4);
	assert_int_equal(poll.window, MOST);
	assert_in_range(looks(&poll, 2 * BLKBACK_POLL_BACKOFF), 9, 11);
	assert_in_range(looks(&poll, 10 * (BLKBACK_POLL_BACKOFF + 1)), 9, 10);
	assert_int_equal(poll.window, MOST);
}

/* Fails when the same is not noticed where sleeps are about the longest look. */
static void about_the_longest(void **state)
{
	struct blkback_poll poll = {};
	unsigned int i, nr = 0;

	for (i = 0; i < 4 * BLKBACK_POLL_BACKOFF; i++) {
		nr += blkback_poll_window(&poll) != 0;
		blkback_poll_update(&poll, i % 2 ? MOST : MOST - 1, MOST);
	}
	assert_in_range(nr, 1, 20);
}

/* Fails when one that finds something is not believed at once. */
static void found(void **state)
{
	struct blkback_poll poll = {};

	looks(&poll, 2 * BLKBACK_POLL_BACKOFF);
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
	  cmocka_unit_test(about_the_longest),
	  cmocka_unit_test(found),
	  cmocka_unit_test(grows),
	  cmocka_unit_test(gives_up),
	  cmocka_unit_test(limits))
