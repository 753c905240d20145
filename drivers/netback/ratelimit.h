/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A token bucket that holds a guest to the rate its toolstack allows.
 *
 * One per vif, shared by its queues. Pure: no kernel call, compiled into the
 * unit tests as it stands; the caller serialises and tells the time.
 */
#ifndef NETBACK_RATELIMIT_H
#define NETBACK_RATELIMIT_H

#include <linux/types.h>

/*
 * The bucket holds at least this much, however low the rate: two packets of the
 * greatest size, so that a guest with segmentation offload gets any through.
 */
#define NETBACK_RATE_BURST (128 * 1024)

/* Bounds that keep all products within 64 bits; no network comes near them. */
#define NETBACK_RATE_MAX_BYTES 1000000000000ULL
#define NETBACK_RATE_MAX_USEC 4000000ULL

/**
 * struct netback_rate - the bucket
 * @bytes: what flows in
 * @usec: in so much time; 0 where there is no limit
 * @burst: what the bucket holds
 * @credit: what is in it. A packet may be sent while there is any, and leaves a
 *	    debt: a queue with large packets is not starved by one with small
 * @last: when it was last filled, in microseconds
 * @fraction: part of a byte that has flown in, in 1/@usec
 */
struct netback_rate {
	u64 bytes;
	u64 usec;
	s64 burst;
	s64 credit;
	u64 last;
	u64 fraction;
};

/**
 * netback_rate_set() - set a rate; the bucket starts out full
 * @rate: the bucket
 * @bytes: bytes per period
 * @usec: the period; 0 for no limit
 * @now: microseconds since whenever
 */
void netback_rate_set(struct netback_rate *rate, u64 bytes, u64 usec, u64 now);

/**
 * netback_rate_take() - ask to send a packet
 * @rate: the bucket
 * @size: its bytes
 * @now: microseconds since whenever, not before those of the last call
 *
 * Return: 0 if it may be sent now, else in how many microseconds to ask again.
 */
u64 netback_rate_take(struct netback_rate *rate, unsigned int size, u64 now);

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
