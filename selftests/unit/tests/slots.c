// SPDX-License-Identifier: GPL-2.0
/* A ring's slots and indices, both ends: common/ring_slots.h. */
#include "fake.h"
#include "rig.h"

/* ring.h's formula in other words: the greatest power of two that fits. */
static u32 count_by_ring_h(size_t bytes, u32 size)
{
	u32 fit = (bytes - 64) / size;

	return fit ? 1U << (31 - __builtin_clz(fit)) : 0;
}

/* Fails when header or rounding differ from what every peer computes. */
static void count_known(void **state)
{
	/* Slots per page: blkif in both layouts, netif TX and RX. */
	assert_int_equal(xpv_slots_count(4096, 112), 32);
	assert_int_equal(xpv_slots_count(4096, 108), 32);
	assert_int_equal(xpv_slots_count(4096, 12), 256);
	assert_int_equal(xpv_slots_count(4096, 8), 256);
	/* blkif with 2, 4, 8 and 16 pages. */
	assert_int_equal(xpv_slots_count(2 * 4096, 112), 64);
	assert_int_equal(xpv_slots_count(4 * 4096, 112), 128);
	assert_int_equal(xpv_slots_count(8 * 4096, 112), 256);
	assert_int_equal(xpv_slots_count(16 * 4096, 112), 512);
	assert_int_equal(xpv_slots_count(16 * 4096, 108), 512);
}

/* Fails as above, for every size that may come up. */
static void count_all(void **state)
{
	u32 size, pages;

	for (pages = 1; pages <= 16; pages++)
		for (size = 1; size <= 5000; size++)
			assert_int_equal(xpv_slots_count(pages * 4096, size),
					 count_by_ring_h(pages * 4096, size));
}

/* Fails when the smallest rings are off by one or divide by zero. */
static void count_small(void **state)
{
	assert_int_equal(xpv_slots_count(0, 12), 0);
	assert_int_equal(xpv_slots_count(63, 1), 0);
	assert_int_equal(xpv_slots_count(64, 1), 0);
	assert_int_equal(xpv_slots_count(65, 1), 1);
	assert_int_equal(xpv_slots_count(64 + 11, 12), 0);
	assert_int_equal(xpv_slots_count(64 + 12, 12), 1);
	assert_int_equal(xpv_slots_count(64 + 23, 12), 1);
	assert_int_equal(xpv_slots_count(64 + 24, 12), 2);
	assert_int_equal(xpv_slots_count(64 + 36, 12), 2);
	assert_int_equal(xpv_slots_count(64 + 48, 12), 4);
	assert_int_equal(xpv_slots_count(4096, 0), 0);
	assert_int_equal(xpv_slots_count(4096, U32_MAX), 0);
}

/* Fails when a field moves: the layout is shared with other people's code. */
static void layout(void **state)
{
	assert_int_equal(offsetof(struct xpv_sring, req_prod), 0);
	assert_int_equal(offsetof(struct xpv_sring, req_event), 4);
	assert_int_equal(offsetof(struct xpv_sring, rsp_prod), 8);
	assert_int_equal(offsetof(struct xpv_sring, rsp_event), 12);
	assert_int_equal(offsetof(struct xpv_sring, slots), 64);
}

/* Fails when an empty ring is not what ring.h's SHARED_RING_INIT makes. */
static void init_front(void **state)
{
	struct rig rig;

	rig_init(&rig, SLOT);
	assert_int_equal(rig.ring->req_prod, 0);
	assert_int_equal(rig.ring->rsp_prod, 0);
	assert_int_equal(rig.ring->req_event, 1);
	assert_int_equal(rig.ring->rsp_event, 1);
	assert_int_equal(rig.front.nr, 32);
	assert_int_equal(xpv_slots_free(&rig.front), 32);
	assert_int_equal(xpv_slots_requests(&rig.back), 0);
	assert_int_equal(xpv_slots_responses(&rig.front), 0);
	rig_free(&rig);
}

/*
 * Slots lie one after the other from byte 64; nothing before, between or after
 * them is written. Fails when the stride or the mask is wrong; ASan guards the
 * ring's end.
 */
static void slots_in_place(void **state)
{
	struct rig rig;
	u8 *bytes;
	u32 i;

	rig_init(&rig, SLOT);
	bytes = (u8 *)rig.ring;
	for (i = 0; i < rig.front.nr; i++)
		rig_put(&rig.front, i + 1);
	for (i = 0; i < rig.front.nr; i++)
		assert_memory_equal(bytes + 64 + i * SLOT, &(u64){ i + 1 }, 8);
	/* What does not fit stays as it was. */
	for (i = 64 + rig.front.nr * SLOT; i < RIG_BYTES; i++)
		assert_int_equal(bytes[i], 0);
	for (i = 16; i < 64; i++)
		assert_int_equal(bytes[i], 0);
	rig_free(&rig);
}

/* Fails when a request is visible before it is pushed. */
static void put_is_private(void **state)
{
	struct rig rig;

	rig_init(&rig, SLOT);
	rig_put(&rig.front, 1);
	rig_put(&rig.front, 2);
	assert_int_equal(xpv_slots_requests(&rig.back), 0);
	xpv_slots_push_requests(&rig.front);
	assert_int_equal(xpv_slots_requests(&rig.back), 2);
	assert_int_equal(rig_take(&rig.back), 1);
	assert_int_equal(xpv_slots_requests(&rig.back), 1);
	rig_put(&rig.back, 1);
	assert_int_equal(xpv_slots_responses(&rig.front), 0);
	xpv_slots_push_responses(&rig.back);
	assert_int_equal(xpv_slots_responses(&rig.front), 1);
	rig_free(&rig);
}

/* Fails when an index is shown before the entries below it are written. */
static unsigned int wmbs;
static const void *shared;

static void note_order(enum fake_point point, const volatile void *where)
{
	if (point == FAKE_WMB)
		wmbs++;
	/* Both producer indices lie in the ring's first 12 bytes. */
	if (point == FAKE_WRITE && (uintptr_t)where - (uintptr_t)shared < 12)
		assert_int_equal(wmbs, 1);
}

static void entries_before_index(void **state)
{
	struct rig rig;

	rig_init(&rig, SLOT);
	shared = rig.ring;
	wmbs = 0;
	fake_hook = note_order;
	rig_put(&rig.front, 1);
	xpv_slots_push_requests(&rig.front);
	assert_int_equal(wmbs, 1);
	fake_hook = NULL;
	assert_int_equal(rig_take(&rig.back), 1);
	wmbs = 0;
	fake_hook = note_order;
	rig_put(&rig.back, 1);
	xpv_slots_push_responses(&rig.back);
	assert_int_equal(wmbs, 1);
	fake_hook = NULL;
	rig_free(&rig);
}

/* Requests and answers in full rings, @rounds times around. */
static void go_round(struct rig *rig, unsigned int rounds)
{
	u64 put = 1000, taken = 1000, answered = 1000;
	unsigned int i, n;

	for (i = 0; i < rounds; i++) {
		for (n = xpv_slots_free(&rig->front); n; n--)
			rig_put(&rig->front, put++);
		assert_int_equal(xpv_slots_free(&rig->front), 0);
		xpv_slots_push_requests(&rig->front);

		n = xpv_slots_requests(&rig->back);
		assert_int_equal(n, put - taken);
		/* All but a few, so that rounds begin anywhere. */
		for (n -= i % 3; n; n--) {
			assert_int_equal(rig_take(&rig->back), taken);
			rig_put(&rig->back, taken++);
		}
		assert_int_equal(xpv_slots_unanswered(&rig->back), 0);
		xpv_slots_push_responses(&rig->back);

		n = xpv_slots_responses(&rig->front);
		assert_int_equal(n, taken - answered);
		while (n--)
			assert_int_equal(rig_take(&rig->front), answered++);
	}
}

/* Fails when the mask, rather than the count, is applied to an index. */
static void wrap_around_the_slots(void **state)
{
	static const u32 size[] = { 8, 12, 108, 112 };
	struct rig rig;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		rig_init(&rig, size[i]);
		go_round(&rig, 40);
		rig_free(&rig);
	}
}

/*
 * Fails when two indices are compared rather than their difference: indices
 * run freely and pass from 2^32 - 1 to 0.
 */
static void wrap_around_32_bits(void **state)
{
	struct rig rig;
	u32 back;

	for (back = 0; back <= 70; back += 7) {
		rig_init_at(&rig, SLOT, -back);
		go_round(&rig, 10);
		rig_free(&rig);
	}
}

/* Fails when attaching starts anywhere but where answering stopped. */
static void attach_midstream(void **state)
{
	struct rig rig;
	u64 i;

	rig_init_at(&rig, SLOT, 0xfffffff0);
	for (i = 0; i < 20; i++)
		rig_put(&rig.front, i);
	xpv_slots_push_requests(&rig.front);
	/* Takes 12, answers 5, then its driver is reloaded. */
	for (i = 0; i < 12; i++)
		rig_take(&rig.back);
	for (i = 0; i < 5; i++)
		rig_put(&rig.back, i);
	xpv_slots_push_responses(&rig.back);

	memset(&rig.back, 0xee, sizeof(rig.back));
	assert_int_equal(xpv_slots_init_back(&rig.back, rig.ring, RIG_BYTES,
					     SLOT), 0);
	assert_int_equal(xpv_slots_requests(&rig.back), 15);
	for (i = 5; i < 20; i++) {
		assert_int_equal(rig_take(&rig.back), i);
		rig_put(&rig.back, i);
	}
	xpv_slots_push_responses(&rig.back);
	assert_int_equal(xpv_slots_responses(&rig.front), 20);
	for (i = 0; i < 20; i++)
		assert_int_equal(rig_take(&rig.front), i);
	rig_free(&rig);
}

/* Fails when the back end's requests may pass its own answers. */
static void counts_of_both_ends(void **state)
{
	struct rig rig;
	u32 i;

	rig_init_at(&rig, SLOT, 0xfffffffe);
	for (i = 0; i < 4; i++)
		rig_put(&rig.front, i);
	assert_int_equal(xpv_slots_free(&rig.front), 28);
	xpv_slots_push_requests(&rig.front);
	assert_int_equal(xpv_slots_free(&rig.front), 28);
	rig_take(&rig.back);
	rig_take(&rig.back);
	rig_take(&rig.back);
	assert_int_equal(xpv_slots_unanswered(&rig.back), 3);
	rig_put(&rig.back, 0);
	assert_int_equal(xpv_slots_unanswered(&rig.back), 2);
	xpv_slots_push_responses(&rig.back);
	assert_int_equal(xpv_slots_free(&rig.front), 28);
	rig_take(&rig.front);
	assert_int_equal(xpv_slots_free(&rig.front), 29);
	rig_free(&rig);
}

UNIT_MAIN(fake_unit_test(count_known),
	  fake_unit_test(count_all),
	  fake_unit_test(count_small),
	  fake_unit_test(layout),
	  fake_unit_test(init_front),
	  fake_unit_test(slots_in_place),
	  fake_unit_test(put_is_private),
	  fake_unit_test(entries_before_index),
	  fake_unit_test(wrap_around_the_slots),
	  fake_unit_test(wrap_around_32_bits),
	  fake_unit_test(attach_midstream),
	  fake_unit_test(counts_of_both_ends))
