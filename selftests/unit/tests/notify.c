// SPDX-License-Identifier: GPL-2.0
/*
 * When to notify and when to ask for it: the event indices of
 * common/ring_slots.h, both ends. An end writes into req_event or rsp_event the
 * index it waits for; the other notifies when it passes that index.
 */
#include "fake.h"
#include "rig.h"

/* As starts of tests/lies.c. */
static const u32 starts[] = { 0, 9, 0x7ffffffd, 0xfffffffd, 0xffffffff };

/* The protocol's words, in 64 bits, where nothing wraps. */
static bool passes(u64 before, u64 after, u64 event)
{
	return before < event && event <= after;
}

/* Push @nr entries at @start with the peer's wish at @event from there. */
static bool push_front(u32 start, u32 nr, s32 event)
{
	struct rig rig;
	bool notify;
	u32 i;

	rig_init_at(&rig, SLOT, start);
	rig.ring->req_event = start + event;
	for (i = 0; i < nr; i++)
		rig_put(&rig.front, i);
	notify = xpv_slots_push_requests(&rig.front);
	rig_free(&rig);
	return notify;
}

static bool push_back(u32 start, u32 nr, s32 event)
{
	struct rig rig;
	bool notify;
	u32 i;

	rig_init_at(&rig, SLOT, start);
	for (i = 0; i < nr; i++)
		rig_put(&rig.front, i);
	xpv_slots_push_requests(&rig.front);
	rig.ring->rsp_event = start + event;
	for (i = 0; i < nr; i++) {
		rig_take(&rig.back);
		rig_put(&rig.back, i);
	}
	notify = xpv_slots_push_responses(&rig.back);
	rig_free(&rig);
	return notify;
}

static void check_thresholds(bool (*push)(u32 start, u32 nr, s32 event))
{
	const u64 base = 1ULL << 33;
	unsigned int s;
	s32 event;
	u32 nr;

	for (s = 0; s < ARRAY_SIZE(starts); s++)
		for (nr = 0; nr <= 32; nr++)
			for (event = -40; event <= 40; event++)
				assert_int_equal(push(starts[s], nr, event),
						 passes(base, base + nr,
							base + event));
}

/* Fails when a bound of the window is off by one or 2^32 breaks it. */
static void request_thresholds(void **state)
{
	check_thresholds(push_front);
}

static void response_thresholds(void **state)
{
	check_thresholds(push_back);
}

/*
 * Fails when a wish that lies in an earlier push is served again: each entry is
 * announced once.
 */
static void announced_once(void **state)
{
	struct rig rig;
	u32 i;

	rig_init_at(&rig, SLOT, 0xffffffff);
	assert_false(xpv_slots_push_requests(&rig.front));
	rig_put(&rig.front, 0);
	assert_true(xpv_slots_push_requests(&rig.front));
	/* The backend has not asked again: it is at work. */
	for (i = 0; i < 10; i++) {
		rig_put(&rig.front, i);
		assert_false(xpv_slots_push_requests(&rig.front));
	}
	assert_false(xpv_slots_push_requests(&rig.front));
	rig_free(&rig);
}

/* A backend that sleeps is notified of the next request, and only of it. */
static void await_requests(void **state)
{
	unsigned int s, i;
	struct rig rig;

	for (s = 0; s < ARRAY_SIZE(starts); s++) {
		rig_init_at(&rig, SLOT, starts[s]);
		for (i = 0; i < 3; i++)
			rig_put(&rig.front, i);
		xpv_slots_push_requests(&rig.front);
		assert_int_equal(xpv_slots_final_check_requests(&rig.back, 1), 3);
		for (i = 0; i < 3; i++)
			rig_take(&rig.back);
		assert_int_equal(xpv_slots_final_check_requests(&rig.back, 1), 0);
		assert_int_equal(rig.ring->req_event, starts[s] + 4);
		rig_put(&rig.front, 3);
		assert_true(xpv_slots_push_requests(&rig.front));
		rig_put(&rig.front, 4);
		assert_false(xpv_slots_push_requests(&rig.front));
		rig_free(&rig);
	}
}

/* A backend that waits for the n-th request is not notified before it. */
static void await_requests_ahead(void **state)
{
	unsigned int s, i;
	struct rig rig;
	bool notify;
	u32 ahead;

	for (s = 0; s < ARRAY_SIZE(starts); s++)
		for (ahead = 1; ahead <= 32; ahead++) {
			rig_init_at(&rig, SLOT, starts[s]);
			assert_int_equal(xpv_slots_final_check_requests(&rig.back,
									ahead), 0);
			for (i = 1; i <= 32; i++) {
				rig_put(&rig.front, i);
				notify = xpv_slots_push_requests(&rig.front);
				assert_int_equal(notify, i == ahead);
			}
			rig_free(&rig);
		}
}

/*
 * A frontend that waits for the n-th answer is not notified before it. Fails
 * when @ahead is counted from anything but what was consumed.
 */
static void await_responses_ahead(void **state)
{
	unsigned int s, i;
	struct rig rig;
	bool notify;
	u32 ahead;

	for (s = 0; s < ARRAY_SIZE(starts); s++)
		for (ahead = 1; ahead <= 32; ahead++) {
			rig_init_at(&rig, SLOT, starts[s]);
			for (i = 0; i < 32; i++)
				rig_put(&rig.front, i);
			xpv_slots_push_requests(&rig.front);
			assert_int_equal(xpv_slots_final_check_responses(&rig.front,
									 ahead), 0);
			for (i = 1; i <= 32; i++) {
				rig_take(&rig.back);
				rig_put(&rig.back, i);
				notify = xpv_slots_push_responses(&rig.back);
				assert_int_equal(notify, i == ahead);
			}
			rig_free(&rig);
		}
}

/* Fewer answers than waited for are there: the caller may sleep on. */
static void await_tells_how_many(void **state)
{
	struct rig rig;
	u32 i;

	rig_init(&rig, SLOT);
	for (i = 0; i < 8; i++)
		rig_put(&rig.front, i);
	xpv_slots_push_requests(&rig.front);
	for (i = 0; i < 3; i++) {
		rig_take(&rig.back);
		rig_put(&rig.back, i);
	}
	xpv_slots_push_responses(&rig.back);
	assert_int_equal(xpv_slots_final_check_responses(&rig.front, 8), 3);
	assert_int_equal(rig.ring->rsp_event, 8);
	for (i = 3; i < 8; i++) {
		rig_take(&rig.back);
		rig_put(&rig.back, i);
	}
	assert_true(xpv_slots_push_responses(&rig.back));
	assert_int_equal(xpv_slots_responses(&rig.front), 8);
	rig_free(&rig);
}

/*
 * The race of every sleeper: an entry that comes after the last look and before
 * the wish. Acted out at the barrier between the two. Fails when the look comes
 * first, or the wish is not written before it: that entry is then neither seen
 * nor announced.
 */
static struct rig *racing;
static bool announced;

static void request_comes(enum fake_point point, const volatile void *where)
{
	if (point != FAKE_MB)
		return;
	fake_hook = NULL;
	rig_put(&racing->front, 77);
	announced = xpv_slots_push_requests(&racing->front);
}

static void request_at_the_last_moment(void **state)
{
	struct rig rig;

	rig_init_at(&rig, SLOT, 0xffffffff);
	racing = &rig;
	announced = false;
	rig_put(&rig.front, 76);
	xpv_slots_push_requests(&rig.front);
	rig_take(&rig.back);
	fake_hook = request_comes;
	assert_int_equal(xpv_slots_final_check_requests(&rig.back, 1), 1);
	/* The wish stood already, so it is announced as well. */
	assert_true(announced);
	rig_free(&rig);
}

static void response_comes(enum fake_point point, const volatile void *where)
{
	if (point != FAKE_MB)
		return;
	fake_hook = NULL;
	rig_take(&racing->back);
	rig_put(&racing->back, 78);
	announced = xpv_slots_push_responses(&racing->back);
}

static void response_at_the_last_moment(void **state)
{
	struct rig rig;

	rig_init_at(&rig, SLOT, 0xffffffff);
	racing = &rig;
	announced = false;
	rig_put(&rig.front, 1);
	rig_put(&rig.front, 2);
	xpv_slots_push_requests(&rig.front);
	rig.ring->rsp_event = 0x80000000;
	fake_hook = response_comes;
	assert_int_equal(xpv_slots_final_check_responses(&rig.front, 1), 1);
	assert_true(announced);
	rig_free(&rig);
}

/*
 * The other half: a sleeper that states its wish just as the producer pushes.
 * Fails when the producer looks at the wish before it shows its index.
 */
static void sleeper_asks(enum fake_point point, const volatile void *where)
{
	if (point != FAKE_MB)
		return;
	fake_hook = NULL;
	/* It sees the index, or its wish is seen. */
	announced = xpv_slots_final_check_requests(&racing->back, 1) == 1;
}

static void wish_at_the_last_moment(void **state)
{
	struct rig rig;
	bool notify;

	rig_init(&rig, SLOT);
	racing = &rig;
	announced = false;
	rig.ring->req_event = 0x80000000;
	rig_put(&rig.front, 1);
	fake_hook = sleeper_asks;
	notify = xpv_slots_push_requests(&rig.front);
	assert_true(announced);
	assert_true(notify);
	rig_free(&rig);
}

UNIT_MAIN(fake_unit_test(request_thresholds),
	  fake_unit_test(response_thresholds),
	  fake_unit_test(announced_once),
	  fake_unit_test(await_requests),
	  fake_unit_test(await_requests_ahead),
	  fake_unit_test(await_responses_ahead),
	  fake_unit_test(await_tells_how_many),
	  fake_unit_test(request_at_the_last_moment),
	  fake_unit_test(response_at_the_last_moment),
	  fake_unit_test(wish_at_the_last_moment))
