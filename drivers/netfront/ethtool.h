/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NETFRONT_ETHTOOL_H
#define NETFRONT_ETHTOOL_H

#include <linux/ethtool.h>

extern const struct ethtool_ops netfront_ethtool_ops;

#endif /* NETFRONT_ETHTOOL_H */
