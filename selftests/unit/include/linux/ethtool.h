/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ETHTOOL_H
#define SHIM_LINUX_ETHTOOL_H

#include_next <linux/ethtool.h>

#include <linux/types.h>

#define ETH_RSS_HASH_UNKNOWN 0
#define ETH_RSS_HASH_NO_CHANGE 0
#define ETH_RSS_HASH_TOP 1

static inline u32 ethtool_rxfh_indir_default(u32 index, u32 nr_rings)
{
	return index % nr_rings;
}

#endif /* SHIM_LINUX_ETHTOOL_H */
