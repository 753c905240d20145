// SPDX-License-Identifier: GPL-2.0
/* Which processor a queue's thread runs on: blkback/seat.h. */
#include "fake.h"
#include "blkback/seat.h"

/* So many wake-ups that found so many requests; how often it moved. */
static unsigned int wake(struct blkback_seat *seat, unsigned int times,
			 unsigned int found)
{
	unsigned int moved = 0;

	while (times--)
		moved += blkback_seat_learn(seat, found);
	return moved;
}

static struct blkback_seat settled(void)
{
	struct blkback_seat seat;

	blkback_seat_reset(&seat);
	assert_int_equal(wake(&seat, BLKBACK_SEAT_SETTLE, 1), 1);
	assert_true(seat.near);
	return seat;
}

/* Fails when a few single requests move it, or many do not. */
static void settles(void **state)
{
	struct blkback_seat seat;

	blkback_seat_reset(&seat);
	assert_int_equal(wake(&seat, BLKBACK_SEAT_SETTLE - 1, 1), 0);
	assert_false(seat.near);
	assert_int_equal(wake(&seat, 1, 2), 0);
	assert_int_equal(wake(&seat, BLKBACK_SEAT_SETTLE - 1, 1), 0);
	assert_int_equal(wake(&seat, 1, 1), 1);
	assert_true(seat.near);
}

/* Fails when a thread that finds many requests stays where their maker is. */
static void leaves(void **state)
{
	struct blkback_seat seat = settled();

	assert_int_equal(wake(&seat, 1, BLKBACK_SEAT_MANY - 1), 0);
	assert_int_equal(wake(&seat, 1, BLKBACK_SEAT_MANY), 1);
	assert_false(seat.near);
	assert_int_equal(wake(&seat, 1000, BLKBACK_SEAT_MANY), 0);
	assert_int_equal(wake(&seat, BLKBACK_SEAT_SETTLE - 1, 1), 0);
}

/* Fails when it never looks again, or looks all the time. */
static void tries(void **state)
{
	unsigned int patience = BLKBACK_SEAT_PATIENCE;
	struct blkback_seat seat = settled();
	unsigned int i;

	for (i = 0; i < 20; i++) {
		assert_int_equal(wake(&seat, patience - 1, 1), 0);
		assert_int_equal(wake(&seat, 1, 1), 1);
		assert_false(seat.near);
		assert_int_equal(wake(&seat, BLKBACK_SEAT_TRIAL - 1, 1), 0);
		assert_int_equal(wake(&seat, 1, 1), 1);
		assert_true(seat.near);
		patience = min(2 * patience, BLKBACK_SEAT_PATIENCE_MAX + 0U);
	}
	assert_int_equal(patience, BLKBACK_SEAT_PATIENCE_MAX);
}

/* Fails when a trial that found many is not believed, or remembered for ever. */
static void trial_finds_many(void **state)
{
	struct blkback_seat seat = settled();

	assert_int_equal(wake(&seat, BLKBACK_SEAT_PATIENCE, 1), 1);
	assert_int_equal(wake(&seat, 1, BLKBACK_SEAT_MANY), 0);
	assert_int_equal(wake(&seat, BLKBACK_SEAT_SETTLE - 1, 1), 0);
	assert_int_equal(wake(&seat, 1, 1), 1);
	assert_int_equal(wake(&seat, BLKBACK_SEAT_PATIENCE, 1), 1);
}

UNIT_MAIN(cmocka_unit_test(settles),
	  cmocka_unit_test(leaves),
	  cmocka_unit_test(tries),
	  cmocka_unit_test(trial_finds_many))
