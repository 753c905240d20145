/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rate to which the toolstack limits what a guest sends: a token bucket per
 * vif, shared by its queues.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands; the caller
 * serialises and tells the time.
 */
#ifndef NETBACK_RATELIMIT_H
#define NETBACK_RATELIMIT_H

#include "xpv.h"

/*
 * The bucket holds at least this much, however low the rate: two packets of the
 * greatest size, so that a guest with segmentation offload gets any through.
 */
#define NETBACK_RATE_BURST (128 * 1024)

/* Bounds that keep all products within 64 bits; no network comes near them. */
#define NETBACK_RATE_MAX_BYTES 1000000000000ULL
#define NETBACK_RATE_MAX_USEC 4000000ULL

/**
 * netback_rate_set() - set a rate; the bucket starts out full
 * @rate: the bucket
 * @bytes: bytes per period
 * @usec: the period; 0 for no limit
 */
void netback_rate_set(struct xpv_bucket *rate, u64 bytes, u64 usec);

/**
 * netback_rate_take() - ask to send a packet
 * @rate: the bucket
 * @size: its bytes
 * @now: the time in ns
 *
 * A packet may be sent while the bucket is not empty, and leaves a debt: a
 * queue with large packets is not held up by one with small ones.
 *
 * Return: 0 if it may be sent now, else in how many ns to ask again.
 */
u64 netback_rate_take(struct xpv_bucket *rate, unsigned int size, u64 now);

/**
 * netback_rate_parse() - read "bytes,usec"
 * @text: what the toolstack wrote; changed
 * @bytes: where the bytes go
 * @usec: where the period goes; 0 means no limit
 *
 * Return: 0 or -errno; the results are untouched on error.
 */
int netback_rate_parse(char *text, u64 *bytes, u64 *usec);

#endif /* NETBACK_RATELIMIT_H */
