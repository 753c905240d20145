/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kind of Xen guest this is, and which devices are its drivers' to take.
 */
#ifndef XPV_PLATFORM_H
#define XPV_PLATFORM_H

#include <linux/types.h>

/**
 * xpv_disks_allowed() - whether a frontend may drive this guest's disks
 *
 * An HVM guest whose emulated disks are still plugged in must leave the
 * paravirtual ones alone: both lead to the same storage (xen_emul_unplug).
 *
 * Context: any.
 */
bool xpv_disks_allowed(void);

/**
 * xpv_nics_allowed() - whether a frontend may drive this guest's interfaces
 *
 * The same for the network. Where nothing was unplugged, xenbus has no bus for
 * frontends at all, and registering with it fails.
 *
 * Context: any.
 */
bool xpv_nics_allowed(void);

/**
 * xpv_hvm_guest() - whether this guest has firmware and emulated devices
 *
 * Context: any.
 */
bool xpv_hvm_guest(void);

/**
 * xpv_disks_emulated() - whether emulated hd and sd disks were kept
 *
 * The administrator of an HVM guest may keep them beside the paravirtual xvd
 * disks (xen_emul_unplug=unnecessary).
 *
 * Context: any.
 */
bool xpv_disks_emulated(void);

#endif /* XPV_PLATFORM_H */
