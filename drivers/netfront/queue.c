// SPDX-License-Identifier: GPL-2.0
#include <linux/rtnetlink.h>
#include <linux/string.h>
#include <xen/interface/io/netif.h>

#include "netdev.h"
#include "queue.h"

/* "vif", the device's number (cut at 12 digits), "-q63". */
#define NAME_SIZE 24

static struct netfront_queue *queue_of(struct xpv_queue *xq)
{
	return container_of(xq, struct netfront_queue, xpv);
}

/* Context: hard interrupt, or interrupts off. */
static void queue_event(struct xpv_queue *xq, unsigned int ring)
{
	napi_schedule_irqoff(&queue_of(xq)->napi);
}

static const struct xpv_queue_type queue_type = {
	.nr_rings = NETFRONT_NR_RINGS,
	.ring = {
		[NETFRONT_TX] = {
			.ref_key = "tx-ring-ref",
			.evtchn_key = "event-channel-tx",
			.suffix = "-tx",
			.slot_size = sizeof(struct xen_netif_tx_request),
		},
		[NETFRONT_RX] = {
			.ref_key = "rx-ring-ref",
			.evtchn_key = "event-channel-rx",
			.suffix = "-rx",
			.slot_size = sizeof(struct xen_netif_rx_request),
		},
	},
	.event = queue_event,
};

struct netdev_queue *netfront_queue_txq(const struct netfront_queue *q)
{
	return netdev_get_tx_queue(q->nf->netdev, q->xpv.index);
}

/*
 * End the events that brought us here. A receive ring that is not looked at,
 * because the interface is down, keeps its channel masked.
 */
static void end_events(struct netfront_queue *q, bool receiving)
{
	bool *worked = q->worked;

	if (!q->xpv.split) {
		xpv_queue_eoi(&q->xpv, NETFRONT_TX,
			      worked[NETFRONT_TX] || worked[NETFRONT_RX]);
	} else {
		xpv_queue_eoi(&q->xpv, NETFRONT_TX, worked[NETFRONT_TX]);
		if (receiving)
			xpv_queue_eoi(&q->xpv, NETFRONT_RX,
				      worked[NETFRONT_RX]);
	}
	worked[NETFRONT_TX] = false;
	worked[NETFRONT_RX] = false;
}

/*
 * The order is what keeps an event from being lost: EOI, then ask for an
 * event and look, then give NAPI up. An event after the EOI finds NAPI still
 * ours and has it run again; entries that came before we asked are seen.
 * NAPI must be ours to the end, for the channels' state belongs to it.
 *
 * Return: true where there is nothing more to do.
 */
static bool rings_quiet(struct netfront_queue *q, bool receiving)
{
	bool quiet;

	end_events(q, receiving);
	quiet = !netfront_tx_await(q);
	if (receiving && netfront_rx_await(q))
		quiet = false;
	return quiet;
}

/*
 * A queue of a broken device stops here: no EOI, so no further event.
 * A violation seen in rings_quiet() is found by the poll that follows.
 */
static int queue_poll(struct napi_struct *napi, int budget)
{
	struct netfront_queue *q = container_of(napi, struct netfront_queue,
						napi);
	bool receiving = READ_ONCE(q->nf->receiving);
	int sent, received = 0;

	if (xpv_broken(q->xpv.xdev))
		goto stop;
	sent = netfront_tx_complete(q, budget);
	if (sent < 0)
		goto stop;
	if (sent > 0)
		q->worked[NETFRONT_TX] = true;
	/* netpoll, which asks for completions only and owns no NAPI. */
	if (!budget)
		return 0;

	if (receiving)
		received = netfront_rx_poll(q, budget);
	if (received < 0)
		goto stop;
	if (received >= budget || !rings_quiet(q, receiving))
		return budget;
	napi_complete_done(napi, received);
	return received;

stop:
	if (budget)
		napi_complete_done(napi, 0);
	return 0;
}

void netfront_queue_init(struct netfront_queue *q, struct netfront *nf,
			 unsigned int index)
{
	q->nf = nf;
	xpv_queue_init(&q->xpv, nf->xdev, &queue_type, index);
	u64_stats_init(&q->tx.syncp);
	u64_stats_init(&q->rx.syncp);
	netfront_rx_init(q);
	netif_napi_add(nf->netdev, &q->napi, queue_poll);
}

void netfront_queue_fini(struct netfront_queue *q)
{
	netfront_rx_fini(q);
	__netif_napi_del(&q->napi);
}

int netfront_queue_create(struct netfront_queue *q, bool split)
{
	struct xpv_device *xdev = q->xpv.xdev;
	const char *number = strrchr(dev_name(xpv_dev(xdev)), '-');
	char name[NAME_SIZE];
	int err;

	/* "vif-0" is device 0's name on the bus. */
	snprintf(name, sizeof(name), "vif%.12s-q%u", number ? number + 1 : "",
		 q->xpv.index);
	err = xpv_queue_create(&q->xpv, 0, split, name);
	if (err)
		return err;

	err = xpv_gref_pool_init(&q->grefs,
				 NETFRONT_NR_RINGS * NETFRONT_RING_SLOTS, NULL);
	if (!err && !xpv_gref_pool_reserve(&q->grefs, q->grefs.max))
		err = -ENOSPC;
	if (!err)
		err = netfront_tx_create(q);
	if (!err)
		err = netfront_rx_create(q);
	if (err)
		netfront_queue_destroy(q);
	return err;
}

void netfront_queue_destroy(struct netfront_queue *q)
{
	netfront_tx_destroy(q);
	netfront_rx_destroy(q);
	xpv_gref_pool_fini(&q->grefs);
	xpv_queue_destroy(&q->xpv);
	q->worked[NETFRONT_TX] = false;
	q->worked[NETFRONT_RX] = false;
}

void netfront_queue_start(struct netfront_queue *q)
{
	ASSERT_RTNL();

	q->running = true;
	napi_enable(&q->napi);
	/* Arming schedules NAPI; have it run now rather than at some event. */
	local_bh_disable();
	xpv_queue_arm(&q->xpv);
	local_bh_enable();
}

void netfront_queue_stop(struct netfront_queue *q)
{
	ASSERT_RTNL();

	if (!q->running)
		return;
	xpv_queue_disarm(&q->xpv);
	netfront_tx_set_live(q, false);
	napi_disable(&q->napi);
	/* What NAPI scheduled last; it finds NAPI disabled if it still runs. */
	cancel_delayed_work_sync(&q->rx.retry);
	netdev_tx_reset_queue(netfront_queue_txq(q));
	q->running = false;
}

void netfront_queue_kick(struct netfront_queue *q)
{
	local_bh_disable();
	napi_schedule(&q->napi);
	local_bh_enable();
}
