/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_NET_H
#define SHIM_LINUX_NET_H

#include <linux/mm.h>

/* Whether get_page() holds it. */
static inline bool sendpage_ok(const struct page *page)
{
	return !PageSlab(page) && page_count(page) >= 1;
}

#endif /* SHIM_LINUX_NET_H */
