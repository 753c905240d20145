// SPDX-License-Identifier: GPL-2.0
/* What a domain's disks may have mapped: blkback/grant_limit.[ch]. */
#include "fake.h"
#include "blkback/grant_limit.h"

/* Fails when two devices of a domain have a limit each, or two domains one. */
static void per_domain(void **state)
{
	struct blkback_domain *one = blkback_domain_get(1);
	struct blkback_domain *two = blkback_domain_get(2);

	assert_ptr_not_equal(one, two);
	assert_ptr_equal(blkback_domain_get(1), one);
	assert_int_equal(atomic_read(&one->free_pages), BLKBACK_DOMAIN_PAGES);
	assert_int_equal(atomic_read(&one->free_pgnts), BLKBACK_DOMAIN_PGNTS);
	atomic_set(&one->free_pages, 7);
	blkback_domain_put(one);
	/* Its other device is still there. */
	assert_ptr_equal(blkback_domain_get(1), one);
	assert_int_equal(atomic_read(&one->free_pages), 7);
	blkback_domain_put(one);
	blkback_domain_put(one);
	one = blkback_domain_get(1);
	assert_int_equal(atomic_read(&one->free_pages), BLKBACK_DOMAIN_PAGES);
	blkback_domain_put(one);
	blkback_domain_put(two);
}

/* Fails when memory that is short is taken for granted, or leaks. */
static void no_memory(void **state)
{
	fake_fail(FAKE_ALLOC, 0, 1, -ENOMEM);
	assert_null(blkback_domain_get(1));
}

/* Fails when a share takes more than the limit, or less than there is left. */
static void bounded(void **state)
{
	struct blkback_domain *domain = blkback_domain_get(1);
	struct blkback_share share = { .domain = domain };
	struct blkback_share other = { .domain = domain };

	/* A step at a time. */
	assert_true(blkback_share_take(&share, 1));
	assert_int_equal(share.held, BLKBACK_SHARE_STEP);
	assert_int_equal(atomic_read(&domain->free_pages),
			 BLKBACK_DOMAIN_PAGES - BLKBACK_SHARE_STEP);
	/* All but three pages, which is less than a step. */
	assert_true(blkback_share_take(&share, BLKBACK_DOMAIN_PAGES - 4));
	assert_int_equal(atomic_read(&domain->free_pages), 3);
	assert_false(blkback_share_take(&other, 4));
	assert_int_equal(other.used, 0);
	assert_int_equal(atomic_read(&domain->free_pages), 3);
	assert_true(blkback_share_take(&other, 3));
	assert_false(blkback_share_take(&other, 1));
	blkback_share_give(&share, BLKBACK_DOMAIN_PAGES - 3);
	blkback_share_give(&other, 3);
	blkback_share_trim(&share);
	blkback_share_trim(&other);
	assert_int_equal(atomic_read(&domain->free_pages),
			 BLKBACK_DOMAIN_PAGES);
	blkback_domain_put(domain);
}

/* Fails when what a queue has in use is given away, or too much is kept. */
static void excess(void **state)
{
	struct blkback_domain *domain = blkback_domain_get(1);
	struct blkback_share share = { .domain = domain };
	unsigned int nr = 2 * BLKBACK_SHARE_STEP;

	assert_true(blkback_share_take(&share, nr + 1));
	blkback_share_give(&share, nr);
	assert_false(blkback_share_has_excess(&share));
	blkback_share_give(&share, 1);
	assert_true(blkback_share_has_excess(&share));
	assert_true(blkback_share_take(&share, 5));
	blkback_share_trim(&share);
	assert_int_equal(share.held, 5);
	assert_int_equal(atomic_read(&domain->free_pages),
			 BLKBACK_DOMAIN_PAGES - 5);
	blkback_share_give(&share, 5);
	blkback_share_trim(&share);
	blkback_domain_put(domain);
}

/* Fails when pages beyond the limit are forgotten once they are given back. */
static void exceeded(void **state)
{
	struct blkback_domain *domain = blkback_domain_get(1);
	struct blkback_share share = { .domain = domain };

	atomic_set(&domain->free_pages, 2);
	assert_false(blkback_share_take(&share, 11));
	blkback_share_exceed(&share, 11);
	assert_int_equal(share.used, 11);
	assert_int_equal(atomic_read(&domain->free_pages), 2 - 11);
	blkback_share_give(&share, 11);
	blkback_share_trim(&share);
	assert_int_equal(atomic_read(&domain->free_pages), 2);
	blkback_domain_put(domain);
}

UNIT_MAIN(fake_unit_test(per_domain),
	  fake_unit_test(no_memory),
	  fake_unit_test(bounded),
	  fake_unit_test(excess),
	  fake_unit_test(exceeded))
