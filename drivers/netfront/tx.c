// SPDX-License-Identifier: GPL-2.0
#include <linux/etherdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <xen/interface/io/netif.h>
#include <xen/page.h>

#include "netfront.h"
#include "tx_event.h"

/*
 * Data slots that every backend takes in one packet, whatever the two kernels'
 * MAX_SKB_FRAGS are. A packet that would need more is copied: 16 pages hold
 * the longest.
 */
#define MAX_SLOTS XEN_NETIF_NR_SLOTS_MIN

/* Ring slots of the largest packet: its data and an extra-info. */
#define MAX_NEED (MAX_SLOTS + 1)

/*
 * A stopped queue goes on when this much is free again: a quarter of the ring,
 * so that it is not stopped and started for each packet.
 */
#define WAKE_ROOM (NETFRONT_RING_SLOTS / 4)

/*
 * Packets up to this size are copied whole into one slot: any frame of a 1500
 * byte MTU, for which a copy costs less than a grant for its header and
 * another for its data, on either side.
 */
#define COPY_MAX 2048

/*
 * A grant is for 4 KiB: where pages are larger, fragments are copied as well.
 */
#define CAN_GRANT_FRAGS (PAGE_SIZE == XEN_PAGE_SIZE)

/*
 * At least so much of a larger packet goes into the first slot: the headers,
 * which backends want in one piece (XSA-423).
 */
#define LEAD 128

/**
 * struct tx_slot - what a request id stands for
 * @skb: the packet; NULL where it was copied whole and is freed, as a frame of
 *	 XDP is
 * @page: page that is granted while the request is under way
 * @copy: page of our own that packets are copied to; allocated at first need
 *	  and kept to the end of the connection. What is left in it from earlier
 *	  packets the same backend has seen already.
 * @ref: the slot's reference; INVALID_GRANT_REF once the backend kept it, and
 *	 then the id is never given out again
 * @freed: bytes of a packet that is freed but still counted by BQL
 * @in_flight: the request may be answered. Set by the transmitter after all
 *	       else, cleared by NAPI before the id is free again: a backend that
 *	       guesses an id finds either nothing or the whole truth
 */
struct tx_slot {
	struct sk_buff *skb;
	struct page *page;
	struct page *copy;
	grant_ref_t ref;
	u16 freed;
	bool in_flight;
};

/**
 * struct netfront_tx_table - slots and free ids
 * @slot: slots by request id
 * @free: ring of free ids between netfront_tx.ids_taken and .ids_returned:
 *	  filled by NAPI, emptied by the transmitter. As many as the ring has
 *	  slots, so neither overtakes the other
 */
struct netfront_tx_table {
	struct tx_slot slot[NETFRONT_RING_SLOTS];
	u16 free[NETFRONT_RING_SLOTS];
};

/**
 * struct tx_packet - in skb->cb, from queueing to the last response
 * @left: slots not answered yet; the transmitter's before the first slot is
 *	  busy, NAPI's afterwards
 * @failed: the backend refused one of them
 */
struct tx_packet {
	unsigned int left;
	bool failed;
};

/**
 * struct tx_plan - how a packet goes into slots
 * @copied: bytes at its beginning that are copied
 * @slots: data slots that it takes
 * @whole: one slot has a copy of all of it, so that it can be freed at once
 */
struct tx_plan {
	unsigned int copied;
	unsigned int slots;
	bool whole;
};

static struct tx_packet *packet_of(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct tx_packet) > sizeof(skb->cb));
	return (struct tx_packet *)skb->cb;
}

static u16 *free_id(struct netfront_tx_table *table, u32 index)
{
	return &table->free[index % NETFRONT_RING_SLOTS];
}

/* Context: the transmitter, or NAPI for a guess. */
static u32 get_room(struct netfront_queue *queue)
{
	/* The id itself is read after this; pairs with complete_slot(). */
	u32 ids = smp_load_acquire(&queue->tx.ids_returned) -
		  READ_ONCE(queue->tx.ids_taken);

	return min(ids, xpv_slots_free(netfront_slots(queue, NETIF_TX)));
}

/*
 * Slots for the fragments, without @skip bytes at their beginning. Where one
 * of them cannot be granted: so many that the packet is copied.
 */
static unsigned int frag_slots(const struct sk_buff *skb, unsigned int skip)
{
	unsigned int i, len, slots = 0;
	const skb_frag_t *frag;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		len = skb_frag_size(frag);
		if (skip >= len) {
			skip -= len;
			continue;
		}
		if (unlikely(!xpv_page_grantable(skb_frag_page(frag))))
			return MAX_SLOTS;
		slots += XEN_PFN_UP(xen_offset_in_page(skb_frag_off(frag) +
						       skip) + len - skip);
		skip = 0;
	}
	return slots;
}

/*
 * The linear part is always copied. It lies in slab memory, which must not be
 * granted: a page that the backend does not let go of could neither be held
 * (slab pages have no reference count of their own) nor be freed. It is the
 * headers, as a rule.
 */
static void make_plan(const struct netfront *nf, const struct sk_buff *skb,
		      struct tx_plan *plan)
{
	unsigned int lead = max_t(unsigned int, skb_headlen(skb), LEAD);

	if (CAN_GRANT_FRAGS && nf->can_sg && !nf->bounce &&
	    skb->len > COPY_MAX) {
		plan->whole = false;
		plan->copied = lead;
		plan->slots = XEN_PFN_UP(lead) +
			      frag_slots(skb, lead - skb_headlen(skb));
		if (likely(plan->slots <= MAX_SLOTS))
			return;
	}
	plan->copied = skb->len;
	plan->slots = XEN_PFN_UP(skb->len);
	plan->whole = plan->slots == 1;
}

/* The copy page of the id that is taken after @nth others, or NULL. */
static void *next_copy_page(struct netfront_queue *queue, unsigned int nth)
{
	struct netfront_tx_table *table = queue->tx.table;
	struct tx_slot *slot;

	slot = &table->slot[*free_id(table, queue->tx.ids_taken + nth)];
	if (!slot->copy)
		slot->copy = alloc_page(GFP_ATOMIC | __GFP_NOWARN | __GFP_ZERO);
	return slot->copy ? page_address(slot->copy) : NULL;
}

/* Copies to the pages of the ids that will be taken next. */
static bool copy_lead(struct netfront_queue *queue, const struct sk_buff *skb,
		      unsigned int copied)
{
	unsigned int done, len, i = 0;
	void *copy;

	for (done = 0; done < copied; done += len) {
		copy = next_copy_page(queue, i++);
		len = min_t(unsigned int, copied - done, XEN_PAGE_SIZE);
		if (!copy || skb_copy_bits(skb, done, copy, len))
			return false;
	}
	return true;
}

static void push_requests(struct netfront_queue *queue)
{
	struct xpv_slots *s = netfront_slots(queue, NETIF_TX);

	if (s->prod != s->pushed && xpv_slots_push_requests(s))
		xpv_queue_notify(&queue->base, NETIF_TX);
}

static u16 packet_flags(const struct sk_buff *skb)
{
	u16 flags = 0;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		flags = XEN_NETTXF_csum_blank | XEN_NETTXF_data_validated;
	else if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		flags = XEN_NETTXF_data_validated;
	if (skb_is_gso(skb))
		flags |= XEN_NETTXF_extra_info;
	return flags;
}

static void put_gso(struct xpv_slots *s, const struct sk_buff *skb)
{
	bool v6 = skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6;
	struct xen_netif_extra_info extra = {
		.type = XEN_NETIF_EXTRA_TYPE_GSO,
		.u.gso.size = skb_shinfo(skb)->gso_size,
		.u.gso.type = v6 ? XEN_NETIF_GSO_TYPE_TCPV6 :
				   XEN_NETIF_GSO_TYPE_TCPV4,
	};

	xpv_slots_produce(s, &extra, sizeof(extra));
}

/**
 * struct tx_writer - writes a packet's slots
 * @queue: the queue
 * @skb: the packet; ours only while @left is not 0, because a backend may
 *	 answer slots that it has not been shown yet; NULL for a frame of XDP
 * @len: the packet's length
 * @flags: XEN_NETTXF_* of the first slot
 * @left: slots to write
 * @first: the next is the first
 * @whole: see struct tx_plan
 */
struct tx_writer {
	struct netfront_queue *queue;
	struct sk_buff *skb;
	unsigned int len;
	u16 flags;
	unsigned int left;
	bool first;
	bool whole;
};

/* @page is NULL for the copy page of the id. */
static void put_slot(struct tx_writer *w, struct page *page,
		     unsigned int offset, unsigned int size)
{
	struct netfront_queue *queue = w->queue;
	struct netfront_tx_table *table = queue->tx.table;
	struct xpv_slots *s = netfront_slots(queue, NETIF_TX);
	u16 id = *free_id(table, queue->tx.ids_taken);
	struct tx_slot *slot = &table->slot[id];
	struct xen_netif_tx_request req = {
		.gref = slot->ref,
		.offset = offset,
		.id = id,
		.size = size,
	};

	WRITE_ONCE(queue->tx.ids_taken, queue->tx.ids_taken + 1);
	slot->skb = w->whole ? NULL : w->skb;
	slot->freed = w->whole ? w->len : 0;
	slot->page = page ?: slot->copy;
	xpv_grant(queue->base.xdev, slot->ref, slot->page, true);

	if (--w->left)
		req.flags = XEN_NETTXF_more_data;
	/* The first slot's size is the packet's. */
	if (w->first) {
		req.size = w->len;
		req.flags |= w->flags;
	}
	xpv_slots_produce(s, &req, sizeof(req));
	if (req.flags & XEN_NETTXF_extra_info)
		put_gso(s, w->skb);
	w->first = false;
	/* Last of all; see struct tx_slot. */
	smp_store_release(&slot->in_flight, true);
}

static void put_frag(struct tx_writer *w, const skb_frag_t *frag,
		     unsigned int skip)
{
	unsigned int offset = skb_frag_off(frag) + skip;
	unsigned int len = skb_frag_size(frag) - skip;
	struct page *page = skb_frag_page(frag);
	unsigned int size;

	page = nth_page(page, offset >> PAGE_SHIFT);
	offset = offset_in_page(offset);
	while (len) {
		size = min_t(unsigned int, len, XEN_PAGE_SIZE - offset);
		len -= size;
		put_slot(w, page, offset, size);
		page = nth_page(page, 1);
		offset = 0;
	}
}

static void put_packet(struct netfront_queue *queue, struct sk_buff *skb,
		       const struct tx_plan *plan)
{
	struct tx_writer w = {
		.queue = queue, .skb = skb, .len = skb->len,
		.flags = packet_flags(skb), .left = plan->slots, .first = true,
		.whole = plan->whole,
	};
	unsigned int skip = plan->copied - min(plan->copied, skb_headlen(skb));
	unsigned int i, len, done;
	const skb_frag_t *frag;

	for (done = 0; done < plan->copied; done += len) {
		len = min_t(unsigned int, plan->copied - done, XEN_PAGE_SIZE);
		put_slot(&w, NULL, 0, len);
	}
	for (i = 0; w.left; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		len = skb_frag_size(frag);
		if (skip < len)
			put_frag(&w, frag, skip);
		skip -= min(skip, len);
	}
}

/* Stop the queue unless room has come in the meantime. */
static void stop_queue(struct netfront_queue *queue, struct netdev_queue *txq)
{
	netif_tx_stop_queue(txq);
	smp_mb();	/* stopped before room; pairs with wake_queue() */
	if (get_room(queue) >= WAKE_ROOM)
		netif_tx_start_queue(txq);
	else
		xpv_stat_inc(&queue->base.stats, NETFRONT_STAT_TX_STOPS);
}

static void wake_queue(struct netfront_queue *queue, struct netdev_queue *txq)
{
	smp_mb();	/* room before stopped; pairs with stop_queue() */
	if (unlikely(netif_tx_queue_stopped(txq)) &&
	    READ_ONCE(queue->tx.live) && get_room(queue) >= WAKE_ROOM)
		netif_tx_wake_queue(txq);
}

static void count_packet(struct netfront_queue *queue, unsigned int len)
{
	u64_stats_update_begin(&queue->tx.syncp);
	u64_stats_inc(&queue->tx.packets);
	u64_stats_add(&queue->tx.bytes, len);
	u64_stats_update_end(&queue->tx.syncp);
}

/* There is room for the packet, and its lead is copied. */
static void send_packet(struct netfront_queue *queue, struct sk_buff *skb,
			const struct tx_plan *plan)
{
	struct netdev_queue *txq = netfront_queue_txq(queue);
	unsigned int len = skb->len;
	bool now;

	skb_tx_timestamp(skb);
	packet_of(skb)->left = plan->slots;
	packet_of(skb)->failed = false;
	/*
	 * Before the first slot is busy: BQL takes it for a bug if completions
	 * overtake what was queued, and a backend can guess ids.
	 */
	now = __netdev_tx_sent_queue(txq, len, netdev_xmit_more());
	put_packet(queue, skb, plan);
	if (!plan->whole || netif_xmit_stopped(txq))
		netfront_tx_event_for_last(netfront_slots(queue, NETIF_TX),
					   &queue->tx.urgent);

	/* A queue that stops must have shown the backend all it holds. */
	if (get_room(queue) < MAX_NEED) {
		push_requests(queue);
		stop_queue(queue, txq);
	} else if (now) {
		push_requests(queue);
	}

	xpv_stat_add(&queue->base.stats, NETFRONT_STAT_TX_SLOTS, plan->slots);
	if (plan->copied == len)
		xpv_stat_inc(&queue->base.stats, NETFRONT_STAT_TX_COPIES);
	count_packet(queue, len);
	if (plan->whole)
		dev_consume_skb_any(skb);
}

/* The device is connected, its backend honest and the one of before. */
static bool can_send(const struct netfront_queue *queue)
{
	return queue->tx.live && !(READ_ONCE(queue->base.xdev->flags) &
			       (BIT(XPV_BROKEN) | BIT(XPV_RESUMED)));
}

static netdev_tx_t drop_packet(struct netfront_queue *queue,
			       struct sk_buff *skb)
{
	dev_kfree_skb_any(skb);
	u64_stats_update_begin(&queue->tx.syncp);
	u64_stats_inc(&queue->tx.dropped);
	u64_stats_update_end(&queue->tx.syncp);
	/* Packets before this one may have counted on its doorbell. */
	if (can_send(queue) && !netdev_xmit_more())
		push_requests(queue);
	return NETDEV_TX_OK;
}

/*
 * A packet that was built for one backend and waited in a queueing discipline
 * may meet another: what that one does not understand would end the device.
 */
static bool backend_supports(const struct netfront *nf,
			     const struct sk_buff *skb,
			     const struct tx_plan *plan)
{
	netdev_features_t tso;

	if (plan->slots > 1 && !nf->can_sg)
		return false;
	if (!skb_is_gso(skb))
		return true;
	tso = skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6 ? NETIF_F_TSO6 :
							  NETIF_F_TSO;
	return nf->backend_features & tso;
}

netdev_tx_t netfront_tx_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct netfront *nf = netdev_priv(netdev);
	struct netfront_queue *queue = &nf->queue[skb_get_queue_mapping(skb)];
	struct tx_plan plan;

	if (unlikely(!can_send(queue) || skb->len < ETH_HLEN ||
		     skb->len > XEN_NETIF_MAX_TX_SIZE))
		return drop_packet(queue, skb);
	make_plan(nf, skb, &plan);
	if (unlikely(!backend_supports(nf, skb, &plan)))
		return drop_packet(queue, skb);

	/* Started by someone who did not look, as ndo_open is. */
	if (unlikely(get_room(queue) < MAX_NEED)) {
		push_requests(queue);
		stop_queue(queue, netfront_queue_txq(queue));
		return NETDEV_TX_BUSY;
	}
	if (unlikely(!copy_lead(queue, skb, plan.copied))) {
		xpv_stat_inc(&queue->base.stats, NETFRONT_STAT_TX_NOMEM);
		return drop_packet(queue, skb);
	}
	send_packet(queue, skb, &plan);
	return NETDEV_TX_OK;
}

/*
 * A frame gives way to the stack: a queue that was stopped for lack of room is
 * not refilled by frames before the stack gets its turn.
 */
int netfront_tx_xmit_frame(struct netfront_queue *queue, const void *data,
			   unsigned int len)
{
	struct tx_writer w = {
		.queue = queue, .len = len, .left = 1, .first = true
	};
	void *copy;

	if (unlikely(!can_send(queue)))
		return -ENETDOWN;
	if (unlikely(len < ETH_HLEN || len > XEN_PAGE_SIZE))
		return -EMSGSIZE;
	if (netif_tx_queue_stopped(netfront_queue_txq(queue)) ||
	    get_room(queue) < MAX_NEED)
		return -ENOSPC;
	copy = next_copy_page(queue, 0);
	if (unlikely(!copy)) {
		xpv_stat_inc(&queue->base.stats, NETFRONT_STAT_TX_NOMEM);
		return -ENOMEM;
	}

	memcpy(copy, data, len);
	put_slot(&w, NULL, 0, len);
	xpv_stat_inc(&queue->base.stats, NETFRONT_STAT_TX_SLOTS);
	count_packet(queue, len);
	return 0;
}

void netfront_tx_flush_frames(struct netfront_queue *queue)
{
	if (!can_send(queue))
		return;
	push_requests(queue);
	if (get_room(queue) < MAX_NEED)
		stop_queue(queue, netfront_queue_txq(queue));
}

/*
 * Take a slot's grant back. On failure the backend keeps the page, which
 * lives on with a reference of its own until it lets go; that page is never
 * slab memory.
 */
static bool end_grant(struct netfront_queue *queue, struct tx_slot *slot)
{
	if (likely(xpv_grant_revoke(queue->base.xdev, &slot->ref, slot->page)))
		return true;

	if (slot->page == slot->copy) {
		put_page(slot->copy);
		slot->copy = NULL;
	}
	return false;
}

/**
 * struct tx_completions - what a round of completions comes to
 * @budget: NAPI's, for freeing
 * @packets: packets completed
 * @bytes: their bytes
 * @errors: of them, refused by the backend
 */
struct tx_completions {
	int budget;
	unsigned int packets;
	unsigned int bytes;
	unsigned int errors;
};

/* Of a slot that is not busy any more, what it had. */
static void finish_slot(struct sk_buff *skb, unsigned int freed, bool failed,
			struct tx_completions *done)
{
	struct tx_packet *packet;

	if (!skb) {
		done->errors += failed;
		done->packets += freed > 0;
		done->bytes += freed;
		return;
	}
	packet = packet_of(skb);
	packet->failed |= failed;
	if (--packet->left)
		return;

	done->packets++;
	done->bytes += skb->len;
	if (unlikely(packet->failed)) {
		done->errors++;
		dev_kfree_skb_any(skb);
	} else {
		napi_consume_skb(skb, done->budget);
	}
}

static bool is_in_flight(const struct netfront_tx_table *table, unsigned int id)
{
	if (id >= NETFRONT_RING_SLOTS)
		return false;
	/* Before the slot's other fields; pairs with put_slot(). */
	return smp_load_acquire(&table->slot[id].in_flight);
}

static int complete_slot(struct netfront_queue *queue,
			 const struct xen_netif_tx_response *rsp,
			 struct tx_completions *done)
{
	struct netfront_tx_table *table = queue->tx.table;
	struct tx_slot *slot;
	struct sk_buff *skb;
	unsigned int freed;

	/* For an extra-info, whose slot carries no id. */
	if (rsp->status == XEN_NETIF_RSP_NULL)
		return 0;
	if (unlikely(!is_in_flight(table, rsp->id))) {
		xpv_violation(queue->base.xdev,
			      "response to transmit id %u, which is not in use",
			      rsp->id);
		return -EPROTO;
	}

	slot = &table->slot[rsp->id];
	slot->in_flight = false;
	skb = slot->skb;
	freed = slot->freed;
	if (likely(end_grant(queue, slot))) {
		*free_id(table, queue->tx.ids_returned) = rsp->id;
		/* The slot is ours no more; pairs with get_room(). */
		smp_store_release(&queue->tx.ids_returned,
				  queue->tx.ids_returned + 1);
		finish_slot(skb, freed, rsp->status != XEN_NETIF_RSP_OKAY,
			    done);
		return 0;
	}
	finish_slot(skb, freed, true, done);
	xpv_violation(queue->base.xdev,
		      "transmit id %u was answered, its page is still in use",
		      rsp->id);
	return -EPROTO;
}

static int check_responses(struct netfront_queue *queue, int waiting)
{
	if (likely(waiting >= 0))
		return waiting;
	xpv_violation(queue->base.xdev,
		      "more responses than requests in transmit ring %u",
		      queue->base.index);
	xpv_stat_inc(&queue->base.stats, XPV_STAT_BAD);
	return -EPROTO;
}

static void account(struct netfront_queue *queue,
		    const struct tx_completions *done)
{
	netdev_tx_completed_queue(netfront_queue_txq(queue), done->packets,
				  done->bytes);
	if (likely(!done->errors))
		return;
	u64_stats_update_begin(&queue->rx.syncp);
	u64_stats_add(&queue->rx.tx_errors, done->errors);
	u64_stats_update_end(&queue->rx.syncp);
}

int netfront_tx_complete(struct netfront_queue *queue, int budget)
{
	struct xpv_slots *s = netfront_slots(queue, NETIF_TX);
	struct tx_completions done = { .budget = budget };
	struct xen_netif_tx_response rsp;
	int i, waiting, err = 0;

	waiting = check_responses(queue, xpv_slots_responses(s));
	for (i = 0; i < waiting && !err; i++) {
		xpv_slots_consume(s, &rsp, sizeof(rsp));
		err = complete_slot(queue, &rsp, &done);
	}
	if (err)
		xpv_stat_inc(&queue->base.stats, XPV_STAT_BAD);
	if (i) {
		xpv_stat_add(&queue->base.stats, XPV_STAT_TAKEN, i);
		account(queue, &done);
		wake_queue(queue, netfront_queue_txq(queue));
	}
	return err ?: waiting;
}

int netfront_tx_final_check(struct netfront_queue *queue)
{
	struct xpv_slots *s = netfront_slots(queue, NETIF_TX);

	return check_responses(queue, netfront_tx_set_rsp_event(s,
						&queue->tx.urgent));
}

void netfront_tx_set_live(struct netfront_queue *queue, bool live)
{
	struct netdev_queue *txq = netfront_queue_txq(queue);

	__netif_tx_lock_bh(txq);
	WRITE_ONCE(queue->tx.live, live);
	if (!live)
		netif_tx_stop_queue(txq);
	__netif_tx_unlock_bh(txq);
}

int netfront_tx_create(struct netfront_queue *queue)
{
	struct netfront_tx_table *table = kvzalloc(sizeof(*table), GFP_KERNEL);
	unsigned int id;

	if (!table)
		return -ENOMEM;
	for (id = 0; id < NETFRONT_RING_SLOTS; id++) {
		table->slot[id].ref = xpv_gref_take(&queue->grefs);
		table->free[id] = id;
	}
	queue->tx.table = table;
	queue->tx.ids_taken = 0;
	queue->tx.urgent = 0;
	queue->tx.ids_returned = NETFRONT_RING_SLOTS;
	return 0;
}

static void destroy_slot(struct netfront_queue *queue, struct tx_slot *slot)
{
	struct tx_completions done = {};

	if (slot->in_flight) {
		end_grant(queue, slot);
		finish_slot(slot->skb, slot->freed, true, &done);
	}
	if (slot->ref != INVALID_GRANT_REF)
		xpv_gref_put(&queue->grefs, slot->ref);
	if (slot->copy)
		put_page(slot->copy);
}

void netfront_tx_destroy(struct netfront_queue *queue)
{
	struct netfront_tx_table *table = queue->tx.table;
	unsigned int id;

	if (!table)
		return;
	queue->tx.table = NULL;
	for (id = 0; id < NETFRONT_RING_SLOTS; id++)
		destroy_slot(queue, &table->slot[id]);
	kvfree(table);
}
