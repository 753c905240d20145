// SPDX-License-Identifier: GPL-2.0
/* A ring's memory: common/ring.c. */
#include "fake.h"

#define SLOT 112

static struct fake_device front, back;
static struct xpv_ring ring, mapped;

static int setup(void **state)
{
	fake_setup(state);
	fake_device_init(&front, XPV_FRONT);
	fake_device_init(&back, XPV_BACK);
	memset(&ring, 0, sizeof(ring));
	memset(&mapped, 0, sizeof(mapped));
	return 0;
}

static void create(unsigned int order)
{
	assert_int_equal(xpv_ring_create(&front.xdev, &ring, order, SLOT), 0);
}

/* What read_ring() of queue.c does. */
static void copy_refs(void)
{
	mapped.pages = ring.pages;
	memcpy(mapped.gref, ring.gref, sizeof(ring.gref));
}

/* Fails when size, indices or contents are not those of an empty ring. */
static void creates_each_order(void **state)
{
	static const u32 slots[] = { 32, 64, 128, 256, 512 };
	unsigned int order, i;
	const u8 *bytes;

	for (order = 0; order <= XPV_RING_MAX_ORDER; order++) {
		create(order);
		assert_int_equal(ring.pages, 1 << order);
		assert_false(ring.mapped);
		assert_int_equal(ring.slots.nr, slots[order]);
		assert_int_equal(ring.slots.size, SLOT);
		assert_int_equal(fake_live.grefs, ring.pages);
		/* Nothing of ours is in it (XSA-403). */
		bytes = (const u8 *)ring.slots.shared;
		for (i = 16; i < ring.pages * 4096; i++)
			assert_int_equal(bytes[i], 0);
		xpv_ring_destroy(&front.xdev, &ring);
		fake_assert_nothing_live();
	}
}

/* Fails when a failed create leaves a ring that looks alive. */
static void create_fails(void **state)
{
	static const struct {
		enum fake_op op;
		int err;
	} fail[] = { { FAKE_RING_PAGES, -ENOMEM }, { FAKE_GREFS, -ENOSPC } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fail); i++) {
		fake_fail(fail[i].op, 0, 1, fail[i].err);
		assert_int_equal(xpv_ring_create(&front.xdev, &ring, 2, SLOT),
				 fail[i].err);
		assert_int_equal(ring.pages, 0);
		assert_null(ring.slots.shared);
		fake_assert_nothing_live();
		xpv_ring_destroy(&front.xdev, &ring);
	}
}

/* Fails when a ring is given back twice. */
static void destroy_any_time(void **state)
{
	xpv_ring_destroy(&front.xdev, &ring);
	create(2);
	xpv_ring_destroy(&front.xdev, &ring);
	assert_int_equal(ring.pages, 0);
	/* A late user finds no ring. */
	assert_null(ring.slots.shared);
	xpv_ring_destroy(&front.xdev, &ring);
	create(0);
	xpv_ring_destroy(&front.xdev, &ring);
}

/* Fails when the mapped end is torn down as the granting one, or the reverse. */
static void maps_and_unmaps(void **state)
{
	unsigned int order;

	for (order = 0; order <= XPV_RING_MAX_ORDER; order++) {
		create(order);
		copy_refs();
		assert_int_equal(xpv_ring_map(&back.xdev, &mapped, SLOT), 0);
		assert_true(mapped.mapped);
		assert_int_equal(mapped.pages, 1 << order);
		assert_int_equal(mapped.slots.nr, ring.slots.nr);
		assert_int_equal(fake_live.ring_maps, 1);
		xpv_ring_destroy(&back.xdev, &mapped);
		assert_int_equal(mapped.pages, 0);
		assert_null(mapped.slots.shared);
		xpv_ring_destroy(&back.xdev, &mapped);
		xpv_ring_destroy(&front.xdev, &ring);
		fake_assert_nothing_live();
	}
}

/* Fails when the frontend's ring must outlive the backend's mapping of it. */
static void frontend_goes_first(void **state)
{
	create(1);
	copy_refs();
	assert_int_equal(xpv_ring_map(&back.xdev, &mapped, SLOT), 0);
	xpv_ring_destroy(&front.xdev, &ring);
	/* ASan watches: the backend's end may still be looked at. */
	assert_int_equal(xpv_slots_requests(&mapped.slots), 0);
	xpv_ring_destroy(&back.xdev, &mapped);
}

/* Fails when a page that the peer holds is freed, or left to the kernel. */
static void peer_holds_ring(void **state)
{
	create(1);
	copy_refs();
	fake_peer_holds(mapped.gref[1], true);
	xpv_ring_destroy(&front.xdev, &ring);
	xpv_quarantine_age(&front.xdev);
	assert_int_equal(xpv_quarantine_reclaim(&front.xdev), 1);
	fake_peer_holds(mapped.gref[1], false);
	assert_int_equal(xpv_quarantine_reclaim(&front.xdev), 0);
	fake_assert_nothing_live();
}

/* Fails when a map that failed leaves pages to be unmapped. */
static void map_fails(void **state)
{
	create(1);
	copy_refs();
	fake_fail(FAKE_MAP_RING, 0, 1, -ENOMEM);
	assert_int_equal(xpv_ring_map(&back.xdev, &mapped, SLOT), -ENOMEM);
	assert_int_equal(mapped.pages, 0);
	xpv_ring_destroy(&back.xdev, &mapped);

	/* References that nobody granted. */
	mapped.pages = 1;
	mapped.gref[0] = 0xffffffff;
	assert_int_equal(xpv_ring_map(&back.xdev, &mapped, SLOT), -EINVAL);
	assert_int_equal(mapped.pages, 0);
	xpv_ring_destroy(&front.xdev, &ring);
}

/*
 * Fails when xenbus is asked to map what cannot be: it ends the device, with
 * lines in the log that nothing bounds.
 */
static void refs_of_a_liar(void **state)
{
	unsigned int i;

	create(2);
	for (i = 0; i < 4; i++) {
		copy_refs();
		fake_grant_status(ring.gref[i], GNTST_bad_gntref);
		assert_int_equal(xpv_ring_map(&back.xdev, &mapped, SLOT),
				 -EINVAL);
		assert_int_equal(fake_calls(FAKE_MAP_RING), 0);
		assert_int_equal(mapped.pages, 0);
		assert_int_equal(fake_live.maps, 0);
		assert_int_equal(fake_live.pages, 0);
		fake_map_reset_wishes();
	}
	assert_int_equal(fake_log_lines(), 0);
	copy_refs();
	assert_int_equal(xpv_ring_map(&back.xdev, &mapped, SLOT), 0);
	/* Only as long as it takes. */
	assert_int_equal(fake_live.maps, 0);
	assert_int_equal(fake_live.pages, 0);
	assert_int_equal(fake_bad_unmaps(), 0);
	xpv_ring_destroy(&back.xdev, &mapped);
	xpv_ring_destroy(&front.xdev, &ring);
}

/* Fails when a ring with impossible indices stays mapped. */
static void impossible_indices(void **state)
{
	create(0);
	copy_refs();
	ring.slots.shared->req_prod = 33;
	assert_int_equal(xpv_ring_map(&back.xdev, &mapped, SLOT), -EPROTO);
	assert_int_equal(fake_live.ring_maps, 0);
	assert_int_equal(mapped.pages, 0);
	assert_null(mapped.slots.shared);
	/* The same ring, mended, is fine. */
	copy_refs();
	ring.slots.shared->req_prod = 32;
	assert_int_equal(xpv_ring_map(&back.xdev, &mapped, SLOT), 0);
	xpv_ring_destroy(&back.xdev, &mapped);
	xpv_ring_destroy(&front.xdev, &ring);
}

/* Fails when the frontend's layout does not decide where slots are. */
static void slot_size_of_the_frontend(void **state)
{
	create(0);
	copy_refs();
	assert_int_equal(xpv_ring_map(&back.xdev, &mapped, 108), 0);
	assert_int_equal(mapped.slots.size, 108);
	assert_int_equal(mapped.slots.nr, 32);
	xpv_ring_destroy(&back.xdev, &mapped);
	xpv_ring_destroy(&front.xdev, &ring);
}

#define ring_test(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

UNIT_MAIN(ring_test(creates_each_order),
	  ring_test(create_fails),
	  ring_test(destroy_any_time),
	  ring_test(maps_and_unmaps),
	  ring_test(frontend_goes_first),
	  ring_test(map_fails),
	  ring_test(refs_of_a_liar),
	  ring_test(peer_holds_ring),
	  ring_test(impossible_indices),
	  ring_test(slot_size_of_the_frontend))
