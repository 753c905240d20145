// SPDX-License-Identifier: GPL-2.0
/* Which processor a queue's thread runs on: blkback/affinity.h. */
#include "fake.h"
#include "blkback/affinity.h"

/* Requests so far and the time, from close to where both wrap. */
static struct blkback_wakeup at;

static void begin(struct blkback_affinity *affinity)
{
	memset(affinity, 0xff, sizeof(*affinity));
	blkback_affinity_reset(affinity);
	at.taken = 0xfffffff0;
	at.now = 1ULL << 40;
}

/*
 * So many wake-ups that found so many requests, each request so many ns after
 * the one before; how often the thread moved.
 */
static unsigned int wake(struct blkback_affinity *affinity, unsigned int times,
			 unsigned int found, unsigned int ns)
{
	unsigned int moved = 0;

	while (times--) {
		at.found = found;
		moved += blkback_affinity_update(affinity, &at);
		at.taken += found;
		at.now += found * ns;
	}
	return moved;
}

/* One by one, and faster pinned by so much; until the first judgement. */
static void settle(struct blkback_affinity *affinity, unsigned int unpinned,
		   unsigned int pinned)
{
	begin(affinity);
	assert_int_equal(
		wake(affinity, BLKBACK_AFFINITY_PIN_AFTER + 1, 1, unpinned), 1);
	assert_true(affinity->pinned);
	wake(affinity, BLKBACK_AFFINITY_TRIAL + 1, 1, pinned);
}

/* Fails when a few single requests move it, or many do not. */
static void settles(void **state)
{
	struct blkback_affinity affinity;

	begin(&affinity);
	assert_int_equal(wake(&affinity, BLKBACK_AFFINITY_PIN_AFTER, 1, 100),
			 0);
	assert_false(affinity.pinned);
	assert_int_equal(wake(&affinity, 1, 2, 100), 0);
	assert_int_equal(wake(&affinity, BLKBACK_AFFINITY_PIN_AFTER, 1, 100),
			 0);
	assert_int_equal(wake(&affinity, 1, 1, 100), 1);
	assert_true(affinity.pinned);
}

/* Fails when a thread that finds many requests stays where their maker is. */
static void leaves(void **state)
{
	struct blkback_affinity affinity;

	settle(&affinity, 100, 100);
	assert_true(affinity.pinned);
	assert_int_equal(wake(&affinity, 1, BLKBACK_AFFINITY_BATCH - 1, 100),
			 0);
	assert_int_equal(wake(&affinity, 1, BLKBACK_AFFINITY_BATCH, 100), 1);
	assert_false(affinity.pinned);
	assert_int_equal(wake(&affinity, 1000, BLKBACK_AFFINITY_BATCH, 100), 0);
	assert_int_equal(wake(&affinity, BLKBACK_AFFINITY_PIN_AFTER, 1, 100),
			 0);
}

/* Fails when a slower place is kept, or one is left that is not slower. */
static void judges(void **state)
{
	struct blkback_affinity affinity;

	settle(&affinity, 100, 101);
	assert_false(affinity.pinned);
	settle(&affinity, 100, 100);
	assert_true(affinity.pinned);
	settle(&affinity, 100, 60);
	assert_true(affinity.pinned);
}

/* Fails when what is no good is tried again as soon as before, or no more. */
static void seldom(void **state)
{
	unsigned int pin_after = BLKBACK_AFFINITY_PIN_AFTER;
	struct blkback_affinity affinity;
	unsigned int i;

	begin(&affinity);
	for (i = 0; i < 10; i++) {
		assert_int_equal(wake(&affinity, pin_after, 1, 100), 0);
		assert_int_equal(wake(&affinity, 1, 1, 100), 1);
		assert_int_equal(
			wake(&affinity, BLKBACK_AFFINITY_TRIAL + 1, 1, 200), 1);
		assert_false(affinity.pinned);
		pin_after =
			min(4 * pin_after, BLKBACK_AFFINITY_PIN_AFTER_MAX + 0U);
	}
	assert_int_equal(pin_after, BLKBACK_AFFINITY_PIN_AFTER_MAX);
	/* What was good once is tried soon. */
	wake(&affinity, pin_after + 1, 1, 100);
	wake(&affinity, BLKBACK_AFFINITY_TRIAL + 1, 1, 50);
	assert_true(affinity.pinned);
	assert_int_equal(affinity.pin_after, BLKBACK_AFFINITY_PIN_AFTER);
}

/*
 * Fails when it never looks how it is elsewhere, or does all the time, or does
 * not come back.
 */
static void looks_elsewhere(void **state)
{
	unsigned int patience =
		BLKBACK_AFFINITY_RETRY - BLKBACK_AFFINITY_TRIAL - 1;
	struct blkback_affinity affinity;
	unsigned int i;

	settle(&affinity, 100, 60);
	for (i = 0; i < 10; i++) {
		assert_int_equal(wake(&affinity, patience - 1, 1, 60), 0);
		assert_int_equal(wake(&affinity, 1, 1, 60), 1);
		assert_false(affinity.pinned);
		assert_int_equal(
			wake(&affinity, BLKBACK_AFFINITY_TRIAL, 1, 100), 0);
		assert_int_equal(wake(&affinity, 1, 1, 100), 1);
		assert_true(affinity.pinned);
		assert_int_equal(
			wake(&affinity, BLKBACK_AFFINITY_TRIAL + 1, 1, 60), 0);
	}
	/* It has become better elsewhere: more are made while one is served. */
	wake(&affinity, patience, 1, 60);
	wake(&affinity, BLKBACK_AFFINITY_TRIAL + 1, 1, 40);
	assert_true(affinity.pinned);
	assert_int_equal(wake(&affinity, BLKBACK_AFFINITY_TRIAL + 1, 1, 60), 1);
	assert_false(affinity.pinned);
}

UNIT_MAIN(fake_unit_test(settles),
	  fake_unit_test(leaves),
	  fake_unit_test(judges),
	  fake_unit_test(seldom),
	  fake_unit_test(looks_elsewhere))
