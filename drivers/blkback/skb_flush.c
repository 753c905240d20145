// SPDX-License-Identifier: GPL-2.0
/*
 * A NAPI instance per CPU that never receives anything: a CPU that polls it
 * runs the receive softirq, and that frees what is deferred to it.
 */
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <compat/netdev.h>

#include "skb_flush.h"

/* 20 ms: as often as the quickest of those that wait would call. */
#define FLUSH_INTERVAL (HZ / 50)

static struct net_device *dummy;
static struct napi_struct __percpu *napis;
static unsigned long last_flush; /* jiffies; a race costs one flush more */

static int poll_nothing(struct napi_struct *napi, int budget)
{
	napi_complete_done(napi, 0);
	return 0;
}

static void schedule_napi(void *unused)
{
	napi_schedule_irqoff(this_cpu_ptr(napis));
}

void blkback_skb_flush(void)
{
	unsigned long last = READ_ONCE(last_flush);

	if (time_in_range(jiffies, last, last + FLUSH_INTERVAL))
		return;
	WRITE_ONCE(last_flush, jiffies);
	/* On this CPU, what it raises is run when softirqs are enabled. */
	local_bh_disable();
	on_each_cpu(schedule_napi, NULL, true);
	local_bh_enable();
}

int blkback_skb_flush_init(void)
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
		netif_napi_add(dummy, per_cpu_ptr(napis, cpu), poll_nothing);
		napi_enable(per_cpu_ptr(napis, cpu));
	}
	last_flush = jiffies - FLUSH_INTERVAL - 1;
	return 0;
}

void blkback_skb_flush_exit(void)
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
