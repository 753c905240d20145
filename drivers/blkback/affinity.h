/* SPDX-License-Identifier: GPL-2.0 */
/*
 * On which CPU a queue's thread runs: pinned to the CPU that takes the queue's
 * events, or where the scheduler puts it.
 *
 * Requests that come one by one, each after the response to the one before, are
 * served soonest on the CPU of the events: to wake a thread on another costs an
 * IPI and, where dom0 has more CPUs than it is given time for, a turn of Xen's
 * scheduler. Where requests come in numbers the scheduler chooses, so that they
 * are served while more are made.
 *
 * One request found at each wake-up may be either: a thread that is faster than
 * whoever makes the requests finds no more, however many are to come. So
 * pinning is tried, and the time that a request takes decides.
 *
 * The decisions are pure, and compiled into the unit tests as they stand.
 */
#ifndef BLKBACK_AFFINITY_H
#define BLKBACK_AFFINITY_H

#include <linux/minmax.h>
#include <linux/types.h>

struct cpumask;
struct xpv_queue;

/* So many requests at a wake-up, outstanding ones too, come in numbers. */
#define BLKBACK_AFFINITY_MANY 4

/*
 * Wake-ups in a row that found one request, before the thread is pinned; four
 * times as many each time that it was slower so, up to PIN_MAX.
 */
#define BLKBACK_AFFINITY_PIN 64U
#define BLKBACK_AFFINITY_PIN_MAX 2048U

/* Wake-ups after which the times are compared. */
#define BLKBACK_AFFINITY_TRIAL 16

/* Wake-ups while pinned, after which unpinned is tried: 3 % of them. */
#define BLKBACK_AFFINITY_RETRY 512

/**
 * struct blkback_affinity - whether a thread is pinned, and what was measured
 * @pinned: the thread is pinned to the CPU that takes the queue's events
 * @confirmed: since it is pinned, that was found to be no slower
 * @trial: unpinned for a trial only
 * @count: wake-ups since @pinned changed; while unpinned, those in a row that
 *	   found one request
 * @pin_after: how many of these pin it
 * @since: when the first wake-up of @count was, in ns
 * @first: requests consumed until then
 * @unpinned_ns: what @unpinned_nr requests took before it was pinned
 * @unpinned_nr: see @unpinned_ns
 * @cpu: the CPU it was pinned to
 * @allowed: the CPUs it was allowed before that; NULL without memory
 */
struct blkback_affinity {
	bool pinned;
	bool confirmed;
	bool trial;
	unsigned int count;
	unsigned int pin_after;
	u64 since;
	u32 first;
	u64 unpinned_ns;
	u32 unpinned_nr;
	unsigned int cpu;
	struct cpumask *allowed;
};

/**
 * struct blkback_wakeup - what a wake-up has found
 * @found: requests in the ring and outstanding ones; at least one
 * @consumed: requests consumed before, ever
 * @now: the time in ns
 */
struct blkback_wakeup {
	unsigned int found;
	u32 consumed;
	u64 now;
};

/**
 * blkback_affinity_reset() - forget what was measured
 * @affinity: of a queue whose thread is not running
 */
static inline void blkback_affinity_reset(struct blkback_affinity *affinity)
{
	affinity->pinned = false;
	affinity->trial = false;
	affinity->count = 0;
	affinity->pin_after = BLKBACK_AFFINITY_PIN;
}

static inline void blkback_affinity_count(struct blkback_affinity *affinity,
					  const struct blkback_wakeup *wakeup)
{
	if (affinity->count++)
		return;
	affinity->since = wakeup->now;
	affinity->first = wakeup->consumed;
}

static inline bool blkback_affinity_change(struct blkback_affinity *affinity,
					   bool pinned)
{
	affinity->pinned = pinned;
	affinity->confirmed = false;
	affinity->count = 0;
	return true;
}

static inline bool
blkback_affinity_update_unpinned(struct blkback_affinity *affinity,
				 const struct blkback_wakeup *wakeup)
{
	unsigned int needed = affinity->trial ? BLKBACK_AFFINITY_TRIAL :
						affinity->pin_after;

	if (wakeup->found >= BLKBACK_AFFINITY_MANY) {
		affinity->trial = false;
		affinity->pin_after = BLKBACK_AFFINITY_PIN;
	}
	if (wakeup->found > 1) {
		affinity->count = 0;
		return false;
	}
	blkback_affinity_count(affinity, wakeup);
	if (affinity->count <= needed)
		return false;
	affinity->unpinned_ns = wakeup->now - affinity->since;
	affinity->unpinned_nr = wakeup->consumed - affinity->first;
	return blkback_affinity_change(affinity, true);
}

/* Whether a request takes longer than it did before the thread was pinned. */
static inline bool
blkback_affinity_is_slower(const struct blkback_affinity *affinity,
			   const struct blkback_wakeup *wakeup)
{
	u64 time = wakeup->now - affinity->since;
	u32 nr = wakeup->consumed - affinity->first;

	return time * affinity->unpinned_nr > affinity->unpinned_ns * nr;
}

static inline bool
blkback_affinity_update_pinned(struct blkback_affinity *affinity,
			       const struct blkback_wakeup *wakeup)
{
	blkback_affinity_count(affinity, wakeup);
	if (wakeup->found >= BLKBACK_AFFINITY_MANY) {
		affinity->trial = false;
		return blkback_affinity_change(affinity, false);
	}
	if (!affinity->confirmed && affinity->count > BLKBACK_AFFINITY_TRIAL) {
		if (blkback_affinity_is_slower(affinity, wakeup)) {
			affinity->trial = false;
			affinity->pin_after = min(4 * affinity->pin_after,
						  BLKBACK_AFFINITY_PIN_MAX);
			return blkback_affinity_change(affinity, false);
		}
		affinity->confirmed = true;
		affinity->pin_after = BLKBACK_AFFINITY_PIN;
	}
	if (affinity->count < BLKBACK_AFFINITY_RETRY)
		return false;
	affinity->trial = true;
	return blkback_affinity_change(affinity, false);
}

/**
 * blkback_affinity_update() - a wake-up has found requests
 * @affinity: of the queue
 * @wakeup: what it found
 *
 * Context: any; pure.
 * Return: whether @affinity->pinned has changed.
 */
static inline bool
blkback_affinity_update(struct blkback_affinity *affinity,
			const struct blkback_wakeup *wakeup)
{
	return affinity->pinned ?
	       blkback_affinity_update_pinned(affinity, wakeup) :
	       blkback_affinity_update_unpinned(affinity, wakeup);
}

/**
 * blkback_affinity_choose() - a wake-up has found requests: pin or unpin
 * @affinity: of the calling thread
 * @base: its queue
 * @wakeup: see blkback_affinity_update()
 *
 * What the thread is allowed, by the user or by whoever else, is respected; one
 * that somebody else has moved stays where it is.
 *
 * Context: the queue's thread.
 * Return: whether it was unpinned, or could not be pinned.
 */
bool blkback_affinity_choose(struct blkback_affinity *affinity,
			     const struct xpv_queue *base,
			     const struct blkback_wakeup *wakeup);

#endif /* BLKBACK_AFFINITY_H */
