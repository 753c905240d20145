/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network device that is only there to have NAPI instances. For drivers:
 * #include <compat/netdev.h>.
 */
#ifndef XPV_COMPAT_NETDEV_H
#define XPV_COMPAT_NETDEV_H

#include <linux/netdevice.h>
#include <linux/slab.h>

#if XPV_HAVE_ALLOC_NETDEV_DUMMY
static inline struct net_device *xpv_dummy_netdev_alloc(void)
{
	return alloc_netdev_dummy(0);
}

static inline void xpv_dummy_netdev_free(struct net_device *dev)
{
	if (dev)
		free_netdev(dev);
}
#else
static inline struct net_device *xpv_dummy_netdev_alloc(void)
{
	struct net_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (dev)
		init_dummy_netdev(dev);
	return dev;
}

static inline void xpv_dummy_netdev_free(struct net_device *dev)
{
	kfree(dev);
}
#endif

#endif
