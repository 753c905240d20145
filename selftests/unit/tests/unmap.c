// SPDX-License-Identifier: GPL-2.0
/* Giving a frontend's pages back: common/grant_map.c. */
#include <stdlib.h>

#include "fake.h"
#include "map_rig.h"

static void map(unsigned int nr)
{
	map_rig_add(nr);
	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 0);
}

/* Fails when an unmapped gmap costs an operation, or handle 0 is taken for it. */
static void passes_over_what_is_not_mapped(void **state)
{
	fake_grant_status(RIG_REF + 1, GNTST_bad_gntref);
	map_rig_add(3);
	xpv_map_run(&rig.batch, &rig.cache);
	assert_int_equal(rig.gmap[0].handle, 0);
	xpv_unmap_add(&rig.batch, &rig.cache, &rig.gmap[1]);
	assert_int_equal(rig.batch.nr, 0);
	xpv_unmap_add(&rig.batch, &rig.cache, &rig.gmap[0]);
	assert_int_equal(rig.batch.nr, 1);
	xpv_unmap_add(&rig.batch, &rig.cache, &rig.gmap[2]);
	xpv_unmap_run(&rig.batch, &rig.cache);
	assert_int_equal(fake_live.maps, 0);
}

/* Fails when a gmap still looks mapped once its unmap is gathered. */
static void nothing_twice(void **state)
{
	unsigned int i;

	map(5);
	for (i = 0; i < 5; i++) {
		xpv_unmap_add(&rig.batch, &rig.cache, &rig.gmap[i]);
		assert_false(xpv_gmap_mapped(&rig.gmap[i]));
		assert_null(rig.gmap[i].page);
		xpv_unmap_add(&rig.batch, &rig.cache, &rig.gmap[i]);
	}
	assert_int_equal(rig.batch.nr, 5);
	xpv_unmap_run(&rig.batch, &rig.cache);
	map_rig_unmap(5);
	assert_int_equal(fake_hypercalls(), 2);
	/* The teardown looks for unmaps of what was not mapped. */
}

/* The gmap's memory may be used anew before the batch runs. */
static void gmap_is_free_after_add(void **state)
{
	unsigned int i;

	map(5);
	for (i = 0; i < 5; i++) {
		xpv_unmap_add(&rig.batch, &rig.cache, &rig.gmap[i]);
		memset(&rig.gmap[i], 0xee, sizeof(rig.gmap[i]));
	}
	xpv_unmap_run(&rig.batch, &rig.cache);
	assert_int_equal(rig.cache.used, 0);
	assert_int_equal(fake_live.maps, 0);
}

/*
 * Xen refuses one, at each index. Fails when the page is used again (the peer
 * may still see it), is not counted, or stops the others.
 */
static void refused_page_is_lost(void **state)
{
	struct page *lost;
	unsigned int at;

	for (at = 0; at < RIG_BATCH; at++) {
		fake_map_reset_wishes();
		map(RIG_BATCH);
		lost = rig.gmap[at].page;
		fake_unmap_status(RIG_REF + at, GNTST_general_error);
		map_rig_unmap(RIG_BATCH);
		assert_int_equal(atomic_read(&rig.dev.xdev.lost), at + 1);
		assert_int_equal(rig.cache.used, 0);
		assert_int_equal(rig.cache.cache.num_pages, RIG_BATCH - 1);
		assert_int_equal(page_count(lost), 1);
		/* Only the test knows where it is. */
		put_page(lost);
	}
	assert_true(fake_log_has("page lost"));
}

/* Fails when a positive status passes for success. */
static void every_status(void **state)
{
	struct page *page;
	int status;

	for (status = -14; status <= 14; status++) {
		if (!status)
			continue;
		fake_map_reset_wishes();
		map(1);
		page = rig.gmap[0].page;
		fake_unmap_status(RIG_REF, status);
		map_rig_unmap(1);
		assert_int_equal(rig.cache.cache.num_pages, 0);
		put_page(page);
	}
	assert_int_equal(atomic_read(&rig.dev.xdev.lost), 28);
}

/* Fails when each lost page is a line in the log. */
static void lost_pages_are_rate_limited(void **state)
{
	struct page *page[RIG_BATCH];
	unsigned int i;

	rig.dev.xdev.ratelimit.burst = 2;
	map(RIG_BATCH);
	for (i = 0; i < RIG_BATCH; i++) {
		page[i] = rig.gmap[i].page;
		fake_unmap_status(RIG_REF + i, GNTST_general_error);
	}
	map_rig_unmap(RIG_BATCH);
	assert_int_equal(fake_log_lines(), 2);
	assert_int_equal(atomic_read(&rig.dev.xdev.lost), RIG_BATCH);
	for (i = 0; i < RIG_BATCH; i++)
		put_page(page[i]);
}

/*
 * The call itself fails and does nothing: the pages are still mapped. Fails
 * when a status that Xen did not write passes for success.
 */
static void whole_call_fails(void **state)
{
	struct page *page[RIG_BATCH];
	unsigned int i;

	map(RIG_BATCH);
	for (i = 0; i < RIG_BATCH; i++)
		page[i] = rig.gmap[i].page;
	fake_hypercall_breaks(0, -EFAULT);
	map_rig_unmap(RIG_BATCH);
	assert_int_equal(atomic_read(&rig.dev.xdev.lost), RIG_BATCH);
	assert_int_equal(rig.cache.used, 0);
	assert_int_equal(rig.cache.cache.num_pages, 0);
	assert_int_equal(fake_live.maps, RIG_BATCH);
	for (i = 0; i < RIG_BATCH; i++)
		put_page(page[i]);
	fake_live.maps = 0;
}

/*
 * The call fails half-way: the kernel's wrapper has then not undone its own
 * entries of the pages that Xen unmapped. Fails when such a page is used again.
 */
static void whole_call_fails_midway(void **state)
{
	unsigned int i, stale = 0;
	struct page *page[RIG_BATCH];

	map(RIG_BATCH);
	for (i = 0; i < RIG_BATCH; i++)
		page[i] = rig.gmap[i].page;
	fake_hypercall_breaks(3, -EFAULT);
	fake_cache_takes_foreign(true);
	map_rig_unmap(RIG_BATCH);
	fake_cache_takes_foreign(false);
	stale = rig.cache.cache.num_pages;
	/* Only the test knows where the lost ones are. */
	for (i = stale; i < RIG_BATCH; i++)
		put_page(page[i]);
	fake_live.maps = 0;
	assert_int_equal(stale, 0);
	assert_int_equal(atomic_read(&rig.dev.xdev.lost), RIG_BATCH);
}

/* A full batch runs by itself. */
static void overflow_runs_the_batch(void **state)
{
	unsigned int i;

	map_rig_add(3 * RIG_BATCH);
	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 0);
	assert_int_equal(fake_hypercalls(), 3);
	for (i = 0; i < 3 * RIG_BATCH; i++)
		xpv_unmap_add(&rig.batch, &rig.cache, &rig.gmap[i]);
	assert_int_equal(fake_hypercalls(), 5);
	xpv_unmap_run(&rig.batch, &rig.cache);
	assert_int_equal(fake_hypercalls(), 6);
	assert_int_equal(fake_live.maps, 0);
}

/* Fails when a page that someone else holds passes for free. */
static void busy_page(void **state)
{
	map(1);
	assert_false(xpv_unmap_busy(&rig.gmap[0]));
	get_page(rig.gmap[0].page);
	assert_true(xpv_unmap_busy(&rig.gmap[0]));
	put_page(rig.gmap[0].page);
	assert_false(xpv_unmap_busy(&rig.gmap[0]));
	map_rig_unmap(1);
}

/*
 * Random batches with random failures, for long. Fails when a page is lost,
 * doubled, or counted wrongly anywhere.
 */
static void accounting_returns_to_zero(void **state)
{
	unsigned int round, nr, i, failed, mapped;

	srandom(2);
	for (round = 0; round < 2000; round++) {
		fake_map_reset_wishes();
		nr = random() % RIG_GMAPS;
		failed = 0;
		for (i = 0; i < nr; i++)
			if (random() % 8 == 0 && failed < 60) {
				fake_grant_status(RIG_REF + i,
						  -1 - random() % 12);
				failed++;
			}
		map_rig_add(nr);
		xpv_map_run(&rig.batch, &rig.cache);
		mapped = 0;
		for (i = 0; i < nr; i++)
			mapped += xpv_gmap_mapped(&rig.gmap[i]);
		assert_int_equal(mapped, nr - failed);
		assert_int_equal(rig.cache.used, mapped);
		assert_int_equal(fake_live.maps, mapped);
		if (random() % 4 == 0)
			xpv_page_cache_trim(&rig.cache, random() % 16);
		map_rig_unmap(nr);
		assert_int_equal(rig.cache.used, 0);
	}
}

UNIT_MAIN(map_test(passes_over_what_is_not_mapped),
	  map_test(nothing_twice),
	  map_test(gmap_is_free_after_add),
	  map_test(refused_page_is_lost),
	  map_test(every_status),
	  map_test(lost_pages_are_rate_limited),
	  map_test(whole_call_fails),
	  map_test(whole_call_fails_midway),
	  map_test(overflow_runs_the_batch),
	  map_test(busy_page),
	  map_test(accounting_returns_to_zero))
