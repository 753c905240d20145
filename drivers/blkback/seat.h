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
 * Where dom0 is its own frontend, the events go with the thread, to or from the
 * processor of who makes the requests. From there the two look the same, since
 * the thread interrupts the other after each request. So it leaves now and
 * then, and looks how many it finds from elsewhere.
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

/* Wake-ups in a row that found one request, before that is believed. */
#define BLKBACK_SEAT_SETTLE 64

/* The same where it was so before, and is looked at again. */
#define BLKBACK_SEAT_TRIAL 8

/* Wake-ups between such trials: twice as many after each, up to the latter. */
#define BLKBACK_SEAT_PATIENCE 128
#define BLKBACK_SEAT_PATIENCE_MAX 2048

/**
 * struct blkback_seat - where a thread runs, and what was learnt
 * @near: on the processor that takes the queue's events
 * @count: wake-ups since that changed; those in a row that found one request
 * @needed: how many of these put it there
 * @patience: after how many it leaves for a trial
 * @cpu: where it was put
 * @allowed: where it was allowed to run before; NULL without memory
 */
struct blkback_seat {
	bool near;
	unsigned int count;
	unsigned int needed;
	unsigned int patience;
	unsigned int cpu;
	struct cpumask *allowed;
};

/**
 * blkback_seat_reset() - forget what was learnt
 * @seat: of a queue whose thread is not running
 */
static inline void blkback_seat_reset(struct blkback_seat *seat)
{
	seat->near = false;
	seat->count = 0;
	seat->needed = BLKBACK_SEAT_SETTLE;
	seat->patience = BLKBACK_SEAT_PATIENCE;
}

/**
 * blkback_seat_learn() - a wake-up has found requests
 * @seat: of the queue
 * @found: how many, with those under way; at least one
 *
 * Context: any; pure.
 * Return: whether @seat->near has changed.
 */
static inline bool blkback_seat_learn(struct blkback_seat *seat,
				      unsigned int found)
{
	bool many = found >= BLKBACK_SEAT_MANY;

	if (many) {
		seat->needed = BLKBACK_SEAT_SETTLE;
		seat->patience = BLKBACK_SEAT_PATIENCE;
	}
	seat->count = seat->near || found == 1 ? seat->count + 1 : 0;
	if (seat->near) {
		if (!many && seat->count < seat->patience)
			return false;
		if (!many)
			seat->needed = BLKBACK_SEAT_TRIAL;
	} else {
		if (seat->count < seat->needed)
			return false;
		if (seat->needed == BLKBACK_SEAT_TRIAL)
			seat->patience = min(2 * seat->patience,
					     BLKBACK_SEAT_PATIENCE_MAX + 0U);
	}
	seat->near = !seat->near;
	seat->count = 0;
	return true;
}

/**
 * blkback_seat_choose() - a wake-up has found requests: learn, and go there
 * @seat: of the calling thread
 * @q: its queue
 * @nr_queues: queues of the device
 * @found: see blkback_seat_learn()
 *
 * What the thread is allowed, by the user or by whoever else, is kept to; one
 * that somebody else has put elsewhere stays there.
 *
 * Context: the queue's thread.
 * Return: whether it left the processor of the events, or may not go there.
 */
bool blkback_seat_choose(struct blkback_seat *seat, struct xpv_queue *q,
			 unsigned int nr_queues, unsigned int found);

#endif /* BLKBACK_SEAT_H */
