/* SPDX-License-Identifier: GPL-2.0 */
/* A backend's device with a page cache and a batch. */
#ifndef FAKE_MAP_RIG_H
#define FAKE_MAP_RIG_H

#include "fake.h"

#define RIG_BATCH 8
#define RIG_GMAPS 64
#define RIG_REF 1000	/* the reference of gmap 0; others follow */

static struct {
	struct fake_device dev;
	struct xpv_page_cache cache;
	struct xpv_map_batch batch;
	struct xpv_gmap gmap[RIG_GMAPS];
	unsigned int failed;
} rig;

static inline int map_rig_setup(void **state)
{
	fake_setup(state);
	memset(&rig, 0, sizeof(rig));
	fake_device_init(&rig.dev, XPV_BACK);
	xpv_page_cache_init(&rig.cache, RIG_GMAPS);
	return xpv_map_batch_init(&rig.batch, &rig.dev.xdev, RIG_BATCH);
}

/* Whatever a test did: no page is out, no map forgotten, none undone twice. */
static inline int map_rig_teardown(void **state)
{
	xpv_map_batch_fini(&rig.batch);
	xpv_page_cache_trim(&rig.cache, 0);
	assert_int_equal(rig.cache.used, 0);
	assert_int_equal(fake_bad_unmaps(), 0);
	return fake_teardown(state);
}

/* Gather maps for the first @nr gmaps. */
static inline void map_rig_add(unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		assert_int_equal(xpv_map_add(&rig.batch, &rig.cache,
					     &rig.gmap[i], RIG_REF + i, false),
				 0);
}

/* Unmap the first @nr gmaps, mapped or not, as drivers do. */
static inline void map_rig_unmap(unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		xpv_unmap_add(&rig.batch, &rig.cache, &rig.gmap[i]);
	xpv_unmap_run(&rig.batch, &rig.cache);
}

static inline void map_rig_assert_mapped(unsigned int i)
{
	assert_true(xpv_gmap_mapped(&rig.gmap[i]));
	assert_int_equal(rig.gmap[i].error, 0);
	assert_true(fake_mapped(rig.gmap[i].handle, RIG_REF + i,
				rig.gmap[i].page));
}

#define map_test(f) \
	cmocka_unit_test_setup_teardown(f, map_rig_setup, map_rig_teardown)

#endif /* FAKE_MAP_RIG_H */
