// SPDX-License-Identifier: GPL-2.0
#include <linux/compiler.h>
#include <linux/minmax.h>

#include "ratelimit.h"

u64 blkback_ratelimit_take(struct blkback_ratelimit *limit, u64 now, u64 bytes)
{
	u64 wait;

	spin_lock(&limit->lock);
	wait = max(xpv_bucket_wait(&limit->iops, now),
		   xpv_bucket_wait(&limit->bytes, now));
	if (!wait) {
		xpv_bucket_charge(&limit->iops, now, 1);
		xpv_bucket_charge(&limit->bytes, now, bytes);
	}
	spin_unlock(&limit->lock);
	return wait;
}

static struct xpv_bucket full_bucket(u64 per_second)
{
	return (struct xpv_bucket){
		.amount = per_second,
		.period = BLKBACK_RATELIMIT_SECOND_NS,
		.burst = BLKBACK_RATELIMIT_BURST_NS,
	};
}

bool blkback_ratelimit_set(struct blkback_ratelimit *limit, u64 iops, u64 bytes)
{
	bool change;

	iops = min_t(u64, iops, BLKBACK_RATELIMIT_MAX);
	bytes = min_t(u64, bytes, BLKBACK_RATELIMIT_MAX);
	spin_lock(&limit->lock);
	change = limit->iops.amount != iops ||
		 limit->bytes.amount != bytes;
	if (change) {
		limit->iops = full_bucket(iops);
		limit->bytes = full_bucket(bytes);
		WRITE_ONCE(limit->enabled, iops || bytes);
	}
	spin_unlock(&limit->lock);
	return change;
}
