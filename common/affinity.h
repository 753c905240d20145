/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Queue affinity: which CPUs send through a queue, and which takes its events.
 */
#ifndef XPV_AFFINITY_H
#define XPV_AFFINITY_H

struct cpumask;
struct xpv_queue;

/**
 * xpv_queue_cpus() - the CPUs that send through a queue
 * @cpus: where they go
 * @index: which queue
 * @nr_queues: queues of the device
 *
 * Online CPUs are spread over the queues in turn; where there are more queues
 * than CPUs, several have the same. CPUs that the administrator has taken out
 * of the kernel's work are left out: isolcpus=, nohz_full=, and by
 * irqaffinity=, as far as xpv_queue_set_affinity() has seen a new interrupt.
 *
 * Context: process.
 */
void xpv_queue_cpus(struct cpumask *cpus, unsigned int index,
		    unsigned int nr_queues);

/**
 * xpv_queue_set_affinity() - choose the CPU that takes a queue's events
 * @q: a created or attached queue
 * @nr_queues: queues of the device
 *
 * All channels of a queue get the same CPU: their rings are served together,
 * and would else move between two caches with each event. A frontend's queue
 * gets a CPU that sends through it, where there are several queues; else the
 * kernel's choice stands, which is the CPU with the fewest channels, unless
 * that may be an isolated one. The user, or irqbalance, may move them.
 *
 * Context: process, may sleep.
 */
void xpv_queue_set_affinity(struct xpv_queue *q, unsigned int nr_queues);

/**
 * xpv_queue_event_cpu() - the CPU that takes a queue's events
 * @q: a created or attached queue
 *
 * Context: process.
 * Return: the CPU; nr_cpu_ids where that is not known.
 */
unsigned int xpv_queue_event_cpu(const struct xpv_queue *q);

#endif /* XPV_AFFINITY_H */
