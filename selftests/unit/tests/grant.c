// SPDX-License-Identifier: GPL-2.0
/* A frontend's references: common/grant.c. */
#include "fake.h"

#define MAX 200

static struct fake_device dev;
static struct xpv_gref_pool pool;
static struct work_struct wake;
static grant_ref_t taken[MAX];

static int setup(void **state)
{
	fake_setup(state);
	fake_device_init(&dev, XPV_FRONT);
	memset(&wake, 0, sizeof(wake));
	assert_int_equal(xpv_gref_pool_init(&pool, MAX, &wake), 0);
	return 0;
}

static int teardown(void **state)
{
	xpv_gref_pool_fini(&pool);
	return fake_teardown(state);
}

static void take(unsigned int nr)
{
	while (nr--)
		taken[nr] = xpv_gref_take(&pool);
}

static void put(unsigned int nr)
{
	while (nr--)
		xpv_gref_put(&pool, taken[nr]);
}

/* Fails when references are taken before anyone needs them. */
static void starts_empty(void **state)
{
	assert_int_equal(fake_live.grefs, 0);
	assert_true(xpv_gref_pool_reserve(&pool, 0));
	assert_int_equal(fake_live.grefs, 0);
}

/* Fails when the kernel's list is asked for one reference at a time. */
static void takes_in_batches(void **state)
{
	assert_true(xpv_gref_pool_reserve(&pool, 1));
	assert_int_equal(fake_calls(FAKE_GREFS), 1);
	assert_true(fake_live.grefs > 1);
	assert_int_equal(pool.total, fake_live.grefs);
	assert_int_equal(pool.nr, pool.total);
	/* What the batch brought is used before more is asked for. */
	assert_true(xpv_gref_pool_reserve(&pool, pool.nr));
	assert_int_equal(fake_calls(FAKE_GREFS), 1);
}

/* Fails when the limit is off by one, or a batch goes beyond it. */
static void grows_to_its_limit(void **state)
{
	unsigned int nr;

	for (nr = 1; nr <= MAX; nr++) {
		assert_true(xpv_gref_pool_reserve(&pool, nr));
		assert_true(pool.nr >= nr);
		assert_true(pool.total <= MAX);
	}
	assert_int_equal(pool.total, MAX);
	assert_false(xpv_gref_pool_reserve(&pool, MAX + 1));
	take(MAX);
	assert_false(xpv_gref_pool_reserve(&pool, 1));
	assert_int_equal(fake_live.grefs, MAX);
	put(MAX);
	assert_true(xpv_gref_pool_reserve(&pool, MAX));
}

/* Fails when what is in use is not counted against the limit. */
static void limit_counts_what_is_in_use(void **state)
{
	assert_true(xpv_gref_pool_reserve(&pool, 150));
	take(150);
	assert_true(xpv_gref_pool_reserve(&pool, 50));
	assert_false(xpv_gref_pool_reserve(&pool, 51));
	put(150);
}

/* Fails when a whole batch is insisted on where less would do. */
static void nearly_empty_table(void **state)
{
	fake_grefs_limit(10);
	assert_true(xpv_gref_pool_reserve(&pool, 3));
	assert_true(pool.nr >= 3);
	assert_true(xpv_gref_pool_reserve(&pool, 10));
	assert_false(xpv_gref_pool_reserve(&pool, 11));
	assert_int_equal(pool.total, fake_live.grefs);
	assert_int_equal(pool.nr, pool.total);
}

/* Fails when a failure is counted as growth. */
static void exhausted_table(void **state)
{
	fake_grefs_limit(0);
	assert_false(xpv_gref_pool_reserve(&pool, 1));
	assert_int_equal(pool.nr, 0);
	assert_int_equal(pool.total, 0);
	fake_grefs_limit(MAX);
	assert_true(xpv_gref_pool_reserve(&pool, 1));
}

/* Fails when a reference is handed out twice. */
static void references_are_distinct(void **state)
{
	bool seen[8192] = { false };
	unsigned int i;

	assert_true(xpv_gref_pool_reserve(&pool, MAX));
	take(MAX);
	for (i = 0; i < MAX; i++) {
		assert_in_range(taken[i], 1, ARRAY_SIZE(seen) - 1);
		assert_false(seen[taken[i]]);
		seen[taken[i]] = true;
	}
	put(MAX);
}

/* Fails when a count beyond the kernel's 16 bits is cut to what is left. */
static void more_than_the_kernel_counts(void **state)
{
	struct xpv_gref_pool big;
	unsigned int nr;
	bool got;

	assert_int_equal(xpv_gref_pool_init(&big, 70000, NULL), 0);
	got = xpv_gref_pool_reserve(&big, 65536);
	got |= xpv_gref_pool_reserve(&big, 65537);
	nr = big.nr;
	/* What the kernel did not give must not be returned to it. */
	big.nr = 0;
	xpv_gref_pool_fini(&big);
	fake_live.grefs = 0;
	assert_false(got);
	assert_int_equal(nr, 0);
}

/* As the owner of a pool does. Fails when a lost reference is handed out. */
static bool revoke(grant_ref_t ref, struct page *page)
{
	if (!xpv_grant_revoke(&dev.xdev, &ref, page)) {
		assert_true(ref == INVALID_GRANT_REF);
		return false;
	}
	xpv_gref_put(&pool, ref);
	return true;
}

/* Fails when domain, page or mode are not what was asked for. */
static void granting(void **state)
{
	struct page *page = fake_page_alloc();
	unsigned int readonly;

	dev.xdev.peer_id = 3;
	assert_true(xpv_gref_pool_reserve(&pool, 1));
	for (readonly = 0; readonly < 2; readonly++) {
		take(1);
		xpv_grant(&dev.xdev, taken[0], page, readonly);
		assert_true(fake_gref_granted(taken[0], 3, page, readonly));
		assert_true(revoke(taken[0], page));
		assert_false(fake_gref_granted(taken[0], 3, page, readonly));
	}
	assert_int_equal(page_count(page), 1);
	assert_int_equal(atomic_read(&dev.xdev.quarantined), 0);
	put_page(page);
}

/*
 * The backend keeps a page mapped. Fails when the reference goes back to the
 * pool, or the page has no reference of its own: its owner frees it here.
 */
static void peer_keeps_the_page(void **state)
{
	struct page *page = fake_page_alloc();
	unsigned int i;

	assert_true(xpv_gref_pool_reserve(&pool, MAX));
	take(MAX);
	xpv_grant(&dev.xdev, taken[0], page, false);
	fake_peer_holds(taken[0], true);
	assert_false(revoke(taken[0], page));
	assert_int_equal(atomic_read(&dev.xdev.quarantined), 1);
	assert_int_equal(page_count(page), 2);
	put_page(page);
	assert_int_equal(fake_live.pages, 1);

	/* Neither page nor reference are used while it is held. */
	for (i = 1; i < MAX; i++)
		xpv_gref_put(&pool, taken[i]);
	while (pool.nr)
		assert_int_not_equal(xpv_gref_take(&pool), taken[0]);
	for (i = 1; i < MAX; i++)
		xpv_gref_put(&pool, taken[i]);

	xpv_quarantine_release(&dev.xdev);
	fake_grefs_reclaim();
	assert_int_equal(fake_live.pages, 1);
	fake_peer_holds(taken[0], false);
	xpv_quarantine_release(&dev.xdev);
	fake_grefs_reclaim();
	assert_int_equal(fake_live.pages, 0);
	assert_int_equal(fake_live.grefs, MAX - 1);
}

/*
 * A backend that lets nothing go: the pages that it can make us set aside are
 * bounded (CVE-2023-54081). Fails when a quarantined reference makes room
 * for another.
 */
static void quarantine_is_bounded(void **state)
{
	struct page *page;
	unsigned int i;

	for (i = 0; i < 3 * MAX && xpv_gref_pool_reserve(&pool, 1); i++) {
		page = fake_page_alloc();
		taken[0] = xpv_gref_take(&pool);
		xpv_grant(&dev.xdev, taken[0], page, false);
		fake_peer_holds(taken[0], true);
		assert_false(revoke(taken[0], page));
		put_page(page);
	}
	for (i = 8; i < 8 + 4 * MAX; i++)
		fake_peer_holds(i, false);
	i = fake_live.pages;
	xpv_quarantine_release(&dev.xdev);
	fake_grefs_reclaim();
	assert_in_range(i, 1, MAX);
}

/*
 * A backend that keeps pages has one line of the kernel's. Fails when it has one
 * for each, when others' references do not come back meanwhile, or when a
 * reference that is not to be had again is taken for one.
 */
static void lines_of_kept_pages(void **state)
{
	struct page *page = fake_page_alloc();
	unsigned int i;

	assert_true(xpv_gref_pool_reserve(&pool, MAX));
	take(6);
	for (i = 0; i < 5; i++) {
		xpv_grant(&dev.xdev, taken[i], page, false);
		if (i == 3)
			continue;
		fake_peer_holds(taken[i], true);
		assert_false(revoke(taken[i], page));
	}
	assert_int_equal(fake_still_in_use(), 1);
	assert_int_equal(atomic_read(&dev.xdev.quarantined), 4);

	assert_true(revoke(taken[3], page));
	assert_int_equal(fake_live.grefs, pool.total);
	xpv_grant(&dev.xdev, taken[5], page, false);
	fake_fail(FAKE_GREFS, 0, 1, -ENOSPC);
	assert_false(revoke(taken[5], page));
	assert_int_equal(atomic_read(&dev.xdev.quarantined), 4);
	assert_int_equal(fake_live.grefs, pool.total - 1);

	for (i = 0; i < 5; i++)
		fake_peer_holds(taken[i], false);
	assert_int_equal(xpv_quarantine_reclaim(&dev.xdev), 0);
	assert_int_equal(page_count(page), 1);
	put_page(page);
	/* From here on as before. */
	page = fake_page_alloc();
	take(1);
	xpv_grant(&dev.xdev, taken[0], page, false);
	assert_true(revoke(taken[0], page));
	put_page(page);
}

/*
 * Fails when what the peer let go of stays counted, so that a device which
 * reconnects often is refused, or when what it still holds is freed.
 */
static void review_takes_back(void **state)
{
	struct page *page[4];
	unsigned int i;

	assert_true(xpv_gref_pool_reserve(&pool, 4));
	take(4);
	for (i = 0; i < 4; i++) {
		page[i] = fake_page_alloc();
		xpv_grant(&dev.xdev, taken[i], page[i], false);
		fake_peer_holds(taken[i], true);
		assert_false(revoke(taken[i], page[i]));
		put_page(page[i]);
	}
	xpv_quarantine_age(&dev.xdev);
	assert_int_equal(xpv_quarantine_reclaim(&dev.xdev), 4);
	assert_int_equal(fake_live.pages, 4);
	fake_peer_holds(taken[0], false);
	fake_peer_holds(taken[2], false);
	assert_int_equal(xpv_quarantine_reclaim(&dev.xdev), 2);
	assert_int_equal(fake_live.pages, 2);
	fake_peer_holds(taken[1], false);
	xpv_quarantine_release(&dev.xdev);
	assert_int_equal(fake_live.pages, 1);
	fake_peer_holds(taken[3], false);
	fake_grefs_reclaim();
	assert_int_equal(fake_live.pages, 0);
}

static void keep(unsigned int i)
{
	struct page *page = fake_page_alloc();

	assert_true(xpv_gref_pool_reserve(&pool, 1));
	taken[i] = xpv_gref_take(&pool);
	xpv_grant(&dev.xdev, taken[i], page, false);
	fake_peer_holds(taken[i], true);
	assert_false(revoke(taken[i], page));
	put_page(page);
}

/*
 * However many pages the last connection had, an honest backend may hold all of
 * them when it has crashed. Fails when they count before the next connection
 * has begun, or never.
 */
static void review_counts_old_ones(void **state)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		keep(i);
	assert_int_equal(xpv_quarantine_reclaim(&dev.xdev), 0);
	assert_int_equal(xpv_quarantine_reclaim(&dev.xdev), 0);
	xpv_quarantine_age(&dev.xdev);
	keep(3);
	fake_peer_holds(taken[1], false);
	assert_int_equal(xpv_quarantine_reclaim(&dev.xdev), 2);
	xpv_quarantine_age(&dev.xdev);
	assert_int_equal(xpv_quarantine_reclaim(&dev.xdev), 3);

	for (i = 0; i < 4; i++)
		fake_peer_holds(taken[i], false);
	assert_int_equal(xpv_quarantine_reclaim(&dev.xdev), 0);
	assert_int_equal(atomic_read(&dev.xdev.quarantined), 0);
	assert_int_equal(fake_live.pages, 0);
}

/* The peer lets go between the failed try and the second. */
static void peer_lets_go_in_between(void **state)
{
	struct page *page = fake_page_alloc();

	assert_true(xpv_gref_pool_reserve(&pool, 1));
	take(1);
	xpv_grant(&dev.xdev, taken[0], page, false);
	fake_peer_holds(taken[0], true);
	assert_false(revoke(taken[0], page));
	fake_peer_holds(taken[0], false);
	put_page(page);
	xpv_quarantine_release(&dev.xdev);
	fake_grefs_reclaim();
	assert_int_equal(fake_live.pages, 0);
}

/* Fails when a shrunk pool still counts what it gave away, or gives more. */
static void shrinking(void **state)
{
	assert_true(xpv_gref_pool_reserve(&pool, 100));
	take(60);
	xpv_gref_pool_shrink(&pool, 10);
	assert_int_equal(pool.total, fake_live.grefs);
	assert_int_equal(pool.nr, pool.total - 60);
	xpv_gref_pool_shrink(&pool, MAX);
	assert_int_equal(pool.nr, 0);
	assert_int_equal(fake_live.grefs, 60);
	put(60);
	assert_true(xpv_gref_pool_reserve(&pool, MAX));
	assert_int_equal(fake_live.grefs, MAX);
}

/* Fails when pools that are gone count, or one that never was. */
static void shares(void **state)
{
	struct xpv_gref_pool other = {};

	fake_grant_frames(2);
	assert_int_equal(xpv_gref_share(), 512);
	assert_int_equal(xpv_gref_pool_init(&other, MAX, NULL), 0);
	assert_int_equal(xpv_gref_share(), 256);
	xpv_gref_pool_fini(&other);
	xpv_gref_pool_fini(&other);
	assert_int_equal(xpv_gref_share(), 512);
	fake_fail(FAKE_ALLOC, 0, 1, -ENOMEM);
	assert_int_equal(xpv_gref_pool_init(&other, MAX, NULL), -ENOMEM);
	assert_int_equal(xpv_gref_share(), 512);
}

/* Fails when an idle pool keeps more than its share, or less than it must. */
static void settling(void **state)
{
	struct xpv_gref_pool other[7] = {};
	unsigned int i;

	fake_grant_frames(2);
	for (i = 0; i < ARRAY_SIZE(other); i++)
		assert_int_equal(xpv_gref_pool_init(&other[i], 1, NULL), 0);
	assert_true(xpv_gref_pool_reserve(&pool, MAX));
	take(100);
	xpv_gref_pool_trim(&pool, 11);
	assert_int_equal(pool.nr, 64);
	assert_int_equal(fake_live.grefs, 164);
	put(100);
	xpv_gref_pool_trim(&pool, 70);
	assert_int_equal(pool.nr, 70);
	xpv_gref_pool_trim(&pool, 11);
	xpv_gref_pool_trim(&pool, 11);
	assert_int_equal(fake_live.grefs, 64);
	for (i = 0; i < ARRAY_SIZE(other); i++)
		xpv_gref_pool_fini(&other[i]);
}

/*
 * A grant that the peer maps for as long as it likes. Fails when a failed try
 * ends it, or a successful one leaves the reference counted.
 */
static void lasting_grant(void **state)
{
	struct page *page = fake_page_alloc();

	assert_true(xpv_gref_pool_reserve(&pool, MAX));
	take(1);
	xpv_grant(&dev.xdev, taken[0], page, false);
	fake_peer_holds(taken[0], true);
	assert_false(xpv_grant_try_free(&pool, taken[0]));
	assert_true(fake_gref_granted(taken[0], dev.xdev.peer_id, page, false));
	assert_int_equal(pool.total, MAX);
	assert_int_equal(atomic_read(&dev.xdev.quarantined), 0);
	fake_peer_holds(taken[0], false);
	assert_true(xpv_grant_try_free(&pool, taken[0]));
	assert_int_equal(pool.total, MAX - 1);
	assert_int_equal(fake_live.grefs, MAX - 1);
	assert_int_equal(page_count(page), 1);
	put_page(page);
}

/* Fails when a page is freed that is still mapped, or is never freed. */
static void dropping(void **state)
{
	struct page *page[2] = { fake_page_alloc(), fake_page_alloc() };

	assert_true(xpv_gref_pool_reserve(&pool, 2));
	take(2);
	xpv_grant(&dev.xdev, taken[0], page[0], false);
	xpv_grant(&dev.xdev, taken[1], page[1], true);
	fake_peer_holds(taken[1], true);
	xpv_grant_free(&dev.xdev, &pool, taken[0], page[0]);
	assert_int_equal(fake_live.pages, 1);
	xpv_grant_free(&dev.xdev, &pool, taken[1], page[1]);
	assert_int_equal(fake_live.pages, 1);
	assert_int_equal(atomic_read(&dev.xdev.quarantined), 1);
	fake_peer_holds(taken[1], false);
	assert_int_equal(xpv_quarantine_reclaim(&dev.xdev), 0);
	assert_int_equal(fake_live.pages, 0);
}

/* Fails when the revoked reference is put back by both, or by neither. */
static void revoking_without_a_pool(void **state)
{
	struct page *page = fake_page_alloc();
	unsigned int free;

	assert_true(xpv_gref_pool_reserve(&pool, 1));
	take(1);
	free = pool.nr;
	xpv_grant(&dev.xdev, taken[0], page, false);
	assert_true(xpv_grant_revoke(&dev.xdev, &taken[0], page));
	assert_int_equal(pool.nr, free);
	put(1);
	assert_int_equal(page_count(page), 1);
	put_page(page);
}

/* Fails when a waiter is woken too early, twice, or never. */
static void waiting_for_references(void **state)
{
	fake_grefs_limit(40);
	assert_true(xpv_gref_pool_reserve(&pool, 40));
	take(40);
	xpv_gref_pool_wait(&pool, 5);
	xpv_gref_pool_wait(&pool, 5);
	assert_int_equal(wake.queued, 0);
	fake_grefs_limit(44);
	gnttab_free_grant_reference(taken[39]);
	pool.total--;
	assert_int_equal(wake.queued, 1);
	gnttab_free_grant_reference(taken[38]);
	pool.total--;
	assert_int_equal(wake.queued, 1);
	put(38);
}

/* Fails when the callback outlives the pool. */
static void fini_ends_the_wait(void **state)
{
	struct xpv_gref_pool other;

	fake_grefs_limit(40);
	assert_int_equal(xpv_gref_pool_init(&other, 50, NULL), 0);
	assert_true(xpv_gref_pool_reserve(&other, 40));
	xpv_gref_pool_wait(&pool, 10);
	xpv_gref_pool_fini(&pool);
	/* Returning them would call into the pool. */
	xpv_gref_pool_fini(&other);
	assert_int_equal(wake.queued, 0);
}

/* Fails when fini frees a stack twice or needs a pool that was set up. */
static void fini_any_time(void **state)
{
	struct xpv_gref_pool zeroed = { 0 };

	xpv_gref_pool_fini(&zeroed);
	assert_true(xpv_gref_pool_reserve(&pool, 100));
	xpv_gref_pool_fini(&pool);
	assert_int_equal(fake_live.grefs, 0);
	assert_int_equal(fake_live.allocs, 0);
	xpv_gref_pool_fini(&pool);
}

/* Fails when a failed init leaves what fini would free. */
static void init_without_memory(void **state)
{
	struct xpv_gref_pool other;

	memset(&other, 0xee, sizeof(other));
	fake_fail(FAKE_ALLOC, 0, 1, -ENOMEM);
	assert_int_equal(xpv_gref_pool_init(&other, 10, NULL), -ENOMEM);
	xpv_gref_pool_fini(&other);
}

/* A page that only its owner may grant, or whose memory is handed on. */
static void grantable_pages(void **state)
{
	struct page *page = fake_page_alloc();

	assert_true(xpv_page_grantable(page));
	page->slab = true;
	assert_false(xpv_page_grantable(page));
	page->slab = false;
	/* Large kmalloc() of newer kernels: what get_page() does not hold. */
	page->refs = 0;
	assert_false(xpv_page_grantable(page));
	page->refs = 1;
	page->foreign = true;
	page->private = true;
	assert_false(xpv_page_grantable(page));
	/* The same bits in the page cache mean something else. */
	page->mapping = page;
	assert_true(xpv_page_grantable(page));
	page->mapping = NULL;
	page->foreign = false;
	assert_true(xpv_page_grantable(page));
	put_page(page);
}

#define pool_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(pool_test(starts_empty),
	  pool_test(takes_in_batches),
	  pool_test(grows_to_its_limit),
	  pool_test(limit_counts_what_is_in_use),
	  pool_test(nearly_empty_table),
	  pool_test(exhausted_table),
	  pool_test(references_are_distinct),
	  pool_test(more_than_the_kernel_counts),
	  pool_test(granting),
	  pool_test(peer_keeps_the_page),
	  pool_test(quarantine_is_bounded),
	  pool_test(lines_of_kept_pages),
	  pool_test(review_counts_old_ones),
	  pool_test(review_takes_back),
	  pool_test(peer_lets_go_in_between),
	  pool_test(shrinking),
	  pool_test(shares),
	  pool_test(settling),
	  pool_test(lasting_grant),
	  pool_test(dropping),
	  pool_test(revoking_without_a_pool),
	  pool_test(waiting_for_references),
	  pool_test(fini_ends_the_wait),
	  pool_test(fini_any_time),
	  pool_test(init_without_memory),
	  pool_test(grantable_pages))
