/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KERNEL_H
#define SHIM_LINUX_KERNEL_H

#include <stdarg.h>
#include <stdio.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/types.h>

#define EXPORT_SYMBOL_GPL(symbol) _Static_assert(1, #symbol)

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), #condition)
#define BIT(nr) (1UL << (nr))
#define ilog2(n) (63 - __builtin_clzll(n))

#define min(a, b) ({							\
	__auto_type min_a = (a);					\
	__auto_type min_b = (b);					\
	min_a < min_b ? min_a : min_b;					\
})
#define max(a, b) ({							\
	__auto_type max_a = (a);					\
	__auto_type max_b = (b);					\
	max_a > max_b ? max_a : max_b;					\
})
#define clamp(val, lo, hi) min((typeof(val))max(val, lo), hi)
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))

/* An error number in a pointer. */
#define MAX_ERRNO 4095UL

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline long PTR_ERR(const void *ptr)
{
	return (long)ptr;
}

static inline bool IS_ERR(const void *ptr)
{
	return (unsigned long)ptr >= -MAX_ERRNO;
}

/* What %pV prints. */
struct va_format {
	const char *fmt;
	va_list *va;
};

#endif /* SHIM_LINUX_KERNEL_H */
