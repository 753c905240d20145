// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <xen/page.h>

#include "grant.h"
#include "work.h"

/* References taken from the kernel at a time: one lock round trip for many. */
#define BATCH 64U

/*
 * References in a frame of a table of version 1. Version 2 has half as many in
 * all; Linux uses that only where memory ends beyond what 32 bits of frame
 * number reach.
 */
#define GREFS_PER_FRAME (XEN_PAGE_SIZE / sizeof(struct grant_entry_v1))

/* Pools between their init and fini, of all devices. */
static atomic_t pools;

unsigned int xpv_gref_share(void)
{
	unsigned int table = gnttab_max_grant_frames() * GREFS_PER_FRAME;

	return table / 2 / max(atomic_read(&pools), 1);
}
EXPORT_SYMBOL_GPL(xpv_gref_share);

int xpv_gref_pool_init(struct xpv_gref_pool *pool, unsigned int max,
		       struct work_struct *wake)
{
	memset(pool, 0, sizeof(*pool));
	pool->free = kvmalloc_array(max, sizeof(*pool->free), GFP_KERNEL);
	if (!pool->free)
		return -ENOMEM;
	pool->max = max;
	pool->wake = wake;
	atomic_inc(&pools);
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_gref_pool_init);

void xpv_gref_pool_fini(struct xpv_gref_pool *pool)
{
	if (!pool->free)
		return;
	gnttab_cancel_free_callback(&pool->wait);
	while (pool->nr)
		gnttab_free_grant_reference(xpv_gref_take(pool));
	kvfree(pool->free);
	memset(pool, 0, sizeof(*pool));
	atomic_dec(&pools);
}
EXPORT_SYMBOL_GPL(xpv_gref_pool_fini);

static bool grow_pool(struct xpv_gref_pool *pool, unsigned int count)
{
	grant_ref_t head;

	if (gnttab_alloc_grant_references(count, &head))
		return false;
	pool->total += count;
	pool->keep = xpv_gref_share();
	while (count--)
		xpv_gref_put(pool, gnttab_claim_grant_reference(&head));
	return true;
}

bool xpv_gref_pool_reserve(struct xpv_gref_pool *pool, unsigned int count)
{
	unsigned int room = pool->max - pool->total;
	unsigned int need;

	if (likely(pool->nr >= count))
		return true;
	need = count - pool->nr;
	if (need > room || need > U16_MAX)
		return false;
	/* A nearly empty table may still have what is needed right now. */
	return grow_pool(pool, clamp(BATCH, need, room)) ||
	       grow_pool(pool, need);
}
EXPORT_SYMBOL_GPL(xpv_gref_pool_reserve);

void xpv_gref_pool_shrink(struct xpv_gref_pool *pool, unsigned int count)
{
	for (count = min(count, pool->nr); count; count--) {
		pool->total--;
		gnttab_free_grant_reference(xpv_gref_take(pool));
	}
}
EXPORT_SYMBOL_GPL(xpv_gref_pool_shrink);

/* Context: the grant table's lock held, interrupts off. */
static void references_returned(void *arg)
{
	struct xpv_gref_pool *pool = arg;

	xpv_queue_reclaim_work(pool->wake);
}

void xpv_gref_pool_wait(struct xpv_gref_pool *pool, unsigned int count)
{
	gnttab_request_free_callback(&pool->wait, references_returned, pool,
				     count);
}
EXPORT_SYMBOL_GPL(xpv_gref_pool_wait);

bool xpv_page_grantable(struct page *page)
{
	if (!sendpage_ok(page))
		return false;
	return !PageForeign(page) || !PagePrivate(page) || page->mapping;
}
EXPORT_SYMBOL_GPL(xpv_page_grantable);

void xpv_grant(const struct xpv_device *xdev, grant_ref_t ref,
	       struct page *page, bool readonly)
{
	gnttab_page_grant_foreign_access_ref_one(ref, xdev->peer_id, page,
						 readonly);
}
EXPORT_SYMBOL_GPL(xpv_grant);

/* A page that the peer keeps, on xpv_device.quarantine. */
struct held_page {
	struct list_head link;
	grant_ref_t ref;
	struct page *page;
	bool old;	/* of a connection before the last */
};

static void quarantine(struct xpv_device *xdev, grant_ref_t ref,
		       struct page *page)
{
	struct held_page *held = kmalloc(sizeof(*held), GFP_ATOMIC);
	unsigned long flags;

	if (!held) {
		gnttab_end_foreign_access(ref, page);
		return;
	}
	held->ref = ref;
	held->page = page;
	held->old = false;
	atomic_inc(&xdev->quarantined);
	spin_lock_irqsave(&xdev->quarantine_lock, flags);
	list_add_tail(&held->link, &xdev->quarantine);
	spin_unlock_irqrestore(&xdev->quarantine_lock, flags);
}

/* Return: one of the kernel's free references, INVALID_GRANT_REF for none. */
static grant_ref_t claim_another(void)
{
	grant_ref_t head;

	if (gnttab_alloc_grant_references(1, &head))
		return INVALID_GRANT_REF;
	return gnttab_claim_grant_reference(&head);
}

bool xpv_grant_revoke(struct xpv_device *xdev, grant_ref_t *ref,
		      struct page *page)
{
	/*
	 * gnttab_end_foreign_access_ref() logs each reference that is still in
	 * use, gnttab_try_end_foreign_access() does not: a peer that keeps
	 * pages causes one line, not one per page.
	 */
	if (likely(!atomic_read(&xdev->quarantined))) {
		if (likely(gnttab_end_foreign_access_ref(*ref)))
			return true;
	} else if (gnttab_try_end_foreign_access(*ref)) {
		*ref = claim_another();
		return *ref != INVALID_GRANT_REF;
	}

	/*
	 * The reference stays in its pool's total: a peer that unmaps nothing
	 * keeps at most as many pages as the pool may have references.
	 */
	get_page(page);
	quarantine(xdev, *ref, page);
	*ref = INVALID_GRANT_REF;
	return false;
}
EXPORT_SYMBOL_GPL(xpv_grant_revoke);

bool xpv_grant_try_free(struct xpv_gref_pool *pool, grant_ref_t ref)
{
	if (!gnttab_try_end_foreign_access(ref))
		return false;
	if (pool)
		pool->total--;
	return true;
}
EXPORT_SYMBOL_GPL(xpv_grant_try_free);

void xpv_grant_free(struct xpv_device *xdev, struct xpv_gref_pool *pool,
		    grant_ref_t ref, struct page *page)
{
	if (likely(xpv_grant_try_free(pool, ref)))
		put_page(page);
	else
		quarantine(xdev, ref, page);
}
EXPORT_SYMBOL_GPL(xpv_grant_free);

static void detach_quarantine(struct xpv_device *xdev, struct list_head *list)
{
	unsigned long flags;

	spin_lock_irqsave(&xdev->quarantine_lock, flags);
	list_splice_init(&xdev->quarantine, list);
	spin_unlock_irqrestore(&xdev->quarantine_lock, flags);
}

static void attach_quarantine(struct xpv_device *xdev, struct list_head *list)
{
	unsigned long flags;

	spin_lock_irqsave(&xdev->quarantine_lock, flags);
	list_splice(list, &xdev->quarantine);
	spin_unlock_irqrestore(&xdev->quarantine_lock, flags);
}

unsigned int xpv_quarantine_reclaim(struct xpv_device *xdev)
{
	struct held_page *held, *next;
	unsigned int old = 0;
	LIST_HEAD(list);

	detach_quarantine(xdev, &list);
	list_for_each_entry_safe(held, next, &list, link) {
		if (!gnttab_try_end_foreign_access(held->ref)) {
			old += held->old;
			continue;
		}
		list_del(&held->link);
		put_page(held->page);
		kfree(held);
		atomic_dec(&xdev->quarantined);
	}
	attach_quarantine(xdev, &list);
	return old;
}

void xpv_quarantine_age(struct xpv_device *xdev)
{
	struct held_page *held;
	LIST_HEAD(list);

	detach_quarantine(xdev, &list);
	list_for_each_entry(held, &list, link)
		held->old = true;
	attach_quarantine(xdev, &list);
}

void xpv_quarantine_release(struct xpv_device *xdev)
{
	struct held_page *held, *next;
	LIST_HEAD(list);

	detach_quarantine(xdev, &list);
	list_for_each_entry_safe(held, next, &list, link) {
		gnttab_end_foreign_access(held->ref, held->page);
		kfree(held);
	}
}
