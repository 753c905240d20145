/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the supported kernels, as capabilities. Forced into
 * every file by Kbuild, so that the code outside this folder reads as if
 * written for one kernel. config.h has the answers of probe.sh.
 */
#ifndef XPV_COMPAT_H
#define XPV_COMPAT_H

#include "config.h"

/* The device that xenbus_driver.uevent gets. */
#if XPV_HAVE_UEVENT_CONST
#define XPV_UEVENT_DEVICE const struct xenbus_device
#else
#define XPV_UEVENT_DEVICE struct xenbus_device
#endif

/* __assign_str() lost its second argument. */
#if XPV_HAVE_ASSIGN_STR_1
#define xpv_trace_assign_str(field, src) __assign_str(field)
#else
#define xpv_trace_assign_str(field, src) __assign_str(field, src)
#endif

#endif /* XPV_COMPAT_H */
