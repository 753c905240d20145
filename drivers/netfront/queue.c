// SPDX-License-Identifier: GPL-2.0
#include <linux/rtnetlink.h>
#include <linux/string.h>
#include <xen/interface/io/netif.h>

#include "netfront.h"
#include "queue.h"

/* "vif", the device's number (cut at 12 digits), "-q63". */
#define NAME_SIZE 24

static struct netfront_queue *queue_of(struct xpv_queue *base)
{
	return container_of(base, struct netfront_queue, base);
}

/* Context: hard interrupt, or interrupts off. */
static void queue_event(struct xpv_queue *base, unsigned int ring)
{
	napi_schedule_irqoff(&queue_of(base)->napi);
}

static const struct xpv_queue_type queue_type = {
	NETIF_QUEUE_SHAPE,
	.event = queue_event,
};

/*
 * End the events that brought us here. A receive ring that is not looked at,
 * because the interface is down, keeps its channel masked.
 */
static void end_events(struct netfront_queue *queue, bool receiving)
{
	bool *worked = queue->worked;

	if (!queue->base.split) {
		xpv_queue_eoi(&queue->base, NETIF_TX,
			      worked[NETIF_TX] || worked[NETIF_RX]);
	} else {
		xpv_queue_eoi(&queue->base, NETIF_TX, worked[NETIF_TX]);
		if (receiving)
			xpv_queue_eoi(&queue->base, NETIF_RX,
				      worked[NETIF_RX]);
	}
	worked[NETIF_TX] = false;
	worked[NETIF_RX] = false;
}

/*
 * The order is what keeps an event from being lost: EOI, then ask for an
 * event and look, then give NAPI up. An event after the EOI finds NAPI still
 * ours and has it run again; entries that came before we asked are seen.
 * NAPI must be ours to the end, for the channels' state belongs to it.
 *
 * Return: true where there is nothing more to do.
 */
static bool check_rings_idle(struct netfront_queue *queue, bool receiving)
{
	bool quiet;

	end_events(queue, receiving);
	quiet = !netfront_tx_final_check(queue);
	if (receiving && netfront_rx_final_check(queue))
		quiet = false;
	return quiet;
}

/*
 * A queue of a broken device stops here: no EOI, so no further event.
 * A violation seen in check_rings_idle() is found by the poll that follows.
 */
static int queue_poll(struct napi_struct *napi, int budget)
{
	struct netfront_queue *queue = container_of(napi, struct netfront_queue,
						napi);
	bool receiving = READ_ONCE(queue->nf->receiving);
	int sent, received = 0;

	if (xpv_broken(queue->base.xdev))
		goto stop;
	sent = netfront_tx_complete(queue, budget);
	if (sent < 0)
		goto stop;
	if (sent > 0)
		queue->worked[NETIF_TX] = true;
	/* netpoll, which asks for completions only and owns no NAPI. */
	if (!budget)
		return 0;

	if (receiving)
		received = netfront_rx_poll(queue, budget);
	if (received < 0)
		goto stop;
	if (received >= budget || !check_rings_idle(queue, receiving))
		return budget;
	napi_complete_done(napi, received);
	return received;

stop:
	if (budget)
		napi_complete_done(napi, 0);
	return 0;
}

void netfront_queue_init(struct netfront_queue *queue, struct netfront *nf,
			 unsigned int index)
{
	queue->nf = nf;
	xpv_queue_init(&queue->base, nf->xdev, &queue_type, index);
	u64_stats_init(&queue->tx.syncp);
	u64_stats_init(&queue->rx.syncp);
	netfront_rx_init(queue);
	netif_napi_add(nf->netdev, &queue->napi, queue_poll);
}

void netfront_queue_fini(struct netfront_queue *queue)
{
	netfront_rx_fini(queue);
	__netif_napi_del(&queue->napi);
}

int netfront_queue_create(struct netfront_queue *queue, bool split)
{
	struct xpv_device *xdev = queue->base.xdev;
	char name[NAME_SIZE];
	int err;

	snprintf(name, sizeof(name), "vif%.12s-q%u", netfront_number(xdev),
		 queue->base.index);
	err = xpv_queue_create(&queue->base, 0, split, name);
	if (err)
		return err;

	err = xpv_gref_pool_init(&queue->grefs,
				 NETIF_NR_RINGS * NETFRONT_RING_SLOTS, NULL);
	if (!err && !xpv_gref_pool_reserve(&queue->grefs, queue->grefs.max))
		err = -ENOSPC;
	if (!err)
		err = netfront_tx_create(queue);
	if (!err)
		err = netfront_rx_create(queue);
	if (err)
		netfront_queue_destroy(queue);
	return err;
}

void netfront_queue_destroy(struct netfront_queue *queue)
{
	netfront_tx_destroy(queue);
	netfront_rx_destroy(queue);
	xpv_gref_pool_fini(&queue->grefs);
	xpv_queue_destroy(&queue->base);
	queue->worked[NETIF_TX] = false;
	queue->worked[NETIF_RX] = false;
}

void netfront_queue_start(struct netfront_queue *queue)
{
	ASSERT_RTNL();

	queue->running = true;
	napi_enable(&queue->napi);
	/* Arming schedules NAPI; have it run now rather than at some event. */
	local_bh_disable();
	xpv_queue_arm(&queue->base);
	local_bh_enable();
}

void netfront_queue_stop(struct netfront_queue *queue)
{
	ASSERT_RTNL();

	if (!queue->running)
		return;
	xpv_queue_disarm(&queue->base);
	netfront_tx_set_live(queue, false);
	napi_disable(&queue->napi);
	/* What NAPI scheduled last; it finds NAPI disabled if it still runs. */
	cancel_delayed_work_sync(&queue->rx.retry);
	netdev_tx_reset_queue(netfront_queue_txq(queue));
	queue->running = false;
}
