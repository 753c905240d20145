/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long a queue that has nothing to do looks on before it sleeps.
 *
 * While it looks, the frontend need not notify and nobody need wake the thread:
 * worth it only where the next request or the end of one under way comes soon.
 * What soon means is learnt from how long the sleeps were.
 *
 * Pure, and compiled into the unit tests as it stands.
 */
#ifndef BLKBACK_POLL_H
#define BLKBACK_POLL_H

#include <linux/minmax.h>
#include <linux/types.h>

/* The first step, about what an event and a wake-up take. */
#define BLKBACK_POLL_STEP 10000U

/**
 * struct blkback_poll - what was learnt
 * @window: for how long to look, in ns; 0 for not at all
 */
struct blkback_poll {
	u32 window;
};

/**
 * blkback_poll_learn() - a sleep has ended
 * @poll: of the queue
 * @slept: for how long, in ns, behind a look that found nothing
 * @most: what @poll->window may be, in ns; 0 switches looking off
 *
 * A sleep that a longer look would have spared makes the look longer; one that
 * no look could have spared makes it shorter, twice in a row none at all.
 *
 * Context: any; pure.
 */
static inline void blkback_poll_learn(struct blkback_poll *poll, u64 slept,
				      u32 most)
{
	u32 window = min(poll->window, most);

	if (slept < most)
		window = min(max(2 * window, BLKBACK_POLL_STEP), most);
	else if (window > most / 2)
		window = most / 2;
	else
		window = 0;
	poll->window = window;
}

#endif /* BLKBACK_POLL_H */
