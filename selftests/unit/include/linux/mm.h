/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include <linux/types.h>

#define PAGE_SIZE 4096

/**
 * struct page - a page of this machine
 * @refs: references; the last one frees it
 * @foreign: stands for a page of the peer's (fake gnttab_map_refs())
 * @slab: memory of kmalloc()
 * @private: kernel code keeps something of its own about it
 * @mapping: file it caches
 * @next: in a struct gnttab_page_cache
 * @memory: its contents, page-aligned
 */
struct page {
	int refs;
	bool foreign;
	bool slab;
	bool private;
	void *mapping;
	struct page *next;
	void *memory;
};

void get_page(struct page *page);
void put_page(struct page *page);

#define PageForeign(page) ((page)->foreign)
#define PageSlab(page) ((page)->slab)
#define PagePrivate(page) ((page)->private)

static inline int page_count(const struct page *page)
{
	return page->refs;
}

static inline void *page_address(const struct page *page)
{
	return page->memory;
}

#endif /* SHIM_LINUX_MM_H */
