/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statistics for users: the in-tree driver's sums, and each queue's counters.
 */
#ifndef NETBACK_ETHTOOL_H
#define NETBACK_ETHTOOL_H

#include <linux/ethtool.h>

struct netback;

/**
 * netback_stat_sum() - a counter over all queues there ever were
 * @nb: the vif
 * @stat: enum netback_stat
 *
 * Context: any, until the vif is freed.
 */
u64 netback_stat_sum(const struct netback *nb, unsigned int stat);

extern const struct ethtool_ops netback_ethtool_ops;

#endif /* NETBACK_ETHTOOL_H */
