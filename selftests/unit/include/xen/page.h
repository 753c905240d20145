/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_XEN_PAGE_H
#define SHIM_XEN_PAGE_H

#include <linux/mm.h>

#define XEN_PAGE_SIZE 4096UL
#define xen_offset_in_page(at) ((unsigned long)(at) & (XEN_PAGE_SIZE - 1))
#define XEN_PFN_UP(n) (((n) + XEN_PAGE_SIZE - 1) / XEN_PAGE_SIZE)
#define virt_to_gfn(at) ((unsigned long)(at) / XEN_PAGE_SIZE)

#endif /* SHIM_XEN_PAGE_H */
