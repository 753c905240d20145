// SPDX-License-Identifier: GPL-2.0
/* A frontend's queues: create, publish, destroy. common/queue.c. */
#include "fake.h"
#include "queue_rig.h"

static void create(unsigned int order, bool split)
{
	assert_int_equal(xpv_queue_create(&fq, order, split, "blkif"), 0);
}

static void publish(unsigned int nr_queues)
{
	assert_int_equal(xpv_queue_publish(&fq, NULL, nr_queues), 0);
}

/* Fails when a queue without rings passes for connected, or the reverse. */
static void connected(void **state)
{
	assert_false(xpv_queue_connected(&fq));
	create(0, false);
	assert_true(xpv_queue_connected(&fq));
	xpv_queue_destroy(&fq);
	assert_false(xpv_queue_connected(&fq));
}

/* Fails when rings or channels are one too many or too few. */
static void what_is_made(void **state)
{
	create(2, false);
	assert_int_equal(fake_live.rings, 1);
	assert_int_equal(fake_live.grefs, 4);
	assert_int_equal(fake_live.ports, 1);
	assert_int_equal(fake_live.irqs, 1);
	assert_string_equal(fake_irq_name(fq.evtchn[0].irq), "blkif");
	xpv_queue_destroy(&fq);

	queue_rig_init(&net_type, 0);
	create(0, false);
	assert_int_equal(fake_live.rings, 2);
	assert_int_equal(fake_live.ports, 1);
	assert_ptr_equal(xpv_queue_evtchn(&fq, 0), xpv_queue_evtchn(&fq, 1));
	xpv_queue_destroy(&fq);

	create(0, true);
	assert_int_equal(fake_live.rings, 2);
	assert_int_equal(fake_live.ports, 2);
	assert_ptr_not_equal(xpv_queue_evtchn(&fq, 0),
			     xpv_queue_evtchn(&fq, 1));
	assert_string_equal(fake_irq_name(fq.evtchn[0].irq), "blkif-tx");
	assert_string_equal(fake_irq_name(fq.evtchn[1].irq), "blkif-rx");
	xpv_queue_destroy(&fq);
}

/* A name that is too long is cut, not written past its end. */
static void long_name(void **state)
{
	const char *name = "a-name-of-more-than-thirty-one-characters";

	queue_rig_init(&net_type, 0);
	assert_int_equal(xpv_queue_create(&fq, 0, true, name), 0);
	assert_int_equal(strlen(fake_irq_name(fq.evtchn[0].irq)),
			 sizeof(fq.evtchn[0].name) - 1);
	xpv_queue_destroy(&fq);
}

/*
 * Fail each call that can fail, one after the other, until none is left. Fails
 * when any step leaves a reference, a ring, a port or an interrupt behind, or a
 * queue that cannot be used again.
 */
static void fail_every_step(unsigned int order, bool split, unsigned int steps)
{
	unsigned int step;
	int err;

	for (step = 1;; step++) {
		fake_fail_step(step);
		err = xpv_queue_create(&fq, order, split, "blkif");
		if (!fake_step_done())
			break;
		assert_true(err == -ENOMEM || err == -ENOSPC);
		fake_assert_nothing_live();
		assert_false(xpv_queue_connected(&fq));
		/* Undone already: nothing is undone twice. */
		xpv_queue_destroy(&fq);
	}
	assert_int_equal(err, 0);
	assert_int_equal(step - 1, steps);
	xpv_queue_destroy(&fq);
	fake_assert_nothing_live();
	fake_fail_step(0);
}

static void create_fails_at_every_step(void **state)
{
	/* Memory, references, port, interrupt. */
	fail_every_step(0, false, 4);
	fail_every_step(4, false, 4);
	queue_rig_init(&net_type, 0);
	fail_every_step(0, false, 6);
	fail_every_step(0, true, 8);
}

/* Fails when a port stays open because its interrupt was not to be had. */
static void port_without_interrupt(void **state)
{
	fake_fail(FAKE_BIND_OWN, 0, 1, -ENOSPC);
	assert_int_equal(xpv_queue_create(&fq, 0, false, "blkif"), -ENOSPC);
	fake_assert_nothing_live();
}

/* Fails when destroy needs a queue in a certain state. */
static void destroy_any_time(void **state)
{
	xpv_queue_destroy(&fq);
	create(1, false);
	xpv_queue_destroy(&fq);
	xpv_queue_destroy(&fq);
	create(0, false);
	xpv_queue_destroy(&fq);
	fake_assert_nothing_live();
}

/* Fails when destroy frees a ring while an interrupt may still look at it. */
static void destroy_waits_for_interrupts(void **state)
{
	unsigned int irq;

	create(0, false);
	xpv_queue_arm(&fq);
	irq = fq.evtchn[0].irq;
	xpv_queue_destroy(&fq);
	assert_int_equal(fake_irq_syncs(irq), 1);
	assert_false(fq.armed);
}

/* One queue, one page: the keys that every backend knows. */
static void publish_flat(void **state)
{
	create(0, false);
	publish(1);
	assert_key("ring-ref", fq.ring[0].gref[0]);
	assert_key("event-channel", fq.evtchn[0].port);
	assert_null(front_key("ring-page-order"));
	assert_null(front_key("ring-ref0"));
	assert_null(front_key("queue-0/ring-ref"));
	xpv_queue_destroy(&fq);
}

/* Several pages are numbered and announced. */
static void publish_pages(void **state)
{
	unsigned int order, i;
	char key[24];

	for (order = 1; order <= XPV_RING_MAX_ORDER; order++) {
		create(order, false);
		publish(1);
		assert_key("ring-page-order", order);
		for (i = 0; i < 1U << order; i++) {
			snprintf(key, sizeof(key), "ring-ref%u", i);
			assert_key(key, fq.ring[0].gref[i]);
		}
		xpv_queue_destroy(&fq);
	}
	assert_null(front_key("ring-ref"));
	assert_null(front_key("ring-ref16"));
}

/* Fails when the order of a connection before is left standing. */
static void publish_fewer_pages(void **state)
{
	create(2, false);
	publish(1);
	xpv_queue_destroy(&fq);
	create(0, false);
	publish(1);
	assert_null(front_key("ring-page-order"));
	assert_key("ring-ref", fq.ring[0].gref[0]);
	xpv_queue_destroy(&fq);
}

/* Several queues: each in its own folder, the order once for all. */
static void publish_queues(void **state)
{
	queue_rig_init(&block_type, 0);
	create(1, false);
	publish(2);
	assert_key("ring-page-order", 1);
	assert_key("queue-0/ring-ref0", fq.ring[0].gref[0]);
	assert_key("queue-0/ring-ref1", fq.ring[0].gref[1]);
	assert_key("queue-0/event-channel", fq.evtchn[0].port);
	assert_null(front_key("ring-ref0"));
	assert_null(front_key("event-channel"));
	assert_null(front_key("queue-0/ring-page-order"));
	xpv_queue_destroy(&fq);

	fake_xs_remove(FAKE_FRONT_DIR, "ring-page-order");
	queue_rig_init(&block_type, 63);
	create(4, false);
	publish(64);
	assert_key("queue-63/ring-ref15", fq.ring[0].gref[15]);
	/* Written with the first queue only. */
	assert_null(front_key("ring-page-order"));
	xpv_queue_destroy(&fq);
}

/* The last queue of many with the longest names of all. */
static void publish_net(void **state)
{
	queue_rig_init(&net_type, 0);
	create(0, false);
	publish(1);
	assert_key("tx-ring-ref", fq.ring[0].gref[0]);
	assert_key("rx-ring-ref", fq.ring[1].gref[0]);
	assert_key("event-channel", fq.evtchn[0].port);
	assert_null(front_key("event-channel-tx"));
	assert_null(front_key("ring-page-order"));
	xpv_queue_destroy(&fq);

	queue_rig_init(&net_type, 63);
	create(0, true);
	publish(64);
	assert_key("queue-63/tx-ring-ref", fq.ring[0].gref[0]);
	assert_key("queue-63/rx-ring-ref", fq.ring[1].gref[0]);
	assert_key("queue-63/event-channel-tx", fq.evtchn[0].port);
	assert_key("queue-63/event-channel-rx", fq.evtchn[1].port);
	assert_null(front_key("queue-63/event-channel"));
	xpv_queue_destroy(&fq);
}

/*
 * Fails when a ring beside the queues writes, or takes away, the channel of the
 * only queue.
 */
static void publish_own_channel(void **state)
{
	queue_rig_init(&ctrl_type, 0);
	fake_xs_set(FAKE_FRONT_DIR, "event-channel", "77");
	create(0, false);
	publish(1);
	assert_key("ctrl-ring-ref", fq.ring[0].gref[0]);
	assert_key("event-channel-ctrl", fq.evtchn[0].port);
	assert_key("event-channel", 77);
	assert_int_equal(fq.ring[0].slots.nr, 128);
	xpv_queue_destroy(&fq);
}

/*
 * A connection with one channel after one with two: backends look for the
 * split keys first. Fails when the dead channels of before are still named.
 */
static void publish_shared_after_split(void **state)
{
	queue_rig_init(&net_type, 0);
	create(0, true);
	publish(1);
	xpv_queue_destroy(&fq);
	create(0, false);
	publish(1);
	xpv_queue_destroy(&fq);
	assert_null(front_key("event-channel-tx"));
	assert_null(front_key("event-channel-rx"));
}

/* Fails when a write that failed is passed over. */
static void publish_fails(void **state)
{
	unsigned int at;

	queue_rig_init(&net_type, 0);
	create(0, true);
	for (at = 0; at < 4; at++) {
		fake_fail(FAKE_XS_WRITE, at, 1, -ENOSPC);
		assert_int_equal(xpv_queue_publish(&fq, NULL, 1), -ENOSPC);
	}
	publish(1);
	xpv_queue_destroy(&fq);
	queue_rig_init(&block_type, 0);
	create(1, false);
	/* The order, two references, a channel. */
	for (at = 0; at < 4; at++) {
		fake_fail(FAKE_XS_WRITE, at, 1, -ENOSPC);
		assert_int_equal(xpv_queue_publish(&fq, NULL, 1), -ENOSPC);
	}
	xpv_queue_destroy(&fq);
}

/*
 * One queue after several, and several after one: fails when keys of the other
 * layout stay, or the number of queues does.
 */
static void layouts(void **state)
{
	static struct xpv_queue second;
	struct xpv_queue *queues[] = { &fq, &second };

	queue_rig_init(&net_type, 0);
	memset(&second, 0, sizeof(second));
	xpv_queue_init(&second, &front.xdev, &net_type, 1);
	create(0, true);
	assert_int_equal(xpv_queue_create(&second, 0, true, "vif0-q1"), 0);

	assert_int_equal(xpv_queues_publish(&front.xdev, NULL, queues, 1,
					    true), 0);
	assert_string_equal(front_key("multi-queue-num-queues"), "1");
	assert_non_null(front_key("tx-ring-ref"));
	assert_int_equal(xpv_queues_publish(&front.xdev, NULL, queues, 2,
					    true), 0);
	assert_string_equal(front_key("multi-queue-num-queues"), "2");
	assert_null(front_key("tx-ring-ref"));
	assert_null(front_key("event-channel-rx"));
	assert_non_null(front_key("queue-1/rx-ring-ref"));
	assert_int_equal(xpv_queues_publish(&front.xdev, NULL, queues, 1,
					    false), 0);
	assert_null(front_key("multi-queue-num-queues"));
	assert_non_null(front_key("tx-ring-ref"));
	xpv_queue_destroy(&second);
	xpv_queue_destroy(&fq);
}

UNIT_MAIN(queue_test(layouts),
	  queue_test(connected),
	  queue_test(what_is_made),
	  queue_test(long_name),
	  queue_test(create_fails_at_every_step),
	  queue_test(port_without_interrupt),
	  queue_test(destroy_any_time),
	  queue_test(destroy_waits_for_interrupts),
	  queue_test(publish_flat),
	  queue_test(publish_pages),
	  queue_test(publish_fewer_pages),
	  queue_test(publish_queues),
	  queue_test(publish_net),
	  queue_test(publish_own_channel),
	  queue_test(publish_shared_after_split),
	  queue_test(publish_fails))
