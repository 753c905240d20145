// SPDX-License-Identifier: GPL-2.0
/* A backend's queues: attach to what a frontend wrote. common/queue.c. */
#include "fake.h"
#include "queue_rig.h"

#define MAX_ORDER 4

/* A frontend as ours is, published. */
static void publish(const struct xpv_queue_type *type, unsigned int index,
		    unsigned int nr_queues, unsigned int order, bool split)
{
	queue_rig_init(type, index);
	assert_int_equal(xpv_queue_create(&fq, order, split, "front"), 0);
	assert_int_equal(xpv_queue_publish(&fq, NULL, nr_queues), 0);
}

static int attach(unsigned int nr_queues, unsigned int max_order)
{
	return xpv_queue_attach(&bq, nr_queues, max_order, NULL, "back");
}

/* Attached to the right rings, whose entries get across. */
static void assert_attached(void)
{
	unsigned int i;
	u64 stamp = 99, got;

	assert_true(xpv_queue_connected(&bq));
	for (i = 0; i < fq.type->nr_rings; i++) {
		assert_int_equal(bq.ring[i].pages, fq.ring[i].pages);
		assert_ptr_equal(bq.ring[i].slots.shared,
				 fq.ring[i].slots.shared);
		xpv_slots_produce(&fq.ring[i].slots, &stamp, 8);
		xpv_slots_push_requests(&fq.ring[i].slots);
		assert_int_equal(xpv_slots_requests(&bq.ring[i].slots), 1);
		xpv_slots_consume(&bq.ring[i].slots, &got, 8);
		assert_int_equal(got, stamp);
	}
	assert_int_equal(bq.split, fq.split);
}

static void end(void)
{
	xpv_queue_destroy(&bq);
	xpv_queue_destroy(&fq);
	fake_assert_nothing_live();
}

/* Refused, with nothing left of it, and again from where it was. */
static void assert_refused(unsigned int nr_queues, unsigned int max_order,
			   int err)
{
	const struct fake_live before = fake_live;

	assert_int_equal(attach(nr_queues, max_order), err);
	assert_memory_equal(&fake_live, &before, sizeof(before));
	assert_false(xpv_queue_connected(&bq));
	xpv_queue_destroy(&bq);
	assert_memory_equal(&fake_live, &before, sizeof(before));
}

/* Fails when either layout is read where the other was written. */
static void layouts(void **state)
{
	static const struct {
		const struct xpv_queue_type *type;
		unsigned int index, nr_queues, order;
		bool split;
	} shape[] = {
		{ &block_type, 0, 1, 0, false },
		{ &block_type, 0, 1, 1, false },
		{ &block_type, 0, 1, 4, false },
		{ &block_type, 0, 4, 0, false },
		{ &block_type, 3, 4, 0, false },
		{ &block_type, 63, 64, 0, false },
		{ &net_type, 0, 1, 0, false },
		{ &net_type, 0, 1, 0, true },
		{ &net_type, 1, 2, 0, false },
		{ &net_type, 63, 64, 0, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shape); i++) {
		publish(shape[i].type, shape[i].index, shape[i].nr_queues,
			shape[i].order, shape[i].split);
		assert_int_equal(attach(shape[i].nr_queues, MAX_ORDER), 0);
		assert_attached();
		end();
		queue_rig_setup(state);
	}
}

/* Queues beyond the first with several pages: the order is the device's. */
static void pages_of_a_later_queue(void **state)
{
	publish(&block_type, 2, 3, 1, false);
	fake_xs_set(FAKE_FRONT_DIR, "ring-page-order", "1");
	assert_int_equal(attach(3, MAX_ORDER), 0);
	assert_attached();
	end();
}

/* Order 0 written out: some then number the one page, others do not. */
static void order_zero_written_out(void **state)
{
	publish(&block_type, 0, 1, 0, false);
	fake_xs_set(FAKE_FRONT_DIR, "ring-page-order", "0");
	assert_int_equal(attach(1, MAX_ORDER), 0);
	assert_attached();
	xpv_queue_destroy(&bq);

	fake_xs_set(FAKE_FRONT_DIR, "ring-ref0", front_key("ring-ref"));
	fake_xs_remove(FAKE_FRONT_DIR, "ring-ref");
	assert_int_equal(attach(1, MAX_ORDER), 0);
	assert_int_equal(bq.ring[0].pages, 1);
	end();
}

/* With both keys and an order, the numbered one counts. */
static void both_ref_keys(void **state)
{
	publish(&block_type, 0, 1, 0, false);
	fake_xs_set(FAKE_FRONT_DIR, "ring-ref0", front_key("ring-ref"));
	fake_xs_set(FAKE_FRONT_DIR, "ring-ref", "4000000000");
	fake_xs_set(FAKE_FRONT_DIR, "ring-page-order", "0");
	assert_int_equal(attach(1, MAX_ORDER), 0);
	assert_attached();
	xpv_queue_destroy(&bq);
	/* Without an order the plain one does. */
	fake_xs_remove(FAKE_FRONT_DIR, "ring-page-order");
	assert_refused(1, MAX_ORDER, -EINVAL);
	end();
}

/* Fails when an order beyond what was offered is taken, or cut to it. */
static void order_bounds(void **state)
{
	static const struct {
		const char *text;
		int err;
	} bad[] = {
		{ "3", -ERANGE }, { "5", -ERANGE }, { "31", -ERANGE },
		{ "32", -ERANGE }, { "64", -ERANGE }, { "1000", -ERANGE },
		{ "4294967298", -ERANGE },
		{ "18446744073709551618", -ERANGE },
		{ "-1", -EINVAL }, { "", -EINVAL }, { "0x2", -EINVAL },
		{ " 2", -EINVAL }, { "2 ", -EINVAL }, { "two", -EINVAL },
	};
	unsigned int i;

	publish(&block_type, 0, 1, 2, false);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		back.xdev.ratelimit.burst = 1;
		fake_xs_set(FAKE_FRONT_DIR, "ring-page-order", bad[i].text);
		assert_refused(1, 2, bad[i].err);
		assert_int_equal(atomic_read(&back.xdev.peer_warnings), i + 1);
	}
	assert_true(fake_log_has("ring-page-order \"1000\""));
	fake_xs_set(FAKE_FRONT_DIR, "ring-page-order", "2");
	assert_int_equal(attach(1, 2), 0);
	assert_attached();
	xpv_queue_destroy(&bq);
	/* Where one page was offered. */
	assert_refused(1, 0, -ERANGE);
	end();
}

/* A type without multi-page rings does not look at the order. */
static void order_where_none_is(void **state)
{
	publish(&net_type, 0, 1, 0, false);
	fake_xs_set(FAKE_FRONT_DIR, "ring-page-order", "9");
	assert_int_equal(attach(1, 0), 0);
	assert_attached();
	end();
}

/* Each key in turn is missing: named, refused, nothing left. */
static void missing_keys(void **state)
{
	static const char * const pages[] = {
		"ring-ref0", "ring-ref1", "ring-ref2", "ring-ref3",
		"event-channel",
	};
	static const char * const net[] = {
		"queue-1/tx-ring-ref", "queue-1/rx-ring-ref",
		"queue-1/event-channel-rx",
	};
	char value[16];
	unsigned int i;

	publish(&block_type, 0, 1, 2, false);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		strscpy(value, front_key(pages[i]), sizeof(value));
		fake_xs_remove(FAKE_FRONT_DIR, pages[i]);
		back.xdev.ratelimit.burst = 9;
		assert_refused(1, 2, -ENOENT);
		/* The first page has a second name to look for. */
		assert_true(fake_log_has(i ? pages[i] : "ring-ref"));
		fake_xs_set(FAKE_FRONT_DIR, pages[i], value);
	}
	end();

	queue_rig_setup(state);
	publish(&net_type, 1, 2, 0, true);
	for (i = 0; i < ARRAY_SIZE(net); i++) {
		strscpy(value, front_key(net[i]), sizeof(value));
		fake_xs_remove(FAKE_FRONT_DIR, net[i]);
		back.xdev.ratelimit.burst = 9;
		assert_refused(2, 0, -ENOENT);
		assert_true(fake_log_has(net[i]));
		fake_xs_set(FAKE_FRONT_DIR, net[i], value);
	}
	end();
}

/* Neither split keys nor the shared one. */
static void no_channel_at_all(void **state)
{
	publish(&net_type, 0, 1, 0, false);
	fake_xs_remove(FAKE_FRONT_DIR, "event-channel");
	assert_refused(1, 0, -ENOENT);
	assert_true(fake_log_has("event-channel is missing"));
	end();
}

/* Both kinds of channel keys: the split ones win, as in every backend. */
static void both_channel_keys(void **state)
{
	publish(&net_type, 0, 1, 0, true);
	fake_xs_set(FAKE_FRONT_DIR, "event-channel", "4000000000");
	assert_int_equal(attach(1, 0), 0);
	assert_attached();
	end();
}

/* Fails when a ring beside the queues takes the channel of the only queue. */
static void own_channel(void **state)
{
	publish(&ctrl_type, 0, 1, 0, false);
	fake_xs_set(FAKE_FRONT_DIR, "event-channel", "4000000000");
	assert_int_equal(attach(1, 0), 0);
	assert_attached();
	assert_false(xpv_queue_stale(&bq, 1));
	xpv_queue_destroy(&bq);

	fake_xs_remove(FAKE_FRONT_DIR, "event-channel-ctrl");
	assert_refused(1, 0, -ENOENT);
	assert_true(fake_log_has("event-channel-ctrl is missing"));
	end();
}

/* As publish_shared_after_split in tests/queue_front.c, seen from here. */
static void shared_after_split(void **state)
{
	bool split;

	publish(&net_type, 0, 1, 0, true);
	xpv_queue_destroy(&fq);
	publish(&net_type, 0, 1, 0, false);
	split = !attach(1, 0) && bq.split;
	end();
	assert_false(split);
}

/* Junk where numbers belong. */
static void junk_values(void **state)
{
	static const char * const keys[] = { "ring-ref", "event-channel" };
	static const struct {
		const char *text;
		int err;
	} bad[] = {
		{ "", -EINVAL }, { "-1", -EINVAL }, { "8x", -EINVAL },
		{ "0x8", -EINVAL }, { " 8", -EINVAL },
		{ "4294967296", -ERANGE }, { "4294967304", -ERANGE },
		/* Numbers, but nothing that the peer has. */
		{ "0", -EINVAL }, { "4294967295", -EINVAL },
		{ "250", -EINVAL },
	};
	char value[16];
	unsigned int k, i;

	publish(&block_type, 0, 1, 0, false);
	for (k = 0; k < ARRAY_SIZE(keys); k++) {
		strscpy(value, front_key(keys[k]), sizeof(value));
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			fake_xs_set(FAKE_FRONT_DIR, keys[k], bad[i].text);
			assert_refused(1, 0, bad[i].err);
		}
		fake_xs_set(FAKE_FRONT_DIR, keys[k], value);
	}
	end();
}

/* Fails when a ring stays mapped after its channel was not to be bound. */
static void bind_fails(void **state)
{
	publish(&net_type, 0, 1, 0, true);
	fake_fail(FAKE_BIND_PEER, 0, 1, -ENOSPC);
	assert_refused(1, 0, -ENOSPC);
	/* The second of two. */
	fake_fail(FAKE_BIND_PEER, 1, 1, -EINVAL);
	assert_refused(1, 0, -EINVAL);
	assert_true(fake_log_has("cannot bind event channel"));
	end();
}

/* Every call that can fail, one after the other. */
static void attach_fails_at_every_step(void **state)
{
	const struct fake_live none = { 0 };
	struct fake_live before;
	unsigned int step;
	int err;

	publish(&net_type, 1, 2, 0, true);
	before = fake_live;
	for (step = 1;; step++) {
		back.xdev.ratelimit.burst = 9;
		fake_fail_step(step);
		err = attach(2, 0);
		if (!fake_step_done())
			break;
		assert_int_equal(err, -ENOMEM);
		assert_memory_equal(&fake_live, &before, sizeof(before));
		assert_false(xpv_queue_connected(&bq));
	}
	fake_fail_step(0);
	assert_int_equal(err, 0);
	/* Reads and copies of 4 keys, 2 maps with 5 allocations each, 2 binds. */
	assert_int_equal(step - 1, 22);
	assert_attached();
	end();
	assert_memory_equal(&fake_live, &none, sizeof(none));
}

/* A ring whose indices cannot be, in the second of two. */
static void impossible_ring(void **state)
{
	publish(&net_type, 0, 1, 0, false);
	fq.ring[1].slots.shared->req_prod = 257;
	assert_refused(1, 0, -EPROTO);
	assert_true(fake_log_has("rx-ring-ref of queue 0 has impossible"));
	end();
}

/* The same reference for both rings: odd, the frontend's own business. */
static void one_page_for_both_rings(void **state)
{
	publish(&net_type, 0, 1, 0, false);
	fake_xs_set(FAKE_FRONT_DIR, "rx-ring-ref", front_key("tx-ring-ref"));
	assert_int_equal(attach(1, 0), 0);
	assert_ptr_equal(bq.ring[0].slots.shared, bq.ring[1].slots.shared);
	assert_int_equal(fake_live.ring_maps, 2);
	end();
}

/* A backend may pass the slot size of the frontend's layout. */
static void slot_size_given(void **state)
{
	const u32 size[] = { 108 };

	publish(&block_type, 0, 1, 0, false);
	assert_int_equal(xpv_queue_attach(&bq, 1, 0, size, "back"), 0);
	assert_int_equal(bq.ring[0].slots.size, 108);
	end();
}

/* Fails when a key is read twice: the two could differ. */
static void each_key_read_once(void **state)
{
	publish(&block_type, 0, 1, 1, false);
	assert_int_equal(attach(1, 1), 0);
	assert_int_equal(fake_xs_reads(FAKE_FRONT_DIR, "ring-page-order"), 1);
	assert_int_equal(fake_xs_reads(FAKE_FRONT_DIR, "ring-ref0"), 1);
	assert_int_equal(fake_xs_reads(FAKE_FRONT_DIR, "ring-ref1"), 1);
	assert_int_equal(fake_xs_reads(FAKE_FRONT_DIR, "event-channel"), 1);
	end();
}

/* Attach, destroy, destroy, attach: as often as a guest likes (B6). */
static void again_and_again(void **state)
{
	unsigned int i;

	publish(&net_type, 0, 1, 0, true);
	for (i = 0; i < 200; i++) {
		assert_int_equal(attach(1, 0), 0);
		xpv_queue_destroy(&bq);
		xpv_queue_destroy(&bq);
	}
	assert_int_equal(fake_live.ring_maps, 0);
	end();
}

/* Other rings than those attached */

/* A frontend that starts over: our rings are still mapped, so numbers differ. */
static void start_over(const struct xpv_queue_type *type, unsigned int index,
		       unsigned int nr_queues, unsigned int order, bool split)
{
	static struct xpv_queue again;

	memset(&again, 0, sizeof(again));
	xpv_queue_init(&again, &front.xdev, type, index);
	assert_int_equal(xpv_queue_create(&again, order, split, "front"), 0);
	assert_int_equal(xpv_queue_publish(&again, NULL, nr_queues), 0);
	xpv_queue_destroy(&fq);
	fq = again;
	/* The interrupts were given the address of the other. */
	assert_true(xpv_queue_stale(&bq, nr_queues));
	xpv_queue_destroy(&bq);
	xpv_queue_destroy(&again);
	memset(&fq, 0, sizeof(fq));
}

/* Fails when a layout is compared with another, or a change goes unseen. */
static void stale_rings(void **state)
{
	static const struct {
		const struct xpv_queue_type *type;
		unsigned int index, nr_queues, order;
		bool split;
	} shape[] = {
		{ &block_type, 0, 1, 0, false },
		{ &block_type, 0, 1, 2, false },
		{ &block_type, 1, 2, 0, false },
		{ &net_type, 0, 1, 0, false },
		{ &net_type, 0, 1, 0, true },
		{ &net_type, 3, 4, 0, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shape); i++) {
		queue_rig_setup(state);
		publish(shape[i].type, shape[i].index, shape[i].nr_queues,
			shape[i].order, shape[i].split);
		assert_int_equal(attach(shape[i].nr_queues, MAX_ORDER), 0);
		assert_false(xpv_queue_stale(&bq, shape[i].nr_queues));
		start_over(shape[i].type, shape[i].index, shape[i].nr_queues,
			   shape[i].order, shape[i].split);
		fake_assert_nothing_live();
	}
}

/* Either number alone gives it away; keys that went or are junk do not. */
static void stale_by_one_key(void **state)
{
	static const char * const keys[] = { "ring-ref", "event-channel" };
	char value[16];
	unsigned int i;

	publish(&block_type, 0, 1, 0, false);
	assert_int_equal(attach(1, 0), 0);
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		strscpy(value, front_key(keys[i]), sizeof(value));
		fake_xs_set(FAKE_FRONT_DIR, keys[i], "77");
		assert_true(xpv_queue_stale(&bq, 1));
		fake_xs_remove(FAKE_FRONT_DIR, keys[i]);
		assert_false(xpv_queue_stale(&bq, 1));
		fake_xs_set(FAKE_FRONT_DIR, keys[i], "junk");
		assert_false(xpv_queue_stale(&bq, 1));
		fake_xs_set(FAKE_FRONT_DIR, keys[i], value);
		assert_false(xpv_queue_stale(&bq, 1));
	}
	end();
}

/* How many queues */

static int count(const char *text, unsigned int max, unsigned int *nr)
{
	*nr = 0xdead;
	if (text)
		fake_xs_set(FAKE_FRONT_DIR, "multi-queue-num-queues", text);
	return xpv_queues_read_count(&back.xdev, max, nr);
}

/* Fails when a count outside 1 to what was advertised gets through. */
static void queue_count(void **state)
{
	static const struct {
		const char *text;
		int err;
	} bad[] = {
		{ "0", -EINVAL }, { "", -EINVAL }, { "-1", -EINVAL },
		{ "1x", -EINVAL }, { "+2", -EINVAL }, { "0x2", -EINVAL },
		{ "5", -ERANGE }, { "1000000000", -ERANGE },
		{ "4294967296", -ERANGE }, { "4294967297", -ERANGE },
		{ "18446744073709551617", -ERANGE },
	};
	unsigned int i, nr;

	assert_int_equal(count(NULL, 4, &nr), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(count("1", 4, &nr), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(count("4", 4, &nr), 0);
	assert_int_equal(nr, 4);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		back.xdev.ratelimit.burst = 1;
		assert_int_equal(count(bad[i].text, 4, &nr), bad[i].err);
		assert_int_equal(nr, 0xdead);
		assert_int_equal(atomic_read(&back.xdev.peer_warnings), i + 1);
	}
	fake_fail(FAKE_XS_READ, 0, 1, -EACCES);
	assert_int_equal(count("2", 4, &nr), -EACCES);
}

UNIT_MAIN(queue_test(layouts),
	  queue_test(pages_of_a_later_queue),
	  queue_test(order_zero_written_out),
	  queue_test(both_ref_keys),
	  queue_test(order_bounds),
	  queue_test(order_where_none_is),
	  queue_test(missing_keys),
	  queue_test(no_channel_at_all),
	  queue_test(both_channel_keys),
	  queue_test(own_channel),
	  queue_test(shared_after_split),
	  queue_test(junk_values),
	  queue_test(bind_fails),
	  queue_test(attach_fails_at_every_step),
	  queue_test(impossible_ring),
	  queue_test(one_page_for_both_rings),
	  queue_test(slot_size_given),
	  queue_test(each_key_read_once),
	  queue_test(again_and_again),
	  queue_test(stale_rings),
	  queue_test(stale_by_one_key),
	  queue_test(queue_count))
