// SPDX-License-Identifier: GPL-2.0
/* Mapping a frontend's pages: common/grant_map.c. */
#include "fake.h"
#include "map_rig.h"

/* Fails when an operation does not say what was asked for. */
static void maps_one(void **state)
{
	struct xpv_gmap *gmap = &rig.gmap[0];

	assert_int_equal(xpv_map_add(&rig.batch, &rig.cache, gmap, 17, true),
			 0);
	/* Nothing is mapped before the run. */
	assert_false(xpv_gmap_mapped(gmap));
	assert_int_equal(fake_hypercalls(), 0);
	assert_int_equal(rig.batch.map[0].ref, 17);
	assert_int_equal(rig.batch.map[0].dom, FAKE_FRONT_DOM);
	assert_int_equal(rig.batch.map[0].flags,
			 GNTMAP_host_map | GNTMAP_readonly);
	assert_int_equal(rig.batch.map[0].host_addr,
			 (unsigned long)page_address(gmap->page));

	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 0);
	assert_true(xpv_gmap_mapped(gmap));
	assert_int_equal(gmap->error, 0);
	assert_non_null(gmap->page);
	assert_int_equal(rig.batch.nr, 0);
	map_rig_unmap(1);
}

/* Fails when a writable map is asked for read-only or the reverse. */
static void maps_writable(void **state)
{
	assert_int_equal(xpv_map_add(&rig.batch, &rig.cache, &rig.gmap[0], 17,
				     false), 0);
	assert_int_equal(rig.batch.map[0].flags, GNTMAP_host_map);
	xpv_map_run(&rig.batch, &rig.cache);
	map_rig_unmap(1);
}

/* Fails when operations cost a hypercall each, or an empty run costs one. */
static void one_call_for_many(void **state)
{
	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 0);
	xpv_unmap_run(&rig.batch, &rig.cache);
	assert_int_equal(fake_hypercalls(), 0);
	map_rig_add(RIG_BATCH);
	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 0);
	assert_int_equal(fake_hypercalls(), 1);
	assert_int_equal(fake_live.maps, RIG_BATCH);
	map_rig_unmap(RIG_BATCH);
	assert_int_equal(fake_hypercalls(), 2);
	assert_int_equal(fake_live.maps, 0);
}

/*
 * One of a batch fails, at each index. Fails when the failure is lost, spills
 * over to a neighbour, keeps a page, or its stale handle is used (XSA-362, 365).
 */
static void partial_failure(void **state)
{
	struct xpv_gmap *bad;
	unsigned int at, i;

	for (at = 0; at < RIG_BATCH; at++) {
		fake_map_reset_wishes();
		fake_grant_status(RIG_REF + at, GNTST_bad_gntref);
		map_rig_add(RIG_BATCH);
		assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 1);
		for (i = 0; i < RIG_BATCH; i++)
			if (i != at)
				map_rig_assert_mapped(i);
		bad = &rig.gmap[at];
		assert_false(xpv_gmap_mapped(bad));
		assert_int_equal(bad->error, -EIO);
		assert_null(bad->page);
		assert_int_equal(rig.cache.used, RIG_BATCH - 1);
		map_rig_unmap(RIG_BATCH);
	}
}

/* All but one fail; the one must not be forgotten (XSA-371). */
static void only_one_succeeds(void **state)
{
	unsigned int at, i;

	for (at = 0; at < RIG_BATCH; at++) {
		fake_map_reset_wishes();
		for (i = 0; i < RIG_BATCH; i++)
			if (i != at)
				fake_grant_status(RIG_REF + i,
						  GNTST_bad_gntref);
		map_rig_add(RIG_BATCH);
		assert_int_equal(xpv_map_run(&rig.batch, &rig.cache),
				 RIG_BATCH - 1);
		map_rig_assert_mapped(at);
		assert_int_equal(fake_live.maps, 1);
		map_rig_unmap(RIG_BATCH);
		assert_int_equal(fake_live.maps, 0);
	}
}

/* Fails when any status but 0 passes for success, positive ones too (XSA-316). */
static void every_status(void **state)
{
	int status;

	for (status = -14; status <= 14; status++) {
		if (!status)
			continue;
		fake_map_reset_wishes();
		fake_grant_status(RIG_REF, status);
		map_rig_add(2);
		assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 1);
		assert_false(xpv_gmap_mapped(&rig.gmap[0]));
		assert_int_equal(rig.gmap[0].error,
				 status == GNTST_no_device_space ? -ENOMEM :
								   -EIO);
		map_rig_unmap(2);
	}
}

/* The call itself fails and does nothing. */
static void whole_call_fails(void **state)
{
	unsigned int i;

	map_rig_add(RIG_BATCH);
	fake_hypercall_breaks(0, -EFAULT);
	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), RIG_BATCH);
	for (i = 0; i < RIG_BATCH; i++) {
		assert_false(xpv_gmap_mapped(&rig.gmap[i]));
		assert_int_equal(rig.gmap[i].error, -EIO);
		assert_null(rig.gmap[i].page);
	}
	assert_int_equal(rig.cache.used, 0);
	/* The batch is fit for use again. */
	map_rig_add(RIG_BATCH);
	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 0);
	map_rig_unmap(RIG_BATCH);
}

/*
 * The call fails half-way: what Xen mapped before is mapped, but the kernel's
 * wrapper has then not entered it in its own tables, and such a page may not be
 * used, nor its page be used again. Fails when those maps pass as usable.
 */
static void whole_call_fails_midway(void **state)
{
	struct page *page[3];
	unsigned int i;

	map_rig_add(RIG_BATCH);
	for (i = 0; i < 3; i++)
		page[i] = rig.gmap[i].page;
	fake_hypercall_breaks(3, -EFAULT);
	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), RIG_BATCH);
	for (i = 0; i < RIG_BATCH; i++) {
		assert_false(xpv_gmap_mapped(&rig.gmap[i]));
		assert_int_equal(rig.gmap[i].error, -EIO);
		assert_null(rig.gmap[i].page);
	}
	assert_int_equal(rig.cache.used, 0);
	assert_int_equal(rig.cache.cache.num_pages, RIG_BATCH - 3);
	assert_int_equal(atomic_read(&rig.dev.xdev.lost), 3);
	/* Only the test knows where the lost ones are. */
	for (i = 0; i < 3; i++)
		put_page(page[i]);
	fake_live.maps = 0;
}

/* No page: the map is not gathered, and the gmap says why and nothing else. */
static void no_pages(void **state)
{
	struct xpv_gmap *gmap = &rig.gmap[2];

	map_rig_add(2);
	memset(gmap, 0xee, sizeof(*gmap));
	fake_fail(FAKE_CACHE_PAGE, 0, 1, -ENOMEM);
	assert_int_equal(xpv_map_add(&rig.batch, &rig.cache, gmap, 99, false),
			 -ENOMEM);
	assert_false(xpv_gmap_mapped(gmap));
	assert_int_equal(gmap->error, -ENOMEM);
	assert_null(gmap->page);
	assert_int_equal(rig.cache.used, 2);
	assert_int_equal(rig.batch.nr, 2);
	/* Those gathered before are not lost. */
	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 0);
	map_rig_unmap(3);
}

/* Fails when the limit is off by one, or is not given back. */
static void limit_of_the_cache(void **state)
{
	struct xpv_gmap extra;
	unsigned int round;

	xpv_page_cache_init(&rig.cache, 5);
	for (round = 0; round < 3; round++) {
		map_rig_add(5);
		assert_int_equal(xpv_map_add(&rig.batch, &rig.cache, &extra,
					     99, false), -ENOMEM);
		assert_int_equal(extra.error, -ENOMEM);
		assert_int_equal(rig.cache.used, 5);
		assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 0);
		assert_int_equal(xpv_map_add(&rig.batch, &rig.cache, &extra,
					     99, false), -ENOMEM);
		map_rig_unmap(5);
		assert_int_equal(rig.cache.used, 0);
	}
	/* Pages were reused, not made anew. */
	assert_int_equal(fake_calls(FAKE_CACHE_PAGE), 5);
}

/* A full batch runs by itself. Fails when an operation is dropped or moved. */
static void overflow_runs_the_batch(void **state)
{
	const unsigned int nr = 2 * RIG_BATCH + 3;
	unsigned int i;

	map_rig_add(nr);
	assert_int_equal(fake_hypercalls(), 2);
	assert_int_equal(rig.batch.nr, 3);
	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 0);
	for (i = 0; i < nr; i++)
		map_rig_assert_mapped(i);
	map_rig_unmap(nr);
	assert_int_equal(fake_hypercalls(), 6);
}

/*
 * The run of a batch that overflowed speaks for all that was added since the
 * last run. Fails when a failure in the part that ran by itself is left out:
 * a caller that goes by the result takes the request for good (CVE-2021-26930).
 */
static void overflow_keeps_failures(void **state)
{
	fake_grant_status(RIG_REF + 1, GNTST_bad_gntref);
	map_rig_add(RIG_BATCH + 2);
	assert_int_equal(rig.gmap[1].error, -EIO);
	rig.failed = xpv_map_run(&rig.batch, &rig.cache);
	map_rig_unmap(RIG_BATCH + 2);
	assert_int_equal(rig.failed, 1);
	/* And only once. */
	map_rig_add(1);
	assert_int_equal(xpv_map_run(&rig.batch, &rig.cache), 0);
	map_rig_unmap(1);
}

/* Fails when counters miss an operation or count calls as operations. */
static void counted(void **state)
{
	struct xpv_stats stats = { { 0 } };

	rig.batch.stats = &stats;
	map_rig_add(RIG_BATCH + 1);
	xpv_map_run(&rig.batch, &rig.cache);
	map_rig_unmap(RIG_BATCH + 1);
	assert_int_equal(stats.count[XPV_STAT_MAPS], RIG_BATCH + 1);
	assert_int_equal(stats.count[XPV_STAT_MAP_CALLS], 2);
	assert_int_equal(stats.count[XPV_STAT_UNMAPS], RIG_BATCH + 1);
	assert_int_equal(stats.count[XPV_STAT_UNMAP_CALLS], 2);
}

/* Fails when an init that fails leaves what was allocated before. */
static void init_without_memory(void **state)
{
	struct xpv_map_batch batch;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		memset(&batch, 0, sizeof(batch));
		fake_fail(FAKE_ALLOC, i, 1, -ENOMEM);
		assert_int_equal(xpv_map_batch_init(&batch, &rig.dev.xdev, 8),
				 -ENOMEM);
		/* All that is live is the rig's own batch. */
		assert_int_equal(fake_live.allocs, 4);
		xpv_map_batch_fini(&batch);
	}
	memset(&batch, 0, sizeof(batch));
	xpv_map_batch_fini(&batch);
}

/* Fails when trimming takes pages that are out, or leaves more than asked. */
static void trimming(void **state)
{
	map_rig_add(6);
	xpv_map_run(&rig.batch, &rig.cache);
	xpv_page_cache_trim(&rig.cache, 0);
	assert_int_equal(fake_live.pages, 6);
	map_rig_unmap(6);
	xpv_page_cache_trim(&rig.cache, 4);
	assert_int_equal(fake_live.pages, 4);
	xpv_page_cache_trim(&rig.cache, 9);
	assert_int_equal(fake_live.pages, 4);
	xpv_page_cache_trim(&rig.cache, 0);
	assert_int_equal(fake_live.pages, 0);
}

UNIT_MAIN(map_test(maps_one),
	  map_test(maps_writable),
	  map_test(one_call_for_many),
	  map_test(partial_failure),
	  map_test(only_one_succeeds),
	  map_test(every_status),
	  map_test(whole_call_fails),
	  map_test(whole_call_fails_midway),
	  map_test(no_pages),
	  map_test(limit_of_the_cache),
	  map_test(overflow_runs_the_batch),
	  map_test(overflow_keeps_failures),
	  map_test(counted),
	  map_test(init_without_memory),
	  map_test(trimming))
