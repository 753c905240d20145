// SPDX-License-Identifier: GPL-2.0
/* Service in place of a sleeping thread: blkback/inline.h. */
#include "fake.h"
#include "blkback/inline.h"

static struct blkback_inline in;
static unsigned int served;
static bool can_serve;

/* Fails when the lock is not held. */
static bool serve(void *arg)
{
	assert_ptr_equal(arg, &served);
	assert_int_not_equal(in.lock, 0);
	if (can_serve)
		served++;
	return can_serve;
}

static bool run(void)
{
	bool done = blkback_inline_run(&in, serve, &served);

	assert_int_equal(in.lock, 0);
	return done;
}

/* Fails when somebody serves while the thread is awake, or nobody while not. */
static void only_while_allowed(void **state)
{
	blkback_inline_init(&in);
	served = 0;
	can_serve = true;
	assert_false(run());
	blkback_inline_allow(&in);
	assert_int_equal(in.lock, 0);
	assert_true(run());
	assert_true(run());
	assert_int_equal(served, 2);
	blkback_inline_forbid(&in);
	assert_int_equal(in.lock, 0);
	assert_false(run());
	assert_int_equal(served, 2);
}

/* Fails when what could not be served counts as served. */
static void says_what_is_left(void **state)
{
	blkback_inline_init(&in);
	can_serve = false;
	blkback_inline_allow(&in);
	assert_false(run());
}

/* The thread wakes up between the look at @allowed and the lock. */
static void wake_up(enum fake_point point, const volatile void *where)
{
	if (where == &in.allowed) {
		fake_hook = NULL;
		blkback_inline_forbid(&in);
	}
}

/* Fails when @allowed is not looked at again under the lock. */
static void looks_again(void **state)
{
	blkback_inline_init(&in);
	served = 0;
	can_serve = true;
	blkback_inline_allow(&in);
	fake_hook = wake_up;
	assert_false(run());
	assert_null(fake_hook);
	assert_int_equal(served, 0);
}

UNIT_MAIN(fake_unit_test(only_while_allowed),
	  fake_unit_test(says_what_is_left),
	  fake_unit_test(looks_again))
