// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/sched.h>

#include "seat.h"

static bool sit_down(struct blkback_seat *seat)
{
	if (!seat->allowed)
		return false;
	seat->cpu = READ_ONCE(seat->event_cpu);
	cpumask_copy(seat->allowed, current->cpus_ptr);
	return cpumask_test_cpu(seat->cpu, seat->allowed) &&
	       !set_cpus_allowed_ptr(current, cpumask_of(seat->cpu));
}

static void get_up(struct blkback_seat *seat)
{
	if (cpumask_equal(current->cpus_ptr, cpumask_of(seat->cpu)))
		set_cpus_allowed_ptr(current, seat->allowed);
}

void blkback_seat_move(struct blkback_seat *seat)
{
	if (seat->near)
		seat->near = sit_down(seat);
	else
		get_up(seat);
}
