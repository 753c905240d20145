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
 * tried, and what a request took tells where to stay. Where dom0 is its own
 * frontend, both ends' events go with the thread, to or from the processor of
 * who makes the requests.
 *
 * What learns is pure, and compiled into the unit tests as it stands.
 */
#ifndef BLKBACK_SEAT_H
#define BLKBACK_SEAT_H

#include <linux/minmax.h>
#include <linux/types.h>

struct cpumask;
struct xpv_queue;

/* Requests found at a wake-up, or under way, that are not one by one. */
#define BLKBACK_SEAT_MANY 4

/*
 * Wake-ups in a row that found one request, before the thread goes there; four
 * times as many each time that it was no good, up to the latter.
 */
#define BLKBACK_SEAT_SETTLE 64
#define BLKBACK_SEAT_SETTLE_MAX 2048

/* Wake-ups after which a place is judged. */
#define BLKBACK_SEAT_TRIAL 16

/* Wake-ups there, after which elsewhere is tried again: 3 % of them. */
#define BLKBACK_SEAT_PATIENCE 512

/**
 * struct blkback_seat - where a thread runs, and what was learnt
 * @near: on the processor that takes the queue's events
 * @judged: found better than elsewhere since it is there
 * @trial: elsewhere for a trial only
 * @count: wake-ups since that changed; where not near, those in a row that
 *	   found one request
 * @settle: how many of these put it there
 * @since: when the first of those counted came, in ns
 * @first: requests taken until then
 * @far_time: what so many requests took elsewhere, in ns
 * @far_nr: see @far_time
 * @cpu: where it was put
 * @allowed: where it was allowed to run before; NULL without memory
 */
struct blkback_seat {
	bool near;
	bool judged;
	bool trial;
	unsigned int count;
	unsigned int settle;
	u64 since;
	u32 first;
	u64 far_time;
	u32 far_nr;
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
 * blkback_seat_reset() - forget what was learnt
 * @seat: of a queue whose thread is not running
 */
static inline void blkback_seat_reset(struct blkback_seat *seat)
{
	seat->near = false;
	seat->trial = false;
	seat->count = 0;
	seat->settle = BLKBACK_SEAT_SETTLE;
}

static inline void blkback_seat_count(struct blkback_seat *seat,
				      const struct blkback_wakeup *wakeup)
{
	if (seat->count++)
		return;
	seat->since = wakeup->now;
	seat->first = wakeup->taken;
}

static inline bool blkback_seat_go(struct blkback_seat *seat, bool near)
{
	seat->near = near;
	seat->judged = false;
	seat->count = 0;
	return true;
}

static inline bool blkback_seat_learn_far(struct blkback_seat *seat,
					  const struct blkback_wakeup *wakeup)
{
	unsigned int needed = seat->trial ? BLKBACK_SEAT_TRIAL : seat->settle;

	if (wakeup->found >= BLKBACK_SEAT_MANY) {
		seat->trial = false;
		seat->settle = BLKBACK_SEAT_SETTLE;
	}
	if (wakeup->found > 1) {
		seat->count = 0;
		return false;
	}
	blkback_seat_count(seat, wakeup);
	if (seat->count <= needed)
		return false;
	seat->far_time = wakeup->now - seat->since;
	seat->far_nr = wakeup->taken - seat->first;
	return blkback_seat_go(seat, true);
}

static inline bool blkback_seat_worse(const struct blkback_seat *seat,
				      const struct blkback_wakeup *wakeup)
{
	u64 time = wakeup->now - seat->since;
	u32 nr = wakeup->taken - seat->first;

	return time * seat->far_nr > seat->far_time * nr;
}

static inline bool blkback_seat_learn_near(struct blkback_seat *seat,
					   const struct blkback_wakeup *wakeup)
{
	blkback_seat_count(seat, wakeup);
	if (wakeup->found >= BLKBACK_SEAT_MANY) {
		seat->trial = false;
		return blkback_seat_go(seat, false);
	}
	if (!seat->judged && seat->count > BLKBACK_SEAT_TRIAL) {
		if (blkback_seat_worse(seat, wakeup)) {
			seat->trial = false;
			seat->settle = min(4 * seat->settle,
					   BLKBACK_SEAT_SETTLE_MAX + 0U);
			return blkback_seat_go(seat, false);
		}
		seat->judged = true;
		seat->settle = BLKBACK_SEAT_SETTLE;
	}
	if (seat->count < BLKBACK_SEAT_PATIENCE)
		return false;
	seat->trial = true;
	return blkback_seat_go(seat, false);
}

/**
 * blkback_seat_learn() - a wake-up has found requests
 * @seat: of the queue
 * @wakeup: what it found
 *
 * Context: any; pure.
 * Return: whether @seat->near has changed.
 */
static inline bool blkback_seat_learn(struct blkback_seat *seat,
				      const struct blkback_wakeup *wakeup)
{
	return seat->near ? blkback_seat_learn_near(seat, wakeup) :
			    blkback_seat_learn_far(seat, wakeup);
}

/**
 * blkback_seat_choose() - a wake-up has found requests: learn, and go there
 * @seat: of the calling thread
 * @base: its queue
 * @nr_queues: queues of the device
 * @wakeup: see blkback_seat_learn()
 *
 * What the thread is allowed, by the user or by whoever else, is kept to; one
 * that somebody else has put elsewhere stays there.
 *
 * Context: the queue's thread.
 * Return: whether it left the processor of the events, or may not go there.
 */
bool blkback_seat_choose(struct blkback_seat *seat, struct xpv_queue *base,
			 unsigned int nr_queues,
			 const struct blkback_wakeup *wakeup);

#endif /* BLKBACK_SEAT_H */
