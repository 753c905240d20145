// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/sched.h>

#include "xpv.h"

#include "seat.h"

static bool sit_down(struct blkback_seat *seat, unsigned int cpu)
{
	if (!seat->allowed || cpu >= nr_cpu_ids)
		return false;
	seat->cpu = cpu;
	cpumask_copy(seat->allowed, current->cpus_ptr);
	return cpumask_test_cpu(cpu, seat->allowed) &&
	       !set_cpus_allowed_ptr(current, cpumask_of(cpu));
}

/*
 * Not only to be allowed elsewhere: where dom0 is its own frontend, the
 * scheduler might leave it with who makes the requests.
 */
static void get_up(struct blkback_seat *seat, unsigned int cpu)
{
	if (!cpumask_equal(current->cpus_ptr, cpumask_of(seat->cpu)))
		return;
	if (cpu < nr_cpu_ids && cpumask_test_cpu(cpu, seat->allowed))
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
	set_cpus_allowed_ptr(current, seat->allowed);
}

bool blkback_seat_choose(struct blkback_seat *seat, struct xpv_queue *base,
			 unsigned int nr_queues,
			 const struct blkback_wakeup *wakeup)
{
	unsigned int cpu;

	if (likely(!blkback_seat_learn(seat, wakeup)))
		return false;
	cpu = xpv_queue_move(base, nr_queues, seat->near);
	if (!seat->near) {
		get_up(seat, cpu);
		return true;
	}
	seat->near = sit_down(seat, cpu);
	if (!seat->near)
		xpv_queue_move(base, nr_queues, false);
	return !seat->near;
}
