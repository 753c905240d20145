// SPDX-License-Identifier: GPL-2.0
/*
 * With which answer netfront's transmit ring wants an event:
 * netfront/tx_event.h, its three parties each in a thread of its own.
 */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "fake.h"
#include "rig.h"
#include "netfront/tx_event.h"

#define PACKETS 300000

static u32 distance(u32 cons, u32 pushed, u32 urgent)
{
	return netfront_tx_event_distance(cons, pushed, urgent);
}

/* Fails when nobody waits and an event comes for few, or for none at all. */
static void lazy(void **state)
{
	u32 base, out;

	for (base = 0xffffff00; base != 0x100; base++) {
		for (out = 0; out < 2 * NETFRONT_TX_LAZY_RSPS - 1; out++)
			assert_int_equal(distance(base, base + out, base),
					 NETFRONT_TX_LAZY_RSPS);
		assert_int_equal(distance(base, base + 256, base), 129);
		/* The last urgent response was long ago. */
		assert_int_equal(distance(base, base + 1, base - 300),
				 NETFRONT_TX_LAZY_RSPS);
	}
}

/* Fails when somebody waits and the event may not come, or only for all. */
static void waited_for(void **state)
{
	u32 base, out;

	for (base = 0xffffff00; base != 0x100; base++) {
		assert_int_equal(distance(base, base, base + 1), 1);
		for (out = 1; out <= 256; out++)
			assert_int_equal(distance(base, base + out, base + out),
					 out / 2 + 1);
	}
}

/*
 * One puts single packets of the one and of the other kind in front of a
 * backend that has nothing to do. Fails when the kind makes no difference, when
 * an answer that somebody waits for brings no event, or brings more than one.
 */
static void one_by_one(void **state)
{
	unsigned int i, events = 0;
	u32 soon = 0xfffffff0;
	struct rig rig;

	rig_init_at(&rig, SLOT, 0xfffffff0);
	assert_int_equal(netfront_tx_set_rsp_event(&rig.front, &soon), 0);
	for (i = 1; i <= 12; i++) {
		rig_put(&rig.front, i);
		if (i == 12)
			netfront_tx_event_for_last(&rig.front, &soon);
		xpv_slots_push_requests(&rig.front);
		rig_put(&rig.back, rig_take(&rig.back));
		events += xpv_slots_push_responses(&rig.back);
		assert_int_equal(events, i == 12);
	}
	/* Some are taken and another is waited for: the rest has it wait. */
	assert_int_equal(netfront_tx_set_rsp_event(&rig.front, &soon), 12);
	rig_free(&rig);
}

/*
 * The one does all of its part at one moment of the other's, at each in turn:
 * @moment counts down to it.
 */
static struct rig meeting;
static u32 meeting_soon;
static int moment, taken_at_once;
static bool event_came;

static void hurry_and_push(void)
{
	rig_put(&meeting.front, 1);
	netfront_tx_event_for_last(&meeting.front, &meeting_soon);
	xpv_slots_push_requests(&meeting.front);
}

static void back_answers(void)
{
	while (xpv_slots_requests(&meeting.back) > 0)
		rig_put(&meeting.back, rig_take(&meeting.back));
	event_came |= xpv_slots_push_responses(&meeting.back);
}

static void hurries(enum fake_point point, const volatile void *where)
{
	if (moment--)
		return;
	fake_hook = NULL;
	hurry_and_push();
}

static void hurries_answered(enum fake_point point, const volatile void *where)
{
	if (moment--)
		return;
	fake_hook = NULL;
	hurry_and_push();
	back_answers();
}

static void asks(enum fake_point point, const volatile void *where)
{
	if (moment--)
		return;
	fake_hook = NULL;
	taken_at_once =
		netfront_tx_set_rsp_event(&meeting.front, &meeting_soon);
}

/* Return: false where there is no such moment. */
static bool meet(void (*hook)(enum fake_point, const volatile void *), int when)
{
	bool met;

	rig_init(&meeting, SLOT);
	meeting_soon = 0;
	moment = when;
	event_came = false;
	taken_at_once = 0;
	/* NAPI has asked before, when nobody waited. */
	netfront_tx_set_rsp_event(&meeting.front, &meeting_soon);
	fake_hook = hook;
	if (hook == asks)
		hurry_and_push();
	else
		taken_at_once = netfront_tx_set_rsp_event(&meeting.front,
							  &meeting_soon);
	met = !fake_hook;
	fake_hook = NULL;
	back_answers();
	rig_free(&meeting);
	return met;
}

/* Fails when an urgent response is neither seen nor announced by an event. */
static void meetings(void **state)
{
	int when;

	for (when = 0; meet(hurries, when); when++)
		assert_true(event_came || taken_at_once);
	assert_in_range(when, 5, 50);
	for (when = 0; meet(hurries_answered, when); when++)
		assert_true(event_came || taken_at_once);
	assert_in_range(when, 5, 50);
	for (when = 0; meet(asks, when); when++)
		assert_true(event_came || taken_at_once);
	assert_in_range(when, 5, 50);
}

static struct rig rig;
static sem_t to_back, to_taker, answered;
static u32 soon, cons;
static unsigned long events;
static volatile int stuck;

static void sleep_on(sem_t *sem)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	if (sem_timedwait(sem, &until))
		stuck = 1;
}

static void *backend(void *arg)
{
	u32 taken = 0;
	int n;

	while (taken < PACKETS && !stuck) {
		n = xpv_slots_final_check_requests(&rig.back, 1);
		if (!n)
			sleep_on(&to_back);
		for (; n > 0; n--, taken++) {
			rig_put(&rig.back, rig_take(&rig.back));
			if (xpv_slots_push_responses(&rig.back)) {
				events++;
				sem_post(&to_taker);
			}
		}
	}
	return NULL;
}

static void *taker(void *arg)
{
	int n;

	while (cons < PACKETS && !stuck) {
		n = netfront_tx_set_rsp_event(&rig.front, &soon);
		/* As NAPI is: run again by an event that came meanwhile. */
		if (!n)
			sleep_on(&to_taker);
		for (n = xpv_slots_responses(&rig.front); n > 0; n--)
			rig_take(&rig.front);
		WRITE_ONCE(cons, rig.front.cons);
		sem_post(&answered);
	}
	return NULL;
}

/* Waits for every packet that is not copied whole, and for room. */
static void *transmitter(void *arg)
{
	unsigned int seed = 1;
	bool waits;
	u32 i;

	for (i = 1; i <= PACKETS && !stuck; i++) {
		while (!xpv_slots_free(&rig.front) && !stuck)
			sleep_on(&answered);
		rig_put(&rig.front, i);
		/* The last of all, so that the test ends. */
		waits = !(rand_r(&seed) % 8) || i == PACKETS;
		if (waits)
			netfront_tx_event_for_last(&rig.front, &soon);
		if (xpv_slots_push_requests(&rig.front))
			sem_post(&to_back);
		while (waits && (s32)(READ_ONCE(cons) - i) < 0 && !stuck)
			sleep_on(&answered);
	}
	return NULL;
}

/*
 * Fails when an event is lost that somebody waits for, whoever was faster to
 * say what he wants; or when each answer has one.
 */
static void side_by_side(void **state)
{
	pthread_t thread[3];
	unsigned int i;

	rig_init(&rig, SLOT);
	sem_init(&to_back, 0, 0);
	sem_init(&to_taker, 0, 0);
	sem_init(&answered, 0, 0);
	pthread_create(&thread[0], NULL, backend, NULL);
	pthread_create(&thread[1], NULL, taker, NULL);
	pthread_create(&thread[2], NULL, transmitter, NULL);
	for (i = 0; i < ARRAY_SIZE(thread); i++)
		pthread_join(thread[i], NULL);
	assert_false(stuck);
	assert_int_equal(rig.front.cons, PACKETS);
	assert_true(events < PACKETS / 2);
	rig_free(&rig);
}

UNIT_MAIN(fake_unit_test(lazy),
	  fake_unit_test(waited_for),
	  fake_unit_test(one_by_one),
	  fake_unit_test(meetings),
	  fake_unit_test(side_by_side))
