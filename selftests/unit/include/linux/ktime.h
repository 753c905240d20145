/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KTIME_H
#define SHIM_LINUX_KTIME_H

#include <linux/types.h>

typedef s64 ktime_t;

#define NSEC_PER_USEC 1000L
#define NSEC_PER_MSEC 1000000L

/* The clock, in nanoseconds: the test's. */
extern ktime_t fake_now;

#define ktime_get() fake_now
#define ktime_get_ns() ((u64)fake_now)
#define ktime_to_us(time) ((time) / NSEC_PER_USEC)
#define ns_to_ktime(ns) ((ktime_t)(ns))
#define ms_to_ktime(ms) ((ktime_t)(ms) * NSEC_PER_MSEC)

#endif /* SHIM_LINUX_KTIME_H */
