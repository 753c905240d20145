/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits that the toolstack sets for a disk: requests and bytes per second,
 * for all of its queues together.
 *
 * The arithmetic is pure and compiled into the unit tests as it stands.
 */
#ifndef BLKBACK_RATELIMIT_H
#define BLKBACK_RATELIMIT_H

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/*
 * A disk that was idle may run ahead of its rate by so much: what a thread
 * may oversleep does not slow it down, and nobody notices a tenth of a second.
 */
#define BLKBACK_RATELIMIT_BURST_NS 100000000ULL

/* Keeps amount * 10^9 within 64 bits for any request. */
#define BLKBACK_RATELIMIT_MAX 1000000000000ULL

#define BLKBACK_RATELIMIT_SECOND_NS 1000000000ULL

/**
 * struct blkback_rate - one limit
 * @per_second: how much; 0 for no limit
 * @paid_until: the time up to which what was taken is paid for, in ns
 */
struct blkback_rate {
	u64 per_second;
	u64 paid_until;
};

/**
 * struct blkback_ratelimit - a disk's limits
 * @lock: guards what follows, but for @enabled read as a hint; innermost
 * @enabled: there is a limit
 * @iops: requests
 * @bytes: bytes read and written
 */
struct blkback_ratelimit {
	spinlock_t lock;	/* the rates */
	bool enabled;
	struct blkback_rate iops;
	struct blkback_rate bytes;
};

/**
 * blkback_rate_wait() - how long until more may be taken
 * @rate: the limit
 * @now: the time in ns
 *
 * Context: any; pure.
 * Return: ns, 0 for now.
 */
static inline u64 blkback_rate_wait(const struct blkback_rate *rate, u64 now)
{
	u64 from = now + BLKBACK_RATELIMIT_BURST_NS;

	return rate->per_second && rate->paid_until > from ?
		       rate->paid_until - from :
		       0;
}

/**
 * blkback_rate_charge() - something was taken
 * @rate: the limit
 * @now: the time in ns
 * @amount: how much, up to 2^32
 *
 * However much it is, it passes at once; what follows waits the longer.
 *
 * Context: any; pure.
 */
static inline void blkback_rate_charge(struct blkback_rate *rate, u64 now,
				       u64 amount)
{
	if (rate->per_second)
		rate->paid_until = max(rate->paid_until, now) +
			     div64_u64(amount * BLKBACK_RATELIMIT_SECOND_NS,
				       rate->per_second);
}

/**
 * blkback_ratelimit_take() - ask whether a request may go on
 * @limit: the disk's
 * @now: the time in ns
 * @bytes: what it transfers
 *
 * Context: any.
 * Return: 0 where it may and was charged for, else ns to wait before asking
 * again.
 */
u64 blkback_ratelimit_take(struct blkback_ratelimit *limit, u64 now, u64 bytes);

/**
 * blkback_ratelimit_set() - change the limits
 * @limit: the disk's
 * @iops: requests per second, 0 for no limit
 * @bytes: bytes per second, 0 for no limit
 *
 * Context: process.
 * Return: whether that is a change.
 */
bool blkback_ratelimit_set(struct blkback_ratelimit *limit, u64 iops,
			   u64 bytes);

#endif /* BLKBACK_RATELIMIT_H */
