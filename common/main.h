/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XPV_MAIN_H
#define XPV_MAIN_H

struct workqueue_struct;

/*
 * They run every device's work. Unbound and wide: one device that waits for
 * its I/O holds up no other.
 *
 * Two, because a work that must get on without memory (a guest's disk, which
 * may hold its swap space, see xpv_driver.reclaim) may not wait for one that
 * need not, and the others do: closing a loop device and removing a network
 * card flush ordinary workqueues.
 */
extern struct workqueue_struct *xpv_workqueue;
extern struct workqueue_struct *xpv_reclaim_workqueue;

#endif /* XPV_MAIN_H */
