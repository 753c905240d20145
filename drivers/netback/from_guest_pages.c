// SPDX-License-Identifier: GPL-2.0
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "from_guest_pages.h"

int netback_pages_init(struct netback_pages *pages)
{
	pages->first = 0;
	pages->nr = 0;
	pages->page = kvcalloc(NETBACK_PAGES_MAX, sizeof(*pages->page),
			       GFP_KERNEL);
	return pages->page ? 0 : -ENOMEM;
}

static struct page *pop_oldest(struct netback_pages *pages)
{
	pages->nr--;
	return pages->page[pages->first++ % NETBACK_PAGES_MAX];
}

void netback_pages_trim(struct netback_pages *pages, u32 max)
{
	while (pages->nr > max)
		put_page(pop_oldest(pages));
}

void netback_pages_free(struct netback_pages *pages)
{
	netback_pages_trim(pages, 0);
	kvfree(pages->page);
	pages->page = NULL;
}

/*
 * The stack lets go of pages in about the order in which it got them. One that
 * is held for longer is followed no further once there is no room for others.
 */
static struct page *reuse_oldest(struct netback_pages *pages)
{
	struct page *page = pages->page[pages->first % NETBACK_PAGES_MAX];

	if (!pages->nr ||
	    (page_count(page) > 1 && pages->nr < NETBACK_PAGES_MAX))
		return NULL;
	pop_oldest(pages);
	/* Nobody else can get a reference of a page that only we have. */
	if (page_count(page) == 1 && dev_page_is_reusable(page))
		return page;
	put_page(page);
	return NULL;
}

struct page *netback_pages_get(struct netback_pages *pages)
{
	struct page *page = reuse_oldest(pages);

	if (!page)
		page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
	if (!page)
		return NULL;
	get_page(page);
	pages->page[(pages->first + pages->nr++) % NETBACK_PAGES_MAX] = page;
	return page;
}
