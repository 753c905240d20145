/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Granting pages to a backend: a pool of references, revoking by try, and
 * quarantine for pages that the backend does not unmap.
 */
#ifndef XPV_GRANT_H
#define XPV_GRANT_H

#include <linux/minmax.h>
#include <linux/mm_types.h>
#include <linux/types.h>
#include <xen/grant_table.h>

struct xpv_device;

/**
 * struct xpv_gref_pool - grant references ready for use
 * @free: stack of @nr free references, room for @max
 * @nr: free references on the stack
 * @total: references taken from the kernel: free, in use or quarantined
 * @max: most that @total may reach: what the device's rings can carry, so that
 *	 one device cannot take a guest's whole table
 * @keep: xpv_gref_share() when the pool last grew
 * @wait: the kernel's callback for when references come back
 * @wake: what to do then
 *
 * The pool takes from the kernel in batches and returns everything at
 * xpv_gref_pool_fini(); taking and putting cost no global lock.
 * Locking: the owner's, for all but @wait.
 */
struct xpv_gref_pool {
	grant_ref_t *free;
	unsigned int nr;
	unsigned int total;
	unsigned int max;
	unsigned int keep;
	struct gnttab_free_callback wait;
	struct work_struct *wake;
};

/**
 * xpv_gref_pool_init() - make an empty pool
 * @pool: the pool
 * @max: most references it may ever hold
 * @wake: work to queue, where it gets on without memory, once references are
 *	  to be had again after xpv_gref_pool_wait(); NULL where the owner never
 *	  waits
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int xpv_gref_pool_init(struct xpv_gref_pool *pool, unsigned int max,
		       struct work_struct *wake);

/**
 * xpv_gref_pool_fini() - return all references to the kernel
 * @pool: the pool; a zeroed one or one finished before is fine
 *
 * References in use must have been put back or quarantined. Cancels a pending
 * wait; the owner cancels the work itself.
 *
 * Context: process.
 */
void xpv_gref_pool_fini(struct xpv_gref_pool *pool);

/**
 * xpv_gref_pool_reserve() - make sure of references
 * @pool: the pool
 * @count: how many the next calls of xpv_gref_take() may need
 *
 * Context: any, under the owner's lock.
 * Return: true if @count references are free in the pool now; false where the
 * guest's grant table is exhausted or the pool is at its limit.
 */
bool xpv_gref_pool_reserve(struct xpv_gref_pool *pool, unsigned int count);

/**
 * xpv_gref_pool_wait() - have the owner's work queued once references return
 * @pool: the pool
 * @count: how many are needed
 *
 * Context: any.
 */
void xpv_gref_pool_wait(struct xpv_gref_pool *pool, unsigned int count);

/**
 * xpv_gref_take() - take a reserved reference
 * @pool: the pool, with one reserved
 *
 * Return: the reference.
 */
static inline grant_ref_t xpv_gref_take(struct xpv_gref_pool *pool)
{
	return pool->free[--pool->nr];
}

/**
 * xpv_gref_put() - put an unused reference back
 * @pool: the pool
 * @ref: a reference taken from it, with no access granted
 */
static inline void xpv_gref_put(struct xpv_gref_pool *pool, grant_ref_t ref)
{
	pool->free[pool->nr++] = ref;
}

/**
 * xpv_gref_pool_shrink() - return free references to the kernel
 * @pool: the pool
 * @count: how many, at most those that are free
 *
 * Context: any, under the owner's lock.
 */
void xpv_gref_pool_shrink(struct xpv_gref_pool *pool, unsigned int count);

/**
 * xpv_gref_share() - references that one pool may hold on to without using them
 *
 * Half of the guest's grant table, divided by the pools there are. The other
 * half is for whoever has something under way: however many idle devices a
 * guest has, a busy one gets on.
 *
 * Context: any.
 * Return: references, possibly none.
 */
unsigned int xpv_gref_share(void);

/**
 * xpv_gref_pool_trim() - return what is free beyond the pool's share
 * @pool: the pool
 * @least: what stays in any case
 *
 * The share is that of when the pool last grew.
 *
 * Context: any, under the owner's lock.
 */
static inline void xpv_gref_pool_trim(struct xpv_gref_pool *pool,
				      unsigned int least)
{
	unsigned int keep = max(pool->keep, least);

	if (unlikely(pool->nr > keep))
		xpv_gref_pool_shrink(pool, pool->nr - keep);
}

/**
 * xpv_page_grantable() - whether a page may be shown to a peer as it is
 * @page: the page
 *
 * A page whose grant is revoked late has to be held until then. That works for
 * none without a reference count of its own (sendpage_ok()): slab, what large
 * kmalloc() has got since Linux 6.17, the later pages of an allocation that is
 * not compound; the owner frees it all the same. Foreign: another
 * domain's page, mapped by a backend in this very domain that uses our device;
 * only its owner can grant it. The flag has another use in the page cache,
 * whose pages have a mapping.
 *
 * Context: any.
 */
bool xpv_page_grantable(struct page *page);

/**
 * xpv_grant() - let the peer use a page
 * @xdev: the device
 * @ref: a reference of ours
 * @page: the page; where pages are larger than 4 KiB its first 4 KiB
 * @readonly: the peer may not write it
 *
 * Context: any.
 */
void xpv_grant(const struct xpv_device *xdev, grant_ref_t ref,
	       struct page *page, bool readonly);

/*
 * Ending a grant: three functions by what becomes of reference and page.
 *
 *                        | access ended          | the peer has it mapped
 * xpv_grant_revoke()     | reference for reuse   | page in quarantine
 * xpv_grant_free()       | both freed            | page in quarantine
 * xpv_grant_try_free()   | reference freed       | nothing has changed
 *
 * Each makes one atomic try and asks nothing beforehand (CVE-2022-23036). A
 * page in quarantine is freed once the peer has unmapped it, not before, see
 * xpv_quarantine_reclaim(); its reference leaves the pool for good.
 */

/**
 * xpv_grant_revoke() - end a grant; the reference is for reuse
 * @xdev: the device
 * @ref: the reference, maybe replaced by another; INVALID_GRANT_REF on failure
 * @page: the page it grants, xpv_page_grantable() or ours; the caller keeps its
 *	  own reference on the page
 *
 * On failure the quarantine takes a reference of its own on the page. The peer
 * may go on writing to it: the caller treats its contents as the peer's.
 *
 * Context: any. Takes no lock but the quarantine's.
 * Return: true when access has ended and @ref may be granted again or put back
 * (xpv_gref_put()); false otherwise, also where access has ended but the
 * reference is lost.
 */
bool xpv_grant_revoke(struct xpv_device *xdev, grant_ref_t *ref,
		      struct page *page);

/**
 * xpv_grant_try_free() - end a grant unless the peer has it mapped
 * @pool: where @ref came from, or NULL
 * @ref: a reference that the peer may keep mapped as long as it likes, as with
 *	 persistent grants
 *
 * Context: any, under the pool owner's lock.
 * Return: true when access has ended and the reference is the kernel's again;
 * false with nothing changed.
 */
bool xpv_grant_try_free(struct xpv_gref_pool *pool, grant_ref_t ref);

/**
 * xpv_grant_free() - end a grant and free its page
 * @xdev: the device
 * @pool: where @ref came from, or NULL
 * @ref: the reference
 * @page: the caller's page, whose reference is taken over: dropped now, or once
 *	  the peer has unmapped it
 *
 * Context: any, under the pool owner's lock.
 */
void xpv_grant_free(struct xpv_device *xdev, struct xpv_gref_pool *pool,
		    grant_ref_t ref, struct page *page);

/**
 * xpv_quarantine_reclaim() - free what the peer has unmapped since
 * @xdev: the device
 *
 * Context: process, under the device's lock.
 * Return: number of pages that it still holds of connections before the last.
 * What it holds of the last one, it was given for that: no more than the
 * connection's rings and pools have, and an honest peer that has just crashed
 * may hold all of it.
 */
unsigned int xpv_quarantine_reclaim(struct xpv_device *xdev);

/**
 * xpv_quarantine_age() - a connection begins: the last one is one before it
 * @xdev: the device
 *
 * Context: process, under the device's lock.
 */
void xpv_quarantine_age(struct xpv_device *xdev);

/**
 * xpv_quarantine_release() - leave the rest to the kernel, which tries for ever
 * @xdev: a device that ends
 *
 * Context: process; nobody else uses @xdev.
 */
void xpv_quarantine_release(struct xpv_device *xdev);

#endif /* XPV_GRANT_H */
