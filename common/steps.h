/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XPV_STEPS_H
#define XPV_STEPS_H

#include "types.h"

/**
 * xpv_steps_run() - do what the state tables say, until nothing is left to do
 * @xdev: the device
 *
 * Context: the device's work; takes the device's lock.
 */
void xpv_steps_run(struct xpv_device *xdev);

/**
 * xpv_steps_init_front() - where a frontend that is probed begins
 * @xdev: the device
 *
 * Context: process, with the device's lock held.
 */
void xpv_steps_init_front(struct xpv_device *xdev);

#endif /* XPV_STEPS_H */
