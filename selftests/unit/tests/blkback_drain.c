// SPDX-License-Identifier: GPL-2.0
/* A barrier alone with the disk: blkback/drain.[ch]. */
#include "fake.h"
#include "blkback/drain.h"

/* Queues are addresses here. */
static char names[3];
static struct blkback_queue *q(unsigned int i)
{
	return (struct blkback_queue *)&names[i];
}

/* Fails when a barrier begins while requests are in flight, or nobody is told. */
static void waits_for_others(void **state)
{
	struct blkback_drain drain = {};

	assert_true(blkback_drain_enter(&drain, q(0)));
	blkback_drain_add(&drain, 2);
	assert_null(blkback_drain_leave(&drain, 1));
	assert_false(blkback_drain_begin(&drain, q(1)));
	assert_null(blkback_drain_leave(&drain, 1));
	assert_false(blkback_drain_begin(&drain, q(1)));
	assert_ptr_equal(blkback_drain_leave(&drain, 1), q(1));
	assert_true(blkback_drain_begin(&drain, q(1)));
}

/* Fails when another queue gets in meanwhile, or the drainer itself does not. */
static void holds_others_back(void **state)
{
	struct blkback_drain drain = {};

	assert_true(blkback_drain_begin(&drain, q(1)));
	assert_false(blkback_drain_enter(&drain, q(0)));
	/* It was counted in, and the drainer may have seen that. */
	assert_false(blkback_drain_begin(&drain, q(1)));
	assert_ptr_equal(blkback_drain_leave(&drain, 1), q(1));
	assert_true(blkback_drain_begin(&drain, q(1)));
	assert_true(blkback_drain_enter(&drain, q(1)));
	assert_ptr_equal(blkback_drain_leave(&drain, 1), q(1));
}

/* Fails when two queues drain at a time, or one ends the other's drain. */
static void one_at_a_time(void **state)
{
	struct blkback_drain drain = {};

	assert_true(blkback_drain_begin(&drain, q(0)));
	assert_false(blkback_drain_begin(&drain, q(1)));
	assert_false(blkback_drain_end(&drain, q(1)));
	assert_false(blkback_drain_enter(&drain, q(2)));
	assert_ptr_equal(blkback_drain_leave(&drain, 1), q(0));
	assert_true(blkback_drain_end(&drain, q(0)));
	assert_false(blkback_drain_end(&drain, q(0)));
	assert_true(blkback_drain_enter(&drain, q(2)));
	assert_false(blkback_drain_begin(&drain, q(1)));
	assert_ptr_equal(blkback_drain_leave(&drain, 1), q(1));
	assert_true(blkback_drain_begin(&drain, q(1)));
}

UNIT_MAIN(fake_unit_test(waits_for_others),
	  fake_unit_test(holds_others_back),
	  fake_unit_test(one_at_a_time))
