/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <linux/kernel.h>
#include <linux/string.h>

#define GFP_KERNEL 0
#define GFP_NOIO 1
#define GFP_ATOMIC 2
#define __GFP_ZERO 4
#define __GFP_NOWARN 8

struct page *fake_page_alloc(void);
/* Fails with fake_fail(FAKE_ALLOC, ...), which a test's own pages do not. */
struct page *fake_try_page(void);
#define alloc_page(gfp) fake_try_page()

/* Pages in a row, those of a ring: see fake/evtchn.c. */
void *alloc_pages_exact(size_t size, gfp_t gfp);
void free_pages_exact(void *memory, size_t size);

/* Counted, and made to fail with fake_fail(FAKE_ALLOC, ...). */
void *fake_alloc(size_t nr, size_t size, bool zero);
void kfree(const void *memory);
char *kstrdup(const char *text, gfp_t gfp);
char *kvasprintf(gfp_t gfp, const char *fmt, va_list args);
__printf(2, 3)
char *kasprintf(gfp_t gfp, const char *fmt, ...);
/* How the last text was allocated. */
extern gfp_t fake_text_gfp;

#define kmalloc(size, gfp) fake_alloc(1, size, false)
#define kzalloc(size, gfp) fake_alloc(1, size, true)
#define kcalloc(nr, size, gfp) fake_alloc(nr, size, true)
#define kvzalloc(size, gfp) fake_alloc(1, size, true)
#define kvmalloc_array(nr, size, gfp) fake_alloc(nr, size, false)
#define kvcalloc(nr, size, gfp) fake_alloc(nr, size, true)
#define kvfree(memory) kfree(memory)

#endif /* SHIM_LINUX_SLAB_H */
