/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XPV_MAIN_H
#define XPV_MAIN_H

struct workqueue_struct;

/*
 * Runs every device's work. Unbound and wide: one device that waits for its
 * I/O holds up no other. Has a rescuer: a swap disk reconnects without memory.
 */
extern struct workqueue_struct *xpv_workqueue;

#endif /* XPV_MAIN_H */
