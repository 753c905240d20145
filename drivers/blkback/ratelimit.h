/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rate limit of a disk: requests and bytes per second, for all of its
 * queues together (keys limit-iops and limit-bytes-per-second).
 *
 * The arithmetic is pure and compiled into the unit tests as it stands.
 */
#ifndef BLKBACK_RATELIMIT_H
#define BLKBACK_RATELIMIT_H

#include <linux/spinlock.h>
#include <linux/types.h>

#include "xpv.h"

/*
 * A disk may run ahead of its rate by so much: a thread that oversleeps does
 * not slow it down, and nobody notices a tenth of a second.
 */
#define BLKBACK_RATELIMIT_BURST_NS 100000000ULL

/* Keeps amount * 10^9 within 64 bits for any request. */
#define BLKBACK_RATELIMIT_MAX 1000000000000ULL

#define BLKBACK_RATELIMIT_SECOND_NS 1000000000ULL

/**
 * struct blkback_ratelimit - a disk's rate limit
 * @lock: guards the fields below; innermost; taken in process context only
 * @enabled: there is a limit; also read without @lock, as a hint
 * @iops: requests
 * @bytes: bytes read and written
 */
struct blkback_ratelimit {
	spinlock_t lock;	/* the rates */
	bool enabled;
	struct xpv_bucket iops;
	struct xpv_bucket bytes;
};

/**
 * blkback_ratelimit_take() - ask whether a request may go on
 * @limit: the disk's
 * @now: the time in ns
 * @bytes: what it transfers
 *
 * Context: any.
 * Return: 0 where it may, and was charged for; else ns to wait before asking
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
 * Return: whether that is a change; what was taken before is forgotten then.
 */
bool blkback_ratelimit_set(struct blkback_ratelimit *limit, u64 iops,
			   u64 bytes);

#endif /* BLKBACK_RATELIMIT_H */
