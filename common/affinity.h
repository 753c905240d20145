/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which CPUs work for which queue.
 */
#ifndef XPV_AFFINITY_H
#define XPV_AFFINITY_H

#include "types.h"

struct cpumask;
struct xpv_queue;

/**
 * xpv_queue_cpus() - the CPUs that send through a queue
 * @cpus: where they go
 * @index: which queue
 * @nr_queues: queues of the device
 *
 * Online CPUs are dealt out to the queues in turn; where there are more queues
 * than CPUs, several have the same. Those that the administrator has taken out
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
 * All channels of a queue get the same CPU: what they announce is dealt with
 * together, and would else move between two caches with each event. A
 * frontend's queue is placed on a CPU that sends through it, where there are
 * several queues; else the kernel's choice stands, which is the CPU with the
 * fewest channels, unless that may be an isolated one. Where dom0 is its own
 * frontend, both ends are placed, beside that CPU: what one sends is taken
 * there while more is made. A frontend can do so only once its backend has
 * bound to the channels, which may be a driver that leaves its end where it is.
 * It is advice: the user, or irqbalance, may move them.
 *
 * Context: process, may sleep.
 */
void xpv_queue_set_affinity(struct xpv_queue *q, unsigned int nr_queues);

/**
 * xpv_queue_move() - choose again where dom0 is its own frontend
 * @q: an attached queue
 * @nr_queues: queues of the device
 * @near: both ends on a CPU that sends through the queue, rather than beside it
 *
 * Moves the frontend's end with the backend's, whoever's driver that is. Of no
 * effect where the frontend is another domain.
 *
 * Context: process, may sleep.
 * Return: the CPU that takes its events; nr_cpu_ids where that is not known.
 */
unsigned int xpv_queue_move(struct xpv_queue *q, unsigned int nr_queues,
			    bool near);

#endif /* XPV_AFFINITY_H */
