/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long a queue's thread polls before it sleeps.
 *
 * While it polls, the frontend need not notify and nobody need wake the thread.
 * That pays only where the next request, or the end of one under way, comes
 * soon. What soon means is learnt from how long the sleeps were. Where the
 * frontend gets a CPU only when we give ours up, no poll finds anything,
 * however short the sleeps are: polls in vain become ever more seldom.
 *
 * Pure, and compiled into the unit tests as it stands.
 */
#ifndef BLKBACK_POLL_H
#define BLKBACK_POLL_H

#include <linux/minmax.h>
#include <linux/types.h>

/* The first window, in ns: about what an event and a wake-up take. */
#define BLKBACK_POLL_STEP 10000U

/* Most sleeps without a poll: polling has no measurable cost then. */
#define BLKBACK_POLL_BACKOFF 1023U

/**
 * struct blkback_poll - what was learnt; a queue's thread's alone
 * @window: how long a poll lasts, in ns; 0 for not at all
 * @backoff: sleeps without a poll after the last poll in vain
 * @skip: of these, those to come
 */
struct blkback_poll {
	u32 window;
	u32 backoff;
	u32 skip;
};

/**
 * blkback_poll_window() - how long to poll before this sleep
 * @poll: of the queue
 *
 * Return: ns, 0 for not at all.
 */
static inline u32 blkback_poll_window(const struct blkback_poll *poll)
{
	return poll->skip ? 0 : poll->window;
}

/**
 * blkback_poll_hit() - a poll has found something, there was no sleep
 * @poll: of the queue
 */
static inline void blkback_poll_hit(struct blkback_poll *poll)
{
	poll->backoff = 0;
}

/**
 * blkback_poll_reset() - poll before the next sleep, as things have changed
 * @poll: of the queue
 */
static inline void blkback_poll_reset(struct blkback_poll *poll)
{
	poll->skip = 0;
}

/**
 * blkback_poll_update() - a sleep has ended
 * @poll: of the queue
 * @slept: how long it was, in ns, behind a poll in vain where there was one
 * @max_ns: the longest that @poll->window may be, in ns; 0: no polling
 *
 * A sleep that a longer poll would have avoided makes the window longer; one
 * that no poll could have avoided makes it shorter, twice in a row zero. Once
 * the window is at its longest, further polls in vain back off exponentially.
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
		poll->backoff = min(2 * poll->backoff + 1,
				    BLKBACK_POLL_BACKOFF);
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
