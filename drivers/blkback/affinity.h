/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which processor a queue's thread runs on.
 *
 * Where each request is made only when the one before has been answered, they
 * are served soonest on the processor that takes the queue's events: to wake a
 * thread on another costs an event of its own and, where dom0 has more
 * processors than it is given, a turn of Xen's scheduler. Where they come in
 * numbers the scheduler chooses, so that they are served while more are made.
 *
 * One request found at each wake-up may be either: a thread that is faster than
 * who makes the requests finds no more, however many are to come. So it is
 * tried, and what a request took tells where to stay.
 *
 * What learns is pure, and compiled into the unit tests as it stands.
 */
#ifndef BLKBACK_AFFINITY_H
#define BLKBACK_AFFINITY_H

#include <linux/minmax.h>
#include <linux/types.h>

struct cpumask;
struct xpv_queue;

/* Requests found at a wake-up, or under way, that are not one by one. */
#define BLKBACK_AFFINITY_BATCH 4

/*
 * Wake-ups in a row that found one request, before the thread goes there; four
 * times as many each time that it was no good, up to the latter.
 */
#define BLKBACK_AFFINITY_PIN_AFTER 64
#define BLKBACK_AFFINITY_PIN_AFTER_MAX 2048

/* Wake-ups after which a place is judged. */
#define BLKBACK_AFFINITY_TRIAL 16

/* Wake-ups there, after which elsewhere is tried again: 3 % of them. */
#define BLKBACK_AFFINITY_RETRY 512

/**
 * struct blkback_affinity - where a thread runs, and what was learnt
 * @pinned: on the processor that takes the queue's events
 * @confirmed: found better than elsewhere since it is there
 * @trial: elsewhere for a trial only
 * @count: wake-ups since that changed; where not near, those in a row that
 *	   found one request
 * @pin_after: how many of these put it there
 * @since: when the first of those counted came, in ns
 * @first: requests taken until then
 * @unpinned_ns: what so many requests took elsewhere, in ns
 * @unpinned_nr: see @unpinned_ns
 * @cpu: where it was put
 * @allowed: where it was allowed to run before; NULL without memory
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
 * @found: requests, with those under way; at least one
 * @taken: requests that were taken before, ever
 * @now: the time in ns
 */
struct blkback_wakeup {
	unsigned int found;
	u32 taken;
	u64 now;
};

/**
 * blkback_affinity_reset() - forget what was learnt
 * @affinity: of a queue whose thread is not running
 */
static inline void blkback_affinity_reset(struct blkback_affinity *affinity)
{
	affinity->pinned = false;
	affinity->trial = false;
	affinity->count = 0;
	affinity->pin_after = BLKBACK_AFFINITY_PIN_AFTER;
}

static inline void blkback_affinity_count(struct blkback_affinity *affinity,
					  const struct blkback_wakeup *wakeup)
{
	if (affinity->count++)
		return;
	affinity->since = wakeup->now;
	affinity->first = wakeup->taken;
}

static inline bool blkback_affinity_set(struct blkback_affinity *affinity,
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

	if (wakeup->found >= BLKBACK_AFFINITY_BATCH) {
		affinity->trial = false;
		affinity->pin_after = BLKBACK_AFFINITY_PIN_AFTER;
	}
	if (wakeup->found > 1) {
		affinity->count = 0;
		return false;
	}
	blkback_affinity_count(affinity, wakeup);
	if (affinity->count <= needed)
		return false;
	affinity->unpinned_ns = wakeup->now - affinity->since;
	affinity->unpinned_nr = wakeup->taken - affinity->first;
	return blkback_affinity_set(affinity, true);
}

static inline bool
blkback_affinity_is_worse(const struct blkback_affinity *affinity,
			  const struct blkback_wakeup *wakeup)
{
	u64 time = wakeup->now - affinity->since;
	u32 nr = wakeup->taken - affinity->first;

	return time * affinity->unpinned_nr > affinity->unpinned_ns * nr;
}

static inline bool
blkback_affinity_update_pinned(struct blkback_affinity *affinity,
			       const struct blkback_wakeup *wakeup)
{
	blkback_affinity_count(affinity, wakeup);
	if (wakeup->found >= BLKBACK_AFFINITY_BATCH) {
		affinity->trial = false;
		return blkback_affinity_set(affinity, false);
	}
	if (!affinity->confirmed && affinity->count > BLKBACK_AFFINITY_TRIAL) {
		if (blkback_affinity_is_worse(affinity, wakeup)) {
			affinity->trial = false;
			affinity->pin_after =
				min(4 * affinity->pin_after,
				    BLKBACK_AFFINITY_PIN_AFTER_MAX + 0U);
			return blkback_affinity_set(affinity, false);
		}
		affinity->confirmed = true;
		affinity->pin_after = BLKBACK_AFFINITY_PIN_AFTER;
	}
	if (affinity->count < BLKBACK_AFFINITY_RETRY)
		return false;
	affinity->trial = true;
	return blkback_affinity_set(affinity, false);
}

/**
 * blkback_affinity_update() - a wake-up has found requests
 * @affinity: of the queue
 * @wakeup: what it found
 *
 * Context: any; pure.
 * Return: whether @affinity->pinned has changed.
 */
static inline bool blkback_affinity_update(struct blkback_affinity *affinity,
					   const struct blkback_wakeup *wakeup)
{
	return affinity->pinned ?
		       blkback_affinity_update_pinned(affinity, wakeup) :
		       blkback_affinity_update_unpinned(affinity, wakeup);
}

/**
 * blkback_affinity_choose() - a wake-up has found requests: learn, and go there
 * @affinity: of the calling thread
 * @base: its queue
 * @wakeup: see blkback_affinity_update()
 *
 * What the thread is allowed, by the user or by whoever else, is kept to; one
 * that somebody else has put elsewhere stays there.
 *
 * Context: the queue's thread.
 * Return: whether it left the processor of the events, or may not go there.
 */
bool blkback_affinity_choose(struct blkback_affinity *affinity,
			     const struct xpv_queue *base,
			     const struct blkback_wakeup *wakeup);

#endif /* BLKBACK_AFFINITY_H */
