// SPDX-License-Identifier: GPL-2.0
#include "connect.h"
#include "gate.h"

/*
 * One side counts itself in and then looks for an owner, the other makes
 * itself the owner and then looks at the count. Both steps are fully ordered,
 * so at least one of two that meet sees the other.
 */
bool blkback_gate_enter(struct blkback_gate *gate, struct blkback_queue *queue)
{
	struct blkback_queue *owner;

	atomic_inc(&gate->inside);
	smp_mb__after_atomic();	/* in before looking; see above */
	owner = READ_ONCE(gate->owner);
	if (likely(!owner) || owner == queue)
		return true;

	blkback_gate_leave(gate, 1);
	return false;
}

void blkback_gate_leave(struct blkback_gate *gate, unsigned int nr)
{
	struct blkback_queue *owner;

	if (atomic_sub_return(nr, &gate->inside))
		return;
	owner = READ_ONCE(gate->owner);
	if (unlikely(owner))
		blkback_queue_wake(owner);
}

bool blkback_gate_close(struct blkback_gate *gate, struct blkback_queue *queue)
{
	struct blkback_queue *owner = cmpxchg(&gate->owner, NULL, queue);

	if (owner && owner != queue)
		return false;
	/* A cmpxchg() that failed, as for the owner itself, orders nothing. */
	smp_mb();
	return !atomic_read(&gate->inside);
}

void blkback_gate_open(struct blkback *bb, struct blkback_queue *queue)
{
	unsigned int nr, i;

	if (READ_ONCE(bb->gate.owner) != queue)
		return;
	/* The barrier is through before the others go in. */
	smp_store_release(&bb->gate.owner, NULL);
	nr = smp_load_acquire(&bb->nr_made);	/* pairs with make_queues() */
	for (i = 0; i < nr; i++)
		if (blkback_queue_nr(bb, i) != queue)
			blkback_queue_wake(blkback_queue_nr(bb, i));
}
