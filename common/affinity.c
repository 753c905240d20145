// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/minmax.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <xen/events.h>
#include <xen/interface/event_channel.h>
#include <xen/xen.h>

#include <asm/xen/hypercall.h>

#include "types.h"
#include "affinity.h"
#include "queue.h"

/*
 * Where the kernel puts an interrupt that nobody has placed: irqaffinity=, or
 * /proc/irq/default_smp_affinity. What is exported of it is where new
 * interrupts are; until one was seen, nothing.
 */
static struct cpumask usual;
static DEFINE_SPINLOCK(usual_lock);	/* the above */

static void learn_usual(unsigned int irq)
{
	struct irq_data *data = irq_get_irq_data(irq);

	if (!data || irqd_affinity_was_set(data))
		return;
	spin_lock(&usual_lock);
	cpumask_copy(&usual, irq_data_get_affinity_mask(data));
	spin_unlock(&usual_lock);
}

/* Whether its owner has kept the CPU for something else. */
static bool is_isolated(unsigned int cpu)
{
	return !housekeeping_cpu(cpu, HK_TYPE_DOMAIN) ||
	       !housekeeping_cpu(cpu, HK_TYPE_TICK) ||
	       !housekeeping_cpu(cpu, HK_TYPE_MANAGED_IRQ);
}

/* Never none. */
static void allowed_cpus(struct cpumask *cpus)
{
	unsigned int cpu;

	cpumask_clear(cpus);
	for_each_online_cpu(cpu)
		if (!is_isolated(cpu))
			cpumask_set_cpu(cpu, cpus);
	if (cpumask_empty(cpus))
		cpumask_copy(cpus, cpu_online_mask);
	spin_lock(&usual_lock);
	if (cpumask_intersects(cpus, &usual))
		cpumask_and(cpus, cpus, &usual);
	spin_unlock(&usual_lock);
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

/* Both ends are at work on the same CPUs. */
static bool own_frontend(const struct xpv_device *xdev)
{
	return xen_initial_domain() && !xdev->peer_id;
}

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

/* Return: 0 for a frontend's that no backend has bound to. */
static evtchn_port_t port_of_other_end(const struct xpv_evtchn *ec)
{
	struct evtchn_status status = { .dom = DOMID_SELF, .port = ec->port };

	if (ec->remote)
		return ec->remote;
	if (HYPERVISOR_event_channel_op(EVTCHNOP_status, &status) ||
	    status.status != EVTCHNSTAT_interdomain)
		return 0;
	return status.u.interdomain.port;
}

/*
 * The other end of a channel of dom0's with itself. Should its owner have just
 * closed it, it is nobody's, or another interrupt of dom0's is moved once.
 */
static unsigned int irq_of_peer(const struct xpv_evtchn *ec)
{
	evtchn_port_t port = port_of_other_end(ec);
	int irq = port ? irq_from_evtchn(port) : 0;

	return max(irq, 0);
}

/* One end alone is better left to the kernel. */
static void move_channel(const struct xpv_evtchn *ec, unsigned int index,
			 unsigned int nr_queues)
{
	unsigned int other = irq_of_peer(ec);

	if (!other)
		return;
	set_affinity(ec->irq, index, nr_queues);
	set_affinity(other, index, nr_queues);
}

unsigned int xpv_queue_move(struct xpv_queue *q, unsigned int nr_queues,
			    bool near)
{
	const struct cpumask *cpu;
	unsigned int i;

	for (i = 0; i < XPV_QUEUE_MAX_RINGS && own_frontend(q->xdev); i++)
		if (q->evtchn[i].irq)
			move_channel(&q->evtchn[i], q->index + !near,
				     nr_queues);
	cpu = irq_get_effective_affinity_mask(q->evtchn[0].irq);
	return cpu ? cpumask_first(cpu) : nr_cpu_ids;
}
EXPORT_SYMBOL_GPL(xpv_queue_move);

void xpv_queue_set_affinity(struct xpv_queue *q, unsigned int nr_queues)
{
	bool front = q->xdev->drv->side == XPV_FRONT;
	const struct cpumask *cpu;
	unsigned int i;

	learn_usual(q->evtchn[0].irq);
	if (own_frontend(q->xdev))
		xpv_queue_move(q, nr_queues, false);
	else
		set_affinity(q->evtchn[0].irq, q->index, front ? nr_queues : 1);
	cpu = irq_get_effective_affinity_mask(q->evtchn[0].irq);
	for (i = 1; cpu && i < XPV_QUEUE_MAX_RINGS; i++)
		if (q->evtchn[i].irq)
			irq_set_affinity(q->evtchn[i].irq, cpu);
}
EXPORT_SYMBOL_GPL(xpv_queue_set_affinity);
