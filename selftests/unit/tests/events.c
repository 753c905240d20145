// SPDX-License-Identifier: GPL-2.0
/* Events, their late end, arming: common/evtchn.c and common/queue.c. */
#include "fake.h"
#include "queue_rig.h"

/* Both ends, connected; the frontend's queue is what most tests look at. */
static void connect_ends(const struct xpv_queue_type *type, bool split)
{
	queue_rig_init(type, 0);
	assert_int_equal(xpv_queue_create(&fq, 0, split, "front"), 0);
	assert_int_equal(xpv_queue_publish(&fq, NULL, 1), 0);
	assert_int_equal(xpv_queue_attach(&bq, 1, 0, NULL, "back"), 0);
}

static void end(void)
{
	xpv_queue_destroy(&bq);
	xpv_queue_destroy(&fq);
}

/* An event masks the channel until the consumer is done; then it counts. */
static void late_eoi(void **state)
{
	unsigned int irq;

	connect_ends(&block_type, false);
	xpv_queue_arm(&fq);
	irq = fq.evtchn[0].irq;
	fake_fire(irq);
	assert_int_equal(fake_eois(irq), 0);
	xpv_queue_eoi(&fq, 0, true);
	assert_int_equal(fake_eois(irq), 1);
	assert_int_equal(fake_spurious_eois(irq), 0);
	/* No event is pending: nothing to end. */
	xpv_queue_eoi(&fq, 0, true);
	assert_int_equal(fake_eois(irq), 1);
	end();
}

/* Fails when an event with nothing behind it is ended as a good one. */
static void spurious_event(void **state)
{
	unsigned int irq;

	connect_ends(&block_type, false);
	xpv_queue_arm(&fq);
	irq = fq.evtchn[0].irq;
	fake_fire(irq);
	xpv_queue_eoi(&fq, 0, false);
	assert_int_equal(fake_eois(irq), 1);
	assert_int_equal(fake_spurious_eois(irq), 1);
	assert_int_equal(fq.ring_stats[0].spurious, 1);
	assert_int_equal(fq.ring_stats[0].events, 1);
	end();
}

/*
 * What was consumed before the event arrived belongs to it (the peer pushes,
 * then notifies). Fails when work done between two events is forgotten, or
 * still counts for the event after the next.
 */
static void work_before_the_event(void **state)
{
	unsigned int irq;

	connect_ends(&block_type, false);
	xpv_queue_arm(&fq);
	irq = fq.evtchn[0].irq;
	xpv_queue_eoi(&fq, 0, true);
	assert_int_equal(fake_eois(irq), 0);
	fake_fire(irq);
	xpv_queue_eoi(&fq, 0, false);
	assert_int_equal(fake_spurious_eois(irq), 0);
	fake_fire(irq);
	xpv_queue_eoi(&fq, 0, false);
	assert_int_equal(fake_spurious_eois(irq), 1);
	assert_int_equal(fake_eois(irq), 2);
	end();
}

/* Fails when the callback runs before arming or after disarming. */
static void armed_only(void **state)
{
	unsigned int irq;

	connect_ends(&block_type, false);
	irq = fq.evtchn[0].irq;
	fake_fire(irq);
	assert_int_equal(events[0], 0);
	/* Arming looks for what came before. */
	xpv_queue_arm(&fq);
	assert_int_equal(events[0], 1);
	xpv_queue_eoi(&fq, 0, true);
	assert_int_equal(fake_eois(irq), 1);
	fake_fire(irq);
	assert_int_equal(events[0], 2);
	xpv_queue_eoi(&fq, 0, true);
	xpv_queue_disarm(&fq);
	fake_fire(irq);
	assert_int_equal(events[0], 2);
	assert_int_equal(fake_irq_syncs(irq), 1);
	end();
}

/* The callback takes the locks of interrupts. Fails when they are on. */
static void arm_runs_callbacks_without_interrupts(void **state)
{
	connect_ends(&net_type, true);
	xpv_queue_arm(&fq);
	assert_int_equal(events[0], 1);
	assert_int_equal(events[1], 1);
	assert_false(events_with_irqs_on);
	assert_false(fake_irqs_off);
	end();
}

/* A frontend whose notification got lost while no backend was there. */
static void arm_notifies_for_a_backend(void **state)
{
	connect_ends(&net_type, true);
	xpv_queue_arm(&bq);
	assert_int_equal(fake_notified(bq.evtchn[0].irq), 1);
	assert_int_equal(fake_notified(bq.evtchn[1].irq), 1);
	xpv_queue_arm(&fq);
	assert_int_equal(fake_notified(fq.evtchn[0].irq), 0);
	end();
}

/* Fails when an event or a notification goes to the other ring's channel. */
static void split_channels(void **state)
{
	connect_ends(&net_type, true);
	xpv_queue_arm(&fq);
	memset(events, 0, sizeof(events));
	fake_fire(fq.evtchn[1].irq);
	assert_int_equal(events[0], 0);
	assert_int_equal(events[1], 1);
	xpv_queue_eoi(&fq, 0, true);
	assert_int_equal(fake_eois(fq.evtchn[1].irq), 0);
	xpv_queue_eoi(&fq, 1, true);
	assert_int_equal(fake_eois(fq.evtchn[1].irq), 1);
	xpv_queue_notify(&fq, 1);
	assert_int_equal(fake_notified(fq.evtchn[0].irq), 0);
	assert_int_equal(fake_notified(fq.evtchn[1].irq), 1);
	end();
}

/* Fails when a shared channel serves one ring only. */
static void shared_channel(void **state)
{
	connect_ends(&net_type, false);
	xpv_queue_arm(&fq);
	memset(events, 0, sizeof(events));
	fake_fire(fq.evtchn[0].irq);
	assert_int_equal(events[0], 1);
	assert_int_equal(events[1], 0);
	xpv_queue_eoi(&fq, 1, true);
	assert_int_equal(fake_eois(fq.evtchn[0].irq), 1);
	xpv_queue_notify(&fq, 0);
	xpv_queue_notify(&fq, 1);
	assert_int_equal(fake_notified(fq.evtchn[0].irq), 2);
	assert_int_equal(fq.ring_stats[0].notifies, 1);
	assert_int_equal(fq.ring_stats[1].notifies, 1);
	end();
}

/* Fails when an event left over from one connection is ended in the next. */
static void fresh_after_reconnect(void **state)
{
	connect_ends(&block_type, false);
	xpv_queue_arm(&fq);
	fake_fire(fq.evtchn[0].irq);
	xpv_queue_eoi(&fq, 0, false);
	fake_fire(fq.evtchn[0].irq);
	fq.evtchn[0].worked = true;
	end();

	/* Counters survive, pending events do not. */
	assert_int_equal(fq.ring_stats[0].events, 2);
	assert_int_equal(xpv_queue_create(&fq, 0, false, "front"), 0);
	assert_int_equal(atomic_read(&fq.evtchn[0].pending), 0);
	assert_false(fq.evtchn[0].worked);
	assert_false(fq.armed);
	xpv_queue_destroy(&fq);
}

/* Fails when closing what is not open unbinds something. */
static void close_any_time(void **state)
{
	struct xpv_evtchn ec = { 0 };

	xpv_evtchn_close(&ec, &ec);
	connect_ends(&block_type, false);
	end();
	xpv_evtchn_close(&fq.evtchn[0], &fq);
	xpv_queue_disarm(&fq);
	xpv_queue_disarm(&bq);
}

UNIT_MAIN(queue_test(late_eoi),
	  queue_test(spurious_event),
	  queue_test(work_before_the_event),
	  queue_test(armed_only),
	  queue_test(arm_runs_callbacks_without_interrupts),
	  queue_test(arm_notifies_for_a_backend),
	  queue_test(split_channels),
	  queue_test(shared_channel),
	  queue_test(fresh_after_reconnect),
	  queue_test(close_any_time))
