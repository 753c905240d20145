// SPDX-License-Identifier: GPL-2.0
#include <linux/compiler.h>

#include "drain.h"

/*
 * Store buffering: enter() increments the count, then reads the drainer;
 * begin() sets the drainer, then reads the count. Each has a full barrier
 * between its two steps, so of two that meet at least one sees the other.
 */
bool blkback_drain_enter(struct blkback_drain *drain,
			 struct blkback_queue *queue)
{
	struct blkback_queue *drainer;

	atomic_inc(&drain->in_flight);
	smp_mb__after_atomic();	/* pairs with smp_mb() in begin() */
	drainer = READ_ONCE(drain->drainer);
	return likely(!drainer) || drainer == queue;
}

struct blkback_queue *blkback_drain_leave(struct blkback_drain *drain,
					  unsigned int nr)
{
	if (atomic_sub_return(nr, &drain->in_flight))
		return NULL;
	return READ_ONCE(drain->drainer);
}

bool blkback_drain_begin(struct blkback_drain *drain,
			 struct blkback_queue *queue)
{
	struct blkback_queue *drainer = cmpxchg(&drain->drainer, NULL, queue);

	if (drainer && drainer != queue)
		return false;
	/*
	 * Pairs with enter() and, by atomic_sub_return(), with leave(). A
	 * cmpxchg() that fails, as for the drainer itself, orders nothing.
	 */
	smp_mb();
	return !atomic_read(&drain->in_flight);
}

bool blkback_drain_end(struct blkback_drain *drain,
		       struct blkback_queue *queue)
{
	if (READ_ONCE(drain->drainer) != queue)
		return false;
	/* The barrier's I/O before the requests of those that enter next. */
	smp_store_release(&drain->drainer, NULL);
	return true;
}
