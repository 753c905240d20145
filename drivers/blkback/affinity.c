// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/sched.h>

#include "xpv.h"

#include "affinity.h"

/* Return: false where the thread may not run on that CPU. */
static bool pin_thread(struct blkback_affinity *affinity, unsigned int cpu)
{
	if (!affinity->allowed || cpu >= nr_cpu_ids)
		return false;
	affinity->cpu = cpu;
	cpumask_copy(affinity->allowed, current->cpus_ptr);
	return cpumask_test_cpu(cpu, affinity->allowed) &&
	       !set_cpus_allowed_ptr(current, cpumask_of(cpu));
}

/* A thread that somebody else has pinned meanwhile is left alone. */
static void unpin_thread(struct blkback_affinity *affinity)
{
	if (cpumask_equal(current->cpus_ptr, cpumask_of(affinity->cpu)))
		set_cpus_allowed_ptr(current, affinity->allowed);
}

bool blkback_affinity_choose(struct blkback_affinity *affinity,
			     const struct xpv_queue *base,
			     const struct blkback_wakeup *wakeup)
{
	if (likely(!blkback_affinity_update(affinity, wakeup)))
		return false;
	if (!affinity->pinned) {
		unpin_thread(affinity);
		return true;
	}
	affinity->pinned = pin_thread(affinity, xpv_queue_event_cpu(base));
	return !affinity->pinned;
}
