/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages for what packets do not have in their linear part, used again once the
 * stack has let go of them: a page from the allocator costs as much as its copy
 * where the kernel clears all that it hands out (init_on_alloc, Debian's
 * default).
 *
 * A page is referenced here and by the packet it is in. So nobody waits for a
 * packet: a reader in this domain may hold one for hours after the guest has
 * gone, and frees its pages then. (A page_pool waits for all of its pages, and
 * warns each minute.)
 *
 * Pure: calls nothing of the kernel but the allocator, compiled into the unit
 * tests as it stands.
 */
#ifndef NETBACK_FROM_GUEST_PAGES_H
#define NETBACK_FROM_GUEST_PAGES_H

#include <linux/types.h>

struct page;

/*
 * Pages that are followed, 4 MiB: a TCP stream whose reader is so far behind
 * still gets pages that were used before.
 */
#define NETBACK_PAGES_MAX 1024

/* An idle queue keeps so many of these, one for each slot: 1 MiB. */
#define NETBACK_PAGES_IDLE 256

/**
 * struct netback_pages - pages of a queue; all of it is NAPI's
 * @page: those followed, from the one that was handed out first; while the
 *	  queue is attached
 * @first: its number, wrapping
 * @nr: how many
 */
struct netback_pages {
	struct page **page;
	u32 first;
	u32 nr;
};

/**
 * netback_pages_init() - begin, without a page
 * @pages: zeroed or freed
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int netback_pages_init(struct netback_pages *pages);

/**
 * netback_pages_free() - let go of all pages
 * @pages: in any state
 */
void netback_pages_free(struct netback_pages *pages);

/**
 * netback_pages_get() - a page for a packet
 * @pages: the queue's
 *
 * What is left in it is of packets that the same guest has sent.
 *
 * Context: NAPI.
 * Return: the page, with a reference of the caller's; NULL without memory.
 */
struct page *netback_pages_get(struct netback_pages *pages);

/**
 * netback_pages_trim() - let go of pages, used or not
 * @pages: the queue's
 * @max: how many stay
 */
void netback_pages_trim(struct netback_pages *pages, u32 max);

#endif /* NETBACK_FROM_GUEST_PAGES_H */
