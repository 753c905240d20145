// SPDX-License-Identifier: GPL-2.0
/* Which processor a queue's thread runs on: blkback/seat.h. */
#include "fake.h"
#include "blkback/seat.h"

/* Requests so far and the time, from close to where both wrap. */
static struct blkback_wakeup at;

static void begin(struct blkback_seat *seat)
{
	memset(seat, 0xff, sizeof(*seat));
	blkback_seat_reset(seat);
	at.taken = 0xfffffff0;
	at.now = 1ULL << 40;
}

/*
 * So many wake-ups that found so many requests, each request so many ns after
 * the one before; how often the thread moved.
 */
static unsigned int wake(struct blkback_seat *seat, unsigned int times,
			 unsigned int found, unsigned int ns)
{
	unsigned int moved = 0;

	while (times--) {
		at.found = found;
		moved += blkback_seat_learn(seat, &at);
		at.taken += found;
		at.now += found * ns;
	}
	return moved;
}

/* One by one, and faster near by so much; until the first judgement. */
static void settle(struct blkback_seat *seat, unsigned int far,
		   unsigned int near)
{
	begin(seat);
	assert_int_equal(wake(seat, BLKBACK_SEAT_SETTLE + 1, 1, far), 1);
	assert_true(seat->near);
	wake(seat, BLKBACK_SEAT_TRIAL + 1, 1, near);
}

/* Fails when a few single requests move it, or many do not. */
static void settles(void **state)
{
	struct blkback_seat seat;

	begin(&seat);
	assert_int_equal(wake(&seat, BLKBACK_SEAT_SETTLE, 1, 100), 0);
	assert_false(seat.near);
	assert_int_equal(wake(&seat, 1, 2, 100), 0);
	assert_int_equal(wake(&seat, BLKBACK_SEAT_SETTLE, 1, 100), 0);
	assert_int_equal(wake(&seat, 1, 1, 100), 1);
	assert_true(seat.near);
}

/* Fails when a thread that finds many requests stays where their maker is. */
static void leaves(void **state)
{
	struct blkback_seat seat;

	settle(&seat, 100, 100);
	assert_true(seat.near);
	assert_int_equal(wake(&seat, 1, BLKBACK_SEAT_MANY - 1, 100), 0);
	assert_int_equal(wake(&seat, 1, BLKBACK_SEAT_MANY, 100), 1);
	assert_false(seat.near);
	assert_int_equal(wake(&seat, 1000, BLKBACK_SEAT_MANY, 100), 0);
	assert_int_equal(wake(&seat, BLKBACK_SEAT_SETTLE, 1, 100), 0);
}

/* Fails when a slower place is kept, or one is left that is not slower. */
static void judges(void **state)
{
	struct blkback_seat seat;

	settle(&seat, 100, 101);
	assert_false(seat.near);
	settle(&seat, 100, 100);
	assert_true(seat.near);
	settle(&seat, 100, 60);
	assert_true(seat.near);
}

/* Fails when what is no good is tried again as soon as before, or no more. */
static void seldom(void **state)
{
	unsigned int settle_for = BLKBACK_SEAT_SETTLE;
	struct blkback_seat seat;
	unsigned int i;

	begin(&seat);
	for (i = 0; i < 10; i++) {
		assert_int_equal(wake(&seat, settle_for, 1, 100), 0);
		assert_int_equal(wake(&seat, 1, 1, 100), 1);
		assert_int_equal(wake(&seat, BLKBACK_SEAT_TRIAL + 1, 1, 200),
				 1);
		assert_false(seat.near);
		settle_for = min(4 * settle_for, BLKBACK_SEAT_SETTLE_MAX + 0U);
	}
	assert_int_equal(settle_for, BLKBACK_SEAT_SETTLE_MAX);
	/* What was good once is tried soon. */
	wake(&seat, settle_for + 1, 1, 100);
	wake(&seat, BLKBACK_SEAT_TRIAL + 1, 1, 50);
	assert_true(seat.near);
	assert_int_equal(seat.settle, BLKBACK_SEAT_SETTLE);
}

/*
 * Fails when it never looks how it is elsewhere, or does all the time, or does
 * not come back.
 */
static void looks_elsewhere(void **state)
{
	unsigned int patience = BLKBACK_SEAT_PATIENCE - BLKBACK_SEAT_TRIAL - 1;
	struct blkback_seat seat;
	unsigned int i;

	settle(&seat, 100, 60);
	for (i = 0; i < 10; i++) {
		assert_int_equal(wake(&seat, patience - 1, 1, 60), 0);
		assert_int_equal(wake(&seat, 1, 1, 60), 1);
		assert_false(seat.near);
		assert_int_equal(wake(&seat, BLKBACK_SEAT_TRIAL, 1, 100), 0);
		assert_int_equal(wake(&seat, 1, 1, 100), 1);
		assert_true(seat.near);
		assert_int_equal(wake(&seat, BLKBACK_SEAT_TRIAL + 1, 1, 60), 0);
	}
	/* It has become better elsewhere: more are made while one is served. */
	wake(&seat, patience, 1, 60);
	wake(&seat, BLKBACK_SEAT_TRIAL + 1, 1, 40);
	assert_true(seat.near);
	assert_int_equal(wake(&seat, BLKBACK_SEAT_TRIAL + 1, 1, 60), 1);
	assert_false(seat.near);
}

UNIT_MAIN(fake_unit_test(settles),
	  fake_unit_test(leaves),
	  fake_unit_test(judges),
	  fake_unit_test(seldom),
	  fake_unit_test(looks_elsewhere))
