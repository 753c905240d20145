// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/sched.h>

#include "xpv.h"

#include "affinity.h"

static bool pin_thread(struct blkback_affinity *affinity, unsigned int cpu)
{
	if (!affinity->allowed || cpu >= nr_cpu_ids)
		return false;
	affinity->cpu = cpu;
	cpumask_copy(affinity->allowed, current->cpus_ptr);
	return cpumask_test_cpu(cpu, affinity->allowed) &&
	       !set_cpus_allowed_ptr(current, cpumask_of(cpu));
}

/*
 * Not only to be allowed elsewhere: where dom0 is its own frontend, the
 * scheduler might leave it with who makes the requests.
 */
static void unpin_thread(struct blkback_affinity *affinity, unsigned int cpu)
{
	if (!cpumask_equal(current->cpus_ptr, cpumask_of(affinity->cpu)))
		return;
	if (cpu < nr_cpu_ids && cpumask_test_cpu(cpu, affinity->allowed))
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
	set_cpus_allowed_ptr(current, affinity->allowed);
}

bool blkback_affinity_choose(struct blkback_affinity *affinity,
			     struct xpv_queue *base, unsigned int nr_queues,
			     const struct blkback_wakeup *wakeup)
{
	unsigned int cpu;

	if (likely(!blkback_affinity_update(affinity, wakeup)))
		return false;
	cpu = xpv_queue_move(base, nr_queues, affinity->pinned);
	if (!affinity->pinned) {
		unpin_thread(affinity, cpu);
		return true;
	}
	affinity->pinned = pin_thread(affinity, cpu);
	if (!affinity->pinned)
		xpv_queue_move(base, nr_queues, false);
	return !affinity->pinned;
}
