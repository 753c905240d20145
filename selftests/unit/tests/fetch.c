// SPDX-License-Identifier: GPL-2.0
/*
 * A peer that changes the ring between two looks at it (XSA-155): what was
 * checked must be what is used. Acted out deterministically here, at the points
 * of linux/compiler.h; tests/threads.c does it with a second processor.
 */
#include "fake.h"
#include "rig.h"

static struct rig *attacked;
static unsigned int acts;

/* Rewrites all slots at the barrier that ends the copy. */
static void flip_slots(enum fake_point point, const volatile void *where)
{
	if (point != FAKE_BARRIER)
		return;
	acts++;
	memset(attacked->ring->slots, 0xff, attacked->front.nr * SLOT);
}

struct entry {
	u64 stamp;
	u32 count;
	u32 pad;
};

/*
 * Fails when there is no barrier after the copy (the compiler may then fetch a
 * field from the ring again), or when the copy is not one.
 */
static void slot_changes_after_the_copy(void **state)
{
	struct entry in = { .stamp = 42, .count = 11 }, out;
	struct rig rig;

	rig_init(&rig, SLOT);
	attacked = &rig;
	acts = 0;
	xpv_slots_produce(&rig.front, &in, sizeof(in));
	xpv_slots_push_requests(&rig.front);
	fake_hook = flip_slots;
	xpv_slots_consume(&rig.back, &out, sizeof(out));
	fake_hook = NULL;
	assert_int_equal(acts, 1);
	assert_memory_equal(&in, &out, sizeof(in));

	/* The same for the other end. */
	xpv_slots_produce(&rig.back, &in, sizeof(in));
	xpv_slots_push_responses(&rig.back);
	fake_hook = flip_slots;
	xpv_slots_consume(&rig.front, &out, sizeof(out));
	fake_hook = NULL;
	assert_int_equal(acts, 2);
	assert_memory_equal(&in, &out, sizeof(in));
	rig_free(&rig);
}

/* Changes each index right after it was read, for the worst. */
static void flip_index(enum fake_point point, const volatile void *where)
{
	if (point != FAKE_READ)
		return;
	if (where == &attacked->ring->req_prod) {
		acts++;
		attacked->ring->req_prod = 0x40000000;
	} else if (where == &attacked->ring->rsp_prod) {
		acts++;
		attacked->ring->rsp_prod = 0x40000000;
	}
}

/* Fails when a producer index is read once to check and again to use. */
static void producer_read_once(void **state)
{
	struct rig rig;

	rig_init(&rig, SLOT);
	attacked = &rig;
	rig_put(&rig.front, 1);
	rig_put(&rig.front, 2);
	xpv_slots_push_requests(&rig.front);

	acts = 0;
	fake_hook = flip_index;
	assert_int_equal(xpv_slots_requests(&rig.back), 2);
	assert_int_equal(acts, 1);
	fake_hook = NULL;
	rig.ring->req_prod = 2;

	acts = 0;
	fake_hook = flip_index;
	assert_int_equal(xpv_slots_final_check_requests(&rig.back, 1), 2);
	assert_int_equal(acts, 1);
	fake_hook = NULL;
	rig.ring->req_prod = 2;

	rig_take(&rig.back);
	rig_put(&rig.back, 1);
	xpv_slots_push_responses(&rig.back);
	acts = 0;
	fake_hook = flip_index;
	assert_int_equal(xpv_slots_responses(&rig.front), 1);
	assert_int_equal(acts, 1);
	fake_hook = NULL;
	rig_free(&rig);
}

/*
 * Attaching reads each index once. Fails when the start is read again after it
 * was checked: the end would then begin where nothing was verified.
 */
static void attach_reads_once(void **state)
{
	struct xpv_slots back;
	struct rig rig;

	rig_init(&rig, SLOT);
	attacked = &rig;
	rig.ring->rsp_prod = 10;
	rig.ring->req_prod = 15;
	acts = 0;
	fake_hook = flip_index;
	assert_int_equal(xpv_slots_init_back(&back, rig.ring, RIG_BYTES, SLOT),
			 0);
	fake_hook = NULL;
	assert_int_equal(acts, 2);
	assert_int_equal(back.prod, 10);
	assert_int_equal(back.cons, 10);
	assert_int_equal(back.pushed, 10);
	/* What it was shown since is refused. */
	assert_int_equal(xpv_slots_requests(&back), -EPROTO);
	rig_free(&rig);
}

/* Flips the peer's wish as soon as it was read. */
static void flip_event(enum fake_point point, const volatile void *where)
{
	if (point != FAKE_READ || (where != &attacked->ring->req_event &&
				   where != &attacked->ring->rsp_event))
		return;
	acts++;
	attacked->ring->req_event = 0x80000000;
	attacked->ring->rsp_event = 0x80000000;
}

/* Fails when the wish is read more than once per push. */
static void event_read_once(void **state)
{
	struct rig rig;

	rig_init(&rig, SLOT);
	attacked = &rig;
	acts = 0;
	rig_put(&rig.front, 1);
	fake_hook = flip_event;
	assert_true(xpv_slots_push_requests(&rig.front));
	assert_int_equal(acts, 1);
	fake_hook = NULL;
	rig_take(&rig.back);
	rig_put(&rig.back, 1);
	rig.ring->rsp_event = 1;
	fake_hook = flip_event;
	assert_true(xpv_slots_push_responses(&rig.back));
	assert_int_equal(acts, 2);
	fake_hook = NULL;
	rig_free(&rig);
}

/* Counts reads of shared indices. */
static void count_reads(enum fake_point point, const volatile void *where)
{
	if (point == FAKE_READ)
		acts++;
}

/*
 * Room and debts come from private memory alone. Fails when a shared index is
 * consulted for them.
 */
static void own_counts_read_nothing(void **state)
{
	struct rig rig;

	rig_init(&rig, SLOT);
	acts = 0;
	memset(rig.ring, 0xff, RIG_BYTES);
	fake_hook = count_reads;
	assert_int_equal(xpv_slots_free(&rig.front), 32);
	assert_int_equal(xpv_slots_unanswered(&rig.back), 0);
	rig_put(&rig.front, 1);
	assert_int_equal(xpv_slots_free(&rig.front), 31);
	fake_hook = NULL;
	assert_int_equal(acts, 0);
	rig_free(&rig);
}

/*
 * A response shorter than its slot: what follows is the frontend's own request,
 * nothing of ours (XSA-216). Fails when more than @len is written.
 */
static void short_entry_writes_no_more(void **state)
{
	struct rig rig;
	u8 slot[SLOT];
	u64 rsp[2] = { 5, 0 };

	rig_init(&rig, SLOT);
	memset(rig.ring->slots, 0xa5, 32 * SLOT);
	memset(slot, 0xa5, sizeof(slot));
	memcpy(slot, rsp, sizeof(rsp));
	xpv_slots_produce(&rig.back, rsp, sizeof(rsp));
	assert_memory_equal(rig.ring->slots, slot, SLOT);
	memset(slot, 0xa5, sizeof(slot));
	assert_memory_equal(rig.ring->slots + SLOT, slot, SLOT);
	rig_free(&rig);
}

UNIT_MAIN(fake_unit_test(slot_changes_after_the_copy),
	  fake_unit_test(producer_read_once),
	  fake_unit_test(attach_reads_once),
	  fake_unit_test(event_read_once),
	  fake_unit_test(own_counts_read_nothing),
	  fake_unit_test(short_entry_writes_no_more))
