/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A split device's life: probe, resume, remove.
 *
 * xenbus calls back in one thread for all devices of the machine (xenwatch).
 * Nothing is done there: every callback kicks the device's work, which reads
 * the peer's state and runs the steps of the state tables (steps.c). All of a
 * driver's operations run in that work, one at a time, under @lock.
 */
#ifndef XPV_DEVICE_H
#define XPV_DEVICE_H

#include "types.h"

struct xpv_transaction;

/**
 * xpv_driver_register() - take over a driver's devices
 * @drv: the driver
 * @owner: THIS_MODULE
 * @mod_name: KBUILD_MODNAME
 *
 * Context: module init.
 * Return: 0; -ENODEV where this machine is no Xen domain; -errno.
 */
int xpv_driver_register(struct xpv_driver *drv, struct module *owner,
			const char *mod_name);

/**
 * xpv_driver_unregister() - let all devices go and wait until they are gone
 * @drv: the driver
 *
 * Waits for I/O in flight on our side, as rmmod must.
 *
 * Context: module exit.
 */
void xpv_driver_unregister(struct xpv_driver *drv);

/**
 * xpv_device_restart() - frontend: go through the handshake again
 * @xdev: the device
 *
 * For a change of what was negotiated, the number of queues for one. The
 * device closes towards the backend and, once that has closed as well, starts
 * over; the upper device stays. Nothing happens where nothing is shared: the
 * next connection will be by the new terms anyway.
 *
 * Context: any.
 */
void xpv_device_restart(struct xpv_device *xdev);

/**
 * xpv_device_resize() - backend: announce changed keys to the live frontend
 * @xdev: the device
 * @fn: writes the keys, in the transaction that writes the state again
 * @arg: for @fn
 *
 * Context: the driver's operations, under the device's lock.
 * Return: 0, or -errno; -EAGAIN where the device is not live.
 */
int xpv_device_resize(struct xpv_device *xdev,
		      int (*fn)(struct xpv_device *xdev,
				struct xpv_transaction *xbt, void *arg),
		      void *arg);

#endif /* XPV_DEVICE_H */
