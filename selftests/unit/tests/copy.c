// SPDX-License-Identifier: GPL-2.0
/* Copying from and to a frontend's pages: common/grant_copy.c. */
#include <xen/page.h>

#include "grant_copy.h"
#include "map_rig.h"

/* Fails when a copy may cross a page's end on either side. */
static void room(void **state)
{
	struct page *page = fake_page_alloc();
	struct xpv_copy_place place = { .ref = 5 };
	const char *memory = page->memory;

	assert_int_equal(xpv_copy_room(memory, place), 4096);
	assert_int_equal(xpv_copy_room(memory + 1, place), 4095);
	assert_int_equal(xpv_copy_room(memory + 4095, place), 1);
	place.offset = 4000;
	assert_int_equal(xpv_copy_room(memory, place), 96);
	assert_int_equal(xpv_copy_room(memory + 4050, place), 46);
	place.offset = 4095;
	assert_int_equal(xpv_copy_room(memory + 100, place), 1);
	place.offset = 4096;
	assert_int_equal(xpv_copy_room(memory, place), 0);
	put_page(page);
}

/* Fails when the ends are exchanged, or one is said to be the other's kind. */
static void from_the_frontend(void **state)
{
	const struct xpv_copy_place from = { .ref = 17, .offset = 300 };
	struct page *page = fake_page_alloc();
	char *to = (char *)page->memory + 77;
	struct xpv_copy copy;

	memset(&copy, 0xee, sizeof(copy));
	xpv_copy_in(&copy, &rig.dev.xdev, from, to, 1000);
	assert_int_equal(copy.op.flags, GNTCOPY_source_gref);
	assert_int_equal(copy.op.len, 1000);
	assert_int_equal(copy.op.source.u.ref, 17);
	assert_int_equal(copy.op.source.domid, FAKE_FRONT_DOM);
	assert_int_equal(copy.op.source.offset, 300);
	assert_int_equal(copy.op.dest.u.gmfn, virt_to_gfn(to));
	assert_int_equal(copy.op.dest.domid, DOMID_SELF);
	assert_int_equal(copy.op.dest.offset, 77);
	put_page(page);
}

static void to_the_frontend(void **state)
{
	const struct xpv_copy_place to = { .ref = 18, .offset = 4 };
	struct page *page = fake_page_alloc();
	const char *from = (char *)page->memory + 2000;
	struct xpv_copy copy;

	memset(&copy, 0xee, sizeof(copy));
	xpv_copy_out(&copy, &rig.dev.xdev, from, to, 1);
	assert_int_equal(copy.op.flags, GNTCOPY_dest_gref);
	assert_int_equal(copy.op.len, 1);
	assert_int_equal(copy.op.source.u.gmfn, virt_to_gfn(from));
	assert_int_equal(copy.op.source.domid, DOMID_SELF);
	assert_int_equal(copy.op.source.offset, 2000);
	assert_int_equal(copy.op.dest.u.ref, 18);
	assert_int_equal(copy.op.dest.domid, FAKE_FRONT_DOM);
	assert_int_equal(copy.op.dest.offset, 4);
	put_page(page);
}

/*
 * What is to be sent lies in another guest's page, mapped here (one guest to
 * another through a bridge). Fails when Xen is given a frame number that is not
 * ours to name.
 */
static void from_another_guest(void **state)
{
	const struct xpv_copy_place to = { .ref = 18, .offset = 4 };
	struct xpv_copy copy;
	const char *from;

	rig.dev.xdev.peer_id = 9;
	map_rig_add(1);
	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 0);
	rig.dev.xdev.peer_id = FAKE_FRONT_DOM;
	from = (char *)page_address(rig.gmap[0].page) + 64;
	xpv_copy_out(&copy, &rig.dev.xdev, from, to, 100);
	assert_int_equal(copy.op.flags, GNTCOPY_source_gref | GNTCOPY_dest_gref);
	assert_int_equal(copy.op.source.u.ref, RIG_REF);
	assert_int_equal(copy.op.source.domid, 9);
	assert_int_equal(copy.op.source.offset, 64);
	assert_int_equal(copy.op.dest.u.ref, 18);
	assert_int_equal(copy.op.dest.domid, FAKE_FRONT_DOM);
	map_rig_unmap(1);
}

/* The same bit on a page of the page cache, or of slab, means another thing. */
static void only_looks_foreign(void **state)
{
	const struct xpv_copy_place to = { .ref = 18 };
	struct page *page = fake_page_alloc();
	struct xpv_copy copy;

	page->foreign = true;
	page->mapping = page;
	xpv_copy_out(&copy, &rig.dev.xdev, page->memory, to, 100);
	assert_int_equal(copy.op.flags, GNTCOPY_dest_gref);
	page->mapping = NULL;
	page->slab = true;
	xpv_copy_out(&copy, &rig.dev.xdev, page->memory, to, 100);
	assert_int_equal(copy.op.flags, GNTCOPY_dest_gref);
	page->slab = false;
	page->compound = true;
	xpv_copy_out(&copy, &rig.dev.xdev, page->memory, to, 100);
	assert_int_equal(copy.op.flags, GNTCOPY_dest_gref);
	put_page(page);
}

static struct xpv_copy copies[RIG_BATCH];

static void prepare_copies(void)
{
	unsigned int i;

	memset(copies, 0, sizeof(copies));
	for (i = 0; i < RIG_BATCH; i++) {
		copies[i].op.source.u.ref = RIG_REF + i;
		copies[i].op.source.domid = FAKE_FRONT_DOM;
		copies[i].op.len = 4096;
		copies[i].op.flags = GNTCOPY_source_gref;
	}
}

/* Fails when a copy's own result is lost, at each index. */
static void partial_failure(void **state)
{
	unsigned int at, i;

	for (at = 0; at < RIG_BATCH; at++) {
		fake_map_reset_wishes();
		prepare_copies();
		fake_grant_status(RIG_REF + at, GNTST_bad_gntref);
		assert_int_equal(xpv_copy_run(&rig.dev.xdev, copies,
					      RIG_BATCH), 1);
		for (i = 0; i < RIG_BATCH; i++)
			assert_int_equal(copies[i].op.status,
					 i == at ? GNTST_bad_gntref : 0);
	}
}

/* Fails when anything but 0 passes for success, try-again among it. */
static void every_status(void **state)
{
	int status;

	for (status = -14; status <= 14; status++) {
		fake_map_reset_wishes();
		prepare_copies();
		fake_grant_status(RIG_REF, status);
		assert_int_equal(xpv_copy_run(&rig.dev.xdev, copies, 2),
				 !!status);
	}
}

/* Fails when statuses that Xen did not write pass for success. */
static void whole_call_fails(void **state)
{
	unsigned int i;

	prepare_copies();
	fake_hypercall_breaks(0, -EFAULT);
	assert_int_equal(xpv_copy_run(&rig.dev.xdev, copies, RIG_BATCH),
			 RIG_BATCH);
	for (i = 0; i < RIG_BATCH; i++)
		assert_int_not_equal(copies[i].op.status, GNTST_okay);
	assert_int_equal(xpv_copy_run(&rig.dev.xdev, copies, 0), 0);
	assert_int_equal(fake_hypercalls(), 1);
}

UNIT_MAIN(map_test(room),
	  map_test(from_the_frontend),
	  map_test(to_the_frontend),
	  map_test(from_another_guest),
	  map_test(only_looks_foreign),
	  map_test(partial_failure),
	  map_test(every_status),
	  map_test(whole_call_fails))
