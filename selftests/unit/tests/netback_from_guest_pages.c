// SPDX-License-Identifier: GPL-2.0
/* Pages of packets that a guest sends: netback/from_guest_pages.c. */
#include "fake.h"
#include "netback/from_guest_pages.h"

#include <linux/mm.h>
#include <linux/slab.h>

static struct netback_pages pages;

static void begin(void)
{
	assert_int_equal(netback_pages_init(&pages), 0);
}

/* One for a packet: nobody but that packet and us has it. */
static struct page *get(void)
{
	struct page *page = netback_pages_get(&pages);

	assert_non_null(page);
	assert_int_equal(page_count(page), 2);
	return page;
}

/* Fails when a page that came back is not used again, or out of turn. */
static void used_again(void **state)
{
	struct page *page[10];
	unsigned int i, round;

	begin();
	for (i = 0; i < 10; i++)
		page[i] = get();
	for (round = 0; round < 1000; round++) {
		put_page(page[round % 10]);
		assert_ptr_equal(get(), page[round % 10]);
	}
	assert_int_equal(fake_live.pages, 10);
	for (i = 0; i < 10; i++)
		put_page(page[i]);
	netback_pages_free(&pages);
	assert_int_equal(fake_live.pages, 0);
}

/* Fails when a packet that is held after the queue has gone loses its pages. */
static void held(void **state)
{
	struct page *page[3];
	unsigned int i;

	begin();
	for (i = 0; i < 3; i++)
		page[i] = get();
	netback_pages_free(&pages);
	assert_int_equal(fake_live.pages, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(page_count(page[i]), 1);
		put_page(page[i]);
	}
	/* Once more, and without a page. */
	netback_pages_free(&pages);
}

/* Fails when a page that is held keeps all others from being used again. */
static void one_held(void **state)
{
	struct page *first, *page;
	unsigned int i;

	begin();
	first = get();
	for (i = 0; i < 3 * NETBACK_PAGES_MAX; i++) {
		page = get();
		assert_ptr_not_equal(page, first);
		put_page(page);
		assert_true(fake_live.pages <= NETBACK_PAGES_MAX + 1);
	}
	/* It is followed no longer. */
	assert_int_equal(page_count(first), 1);
	put_page(first);
	netback_pages_free(&pages);
}

/* Fails when more pages than there is room for are lost, or used while held. */
static void many_held(void **state)
{
	static struct page *page[2 * NETBACK_PAGES_MAX];
	unsigned int i;

	begin();
	for (i = 0; i < 2 * NETBACK_PAGES_MAX; i++)
		page[i] = get();
	for (i = 0; i < NETBACK_PAGES_MAX; i++)
		assert_int_equal(page_count(page[i]), 1);
	for (; i < 2 * NETBACK_PAGES_MAX; i++)
		assert_int_equal(page_count(page[i]), 2);
	for (i = 0; i < 2 * NETBACK_PAGES_MAX; i++)
		put_page(page[i]);
	assert_int_equal(fake_live.pages, NETBACK_PAGES_MAX);

	netback_pages_trim(&pages, NETBACK_PAGES_IDLE);
	assert_int_equal(fake_live.pages, NETBACK_PAGES_IDLE);
	netback_pages_trim(&pages, NETBACK_PAGES_IDLE);
	assert_int_equal(fake_live.pages, NETBACK_PAGES_IDLE);
	put_page(get());
	assert_int_equal(fake_live.pages, NETBACK_PAGES_IDLE);
	netback_pages_free(&pages);
}

/* Fails when a page of another node, or of the last reserves, is kept. */
static void distant(void **state)
{
	struct page *page;

	begin();
	page = get();
	page->distant = true;
	put_page(page);
	page = get();
	assert_false(page->distant);
	assert_int_equal(fake_live.pages, 1);
	put_page(page);
	netback_pages_free(&pages);
}

/* Fails when a queue without memory is not left as it was. */
static void no_memory(void **state)
{
	fake_fail(FAKE_ALLOC, 0, 1, -ENOMEM);
	assert_int_equal(netback_pages_init(&pages), -ENOMEM);
	netback_pages_free(&pages);
}

UNIT_MAIN(fake_unit_test(used_again),
	  fake_unit_test(held),
	  fake_unit_test(one_held),
	  fake_unit_test(many_held),
	  fake_unit_test(distant),
	  fake_unit_test(no_memory))
