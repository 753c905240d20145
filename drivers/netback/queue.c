// SPDX-License-Identifier: GPL-2.0
#include <linux/if.h>
#include <linux/slab.h>

#include "netback.h"
#include "queue.h"

/* Context: hard interrupt, or interrupts off; between arm and disarm. */
static void queue_event(struct xpv_queue *base, unsigned int ring)
{
	struct netback_queue *queue = netback_queue_of(base);

	if (ring == NETBACK_FROM_GUEST)
		napi_schedule(&queue->napi);
	if (ring == NETBACK_TO_GUEST || !base->split)
		netback_to_guest_event(queue);
}

static const struct xpv_queue_type queue_type = {
	NETIF_QUEUE_SHAPE,
	.event = queue_event,
};

int netback_queue_alloc(struct netback *nb)
{
	struct netback_queue *queue;

	/* What a round needs is part of it, but for the copies. */
	queue = kvzalloc(sizeof(*queue), GFP_KERNEL);
	if (!queue)
		return -ENOMEM;

	xpv_queue_init(&queue->base, nb->xdev, &queue_type, nb->nr_allocated);
	queue->nb = nb;
	netback_from_guest_init(queue);
	netback_to_guest_init(queue);
	netif_napi_add(nb->dev, &queue->napi, netback_from_guest_poll);
	nb->queue[nb->nr_allocated] = &queue->base;
	/* The queue before its number. */
	smp_store_release(&nb->nr_allocated, nb->nr_allocated + 1);
	return 0;
}

int netback_queue_create(struct netback_queue *queue, unsigned int nr)
{
	char name[IFNAMSIZ + sizeof("-q64")];
	struct xpv_queue *base = &queue->base;
	int err;

	snprintf(name, sizeof(name), "%s-q%u", queue->nb->dev->name,
		 base->index);
	err = xpv_queue_attach(base, nr, 0, NULL, name);
	if (err)
		return err;
	xpv_queue_set_affinity(base, nr);
	/* What our arrays are made for; follows from the slots' sizes. */
	if (base->ring[NETBACK_FROM_GUEST].slots.nr != NETBACK_RING_SLOTS ||
	    base->ring[NETBACK_TO_GUEST].slots.nr != NETBACK_RING_SLOTS)
		return -EINVAL;

	err = netback_from_guest_create(queue);
	if (!err)
		err = netback_to_guest_create(queue);
	return err;
}

void netback_queue_destroy(struct netback_queue *queue)
{
	netback_to_guest_stop(queue);
	xpv_queue_destroy(&queue->base);
	netback_to_guest_destroy(queue);
	netback_from_guest_destroy(queue);
}

void netback_queue_start(struct netback_queue *queue)
{
	napi_enable(&queue->napi);
	/* NAPI scheduled with interrupts off runs when they are enabled. */
	local_bh_disable();
	xpv_queue_arm(&queue->base);
	local_bh_enable();
}

void netback_queue_stop(struct netback_queue *queue)
{
	xpv_queue_disarm(&queue->base);
	napi_disable(&queue->napi);
	/* NAPI starts the timer; the timer schedules NAPI, refused by now. */
	hrtimer_cancel(&queue->from_guest.timer);
}
