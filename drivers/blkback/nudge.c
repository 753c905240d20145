// SPDX-License-Identifier: GPL-2.0
/*
 * A NAPI instance per CPU that has nothing to receive: a CPU that polls it goes
 * through the receive softirq, and so frees what is left for it.
 */
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <compat/netdev.h>

#include "nudge.h"

/* As often as the quickest of those that wait would ask. */
#define NUDGE_EVERY (HZ / 50)

static struct net_device *dummy;
static struct napi_struct __percpu *napis;
static unsigned long nudged;	/* jiffies; a race costs one nudge more */

static int nothing(struct napi_struct *napi, int budget)
{
	napi_complete_done(napi, 0);
	return 0;
}

static void nudge_this_cpu(void *unused)
{
	napi_schedule_irqoff(this_cpu_ptr(napis));
}

void blkback_nudge(void)
{
	unsigned long last = READ_ONCE(nudged);

	if (time_in_range(jiffies, last, last + NUDGE_EVERY))
		return;
	WRITE_ONCE(nudged, jiffies);
	/* On this CPU, what it raises is run when softirqs are enabled. */
	local_bh_disable();
	on_each_cpu(nudge_this_cpu, NULL, true);
	local_bh_enable();
}

int blkback_nudge_init(void)
{
	int cpu;

	dummy = xpv_dummy_netdev_alloc();
	napis = alloc_percpu(struct napi_struct);
	if (!dummy || !napis) {
		free_percpu(napis);
		xpv_dummy_netdev_free(dummy);
		return -ENOMEM;
	}
	for_each_possible_cpu(cpu) {
		netif_napi_add(dummy, per_cpu_ptr(napis, cpu), nothing);
		napi_enable(per_cpu_ptr(napis, cpu));
	}
	nudged = jiffies - NUDGE_EVERY - 1;
	return 0;
}

void blkback_nudge_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		napi_disable(per_cpu_ptr(napis, cpu));
		__netif_napi_del(per_cpu_ptr(napis, cpu));
	}
	/* Once for all of them: netif_napi_del() would wait for each. */
	synchronize_net();
	free_percpu(napis);
	xpv_dummy_netdev_free(dummy);
}
