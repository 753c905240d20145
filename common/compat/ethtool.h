/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ethtool's operations on receive hashing, in their latest form for all of the
 * supported kernels. For network drivers: #include <compat/ethtool.h>.
 */
#ifndef XPV_COMPAT_ETHTOOL_H
#define XPV_COMPAT_ETHTOOL_H

#include <linux/ethtool.h>

struct net_device;
struct netlink_ext_ack;

#if !XPV_HAVE_RXFH_PARAM
struct ethtool_rxfh_param {
	u8 hfunc;
	u32 *indir;
	u8 *key;
};

/* XPV_RXFH_SHIMS() - what the operations of XPV_RXFH_OPS() need beside them */
#define XPV_RXFH_SHIMS(get, set)					\
static int get##_shim(struct net_device *dev, u32 *indir, u8 *key,	\
		      u8 *hfunc)					\
{									\
	struct ethtool_rxfh_param param = {				\
		.indir = indir, .key = key,				\
	};								\
	int err = get(dev, &param);					\
									\
	if (hfunc)							\
		*hfunc = param.hfunc;					\
	return err;							\
}									\
									\
static int set##_shim(struct net_device *dev, const u32 *indir,	\
		      const u8 *key, const u8 hfunc)			\
{									\
	struct ethtool_rxfh_param param = {				\
		.hfunc = hfunc, .indir = (u32 *)indir,			\
		.key = (u8 *)key,					\
	};								\
									\
	return set(dev, &param, NULL);					\
}

/* XPV_RXFH_OPS() - get_rxfh and set_rxfh of an ethtool_ops */
#define XPV_RXFH_OPS(get, set) \
	.get_rxfh = get##_shim, .set_rxfh = set##_shim
#else
#define XPV_RXFH_SHIMS(get, set)
#define XPV_RXFH_OPS(get, set) \
	.get_rxfh = get, .set_rxfh = set
#endif

/* The fields of flows, and the number of rings, were among the filters. */
#if !XPV_HAVE_RXFH_FIELDS
struct ethtool_rxfh_fields {
	u32 data;
	u32 flow_type;
};

/* XPV_FIELDS_SHIMS() - what those of XPV_FIELDS_OPS() need beside them */
#define XPV_FIELDS_SHIMS(get, set, rings)				\
static int rings##_shim(struct net_device *dev,				\
			struct ethtool_rxnfc *info, u32 *rules)		\
{									\
	struct ethtool_rxfh_fields fields = {				\
		.flow_type = info->flow_type,				\
	};								\
	int err;							\
									\
	if (info->cmd == ETHTOOL_GRXRINGS) {				\
		info->data = rings(dev);				\
		return 0;						\
	}								\
	if (info->cmd != ETHTOOL_GRXFH)					\
		return -EOPNOTSUPP;					\
	err = get(dev, &fields);					\
	info->data = fields.data;					\
	return err;							\
}									\
									\
static int set##_shim(struct net_device *dev,				\
		      struct ethtool_rxnfc *info)			\
{									\
	const struct ethtool_rxfh_fields fields = {			\
		.flow_type = info->flow_type,				\
		.data = info->data,					\
	};								\
									\
	if (info->cmd != ETHTOOL_SRXFH)					\
		return -EOPNOTSUPP;					\
	return set(dev, &fields, NULL);					\
}

/* XPV_FIELDS_OPS() - the same for fields of flows and the number of rings */
#define XPV_FIELDS_OPS(get, set, rings) \
	.get_rxnfc = rings##_shim, .set_rxnfc = set##_shim
#elif !XPV_HAVE_RX_RING_COUNT
#define XPV_FIELDS_SHIMS(get, set, rings)				\
static int rings##_shim(struct net_device *dev,				\
			struct ethtool_rxnfc *info, u32 *rules)		\
{									\
	if (info->cmd != ETHTOOL_GRXRINGS)				\
		return -EOPNOTSUPP;					\
	info->data = rings(dev);					\
	return 0;							\
}

#define XPV_FIELDS_OPS(get, set, rings) \
	.get_rxfh_fields = get, .set_rxfh_fields = set, \
	.get_rxnfc = rings##_shim
#else
#define XPV_FIELDS_SHIMS(get, set, rings)
#define XPV_FIELDS_OPS(get, set, rings) \
	.get_rxfh_fields = get, .set_rxfh_fields = set, \
	.get_rx_ring_count = rings
#endif

#endif /* XPV_COMPAT_ETHTOOL_H */
