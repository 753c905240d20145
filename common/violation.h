/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens when a peer breaks the protocol: it is counted, one
 * rate-limited line names it, and that device is shut. Nothing else suffers.
 */
#ifndef XPV_VIOLATION_H
#define XPV_VIOLATION_H

#include "types.h"

/**
 * xpv_violation() - the peer broke the protocol beyond repair
 * @xdev: the device
 * @fmt: what it did, without newline
 *
 * Marks the device broken: xpv_broken() is true at once, for every queue, and
 * the device's work disconnects it and writes Closing. A caller stops serving
 * the ring and sends no EOI. The mark falls with the next connection.
 *
 * Context: any, also with locks held and in hard interrupt.
 */
__printf(2, 3)
void xpv_violation(struct xpv_device *xdev, const char *fmt, ...);

/**
 * xpv_warn_peer() - the peer did something wrong that can be answered
 * @xdev: the device
 * @fmt: what it did, without newline
 *
 * For a request that is refused with an error response. Counted, and a
 * rate-limited line.
 *
 * Context: any.
 */
__printf(2, 3)
void xpv_warn_peer(struct xpv_device *xdev, const char *fmt, ...);

/**
 * xpv_device_fail() - give up on a device that cannot go on
 * @xdev: the device
 * @err: -errno
 * @fmt: why, naming key and value, without newline
 *
 * Logs, writes the text to the device's error node for the toolstack, and has
 * the work disconnect and close. The same text is logged once until the pair is
 * live: keys are looked at again whenever the toolstack touches any of them.
 *
 * Context: the driver's operations, under the device's lock, which then return
 * their error as usual; the device says nothing more.
 */
__printf(3, 4)
void xpv_device_fail(struct xpv_device *xdev, int err, const char *fmt, ...);

#endif /* XPV_VIOLATION_H */
