/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_JIFFIES_H
#define SHIM_LINUX_JIFFIES_H

#define HZ 100

/* Passes in wait_event_timeout() only. */
extern unsigned long fake_jiffies;
#define jiffies fake_jiffies

#define time_before(a, b) ((long)((a) - (b)) < 0)

#endif /* SHIM_LINUX_JIFFIES_H */
