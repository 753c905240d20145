/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Accesses to memory that another machine shares. Each is a point at which a
 * test may act as that machine: see fake_hook in fake.h.
 */
#ifndef SHIM_LINUX_COMPILER_H
#define SHIM_LINUX_COMPILER_H

#include <linux/types.h>

/* What the code under test has just done, or is about to do. */
enum fake_point {
	FAKE_READ,	/* after READ_ONCE() of an address */
	FAKE_WRITE,	/* before WRITE_ONCE() to an address */
	FAKE_BARRIER,	/* at barrier() */
	FAKE_MB,	/* at virt_mb() */
	FAKE_RMB,	/* at virt_rmb() */
	FAKE_WMB,	/* at virt_wmb() */
};

extern void (*fake_hook)(enum fake_point point, const volatile void *where);

#define fallthrough __attribute__((__fallthrough__))

static inline void fake_at(enum fake_point point, const volatile void *where)
{
	if (__builtin_expect(!!fake_hook, 0))
		fake_hook(point, where);
}

#define READ_ONCE(x) ({							\
	__auto_type once_ = *(const volatile typeof(x) *)&(x);		\
	fake_at(FAKE_READ, &(x));					\
	once_;								\
})
#define WRITE_ONCE(x, val) do {						\
	fake_at(FAKE_WRITE, &(x));					\
	*(volatile typeof(x) *)&(x) = (val);				\
} while (0)

#define barrier() do {							\
	__asm__ __volatile__("" : : : "memory");			\
	fake_at(FAKE_BARRIER, NULL);					\
} while (0)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define __printf(a, b) __attribute__((__format__(printf, a, b)))
#undef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#define __must_check __attribute__((__warn_unused_result__))
#ifndef __packed
#define __packed __attribute__((__packed__))
#define __rcu
#endif

#endif /* SHIM_LINUX_COMPILER_H */
