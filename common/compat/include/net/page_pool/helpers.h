/* SPDX-License-Identifier: GPL-2.0 */
/* Found only where the kernel has no such header: before it was split. */
#include <net/page_pool.h>
