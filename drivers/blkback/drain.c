// SPDX-License-Identifier: GPL-2.0
#include "connect.h"
#include "drain.h"

/*
 * One side counts itself in and then looks for an owner, the other makes
 * itself the owner and then looks at the count. Both steps are fully ordered,
 * so at least one of two that meet sees the other.
 */
bool blkback_drain_enter(struct blkback_drain *drain,
			 struct blkback_queue *queue)
{
	struct blkback_queue *drainer;

	atomic_inc(&drain->in_flight);
	smp_mb__after_atomic();	/* in before looking; see above */
	drainer = READ_ONCE(drain->drainer);
	if (likely(!drainer) || drainer == queue)
		return true;

	blkback_drain_leave(drain, 1);
	return false;
}

void blkback_drain_leave(struct blkback_drain *drain, unsigned int nr)
{
	struct blkback_queue *drainer;

	if (atomic_sub_return(nr, &drain->in_flight))
		return;
	drainer = READ_ONCE(drain->drainer);
	if (unlikely(drainer))
		blkback_queue_kick(drainer);
}

bool blkback_drain_begin(struct blkback_drain *drain,
			 struct blkback_queue *queue)
{
	struct blkback_queue *drainer = cmpxchg(&drain->drainer, NULL, queue);

	if (drainer && drainer != queue)
		return false;
	/* A cmpxchg() that failed, as for the owner itself, orders nothing. */
	smp_mb();
	return !atomic_read(&drain->in_flight);
}

void blkback_drain_end(struct blkback *bb, struct blkback_queue *queue)
{
	unsigned int nr, i;

	if (READ_ONCE(bb->drain.drainer) != queue)
		return;
	/* The barrier is through before the others go in. */
	smp_store_release(&bb->drain.drainer, NULL);
	nr = smp_load_acquire(&bb->nr_made);	/* pairs with make_queues() */
	for (i = 0; i < nr; i++)
		if (blkback_queue_nr(bb, i) != queue)
			blkback_queue_kick(blkback_queue_nr(bb, i));
}
