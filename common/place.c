// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/slab.h>
#include <xen/xen.h>

#include "device.h"
#include "place.h"
#include "queue.h"

void xpv_queue_cpus(struct cpumask *cpus, unsigned int index,
		    unsigned int nr_queues)
{
	unsigned int nth = 0;
	int cpu;

	cpumask_clear(cpus);
	for_each_online_cpu(cpu)
		if (nth++ % nr_queues == index % nr_queues)
			cpumask_set_cpu(cpu, cpus);
}
EXPORT_SYMBOL_GPL(xpv_queue_cpus);

/* Where dom0 is its own frontend, both ends are at work on its CPUs. */
static bool own_frontend(const struct xpv_device *xdev)
{
	return xdev->drv->side == XPV_BACK && xen_initial_domain() &&
	       !xdev->peer_id;
}

static void choose(struct xpv_queue *q, unsigned int nr_queues, bool near)
{
	unsigned int index = q->index;
	cpumask_var_t cpus;

	if (own_frontend(q->xdev))
		index += !near;
	else if (q->xdev->drv->side == XPV_BACK)
		return;
	if (nr_queues < 2 || !alloc_cpumask_var(&cpus, GFP_KERNEL))
		return;
	xpv_queue_cpus(cpus, index, nr_queues);
	irq_set_affinity(q->evtchn[0].irq, cpus);
	free_cpumask_var(cpus);
}

unsigned int xpv_queue_move(struct xpv_queue *q, unsigned int nr_queues,
			    bool near)
{
	const struct cpumask *cpu;
	unsigned int i;

	choose(q, nr_queues, near);
	cpu = irq_get_effective_affinity_mask(q->evtchn[0].irq);
	for (i = 1; cpu && i < XPV_QUEUE_MAX_RINGS; i++)
		if (q->evtchn[i].irq)
			irq_set_affinity(q->evtchn[i].irq, cpu);
	return cpu ? cpumask_first(cpu) : nr_cpu_ids;
}
EXPORT_SYMBOL_GPL(xpv_queue_move);

void xpv_queue_place(struct xpv_queue *q, unsigned int nr_queues)
{
	xpv_queue_move(q, nr_queues, false);
}
EXPORT_SYMBOL_GPL(xpv_queue_place);
