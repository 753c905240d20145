/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SKBUFF_H
#define SHIM_LINUX_SKBUFF_H

#include <linux/mm.h>

static inline bool dev_page_is_reusable(const struct page *page)
{
	return !page->distant;
}

#endif /* SHIM_LINUX_SKBUFF_H */
