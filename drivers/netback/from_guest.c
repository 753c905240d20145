// SPDX-License-Identifier: GPL-2.0
/*
 * A round: take slots, gather packets and the copies that fill them; one
 * hypercall; answer all slots of complete packets, with one notification; only
 * then hand the packets on, so that the guest refills the ring meanwhile.
 */
#include <linux/etherdevice.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "from_guest.h"
#include "from_guest_offload.h"
#include "from_guest_skb.h"
#include "netback.h"

static struct xpv_slots *ring_of(struct netback_queue *queue)
{
	return &queue->base.ring[NETBACK_FROM_GUEST].slots;
}

static struct netback_response *rsp_of(struct netback_from_guest *fg,
				       u32 slot)
{
	return &fg->rsp[slot % NETBACK_RING_SLOTS];
}

/* The slots of a packet; extra infos among them have no status of their own. */
static void fail_responses(struct netback_from_guest *fg, u32 start,
			   unsigned int slots)
{
	struct netback_response *rsp;

	while (slots--) {
		rsp = rsp_of(fg, start++);
		if (rsp->status != XEN_NETIF_RSP_NULL)
			rsp->status = XEN_NETIF_RSP_ERROR;
	}
}

/* The slots taken since the last complete packet are a packet now. */
static void complete_packet(struct netback_from_guest *fg, bool ok)
{
	if (!ok)
		fail_responses(fg, fg->complete, fg->consumed - fg->complete);
	fg->complete = fg->consumed;
}

static enum netback_parse_result consume_slot(struct netback_queue *queue)
{
	struct netback_from_guest *fg = &queue->from_guest;
	struct netback_response *rsp = rsp_of(fg, fg->consumed++);
	bool extra = fg->pkt.expect == NETBACK_EXPECT_EXTRA;
	union netback_from_guest_slot entry;

	xpv_slots_consume(ring_of(queue), &entry, sizeof(entry));
	fg->ready--;
	fg->worked = true;
	xpv_stat_inc(&queue->base.stats, XPV_STAT_TAKEN);

	rsp->id = extra ? 0 : entry.req.id;
	rsp->status = extra ? XEN_NETIF_RSP_NULL : XEN_NETIF_RSP_OKAY;
	return netback_parse_slot(&fg->pkt, &entry, netback_fatal_skb_slots);
}

/* Return: NETBACK_PARSE_MORE where the ring has no complete packet. */
static enum netback_parse_result consume_packet(struct netback_queue *queue)
{
	enum netback_parse_result verdict = NETBACK_PARSE_MORE;

	while (verdict == NETBACK_PARSE_MORE && queue->from_guest.ready)
		verdict = consume_slot(queue);
	return verdict;
}

static void report_bad_packet(struct netback_queue *queue)
{
	const struct netback_packet *pkt = &queue->from_guest.pkt;

	xpv_warn_peer(queue->base.xdev,
		      "queue %u: %s; dropped: %u bytes in %u slots, the first from %u on",
		     queue->base.index, pkt->why, pkt->size, pkt->seen,
		     pkt->slot[0].offset);
	xpv_stat_inc(&queue->base.stats, NETBACK_STAT_RX_ERRORS);
	complete_packet(&queue->from_guest, false);
}

static void change_mcast_filter(struct netback_queue *queue)
{
	struct netback_packet *pkt = &queue->from_guest.pkt;
	bool add = pkt->mcast == XEN_NETIF_EXTRA_TYPE_MCAST_ADD;
	int err = netback_mcast_change(&queue->nb->mcast, add, pkt->addr);

	if (err)
		xpv_warn_peer(queue->base.xdev, "multicast address %pM: error %d",
			      pkt->addr, err);
	complete_packet(&queue->from_guest, !err);
}

/* Longest wait for credit: then a new rate takes effect. */
#define MAX_WAIT (500ULL * NSEC_PER_MSEC)

/* Return: whether the packet may go; else the timer has NAPI come back. */
static bool take_credit(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;
	struct netback_from_guest *fg = &queue->from_guest;
	u64 wait;

	/* Set by the device's work; one look too early or late is no harm. */
	fg->no_credit = false;
	if (!READ_ONCE(nb->rate.amount))
		return true;

	spin_lock(&nb->rate_lock);
	wait = netback_rate_take(&nb->rate, fg->pkt.size, ktime_get_ns());
	spin_unlock(&nb->rate_lock);
	fg->no_credit = wait;
	if (!wait)
		return true;

	xpv_stat_inc(&queue->base.stats, NETBACK_STAT_RX_LIMITED);
	hrtimer_start(&fg->timer, ns_to_ktime(min(wait, MAX_WAIT)),
		      HRTIMER_MODE_REL_SOFT);
	return false;
}

static void gather_packet(struct netback_queue *queue)
{
	struct netback_from_guest *fg = &queue->from_guest;
	struct netback_pending *pending = &fg->pending[fg->nr_pending];
	unsigned int before = fg->nr_copies;

	pending->skb = netback_build_skb(queue, &fg->pkt);
	if (!pending->skb) {
		xpv_stat_inc(&queue->base.stats, NETBACK_STAT_RX_DROPPED);
		complete_packet(fg, false);
		return;
	}
	pending->start = fg->complete;
	pending->slots = fg->consumed - fg->complete;
	pending->copies = fg->nr_copies - before;
	pending->flags = fg->pkt.flags;
	pending->gso_type = fg->pkt.gso_type;
	pending->gso_size = fg->pkt.gso_size;
	pending->hashed = fg->pkt.hashed;
	pending->hash_l4 = fg->pkt.hash_l4;
	pending->hash = fg->pkt.hash;
	fg->nr_pending++;
	complete_packet(fg, true);
}

/* Return: false where the round ends with this. */
static bool handle_packet(struct netback_queue *queue)
{
	struct netback_from_guest *fg = &queue->from_guest;

	switch (fg->no_credit ? NETBACK_PARSE_PACKET : consume_packet(queue)) {
	case NETBACK_PARSE_PACKET:
		if (!take_credit(queue))
			return false;
		gather_packet(queue);
		return true;
	case NETBACK_PARSE_MCAST:
		change_mcast_filter(queue);
		return true;
	case NETBACK_PARSE_DROP:
		report_bad_packet(queue);
		return true;
	case NETBACK_PARSE_FATAL:
		xpv_violation(queue->base.xdev, "queue %u: %s",
			      queue->base.index, fg->pkt.why);
		return false;
	default:
		return false;
	}
}

/* Return: packets consumed, bad ones included: they cost as much. */
static unsigned int gather_packets(struct netback_queue *queue,
				   unsigned int budget)
{
	struct netback_from_guest *fg = &queue->from_guest;
	int ready = xpv_slots_requests(ring_of(queue));
	unsigned int n = 0;

	if (ready < 0) {
		xpv_violation(queue->base.xdev,
			      "queue %u: impossible transmit index",
			      queue->base.index);
		return 0;
	}
	fg->ready = ready;
	while (n < budget && fg->nr_pending < NETBACK_FROM_GUEST_BATCH &&
	       fg->nr_copies + NETBACK_PACKET_COPIES <=
		       NETBACK_FROM_GUEST_COPIES &&
	       handle_packet(queue))
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
	struct netback_from_guest *fg = &queue->from_guest;
	const struct xpv_copy *copy = fg->copies;
	struct netback_pending *pending;
	unsigned int i;

	if (!fg->nr_copies)
		return;
	xpv_stat_add(&queue->base.stats, XPV_STAT_COPIES, fg->nr_copies);
	xpv_stat_inc(&queue->base.stats, XPV_STAT_COPY_CALLS);
	if (!xpv_copy_run(queue->base.xdev, fg->copies, fg->nr_copies))
		return;

	for (i = 0; i < fg->nr_pending; i++) {
		pending = &fg->pending[i];
		if (!all_copied(copy, pending->copies)) {
			fail_responses(fg, pending->start, pending->slots);
			xpv_stat_inc(&queue->base.stats,
				     NETBACK_STAT_RX_ERRORS);
			kfree_skb(pending->skb);
			pending->skb = NULL;
		}
		copy += pending->copies;
	}
}

static void push_responses(struct netback_queue *queue)
{
	struct xpv_slots *ring = ring_of(queue);
	struct netback_from_guest *fg = &queue->from_guest;
	struct xen_netif_tx_response rsp;

	if (fg->responded == fg->complete)
		return;
	xpv_stat_add(&queue->base.stats, XPV_STAT_PUT,
		     fg->complete - fg->responded);
	while (fg->responded != fg->complete) {
		rsp.id = rsp_of(fg, fg->responded)->id;
		rsp.status = rsp_of(fg, fg->responded)->status;
		xpv_slots_produce(ring, &rsp, sizeof(rsp));
		fg->responded++;
	}
	if (xpv_slots_push_responses(ring))
		xpv_queue_notify(&queue->base, NETBACK_FROM_GUEST);
}

static void deliver_skb(struct netback_queue *queue,
			struct netback_pending *pending)
{
	struct xpv_stats *stats = &queue->base.stats;
	struct sk_buff *skb = pending->skb;
	unsigned int len = skb->len;
	bool fixup = false;

	skb->protocol = eth_type_trans(skb, queue->nb->dev);
	skb_reset_network_header(skb);
	skb_record_rx_queue(skb, queue->base.index);
	if (pending->hashed)
		skb_set_hash(skb, pending->hash, pending->hash_l4 ?
			     PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
	skb = netback_set_offload(skb, pending->flags, pending->gso_type,
				  pending->gso_size, &fixup);
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

/* Return: packets consumed; 0 where there is nothing to do now. */
static unsigned int serve_ring(struct netback_queue *queue, unsigned int budget)
{
	struct netback_from_guest *fg = &queue->from_guest;
	unsigned int n, i;

	fg->nr_pending = 0;
	fg->nr_copies = 0;
	n = gather_packets(queue, budget);
	run_copies(queue);
	push_responses(queue);
	for (i = 0; i < fg->nr_pending; i++)
		if (fg->pending[i].skb)
			deliver_skb(queue, &fg->pending[i]);
	return n;
}

/* Of both rings, where they share the channel. */
static void end_event(struct netback_queue *queue)
{
	struct netback_from_guest *fg = &queue->from_guest;
	bool worked = fg->worked;

	if (!queue->base.split)
		worked |= netback_to_guest_test_worked(queue);
	fg->worked = false;
	xpv_queue_eoi(&queue->base, NETBACK_FROM_GUEST, worked);
}

/* A queue without packets for so long is idle. */
#define AT_REST ms_to_ktime(1000)

/* NAPI comes back for what is there beyond that, unless it has before. */
static void trim_pages(struct netback_queue *queue, bool worked)
{
	struct netback_from_guest *fg = &queue->from_guest;

	if (fg->pages.nr <= NETBACK_PAGES_IDLE)
		return;
	if (!worked)
		netback_pages_trim(&fg->pages, NETBACK_PAGES_IDLE);
	else if (!hrtimer_active(&fg->timer))
		hrtimer_start(&fg->timer, AT_REST, HRTIMER_MODE_REL_SOFT);
}

/*
 * End the event, then ask for the next, then look once more: an event sent
 * after that look finds the channel open. While a packet waits for credit no
 * event is wanted; but where both rings share the channel, the other one does.
 *
 * Return: false where there is more to do at once.
 */
static bool finish_poll(struct netback_queue *queue, bool worked)
{
	struct netback_from_guest *fg = &queue->from_guest;
	int more;

	if (fg->no_credit && queue->base.split)
		return true;
	end_event(queue);
	if (fg->no_credit)
		return true;

	trim_pages(queue, worked);
	more = xpv_slots_final_check_requests(ring_of(queue), 1);
	if (more < 0)
		xpv_violation(queue->base.xdev,
			      "queue %u: impossible transmit index",
			      queue->base.index);
	return more <= 0;
}

/*
 * After a violation nothing is served, and the channel stays masked.
 *
 * Everything is done before napi_complete_done(): from there on NAPI may run on
 * another CPU. An event, or the timer, that comes in between has it run again.
 */
int netback_from_guest_poll(struct napi_struct *napi, int budget)
{
	struct netback_queue *queue =
		container_of(napi, struct netback_queue, napi);
	int work = 0;
	int n;

	do {
		if (xpv_broken(queue->base.xdev))
			break;
		n = serve_ring(queue, budget - work);
		work += n;
	} while (n && work < budget);

	if (work >= budget) {
		/* A guest that sends without pause still posts slots. */
		if (!queue->base.split && !xpv_broken(queue->base.xdev))
			end_event(queue);
		return budget;
	}
	if (!xpv_broken(queue->base.xdev) && !finish_poll(queue, work))
		return budget;
	napi_complete_done(napi, work);
	return work;
}

static enum hrtimer_restart timer_expired(struct hrtimer *timer)
{
	struct netback_queue *queue =
		container_of(timer, struct netback_queue, from_guest.timer);

	napi_schedule(&queue->napi);
	return HRTIMER_NORESTART;
}

void netback_from_guest_init(struct netback_queue *queue)
{
	struct hrtimer *timer = &queue->from_guest.timer;

	hrtimer_setup(timer, timer_expired, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_SOFT);
}

int netback_from_guest_create(struct netback_queue *queue)
{
	struct netback_from_guest *fg = &queue->from_guest;

	fg->pkt.expect = NETBACK_EXPECT_FIRST;
	fg->no_credit = false;
	fg->worked = false;
	fg->consumed = 0;
	fg->complete = 0;
	fg->responded = 0;
	fg->copies = kvcalloc(NETBACK_FROM_GUEST_COPIES, sizeof(*fg->copies),
			      GFP_KERNEL);
	if (!fg->copies)
		return -ENOMEM;
	return netback_pages_init(&fg->pages);
}

void netback_from_guest_destroy(struct netback_queue *queue)
{
	struct netback_from_guest *fg = &queue->from_guest;

	netback_pages_free(&fg->pages);
	kvfree(fg->copies);
	fg->copies = NULL;
}
