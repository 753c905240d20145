/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include <linux/types.h>

#define PAGE_SIZE 4096

/* Whose page it is in truth. */
struct xen_page_foreign {
	u16 domid;
	u32 gref;
};

/**
 * struct page - a page of this machine
 * @refs: references; the last one frees it
 * @foreign: stands for a page of the peer's (fake gnttab_map_refs())
 * @owner: whose
 * @compound: of a larger allocation
 * @slab: memory of kmalloc()
 * @private: kernel code keeps something of its own about it
 * @mapping: file it caches
 * @distant: of another node
 * @ring: part of a ring, freed with it
 * @next: in a struct gnttab_page_cache
 * @all: in the list of all pages
 * @memory: its contents, page-aligned
 */
struct page {
	int refs;
	bool foreign;
	struct xen_page_foreign owner;
	bool compound;
	bool slab;
	bool private;
	bool distant;
	bool ring;
	void *mapping;
	struct page *next;
	struct page *all;
	void *memory;
};

#define PAGE_SHIFT 12
#define offset_in_page(at) ((unsigned long)(at) & (PAGE_SIZE - 1))
/* Pages stand for themselves: none has a neighbour. */
#define nth_page(page, n) (page)

void get_page(struct page *page);
void put_page(struct page *page);

#define PageForeign(page) ((page)->foreign)
#define PageCompound(page) ((page)->compound)
#define PageSlab(page) ((page)->slab)
#define PagePrivate(page) ((page)->private)

/* The page at an address; for memory that is none, one without any flag. */
struct page *virt_to_page(const void *at);

static inline struct xen_page_foreign *xen_page_foreign(struct page *page)
{
	return page->foreign ? &page->owner : NULL;
}

static inline int page_count(const struct page *page)
{
	return page->refs;
}

static inline void *page_address(const struct page *page)
{
	return page->memory;
}

#endif /* SHIM_LINUX_MM_H */
