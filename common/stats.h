/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-queue counters, the same for all four drivers, plus each driver's own.
 */
#ifndef XPV_STATS_H
#define XPV_STATS_H

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/types.h>

/*
 * Every counter has one writer at a time: the context named here. Readers
 * (debugfs, sysfs, ethtool) take whatever value they find.
 */
enum xpv_stat {
	XPV_STAT_TAKEN,		/* slots consumed: consumer */
	XPV_STAT_PUT,		/* slots produced: producer */
	XPV_STAT_MAPS,		/* grants mapped: backend's thread */
	XPV_STAT_MAP_CALLS,	/* hypercalls for them: backend's thread */
	XPV_STAT_UNMAPS,	/* grants unmapped: backend's thread */
	XPV_STAT_UNMAP_CALLS,	/* hypercalls for them: backend's thread */
	XPV_STAT_COPIES,	/* grant copies: backend's thread */
	XPV_STAT_COPY_CALLS,	/* hypercalls for them: backend's thread */
	XPV_STAT_GRANTS,	/* pages granted: producer */
	XPV_STAT_STALLS,	/* waits for grants, pages or slots: producer */
	XPV_STAT_BAD,		/* entries refused: consumer */
	XPV_STAT_DRIVER,	/* first of the driver's own */
};

/**
 * struct xpv_ring_stats - what is counted for each ring of a queue
 * @events: events received; written in hard interrupt
 * @spurious: of these, with nothing to consume; written by the consumer
 * @notifies: events sent; written by the producer
 */
struct xpv_ring_stats {
	u64 events;
	u64 spurious;
	u64 notifies;
};

/* Room for the driver's own counters after the common ones. */
#define XPV_STAT_MAX 40

struct xpv_stats {
	u64 count[XPV_STAT_MAX];
};

/**
 * xpv_stat_add() - add to a counter
 * @stats: the queue's counters
 * @id: enum xpv_stat or a driver's own from XPV_STAT_DRIVER
 * @n: how much
 *
 * Context: the counter's one writer.
 */
static inline void xpv_stat_add(struct xpv_stats *stats, unsigned int id,
				u64 n)
{
	WRITE_ONCE(stats->count[id], stats->count[id] + n);
}

static inline void xpv_stat_inc(struct xpv_stats *stats, unsigned int id)
{
	xpv_stat_add(stats, id, 1);
}

static inline u64 xpv_stat_read(const struct xpv_stats *stats, unsigned int id)
{
	return READ_ONCE(stats->count[id]);
}

/*
 * Below 1.024 us, twice that, and so on; what took longer than 4.3 s is in the
 * last.
 */
#define XPV_HIST_BUCKETS 24

/**
 * struct xpv_hist - how long things took
 * @bucket: how many took at least 2^(i+9) and less than 2^(i+10) ns
 */
struct xpv_hist {
	u64 bucket[XPV_HIST_BUCKETS];
};

/**
 * xpv_hist_add() - count a duration
 * @hist: the histogram
 * @ns: the duration
 *
 * Context: the histogram's one writer.
 */
static inline void xpv_hist_add(struct xpv_hist *hist, u64 ns)
{
	u64 *bucket = &hist->bucket[min(fls64(ns >> 10),
					XPV_HIST_BUCKETS - 1)];

	WRITE_ONCE(*bucket, *bucket + 1);
}

/**
 * xpv_ring_stat_inc() - count
 * @count: a field of struct xpv_ring_stats
 *
 * Context: its one writer.
 */
static inline void xpv_ring_stat_inc(u64 *count)
{
	WRITE_ONCE(*count, *count + 1);
}

/**
 * xpv_stat_name() - a common counter's name
 * @id: enum xpv_stat below XPV_STAT_DRIVER
 *
 * Return: a constant string.
 */
const char *xpv_stat_name(unsigned int id);

#endif /* XPV_STATS_H */
