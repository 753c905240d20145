// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/minmax.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "affinity.h"
#include "queue.h"
#include "types.h"

/*
 * Where the kernel puts an interrupt that nobody has moved: irqaffinity=, or
 * /proc/irq/default_smp_affinity. Neither is exported to modules; an interrupt
 * that is new shows it. Empty until one was seen.
 */
static struct cpumask default_cpus;
static DEFINE_SPINLOCK(default_lock);	/* the above */

static void learn_default(unsigned int irq)
{
	struct irq_data *data = irq_get_irq_data(irq);

	if (!data || irqd_affinity_was_set(data))
		return;
	spin_lock(&default_lock);
	cpumask_copy(&default_cpus, irq_data_get_affinity_mask(data));
	spin_unlock(&default_lock);
}

/* Whether the administrator has taken the CPU out of the kernel's work. */
static bool is_isolated(unsigned int cpu)
{
	return !housekeeping_cpu(cpu, HK_TYPE_DOMAIN) ||
	       !housekeeping_cpu(cpu, HK_TYPE_TICK) ||
	       !housekeeping_cpu(cpu, HK_TYPE_MANAGED_IRQ);
}

/* At least one. */
static void allowed_cpus(struct cpumask *cpus)
{
	unsigned int cpu;

	cpumask_clear(cpus);
	for_each_online_cpu(cpu)
		if (!is_isolated(cpu))
			cpumask_set_cpu(cpu, cpus);
	if (cpumask_empty(cpus))
		cpumask_copy(cpus, cpu_online_mask);
	spin_lock(&default_lock);
	if (cpumask_intersects(cpus, &default_cpus))
		cpumask_and(cpus, cpus, &default_cpus);
	spin_unlock(&default_lock);
}

void xpv_queue_cpus(struct cpumask *cpus, unsigned int index,
		    unsigned int nr_queues)
{
	unsigned int cpu, parts, nth = 0;

	allowed_cpus(cpus);
	parts = min(nr_queues, cpumask_weight(cpus));
	for_each_cpu(cpu, cpus)
		if (nth++ % parts != index % parts)
			cpumask_clear_cpu(cpu, cpus);
}
EXPORT_SYMBOL_GPL(xpv_queue_cpus);

/* A single queue's stays where it is, as long as it is allowed to. */
static void set_affinity(unsigned int irq, unsigned int index,
			 unsigned int nr_queues)
{
	const struct cpumask *now = irq_get_affinity_mask(irq);
	cpumask_var_t cpus;

	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return;
	xpv_queue_cpus(cpus, index, nr_queues);
	if (nr_queues > 1 || (now && !cpumask_subset(now, cpus)))
		irq_set_affinity(irq, cpus);
	free_cpumask_var(cpus);
}

void xpv_queue_set_affinity(struct xpv_queue *q, unsigned int nr_queues)
{
	bool front = q->xdev->drv->side == XPV_FRONT;
	const struct cpumask *cpu;
	unsigned int i;

	learn_default(q->evtchn[0].irq);
	set_affinity(q->evtchn[0].irq, q->index, front ? nr_queues : 1);
	cpu = irq_get_effective_affinity_mask(q->evtchn[0].irq);
	for (i = 1; cpu && i < XPV_QUEUE_MAX_RINGS; i++)
		if (q->evtchn[i].irq)
			irq_set_affinity(q->evtchn[i].irq, cpu);
}
EXPORT_SYMBOL_GPL(xpv_queue_set_affinity);

unsigned int xpv_queue_event_cpu(const struct xpv_queue *q)
{
	const struct cpumask *cpu;

	cpu = irq_get_effective_affinity_mask(q->evtchn[0].irq);
	return cpu ? cpumask_first(cpu) : nr_cpu_ids;
}
EXPORT_SYMBOL_GPL(xpv_queue_event_cpu);
