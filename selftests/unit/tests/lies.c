// SPDX-License-Identifier: GPL-2.0
/* Indices that cannot be, in both directions: common/ring_slots.h. */
#include "fake.h"
#include "rig.h"

/* The rings start here in turn, so that every lie is told across 2^32 too. */
static const u32 starts[] = { 0, 5, 0x7ffffff0, 0xfffffff0, 0xffffffff };

/* How far from the truth; the first is the smallest lie (+nr + 1). */
static const u32 lies[] = {
	33, 34, 64, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff,
};

/* Fails when the comparison is signed, off by one, or not of a difference. */
static void request_overrun(void **state)
{
	unsigned int s, l;
	struct rig rig;

	for (s = 0; s < ARRAY_SIZE(starts); s++)
		for (l = 0; l < ARRAY_SIZE(lies); l++) {
			rig_init_at(&rig, SLOT, starts[s]);
			rig.ring->req_prod = starts[s] + lies[l];
			assert_int_equal(xpv_slots_requests(&rig.back),
					 -EPROTO);
			assert_int_equal(xpv_slots_final_check_requests(&rig.back, 1),
					 -EPROTO);
			/* Nothing of the lie is kept. */
			rig.ring->req_prod = starts[s] + 32;
			assert_int_equal(xpv_slots_requests(&rig.back), 32);
			rig_free(&rig);
		}
}

/* Plain values that a hostile frontend may write, whatever came before. */
static void request_plain_values(void **state)
{
	static const u32 values[] = { 0x80000000, 0xffffffff, 0x7fffffff };
	unsigned int i;
	struct rig rig;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		rig_init_at(&rig, SLOT, 100);
		rig.ring->req_prod = values[i];
		assert_int_equal(xpv_slots_requests(&rig.back), -EPROTO);
		rig_free(&rig);
	}
}

/*
 * A frontend may have no more requests under way than there are slots: those
 * taken and not answered count. Fails when the room is measured from the
 * consumer index alone, which lets requests lie over unsent responses.
 */
static void request_overrun_of_unanswered(void **state)
{
	struct rig rig;
	unsigned int i;

	rig_init_at(&rig, SLOT, 0xfffffff8);
	for (i = 0; i < 32; i++)
		rig_put(&rig.front, i);
	xpv_slots_push_requests(&rig.front);
	for (i = 0; i < 10; i++)
		rig_take(&rig.back);
	for (i = 0; i < 4; i++)
		rig_put(&rig.back, i);
	/* 6 unanswered, 22 waiting, so 4 more can be. */
	assert_int_equal(xpv_slots_requests(&rig.back), 22);
	rig.ring->req_prod += 4;
	assert_int_equal(xpv_slots_requests(&rig.back), 26);
	rig.ring->req_prod += 1;
	assert_int_equal(xpv_slots_requests(&rig.back), -EPROTO);
	rig_free(&rig);
}

/* Fails when a step back is taken for 2^32 - 1 requests or for none. */
static void request_producer_backwards(void **state)
{
	struct rig rig;

	rig_init_at(&rig, SLOT, 1);
	rig_put(&rig.front, 1);
	xpv_slots_push_requests(&rig.front);
	rig_take(&rig.back);
	assert_int_equal(xpv_slots_requests(&rig.back), 0);
	rig.ring->req_prod--;
	assert_int_equal(xpv_slots_requests(&rig.back), -EPROTO);
	rig_free(&rig);
}

/* Fails when a backend may answer what was never asked. */
static void more_responses_than_requests(void **state)
{
	unsigned int s, i;
	struct rig rig;

	for (s = 0; s < ARRAY_SIZE(starts); s++) {
		rig_init_at(&rig, SLOT, starts[s]);
		rig.ring->rsp_prod++;
		assert_int_equal(xpv_slots_responses(&rig.front), -EPROTO);
		rig.ring->rsp_prod--;

		for (i = 0; i < 3; i++)
			rig_put(&rig.front, i);
		xpv_slots_push_requests(&rig.front);
		rig.ring->rsp_prod += 3;
		assert_int_equal(xpv_slots_responses(&rig.front), 3);
		rig.ring->rsp_prod++;
		assert_int_equal(xpv_slots_responses(&rig.front), -EPROTO);
		assert_int_equal(xpv_slots_final_check_responses(&rig.front, 1),
				 -EPROTO);
		rig_free(&rig);
	}
}

/*
 * Fails when requests count that the backend has not been shown: it cannot
 * have answered them.
 */
static void responses_to_what_is_not_pushed(void **state)
{
	struct rig rig;

	rig_init(&rig, SLOT);
	rig_put(&rig.front, 1);
	xpv_slots_push_requests(&rig.front);
	rig_put(&rig.front, 2);
	rig.ring->rsp_prod = 2;
	assert_int_equal(xpv_slots_responses(&rig.front), -EPROTO);
	rig_free(&rig);
}

/* Fails as for requests. */
static void response_lies(void **state)
{
	unsigned int s, l, i;
	struct rig rig;

	for (s = 0; s < ARRAY_SIZE(starts); s++)
		for (l = 0; l < ARRAY_SIZE(lies); l++) {
			rig_init_at(&rig, SLOT, starts[s]);
			for (i = 0; i < 32; i++)
				rig_put(&rig.front, i);
			xpv_slots_push_requests(&rig.front);
			rig.ring->rsp_prod = starts[s] + lies[l];
			assert_int_equal(xpv_slots_responses(&rig.front),
					 -EPROTO);
			rig_free(&rig);
		}
}

/*
 * The peer scribbles over the indices that are ours. Fails when any is read
 * back from the ring rather than kept.
 */
static void scribbled_own_indices(void **state)
{
	struct rig rig;
	u32 i;

	rig_init(&rig, SLOT);
	for (i = 0; i < 5; i++)
		rig_put(&rig.front, i);
	xpv_slots_push_requests(&rig.front);
	/* The backend writes the frontend's index. */
	rig.ring->req_prod = 0x12345678;
	assert_int_equal(xpv_slots_free(&rig.front), 27);
	rig_put(&rig.front, 5);
	xpv_slots_push_requests(&rig.front);
	assert_int_equal(rig.ring->req_prod, 6);

	for (i = 0; i < 6; i++)
		assert_int_equal(rig_take(&rig.back), i);
	rig_put(&rig.back, 0);
	/* The frontend writes the backend's. */
	rig.ring->rsp_prod = 0x9abcdef0;
	assert_int_equal(xpv_slots_unanswered(&rig.back), 5);
	xpv_slots_push_responses(&rig.back);
	assert_int_equal(rig.ring->rsp_prod, 1);
	assert_int_equal(rig_take(&rig.front), 0);
	rig_free(&rig);
}

/* Fails when a ring is attached that claims more than it can hold. */
static void attach_impossible(void **state)
{
	struct xpv_slots back;
	unsigned int s, l;
	struct rig rig;

	for (s = 0; s < ARRAY_SIZE(starts); s++) {
		rig_init(&rig, SLOT);
		for (l = 0; l < ARRAY_SIZE(lies); l++) {
			rig.ring->rsp_prod = starts[s];
			rig.ring->req_prod = starts[s] + lies[l];
			memset(&back, 0xee, sizeof(back));
			assert_int_equal(xpv_slots_init_back(&back, rig.ring,
							     RIG_BYTES, SLOT),
					 -EPROTO);
		}
		/* Full is fine, empty is fine. */
		for (l = 0; l <= 32; l += 32) {
			rig.ring->req_prod = starts[s] + l;
			assert_int_equal(xpv_slots_init_back(&back, rig.ring,
							     RIG_BYTES, SLOT),
					 0);
			assert_int_equal(xpv_slots_requests(&back), l);
		}
		rig_free(&rig);
	}
}

/* A ring that not even one slot fits cannot be attached. */
static void attach_too_small(void **state)
{
	struct xpv_slots back;
	struct rig rig;

	rig_init(&rig, SLOT);
	assert_int_equal(xpv_slots_init_back(&back, rig.ring, RIG_BYTES, 4033),
			 -EPROTO);
	assert_int_equal(xpv_slots_init_back(&back, rig.ring, RIG_BYTES, 0),
			 -EPROTO);
	rig_free(&rig);
}

/*
 * Whatever the indices say, an access stays within the slots: a ring of ones,
 * and random garbage. Fails when an index is used without the mask (ASan).
 */
static void garbage_in_the_header(void **state)
{
	unsigned int i, n;
	struct rig rig;
	int got;

	srandom(20261122);
	for (i = 0; i < 20000; i++) {
		rig_init_at(&rig, SLOT, random() * 2654435761U);
		rig.ring->req_prod = i ? random() * 2654435761U : ~0U;
		rig.ring->rsp_prod = i ? random() * 2654435761U : ~0U;
		rig.ring->req_event = random();
		rig.ring->rsp_event = random();
		if (xpv_slots_init_back(&rig.back, rig.ring, RIG_BYTES, SLOT))
			goto next;
		got = xpv_slots_requests(&rig.back);
		assert_in_range(got, 0, 32);
		for (n = got; n; n--)
			rig_take(&rig.back);
		for (n = got; n; n--)
			rig_put(&rig.back, n);
		xpv_slots_push_responses(&rig.back);
next:
		rig_free(&rig);
	}
}

UNIT_MAIN(fake_unit_test(request_overrun),
	  fake_unit_test(request_plain_values),
	  fake_unit_test(request_overrun_of_unanswered),
	  fake_unit_test(request_producer_backwards),
	  fake_unit_test(more_responses_than_requests),
	  fake_unit_test(responses_to_what_is_not_pushed),
	  fake_unit_test(response_lies),
	  fake_unit_test(scribbled_own_indices),
	  fake_unit_test(attach_impossible),
	  fake_unit_test(attach_too_small),
	  fake_unit_test(garbage_in_the_header))
