// SPDX-License-Identifier: GPL-2.0
/* When a queue's thread is pinned to the CPU of its events: blkback/affinity.h. */
#include "fake.h"
#include "blkback/affinity.h"

/* Requests consumed and the time, from close to where both wrap. */
static struct blkback_wakeup at;

static void begin(struct blkback_affinity *a)
{
	memset(a, 0xff, sizeof(*a));
	blkback_affinity_reset(a);
	at.consumed = 0xfffffff0;
	at.now = 1ULL << 40;
}

/*
 * So many wake-ups, each finding so many requests, which come so many ns apart.
 * Return: how often the thread was pinned or unpinned.
 */
static unsigned int wake(struct blkback_affinity *a, unsigned int times,
			 unsigned int found, unsigned int ns)
{
	unsigned int changes = 0;

	while (times--) {
		at.found = found;
		changes += blkback_affinity_update(a, &at);
		at.consumed += found;
		at.now += found * ns;
	}
	return changes;
}

/* Requests one by one, ns apart unpinned and pinned; until they are compared. */
static void pin(struct blkback_affinity *a, unsigned int unpinned,
		unsigned int pinned)
{
	begin(a);
	assert_int_equal(wake(a, BLKBACK_AFFINITY_PIN + 1, 1, unpinned), 1);
	assert_true(a->pinned);
	wake(a, BLKBACK_AFFINITY_TRIAL + 1, 1, pinned);
}

/* Fails when a few single requests pin the thread, or many do not. */
static void pins(void **state)
{
	struct blkback_affinity a;

	begin(&a);
	assert_int_equal(wake(&a, BLKBACK_AFFINITY_PIN, 1, 100), 0);
	assert_false(a.pinned);
	assert_int_equal(wake(&a, 1, 2, 100), 0);
	assert_int_equal(wake(&a, BLKBACK_AFFINITY_PIN, 1, 100), 0);
	assert_int_equal(wake(&a, 1, 1, 100), 1);
	assert_true(a.pinned);
}

/* Fails when a thread that finds many requests stays pinned. */
static void unpins(void **state)
{
	struct blkback_affinity a;

	pin(&a, 100, 100);
	assert_true(a.pinned);
	assert_int_equal(wake(&a, 1, BLKBACK_AFFINITY_MANY - 1, 100), 0);
	assert_int_equal(wake(&a, 1, BLKBACK_AFFINITY_MANY, 100), 1);
	assert_false(a.pinned);
	assert_int_equal(wake(&a, 1000, BLKBACK_AFFINITY_MANY, 100), 0);
	assert_int_equal(wake(&a, BLKBACK_AFFINITY_PIN, 1, 100), 0);
}

/* Fails when the slower of the two is kept, or one is left that is no slower. */
static void compares(void **state)
{
	struct blkback_affinity a;

	pin(&a, 100, 101);
	assert_false(a.pinned);
	pin(&a, 100, 100);
	assert_true(a.pinned);
	pin(&a, 100, 60);
	assert_true(a.pinned);
}

/* Fails when pinning that was slower is tried as soon as before, or no more. */
static void backs_off(void **state)
{
	unsigned int pin_after = BLKBACK_AFFINITY_PIN;
	struct blkback_affinity a;
	unsigned int i;

	begin(&a);
	for (i = 0; i < 10; i++) {
		assert_int_equal(wake(&a, pin_after, 1, 100), 0);
		assert_int_equal(wake(&a, 1, 1, 100), 1);
		assert_int_equal(wake(&a, BLKBACK_AFFINITY_TRIAL + 1, 1, 200),
				 1);
		assert_false(a.pinned);
		pin_after = min(4 * pin_after, BLKBACK_AFFINITY_PIN_MAX);
	}
	assert_int_equal(pin_after, BLKBACK_AFFINITY_PIN_MAX);
	/* Once it was faster, it is tried soon again. */
	wake(&a, pin_after + 1, 1, 100);
	wake(&a, BLKBACK_AFFINITY_TRIAL + 1, 1, 50);
	assert_true(a.pinned);
	assert_int_equal(a.pin_after, BLKBACK_AFFINITY_PIN);
}

/*
 * Fails when a pinned thread is never tried unpinned, or all the time, or is not
 * pinned again.
 */
static void tries_unpinned(void **state)
{
	unsigned int retry = BLKBACK_AFFINITY_RETRY - BLKBACK_AFFINITY_TRIAL - 1;
	struct blkback_affinity a;
	unsigned int i;

	pin(&a, 100, 60);
	for (i = 0; i < 10; i++) {
		assert_int_equal(wake(&a, retry - 1, 1, 60), 0);
		assert_int_equal(wake(&a, 1, 1, 60), 1);
		assert_false(a.pinned);
		assert_int_equal(wake(&a, BLKBACK_AFFINITY_TRIAL, 1, 100), 0);
		assert_int_equal(wake(&a, 1, 1, 100), 1);
		assert_true(a.pinned);
		assert_int_equal(wake(&a, BLKBACK_AFFINITY_TRIAL + 1, 1, 60),
				 0);
	}
	/* Unpinned is faster now: more requests are made while one is served. */
	wake(&a, retry, 1, 60);
	wake(&a, BLKBACK_AFFINITY_TRIAL + 1, 1, 40);
	assert_true(a.pinned);
	assert_int_equal(wake(&a, BLKBACK_AFFINITY_TRIAL + 1, 1, 60), 1);
	assert_false(a.pinned);
}

UNIT_MAIN(fake_unit_test(pins),
	  fake_unit_test(unpins),
	  fake_unit_test(compares),
	  fake_unit_test(backs_off),
	  fake_unit_test(tries_unpinned))
