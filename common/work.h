/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The work that runs a device's handshake, and how to have it run. Callbacks of
 * xenbus, watches, timers and interrupts call this and do nothing themselves.
 *
 * The work is level-triggered: it reads what is there to be read, so that any
 * number of kicks before it runs are as good as one.
 */
#ifndef XPV_WORK_H
#define XPV_WORK_H

#include "types.h"

/**
 * xpv_work_init() - create the workqueues
 *
 * Return: 0 or -ENOMEM.
 */
int xpv_work_init(void);

/**
 * xpv_work_exit() - destroy the workqueues, after what is queued has run
 */
void xpv_work_exit(void);

/**
 * xpv_queue_work() - queue a work that no disk depends on
 * @work: the work
 *
 * Context: any.
 */
void xpv_queue_work(struct work_struct *work);

/**
 * xpv_queue_reclaim_work() - queue a work that gets on without memory
 * @work: the work; it waits for none that does not
 *
 * Context: any.
 */
void xpv_queue_reclaim_work(struct work_struct *work);

/**
 * xpv_device_kick() - have the device's work run
 * @xdev: the device
 *
 * Context: any.
 */
void xpv_device_kick(struct xpv_device *xdev);

/**
 * xpv_device_kick_later() - have the device's work run after a delay
 * @xdev: the device
 * @delay: jiffies; replaces the delay of a call before
 *
 * Context: the device's work.
 */
void xpv_device_kick_later(struct xpv_device *xdev, unsigned long delay);

/**
 * xpv_device_queue_work() - run a work of the driver's own
 * @xdev: the device
 * @work: the work; may be waited for (cancel_work_sync()) by the operations
 *
 * For what takes too long to be done under the device's lock.
 *
 * Context: any.
 */
void xpv_device_queue_work(struct xpv_device *xdev, struct work_struct *work);

/**
 * xpv_device_queue_delayed_work() - the same, after a delay
 * @xdev: the device
 * @work: the work; one that is queued already stays as it is
 * @delay: jiffies
 *
 * Context: any.
 */
void xpv_device_queue_delayed_work(struct xpv_device *xdev,
				   struct delayed_work *work,
				   unsigned long delay);

/**
 * xpv_device_refresh() - have the driver's refresh operation run
 * @xdev: the device
 *
 * Context: any.
 */
void xpv_device_refresh(struct xpv_device *xdev);

#endif /* XPV_WORK_H */
