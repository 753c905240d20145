// SPDX-License-Identifier: GPL-2.0
#include <linux/compiler.h>

#include "ratelimit.h"

u64 blkback_ratelimit_take(struct blkback_ratelimit *limit, u64 now, u64 bytes)
{
	u64 wait;

	spin_lock(&limit->lock);
	wait = max(blkback_rate_wait(&limit->iops, now),
		   blkback_rate_wait(&limit->bytes, now));
	if (!wait) {
		blkback_rate_charge(&limit->iops, now, 1);
		blkback_rate_charge(&limit->bytes, now, bytes);
	}
	spin_unlock(&limit->lock);
	return wait;
}

bool blkback_ratelimit_set(struct blkback_ratelimit *limit, u64 iops, u64 bytes)
{
	bool change;

	iops = min_t(u64, iops, BLKBACK_RATELIMIT_MAX);
	bytes = min_t(u64, bytes, BLKBACK_RATELIMIT_MAX);
	spin_lock(&limit->lock);
	change = limit->iops.per_second != iops ||
		 limit->bytes.per_second != bytes;
	if (change) {
		limit->iops = (struct blkback_rate){ .per_second = iops };
		limit->bytes = (struct blkback_rate){ .per_second = bytes };
		WRITE_ONCE(limit->enabled, iops || bytes);
	}
	spin_unlock(&limit->lock);
	return change;
}
