/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XPV_XENBUS_STATE_H
#define XPV_XENBUS_STATE_H

#include "types.h"

/**
 * xpv_xenbus_state_init() - have frontends' states follow what they write
 * @xdev: a device that has not written yet
 *
 * Does nothing but for the first frontend. Where that fails, states follow at
 * once, as with xenbus_switch_state().
 *
 * Context: process, may sleep; xenstore answers.
 */
void xpv_xenbus_state_init(struct xpv_device *xdev);

/**
 * xpv_xenbus_state_exit() - undo xpv_xenbus_state_init()
 *
 * Context: module exit, no frontend is left.
 */
void xpv_xenbus_state_exit(void);

/**
 * xpv_xenbus_state_set() - write our state to xenstore
 * @xdev: the device, locked
 * @state: what to write
 *
 * Errors are logged. A directory that is gone is no error, and is not made
 * anew.
 *
 * Context: process, may sleep.
 */
void xpv_xenbus_state_set(struct xpv_device *xdev, enum xenbus_state state);

/**
 * xpv_xenbus_state() - our state as xenstore has it
 * @xdev: the device, locked
 *
 * Context: process, may sleep.
 */
enum xenbus_state xpv_xenbus_state(struct xpv_device *xdev);

/**
 * xpv_xenbus_state_forget() - leave xenbus' own idea of the state as it is
 * @xdev: the device
 *
 * For a device that xenbus has set back, or that is ours no longer.
 *
 * Context: process, may sleep.
 */
void xpv_xenbus_state_forget(struct xpv_device *xdev);

#endif /* XPV_XENBUS_STATE_H */
