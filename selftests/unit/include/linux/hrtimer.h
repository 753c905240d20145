/* SPDX-License-Identifier: GPL-2.0 */
/* Timers that a test runs itself. */
#ifndef SHIM_LINUX_HRTIMER_H
#define SHIM_LINUX_HRTIMER_H

#include <linux/ktime.h>

enum hrtimer_restart {
	HRTIMER_NORESTART,
};

/* @started: nanoseconds that it was started for, 0 while it is not */
struct hrtimer {
	ktime_t started;
	enum hrtimer_restart (*fn)(struct hrtimer *timer);
};

#define CLOCK_MONOTONIC 1
#define HRTIMER_MODE_REL_SOFT 0

#define hrtimer_setup(timer, f, clock, mode) ((timer)->fn = (f))
#define hrtimer_start(timer, time, mode) ((timer)->started = (time))
#define hrtimer_active(timer) ((timer)->started != 0)

#endif /* SHIM_LINUX_HRTIMER_H */
