/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of 64 bits, as on a machine that has such. */
#ifndef SHIM_LINUX_U64_STATS_SYNC_H
#define SHIM_LINUX_U64_STATS_SYNC_H

#include <linux/types.h>

struct u64_stats_sync {
	unsigned int updating;
};

typedef struct {
	u64 v;
} u64_stats_t;

#define u64_stats_update_begin(sync) ((sync)->updating++)
#define u64_stats_update_end(sync) ((sync)->updating--)
#define u64_stats_inc(stat) ((stat)->v++)
#define u64_stats_add(stat, n) ((stat)->v += (n))
#define u64_stats_read(stat) ((stat)->v)

#endif /* SHIM_LINUX_U64_STATS_SYNC_H */
