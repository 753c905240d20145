/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long a queue that has nothing to do looks on before it sleeps.
 *
 * While it looks, the frontend need not notify and nobody need wake the thread:
 * worth it only where the next request or the end of one under way comes soon.
 * What soon means is learnt from how long the sleeps were. Where the frontend
 * gets a processor only when we give ours up, no look finds anything, however
 * short the sleeps are: looks in vain are made ever more seldom.
 *
 * Pure, and compiled into the unit tests as it stands.
 */
#ifndef BLKBACK_POLL_H
#define BLKBACK_POLL_H

#include <linux/minmax.h>
#include <linux/types.h>

/* The first step, about what an event and a wake-up take. */
#define BLKBACK_POLL_STEP 10000U

/* Sleeps without a look, at the most: then looking has no measurable cost. */
#define BLKBACK_POLL_BACKOFF 1023U

/**
 * struct blkback_poll - what was learnt
 * @window: for how long a look lasts, in ns; 0 for not at all
 * @backoff: sleeps without a look after the last one in vain
 * @skip: those to come
 */
struct blkback_poll {
	u32 window;
	u32 backoff;
	u32 skip;
};

/**
 * blkback_poll_window() - for how long to look before this sleep
 * @poll: of the queue
 *
 * Return: ns, 0 for not at all.
 */
static inline u32 blkback_poll_window(const struct blkback_poll *poll)
{
	return poll->skip ? 0 : poll->window;
}

/**
 * blkback_poll_hit() - a look has found something, there was no sleep
 * @poll: of the queue
 */
static inline void blkback_poll_hit(struct blkback_poll *poll)
{
	poll->backoff = 0;
}

/**
 * blkback_poll_reset() - look before the next sleep, as things have changed
 * @poll: of the queue
 */
static inline void blkback_poll_reset(struct blkback_poll *poll)
{
	poll->skip = 0;
}

/**
 * blkback_poll_update() - a sleep has ended
 * @poll: of the queue
 * @slept: for how long, in ns, behind a look in vain where there was one
 * @max_ns: what @poll->window may be, in ns; 0 switches looking off
 *
 * A sleep that a longer look would have spared makes the look longer; one that
 * no look could have spared makes it shorter, twice in a row none at all. Once
 * a look may be no longer, further ones in vain are made ever more seldom.
 *
 * Context: any; pure.
 */
static inline void blkback_poll_update(struct blkback_poll *poll, u64 slept,
				       u32 max_ns)
{
	u32 window = min(poll->window, max_ns);

	if (poll->skip) {
		poll->skip--;
	} else if (window && (window == max_ns || slept >= max_ns)) {
		poll->backoff =
			min(2 * poll->backoff + 1, BLKBACK_POLL_BACKOFF);
		poll->skip = poll->backoff;
	}
	if (slept < max_ns)
		window = min(max(2 * window, BLKBACK_POLL_STEP), max_ns);
	else if (window > max_ns / 2)
		window = max_ns / 2;
	else
		window = 0;
	poll->window = window;
}

#endif /* BLKBACK_POLL_H */
