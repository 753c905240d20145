/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watches on keys of our own directory and of the peer's.
 *
 * A domain that is not privileged has 128 watches in all, one of which xenbus
 * takes for the state of each device's other end. So a backend's own keys, of
 * however many devices, have one together, on the tree of all backends.
 */
#ifndef XPV_WATCH_H
#define XPV_WATCH_H

#include "types.h"

/**
 * xpv_watch_will_handle() - let one event of a watch wait, and no more
 * @watch: whose callback looks at all that there is, not at @path
 * @path: unused
 * @token: unused
 *
 * Who writes the key may do so faster than xenwatch gets on (XSA-349).
 *
 * Context: xenbus' reader, under its spinlock.
 */
bool xpv_watch_will_handle(struct xenbus_watch *watch, const char *path,
			   const char *token);

/**
 * xpv_watch_start() - watch a key of our own directory
 * @xdev: the device
 * @watch: zeroed or stopped watch
 * @key: key; stays valid
 *
 * Does not fire when it is registered: xpv_driver_ops.refresh runs after the
 * probe.
 *
 * Context: process, may sleep; xenstore answers.
 * Return: 0 or -errno; the caller says what follows from that.
 */
int xpv_watch_start(struct xpv_device *xdev, struct xpv_watch *watch,
		    const char *key);

/**
 * xpv_watch_start_peer() - watch a key of the peer's directory
 * @xdev: a backend's device: a frontend's peer may change directory
 * @watch: zeroed or stopped watch
 * @key: key
 *
 * Fires once right away. However often the key is written, at most one event
 * is queued (XSA-349).
 *
 * Return: as xpv_watch_start().
 */
int xpv_watch_start_peer(struct xpv_device *xdev, struct xpv_watch *watch,
			 const char *key);

/**
 * xpv_watch_stop() - stop watching
 * @watch: the watch; one that is not active is fine
 *
 * A change does nothing to the device any more. A watch of the kernel's goes
 * later, as that takes waiting for xenbus, which may wait for the caller.
 *
 * Context: any that may take spinlocks.
 */
void xpv_watch_stop(struct xpv_watch *watch);

/**
 * xpv_watch_exit() - stop watching the backends' tree
 *
 * Context: module exit, no device is left.
 */
void xpv_watch_exit(void);

#endif /* XPV_WATCH_H */
