/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/atomic.h>

#ifndef SHIM_FLS64
#define SHIM_FLS64
/* The place of the highest bit, from 1; 0 for none. */
static inline int fls64(unsigned long long x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}
#endif /* SHIM_FLS64 */
