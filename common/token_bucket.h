/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A token bucket: how much may pass per time.
 *
 * Kept as the time up to which what has passed is paid for, rather than as a
 * number of tokens: nothing to refill, nothing lost to rounding while idle.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands. The caller
 * serialises and tells the time.
 */
#ifndef XPV_TOKEN_BUCKET_H
#define XPV_TOKEN_BUCKET_H

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

/**
 * struct xpv_bucket - a rate, and what has been used of it
 * @amount: what may pass per @period (requests, bytes); 0 for no limit
 * @period: in ns
 * @burst: how far ahead of its rate an idle user may run, in ns
 * @paid: the time up to which what has passed is paid for, in ns; 0 is a full
 *	  bucket
 */
struct xpv_bucket {
	u64 amount;
	u64 period;
	u64 burst;
	u64 paid;
};

/**
 * xpv_bucket_wait() - how long until more may pass
 * @bucket: the bucket
 * @now: the time in ns
 *
 * Context: any; pure.
 * Return: ns, 0 for now.
 */
static inline u64 xpv_bucket_wait(const struct xpv_bucket *bucket, u64 now)
{
	u64 from = now + bucket->burst;

	return bucket->amount && bucket->paid > from ? bucket->paid - from : 0;
}

/**
 * xpv_bucket_charge() - something has passed
 * @bucket: the bucket
 * @now: the time in ns; a clock read on another CPU may be a little behind
 * @amount: how much; times @bucket->period it fits 64 bits
 *
 * However much it is, it passes at once; what follows waits the longer.
 *
 * Context: any; pure.
 */
static inline void xpv_bucket_charge(struct xpv_bucket *bucket, u64 now,
				     u64 amount)
{
	if (bucket->amount)
		bucket->paid = max(bucket->paid, now) +
			       div64_u64(amount * bucket->period,
					 bucket->amount);
}

#endif /* XPV_TOKEN_BUCKET_H */
