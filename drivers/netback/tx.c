// SPDX-License-Identifier: GPL-2.0
/*
 * A round: take slots, gather packets and the copies that fill them; one
 * hypercall; answer all slots of complete packets, with one notification; only
 * then hand the packets on, so that the guest refills the ring meanwhile.
 */
#include <linux/etherdevice.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "tx.h"
#include "tx_offload.h"
#include "tx_payload.h"
#include "netback.h"

static struct xpv_slots *ring_of(struct netback_queue *queue)
{
	return &queue->base.ring[NETBACK_TX].slots;
}

static struct netback_tx_answer *answer_of(struct netback_tx *tx, u32 slot)
{
	return &tx->answer[slot % NETBACK_RING_SLOTS];
}

/* The slots of a packet; extra infos among them have no status of their own. */
static void answer_error(struct netback_tx *tx, u32 start, unsigned int slots)
{
	struct netback_tx_answer *answer;

	while (slots--) {
		answer = answer_of(tx, start++);
		if (answer->status != XEN_NETIF_RSP_NULL)
			answer->status = XEN_NETIF_RSP_ERROR;
	}
}

/* The slots taken since the last complete packet are a packet now. */
static void complete_packet(struct netback_tx *tx, bool ok)
{
	if (!ok)
		answer_error(tx, tx->complete, tx->taken - tx->complete);
	tx->complete = tx->taken;
}

static enum netback_tx_verdict take_slot(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;
	struct netback_tx_answer *answer = answer_of(tx, tx->taken++);
	bool extra = tx->pkt.expect == NETBACK_TX_EXTRA;
	union netback_tx_entry entry;

	xpv_slots_consume(ring_of(queue), &entry, sizeof(entry));
	tx->ready--;
	tx->worked = true;
	xpv_stat_inc(&queue->base.stats, XPV_STAT_TAKEN);

	answer->id = extra ? 0 : entry.req.id;
	answer->status = extra ? XEN_NETIF_RSP_NULL : XEN_NETIF_RSP_OKAY;
	return netback_tx_feed(&tx->pkt, &entry, netback_fatal_skb_slots);
}

/* Return: NETBACK_TX_MORE where the ring has no complete packet. */
static enum netback_tx_verdict take_packet(struct netback_queue *queue)
{
	enum netback_tx_verdict verdict = NETBACK_TX_MORE;

	while (verdict == NETBACK_TX_MORE && queue->tx.ready)
		verdict = take_slot(queue);
	return verdict;
}

static void bad_packet(struct netback_queue *queue)
{
	const struct netback_tx_packet *pkt = &queue->tx.pkt;

	xpv_warn_peer(queue->base.xdev,
		      "queue %u: %s; dropped: %u bytes in %u slots, the first from %u on",
		     queue->base.index, pkt->why, pkt->size, pkt->seen,
		     pkt->slot[0].offset);
	xpv_stat_inc(&queue->base.stats, NETBACK_STAT_RX_ERRORS);
	complete_packet(&queue->tx, false);
}

static void change_filter(struct netback_queue *queue)
{
	struct netback_tx_packet *pkt = &queue->tx.pkt;
	bool add = pkt->mcast == XEN_NETIF_EXTRA_TYPE_MCAST_ADD;
	int err = netback_mcast_change(&queue->nb->mcast, add, pkt->addr);

	if (err)
		xpv_warn_peer(queue->base.xdev, "multicast address %pM: error %d",
			      pkt->addr, err);
	complete_packet(&queue->tx, !err);
}

/* A new rate is noticed after so long, even by one who waits on a slow one. */
#define MAX_WAIT (500ULL * NSEC_PER_MSEC)

/* Return: whether the packet may go; else the timer has NAPI come back. */
static bool take_credit(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;
	struct netback_tx *tx = &queue->tx;
	u64 wait;

	/* Set by the device's work; one look too early or late is no harm. */
	tx->held = false;
	if (!READ_ONCE(nb->rate.usec))
		return true;

	spin_lock(&nb->rate_lock);
	wait = netback_rate_take(&nb->rate, tx->pkt.size,
				 ktime_to_us(ktime_get()));
	spin_unlock(&nb->rate_lock);
	tx->held = wait;
	if (!wait)
		return true;

	xpv_stat_inc(&queue->base.stats, NETBACK_STAT_RX_LIMITED);
	hrtimer_start(&tx->timer,
		      ns_to_ktime(min(wait * NSEC_PER_USEC, MAX_WAIT)),
		      HRTIMER_MODE_REL_SOFT);
	return false;
}

static void gather_packet(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;
	struct netback_tx_job *job = &tx->job[tx->nr_jobs];
	unsigned int before = tx->nr_ops;

	job->skb = netback_tx_payload(queue, &tx->pkt);
	if (!job->skb) {
		xpv_stat_inc(&queue->base.stats, NETBACK_STAT_RX_DROPPED);
		complete_packet(tx, false);
		return;
	}
	job->start = tx->complete;
	job->slots = tx->taken - tx->complete;
	job->ops = tx->nr_ops - before;
	job->flags = tx->pkt.flags;
	job->gso_type = tx->pkt.gso_type;
	job->gso_size = tx->pkt.gso_size;
	job->hashed = tx->pkt.hashed;
	job->hash_l4 = tx->pkt.hash_l4;
	job->hash = tx->pkt.hash;
	tx->nr_jobs++;
	complete_packet(tx, true);
}

/* Return: false where the round ends with this. */
static bool gather_one(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;

	switch (tx->held ? NETBACK_TX_PACKET : take_packet(queue)) {
	case NETBACK_TX_PACKET:
		if (!take_credit(queue))
			return false;
		gather_packet(queue);
		return true;
	case NETBACK_TX_MCAST:
		change_filter(queue);
		return true;
	case NETBACK_TX_DROP:
		bad_packet(queue);
		return true;
	case NETBACK_TX_FATAL:
		xpv_violation(queue->base.xdev, "queue %u: %s", queue->base.index,
			      tx->pkt.why);
		return false;
	default:
		return false;
	}
}

/* Return: packets dealt with, the bad ones too: they cost as much. */
static unsigned int gather(struct netback_queue *queue, unsigned int budget)
{
	struct netback_tx *tx = &queue->tx;
	int ready = xpv_slots_requests(ring_of(queue));
	unsigned int n = 0;

	if (ready < 0) {
		xpv_violation(queue->base.xdev,
			      "queue %u: impossible transmit index",
			      queue->base.index);
		return 0;
	}
	tx->ready = ready;
	while (n < budget && tx->nr_jobs < NETBACK_TX_JOBS &&
	       tx->nr_ops + NETBACK_TX_PACKET_OPS <= NETBACK_TX_OPS &&
	       gather_one(queue))
		n++;
	return n;
}

static bool all_copied(const struct xpv_copy *copy, unsigned int nr)
{
	while (nr--)
		if (!xpv_copy_ok(copy++))
			return false;
	return true;
}

static void run_copies(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;
	const struct xpv_copy *copy = tx->ops;
	struct netback_tx_job *job;

	if (!tx->nr_ops)
		return;
	xpv_stat_add(&queue->base.stats, XPV_STAT_COPIES, tx->nr_ops);
	xpv_stat_inc(&queue->base.stats, XPV_STAT_COPY_CALLS);
	if (!xpv_copy_run(queue->base.xdev, tx->ops, tx->nr_ops))
		return;

	for (job = tx->job; job < tx->job + tx->nr_jobs; job++) {
		if (!all_copied(copy, job->ops)) {
			answer_error(tx, job->start, job->slots);
			xpv_stat_inc(&queue->base.stats, NETBACK_STAT_RX_ERRORS);
			kfree_skb(job->skb);
			job->skb = NULL;
		}
		copy += job->ops;
	}
}

static void answer(struct netback_queue *queue)
{
	struct xpv_slots *ring = ring_of(queue);
	struct netback_tx *tx = &queue->tx;
	struct xen_netif_tx_response rsp;

	if (tx->answered == tx->complete)
		return;
	xpv_stat_add(&queue->base.stats, XPV_STAT_PUT,
		     tx->complete - tx->answered);
	while (tx->answered != tx->complete) {
		rsp.id = answer_of(tx, tx->answered)->id;
		rsp.status = answer_of(tx, tx->answered)->status;
		xpv_slots_produce(ring, &rsp, sizeof(rsp));
		tx->answered++;
	}
	if (xpv_slots_push_responses(ring))
		xpv_queue_notify(&queue->base, NETBACK_TX);
}

static void hand_on(struct netback_queue *queue, struct netback_tx_job *job)
{
	struct xpv_stats *stats = &queue->base.stats;
	struct sk_buff *skb = job->skb;
	unsigned int len = skb->len;
	bool fixup = false;

	skb->protocol = eth_type_trans(skb, queue->nb->dev);
	skb_reset_network_header(skb);
	skb_record_rx_queue(skb, queue->base.index);
	if (job->hashed)
		skb_set_hash(skb, job->hash, job->hash_l4 ?
			     PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
	skb = netback_tx_offload(skb, job->flags, job->gso_type, job->gso_size,
				 &fixup);
	if (fixup)
		xpv_stat_inc(stats, NETBACK_STAT_GSO_FIXUP);
	if (!skb) {
		xpv_stat_inc(stats, NETBACK_STAT_RX_ERRORS);
		return;
	}
	xpv_stat_inc(stats, NETBACK_STAT_RX_PACKETS);
	xpv_stat_add(stats, NETBACK_STAT_RX_BYTES, len);
	napi_gro_receive(&queue->napi, skb);
}

/* Return: packets dealt with; 0 where there is nothing to do now. */
static unsigned int serve(struct netback_queue *queue, unsigned int budget)
{
	struct netback_tx *tx = &queue->tx;
	unsigned int n, i;

	tx->nr_jobs = 0;
	tx->nr_ops = 0;
	n = gather(queue, budget);
	run_copies(queue);
	answer(queue);
	for (i = 0; i < tx->nr_jobs; i++)
		if (tx->job[i].skb)
			hand_on(queue, &tx->job[i]);
	return n;
}

/* Of both rings, where they share the channel. */
static void end_event(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;
	bool worked = tx->worked;

	if (!queue->base.split)
		worked |= netback_rx_worked(queue);
	tx->worked = false;
	xpv_queue_eoi(&queue->base, NETBACK_TX, worked);
}

/* After so long without a packet a queue is at rest. */
#define AT_REST ms_to_ktime(1000)

/* NAPI comes back for what is there beyond that, unless it has before. */
static void give_back_pages(struct netback_queue *queue, bool worked)
{
	struct netback_tx *tx = &queue->tx;

	if (tx->pages.nr <= NETBACK_TX_PAGES_AT_REST)
		return;
	if (!worked)
		netback_tx_pages_trim(&tx->pages, NETBACK_TX_PAGES_AT_REST);
	else if (!hrtimer_active(&tx->timer))
		hrtimer_start(&tx->timer, AT_REST, HRTIMER_MODE_REL_SOFT);
}

/*
 * End the event, then ask for the next, then look once more: an event sent
 * after that look finds the channel open. While a packet waits for credit no
 * event is wanted; but where both rings share the channel, the other one does.
 *
 * Return: false where there is more to do at once.
 */
static bool rest(struct netback_queue *queue, bool worked)
{
	struct netback_tx *tx = &queue->tx;
	int more;

	if (tx->held && queue->base.split)
		return true;
	end_event(queue);
	if (tx->held)
		return true;

	give_back_pages(queue, worked);
	more = xpv_slots_final_check_requests(ring_of(queue), 1);
	if (more < 0)
		xpv_violation(queue->base.xdev,
			      "queue %u: impossible transmit index",
			      queue->base.index);
	return more <= 0;
}

/*
 * A lying frontend is served no more, and its channel stays masked.
 *
 * Everything is done before napi_complete_done(): from there on NAPI may run on
 * another CPU. An event, or the timer, that comes in between has it run again.
 */
int netback_tx_poll(struct napi_struct *napi, int budget)
{
	struct netback_queue *queue =
		container_of(napi, struct netback_queue, napi);
	int work = 0;
	int n;

	do {
		if (xpv_broken(queue->base.xdev))
			break;
		n = serve(queue, budget - work);
		work += n;
	} while (n && work < budget);

	if (work >= budget) {
		/* A guest that sends without pause still posts slots. */
		if (!queue->base.split && !xpv_broken(queue->base.xdev))
			end_event(queue);
		return budget;
	}
	if (!xpv_broken(queue->base.xdev) && !rest(queue, work))
		return budget;
	napi_complete_done(napi, work);
	return work;
}

static enum hrtimer_restart timer_due(struct hrtimer *timer)
{
	struct netback_queue *queue =
		container_of(timer, struct netback_queue, tx.timer);

	napi_schedule(&queue->napi);
	return HRTIMER_NORESTART;
}

void netback_tx_init(struct netback_queue *queue)
{
	struct hrtimer *timer = &queue->tx.timer;

	hrtimer_setup(timer, timer_due, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_SOFT);
}

int netback_tx_start(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;

	tx->pkt.expect = NETBACK_TX_FIRST;
	tx->held = false;
	tx->worked = false;
	tx->taken = 0;
	tx->complete = 0;
	tx->answered = 0;
	tx->ops = kvcalloc(NETBACK_TX_OPS, sizeof(*tx->ops), GFP_KERNEL);
	if (!tx->ops)
		return -ENOMEM;
	return netback_tx_pages_init(&tx->pages);
}

void netback_tx_stop(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;

	netback_tx_pages_free(&tx->pages);
	kvfree(tx->ops);
	tx->ops = NULL;
}
