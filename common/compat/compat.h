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

/* hrtimer_init() with the function to call. */
#if !XPV_HAVE_HRTIMER_SETUP
#define hrtimer_setup(timer, fn, clock, mode)		\
	do {						\
		struct hrtimer *__timer = (timer);	\
							\
		hrtimer_init(__timer, clock, mode);	\
		__timer->function = (fn);		\
	} while (0)
#endif

/* Went when the pages of a folio had come to be in order everywhere. */
#if !XPV_HAVE_NTH_PAGE
#define nth_page(page, n) ((page) + (n))
#endif

/* dev_set_mac_address() takes a struct sockaddr_storage, which fits all. */
#if XPV_HAVE_SET_MAC_STORAGE
#define xpv_set_mac_address(dev, storage, extack) \
	dev_set_mac_address(dev, storage, extack)
#else
#define xpv_set_mac_address(dev, storage, extack) \
	dev_set_mac_address(dev, (struct sockaddr *)(storage), extack)
#endif

/* Programs for what is received, also to other interfaces and from them. */
#if XPV_HAVE_XDP_FEATURES
#define xpv_set_xdp_features(netdev)					\
	((netdev)->xdp_features = NETDEV_XDP_ACT_BASIC |		\
				  NETDEV_XDP_ACT_REDIRECT |		\
				  NETDEV_XDP_ACT_NDO_XMIT)
#else
#define xpv_set_xdp_features(netdev) do { } while (0)
#endif

#endif /* XPV_COMPAT_H */
