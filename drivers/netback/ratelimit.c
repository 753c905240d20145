// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "ratelimit.h"

void netback_rate_set(struct xpv_bucket *rate, u64 bytes, u64 usec)
{
	u64 burst = max_t(u64, bytes, NETBACK_RATE_BURST);

	*rate = (struct xpv_bucket){};
	if (!bytes || !usec)
		return;
	rate->amount = bytes;
	rate->period = usec * NSEC_PER_USEC;
	rate->burst = div64_u64(burst * usec, bytes) * NSEC_PER_USEC;
}

u64 netback_rate_take(struct xpv_bucket *rate, unsigned int size, u64 now)
{
	u64 wait = xpv_bucket_wait(rate, now);

	if (!wait)
		xpv_bucket_charge(rate, now, size);
	return wait;
}

int netback_rate_parse(char *text, u64 *bytes, u64 *usec)
{
	char *comma = strchr(text, ',');
	u64 b, u;
	int err;

	if (!comma)
		return -EINVAL;
	*comma = '\0';
	err = xpv_parse_u64(text, NETBACK_RATE_MAX_BYTES, &b);
	if (!err)
		err = xpv_parse_u64(comma + 1, NETBACK_RATE_MAX_USEC, &u);
	if (err)
		return err;
	/* Nothing at all for ever is a mistake, not a rate. */
	if (!b && u)
		return -EINVAL;

	*bytes = b;
	*usec = u;
	return 0;
}
