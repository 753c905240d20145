// SPDX-License-Identifier: GPL-2.0
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/page_pool/helpers.h>
#include <xen/interface/io/netif.h>
#include <xen/page.h>

#include "headroom.h"
#include "main.h"
#include "netdev.h"
#include "queue.h"
#include "segments.h"

/*
 * Data slots of the largest packet: what the protocol promises to take the
 * other way, and one more, which backends that split off the headers use.
 */
#define MAX_SLOTS (XEN_NETIF_NR_SLOTS_MIN + 1)

/*
 * Longest packet that is passed on. GSO packets of a backend with a VLAN tag
 * may exceed 64 KiB by the Ethernet header; more is nothing that the stack
 * could use, and lengths beyond have broken protocols before.
 */
#define MAX_LEN (XEN_NETIF_MAX_TX_SIZE + VLAN_ETH_HLEN)

/*
 * A first slot of up to this size is copied and its page is used again right
 * away; of a larger one the headers are, up to this size. As in the kernel's
 * other drivers: larger than any headers, smaller than what costs.
 */
#define COPY_MAX 256

/*
 * The ring is refilled by this many slots or more: seldom enough to share the
 * cost of a push, and often enough to leave room for 13 of the largest packets.
 */
#define REFILL_BATCH 16

/*
 * With fewer requests out than the largest packet takes, and no memory, the
 * backend may have nothing to send an event for: we look again ourselves.
 */
#define RETRY_BELOW (2 * MAX_SLOTS)
#define RETRY_DELAY (HZ / 10)

/**
 * struct rx_sum - what a poll comes to
 * @slots: consumed
 * @packets: received
 * @bytes: received
 * @errors: packets dropped because of the backend
 * @dropped: packets dropped for want of memory
 * @fixups: see struct netfront_rx
 */
struct rx_sum {
	unsigned int slots;
	unsigned int packets;
	unsigned int bytes;
	unsigned int errors;
	unsigned int dropped;
	unsigned int fixups;
};

/* What a slot of the ring can hold. */
union rx_entry {
	struct xen_netif_rx_response rsp;
	struct xen_netif_extra_info extra;
};

static unsigned int slot_index(u32 index)
{
	return index % NETFRONT_RING_SLOTS;
}

/*
 * A page that the backend is about to be able to read, although it should
 * only write. The pool gives out new pages, zeroed, and used ones, which have
 * been in the hands of others of this guest: a tunnel decrypts in place.
 */
static struct page *get_buffer(struct netfront_queue *q, gfp_t gfp)
{
	struct page *page;

	if (!q->nf->bounce)
		return page_pool_alloc_pages(q->rx.pool, gfp | __GFP_ZERO);
	page = page_pool_alloc_pages(q->rx.pool, gfp);
	if (page)
		clear_page(page_address(page));
	return page;
}

/* Return: false where memory ran out before the ring was full. */
static bool fill_ring(struct netfront_queue *q, gfp_t gfp)
{
	struct xpv_slots *s = netfront_slots(q, NETFRONT_RX);
	struct xen_netif_rx_request req = {};
	struct netfront_rx_slot *slot;
	unsigned int count = 0;
	struct page *page;

	while (xpv_slots_free(s)) {
		page = get_buffer(q, gfp);
		if (!page)
			break;
		req.id = slot_index(s->prod);
		slot = &q->rx.slot[req.id];
		slot->page = page;
		req.gref = slot->ref;
		xpv_grant(q->xpv.xdev, slot->ref, page, false);
		xpv_slots_produce(s, &req, sizeof(req));
		count++;
	}
	xpv_stat_add(&q->xpv.stats, XPV_STAT_PUT, count);
	xpv_stat_add(&q->xpv.stats, XPV_STAT_GRANTS, count);
	if (count && xpv_slots_push_requests(s))
		xpv_queue_notify(&q->xpv, NETFRONT_RX);
	return !xpv_slots_free(s);
}

/*
 * Take a slot's page back from the backend. On failure the backend keeps it;
 * the pool forgets it.
 */
static struct page *end_grant(struct netfront_queue *q,
			      struct netfront_rx_slot *slot)
{
	struct page *page = slot->page;

	slot->page = NULL;
	if (likely(xpv_grant_revoke(q->xpv.xdev, &slot->ref, page)))
		return page;
	page_pool_put_full_page(q->rx.pool, page, false);
	return NULL;
}

static void reuse_page(struct netfront_queue *q, struct page *page)
{
	page_pool_recycle_direct(q->rx.pool, page);
}

/* The packet under way is of no use; its slots are still to be consumed. */
static void spoil_packet(struct netfront_queue *q)
{
	struct netfront_rx_packet *packet = &q->rx.packet;

	packet->drop = true;
	kfree_skb(packet->skb);
	packet->skb = NULL;
	if (packet->head.page)
		reuse_page(q, packet->head.page);
	packet->head.page = NULL;
}

static void spoil_bad(struct netfront_queue *q, struct rx_sum *sum)
{
	sum->errors++;
	xpv_stat_inc(&q->xpv.stats, XPV_STAT_BAD);
	spoil_packet(q);
}

static void spoil_nomem(struct netfront_queue *q, struct rx_sum *sum)
{
	sum->dropped++;
	xpv_stat_inc(&q->xpv.stats, NETFRONT_STAT_RX_NOMEM);
	spoil_packet(q);
}

/*
 * The first slot: its headers become linear, so that GRO can tell headers from
 * data.
 *
 * Takes the page over.
 */
static void add_first(struct netfront_queue *q, const struct netfront_buf *buf,
		      struct rx_sum *sum)
{
	struct page *page = buf->page;
	unsigned int offset = buf->offset, len = buf->len, head = len;
	void *data = page_address(page) + offset;
	struct sk_buff *skb;

	skb = napi_alloc_skb(&q->napi, COPY_MAX);
	if (unlikely(!skb)) {
		reuse_page(q, page);
		spoil_nomem(q, sum);
		return;
	}
	skb_mark_for_recycle(skb);
	q->rx.packet.skb = skb;

	if (len > COPY_MAX)
		head = eth_get_headlen(q->nf->netdev, data, COPY_MAX);
	skb_put_data(skb, data, head);
	if (len > head)
		skb_add_rx_frag(skb, 0, page, offset + head, len - head,
				PAGE_SIZE);
	else
		reuse_page(q, page);
}

/* Return: false for a slot that ends before its data begins. */
static bool find_data(struct netfront_rx_packet *packet)
{
	struct netfront_buf *head = &packet->head;
	int skip = netfront_headroom_skip(packet->headroom, head->offset,
					  head->len);

	if (skip < 0)
		return false;
	packet->skip = skip;
	head->offset += skip;
	head->len -= skip;
	return true;
}

/*
 * A program takes whole packets of one page. Others come only until the backend
 * has learned that there is one, or where its own MTU is larger than ours.
 *
 * Return: true where the packet goes on to the stack.
 */
static bool run_program(struct netfront_queue *q, struct bpf_prog *prog,
			struct rx_sum *sum)
{
	struct netfront_rx_packet *packet = &q->rx.packet;
	unsigned int len = packet->head.len;

	if (unlikely(packet->more_data ||
		     packet->gso_type != XEN_NETIF_GSO_TYPE_NONE)) {
		xpv_stat_inc(&q->xpv.stats, NETFRONT_STAT_XDP_ERRORS);
		sum->dropped++;
		spoil_packet(q);
		return false;
	}
	if (netfront_xdp_run(q, prog, &packet->head)) {
		/* Who knows what it did to the data. */
		packet->flags &= ~XEN_NETRXF_data_validated;
		packet->hash_type = PKT_HASH_TYPE_NONE;
		return true;
	}
	packet->head.page = NULL;
	packet->drop = true;
	sum->packets++;
	sum->bytes += len;
	return false;
}

/*
 * All is known about the first slot. One too short for an Ethernet header is
 * refused, for that is pulled without a question later on (XSA-522).
 */
static void begin_packet(struct netfront_queue *q, struct rx_sum *sum)
{
	struct netfront_rx_packet *packet = &q->rx.packet;
	struct bpf_prog *prog = rcu_dereference_bh(q->nf->xdp_prog);
	struct netfront_buf head;

	if (unlikely(!find_data(packet) || packet->head.len < ETH_HLEN)) {
		spoil_bad(q, sum);
		return;
	}
	if (prog && !run_program(q, prog, sum))
		return;
	head = packet->head;
	packet->head.page = NULL;
	add_first(q, &head, sum);
}

/*
 * A further slot. Where the skb has no room for one more fragment, its first
 * moves to the linear part.
 *
 * Takes @page over.
 */
static void add_further(struct netfront_queue *q, struct page *page,
			unsigned int offset, unsigned int len,
			struct rx_sum *sum)
{
	struct sk_buff *skb = q->rx.packet.skb;
	struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int skip = min(q->rx.packet.skip, len);

	offset += skip;
	len -= skip;
	if (unlikely(!len)) {
		reuse_page(q, page);
		return;
	}
	if (unlikely(q->rx.packet.slots > MAX_SLOTS ||
		     skb->len + len > MAX_LEN)) {
		reuse_page(q, page);
		spoil_bad(q, sum);
		return;
	}
	if (unlikely(info->nr_frags == MAX_SKB_FRAGS) &&
	    !__pskb_pull_tail(skb, skb_frag_size(&info->frags[0]))) {
		reuse_page(q, page);
		spoil_nomem(q, sum);
		return;
	}
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, offset, len,
			PAGE_SIZE);
}

static int check_data(struct netfront_queue *q, unsigned int index,
		      const struct xen_netif_rx_response *rsp, bool first)
{
	struct xpv_device *xdev = q->xpv.xdev;

	/* Responses come in the order of the requests, each in its slot. */
	if (unlikely(rsp->id != index)) {
		xpv_violation(xdev, "response to receive id %u in slot %u",
			      rsp->id, index);
		return -EPROTO;
	}
	if (unlikely(rsp->offset > XEN_PAGE_SIZE ||
		     rsp->status > (int)(XEN_PAGE_SIZE - rsp->offset))) {
		xpv_violation(xdev, "received %d bytes at %u of a page",
			      rsp->status, rsp->offset);
		return -EPROTO;
	}
	if (unlikely(!first && rsp->flags & XEN_NETRXF_extra_info)) {
		xpv_violation(xdev, "extra-info in the middle of a packet");
		return -EPROTO;
	}
	return 0;
}

static int take_data(struct netfront_queue *q, unsigned int index,
		     const struct xen_netif_rx_response *rsp, struct page *page,
		     struct rx_sum *sum)
{
	struct netfront_rx_packet *packet = &q->rx.packet;
	bool first = !packet->slots;
	int err = check_data(q, index, rsp, first);

	if (err) {
		reuse_page(q, page);
		return err;
	}

	packet->slots++;
	packet->more_data = rsp->flags & XEN_NETRXF_more_data;
	if (first) {
		packet->flags = rsp->flags;
		packet->more_extras = rsp->flags & XEN_NETRXF_extra_info;
	}

	if (packet->drop) {
		reuse_page(q, page);
	} else if (rsp->status < 0) {
		/* The backend could not fill the page. */
		reuse_page(q, page);
		spoil_bad(q, sum);
	} else if (first) {
		packet->head.page = page;
		packet->head.offset = rsp->offset;
		packet->head.len = rsp->status;
		if (!packet->more_extras)
			begin_packet(q, sum);
	} else {
		add_further(q, page, rsp->offset, rsp->status, sum);
	}
	return 0;
}

/* A hint for the stack. One of a kind that we did not ask for says nothing. */
static void take_hash(struct netfront_rx_packet *packet,
		      const struct xen_netif_extra_info *extra)
{
	__le32 value;

	if (extra->u.hash.algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ)
		return;
	memcpy(&value, extra->u.hash.value, sizeof(value));
	packet->hash = le32_to_cpu(value);
	switch (extra->u.hash.type) {
	case _XEN_NETIF_CTRL_HASH_TYPE_IPV4:
	case _XEN_NETIF_CTRL_HASH_TYPE_IPV6:
		packet->hash_type = PKT_HASH_TYPE_L3;
		break;
	case _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP:
	case _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP:
		packet->hash_type = PKT_HASH_TYPE_L4;
		break;
	}
}

/*
 * An extra-info overlays the response of the slot that it came in; that slot's
 * page was not used.
 */
static void take_extra(struct netfront_queue *q,
		       const struct xen_netif_extra_info *extra,
		       struct rx_sum *sum)
{
	struct netfront_rx_packet *packet = &q->rx.packet;

	packet->more_extras = extra->flags & XEN_NETIF_EXTRA_FLAG_MORE;
	switch (extra->type) {
	case XEN_NETIF_EXTRA_TYPE_GSO:
		packet->gso_type = extra->u.gso.type;
		packet->gso_size = extra->u.gso.size;
		break;
	case XEN_NETIF_EXTRA_TYPE_XDP:
		packet->headroom = extra->u.xdp.headroom;
		break;
	case XEN_NETIF_EXTRA_TYPE_HASH:
		take_hash(packet, extra);
		break;
	default:
		xpv_stat_inc(&q->xpv.stats, NETFRONT_STAT_RX_EXTRAS);
	}
	if (!packet->more_extras && packet->head.page)
		begin_packet(q, sum);
}

/* Return: 0, or -EPROTO after a violation. */
static int take_slot(struct netfront_queue *q, struct rx_sum *sum)
{
	struct xpv_slots *s = netfront_slots(q, NETFRONT_RX);
	unsigned int index = slot_index(s->cons);
	union rx_entry entry;
	struct page *page;

	xpv_slots_consume(s, &entry, sizeof(entry));
	sum->slots++;
	page = end_grant(q, &q->rx.slot[index]);
	if (unlikely(!page)) {
		xpv_violation(q->xpv.xdev,
			      "receive id %u was answered, its page is still in use",
			      index);
		return -EPROTO;
	}

	if (!q->rx.packet.more_extras)
		return take_data(q, index, &entry.rsp, page, sum);
	reuse_page(q, page);
	take_extra(q, &entry.extra, sum);
	return 0;
}

/* A TCP packet whose fixed header is linear: whether the rest is, and sound. */
static bool pull_tcp_header(struct sk_buff *skb)
{
	return tcp_hdrlen(skb) >= sizeof(struct tcphdr) &&
	       pskb_may_pull(skb, skb_transport_offset(skb) + tcp_hdrlen(skb));
}

/*
 * A packet of segments is what its type says: a TCP packet of that IP version.
 * skb_checksum_setup() has been there: the transport header is set.
 *
 * Return: false where it is no good.
 */
static bool set_gso(struct sk_buff *skb,
		    const struct netfront_rx_packet *packet)
{
	bool v6 = packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV6;
	unsigned int header = skb_transport_offset(skb);
	int size;

	if (!v6 && packet->gso_type != XEN_NETIF_GSO_TYPE_TCPV4)
		return false;
	if (skb->protocol != htons(v6 ? ETH_P_IPV6 : ETH_P_IP) ||
	    skb->csum_offset != offsetof(struct tcphdr, check) ||
	    !pskb_may_pull(skb, header + sizeof(struct tcphdr)) ||
	    !pull_tcp_header(skb))
		return false;
	size = netfront_segment_size(packet->gso_size,
				     skb->len - header - tcp_hdrlen(skb));
	if (size <= 0)
		return !size;

	skb_shinfo(skb)->gso_size = size;
	/* The backend's word: whoever segments checks headers and counts. */
	skb_shinfo(skb)->gso_type = SKB_GSO_DODGY |
				    (v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4);
	skb_shinfo(skb)->gso_segs = 0;
	return true;
}

/*
 * The packet's checksum: blank (to be filled in where it leaves this machine),
 * found good by the backend, or unknown. That of a packet of segments is blank
 * by nature; where a backend did not say so, it is made so.
 *
 * Return: the packet, or NULL where it was no good and has been freed.
 */
static struct sk_buff *set_offloads(struct sk_buff *skb,
				    const struct netfront_rx_packet *packet,
				    struct rx_sum *sum)
{
	bool blank = packet->flags & XEN_NETRXF_csum_blank;
	bool gso = packet->gso_type != XEN_NETIF_GSO_TYPE_NONE;

	if (!blank && !gso) {
		if (packet->flags & XEN_NETRXF_data_validated &&
		    skb->dev->features & NETIF_F_RXCSUM)
			skb->ip_summed = CHECKSUM_UNNECESSARY;
		return skb;
	}

	sum->fixups += !blank;
	/* The setup looks no further than the Ethernet header. */
	if (eth_type_vlan(skb->protocol))
		skb = skb_vlan_untag(skb);
	if (!skb)
		return NULL;
	skb_reset_network_header(skb);
	if (skb_checksum_setup(skb, !blank) || (gso && !set_gso(skb, packet))) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/* All of the packet's slots are there. */
static void deliver(struct netfront_queue *q, struct rx_sum *sum)
{
	struct netfront_rx_packet packet = q->rx.packet;
	struct sk_buff *skb = packet.skb;
	unsigned int len;

	memset(&q->rx.packet, 0, sizeof(q->rx.packet));
	if (packet.drop)
		return;

	len = skb->len;
	skb->protocol = eth_type_trans(skb, q->nf->netdev);
	skb = set_offloads(skb, &packet, sum);
	if (unlikely(!skb)) {
		sum->errors++;
		xpv_stat_inc(&q->xpv.stats, XPV_STAT_BAD);
		return;
	}

	sum->packets++;
	sum->bytes += len;
	skb_record_rx_queue(skb, q->xpv.index);
	if (packet.hash_type != PKT_HASH_TYPE_NONE &&
	    skb->dev->features & NETIF_F_RXHASH)
		skb_set_hash(skb, packet.hash, packet.hash_type);
	napi_gro_receive(&q->napi, skb);
}

static bool packet_complete(const struct netfront_rx_packet *packet)
{
	return !packet->more_data && !packet->more_extras;
}

static int too_many(struct netfront_queue *q)
{
	xpv_stat_inc(&q->xpv.stats, XPV_STAT_BAD);
	xpv_violation(q->xpv.xdev,
		      "more responses than requests in receive ring %u",
		      q->xpv.index);
	return -EPROTO;
}

/* Return: packets, or -EPROTO after a violation. */
static int receive(struct netfront_queue *q, int budget, struct rx_sum *sum)
{
	int waiting = xpv_slots_responses(netfront_slots(q, NETFRONT_RX));
	int done = 0, err;

	if (unlikely(waiting < 0))
		return too_many(q);

	while (waiting-- && done < budget) {
		err = take_slot(q, sum);
		if (unlikely(err)) {
			xpv_stat_inc(&q->xpv.stats, XPV_STAT_BAD);
			return err;
		}
		if (!packet_complete(&q->rx.packet))
			continue;
		deliver(q, sum);
		done++;
	}
	return done;
}

static void refill(struct netfront_queue *q)
{
	struct xpv_slots *s = netfront_slots(q, NETFRONT_RX);

	if (xpv_slots_free(s) < REFILL_BATCH ||
	    fill_ring(q, GFP_ATOMIC | __GFP_NOWARN))
		return;
	xpv_stat_inc(&q->xpv.stats, NETFRONT_STAT_RX_NOMEM);
	if (s->nr - xpv_slots_free(s) < RETRY_BELOW)
		schedule_delayed_work(&q->rx.retry, RETRY_DELAY);
}

static void account(struct netfront_queue *q, const struct rx_sum *sum)
{
	struct netfront_rx *rx = &q->rx;

	q->worked[NETFRONT_RX] = true;
	xpv_stat_add(&q->xpv.stats, XPV_STAT_TAKEN, sum->slots);
	u64_stats_update_begin(&rx->syncp);
	u64_stats_add(&rx->packets, sum->packets);
	u64_stats_add(&rx->bytes, sum->bytes);
	u64_stats_add(&rx->errors, sum->errors);
	u64_stats_add(&rx->dropped, sum->dropped);
	u64_stats_add(&rx->fixups, sum->fixups);
	u64_stats_update_end(&rx->syncp);
}

int netfront_rx_poll(struct netfront_queue *q, int budget)
{
	struct rx_sum sum = {};
	int done = receive(q, budget, &sum);

	if (sum.slots)
		account(q, &sum);
	netfront_xdp_finish(q);
	if (done >= 0)
		refill(q);
	return done;
}

int netfront_rx_await(struct netfront_queue *q)
{
	struct xpv_slots *slots = netfront_slots(q, NETFRONT_RX);
	int waiting = xpv_slots_final_check_responses(slots, 1);

	if (unlikely(waiting < 0))
		return too_many(q);
	return waiting > 0;
}

/* Nothing but memory that ran out keeps NAPI from waking by itself. */
static void retry(struct work_struct *work)
{
	netfront_queue_kick(container_of(to_delayed_work(work),
					 struct netfront_queue, rx.retry));
}

void netfront_rx_init(struct netfront_queue *q)
{
	INIT_DELAYED_WORK(&q->rx.retry, retry);
}

/*
 * The pool outlives connections: packets that a reader holds, maybe for hours,
 * are of it, and one that is destroyed before they are free complains of them
 * each minute.
 */
static int create_pool(struct netfront_queue *q)
{
	struct page_pool_params params = {
		.pool_size = NETFRONT_RING_SLOTS,
		.nid = NUMA_NO_NODE,
	};
	struct netfront_rx *rx = &q->rx;
	int err;

	if (rx->pool)
		return 0;
	rx->pool = page_pool_create(&params);
	if (IS_ERR(rx->pool)) {
		err = PTR_ERR(rx->pool);
		rx->pool = NULL;
		return err;
	}
	err = netfront_xdp_create(q);
	if (err)
		netfront_rx_fini(q);
	return err;
}

int netfront_rx_create(struct netfront_queue *q)
{
	struct netfront_rx *rx = &q->rx;
	unsigned int i;
	int err;

	err = create_pool(q);
	if (err)
		return err;
	rx->slot = kvcalloc(NETFRONT_RING_SLOTS, sizeof(*rx->slot), GFP_KERNEL);
	if (!rx->slot)
		return -ENOMEM;
	for (i = 0; i < NETFRONT_RING_SLOTS; i++)
		rx->slot[i].ref = xpv_gref_take(&q->grefs);
	return fill_ring(q, GFP_KERNEL) ? 0 : -ENOMEM;
}

/*
 * Not for the pool to keep: the next connection may be to another backend, or
 * none may follow. A page with another reference leaves it.
 */
static void free_page_of_pool(struct netfront_queue *q, struct page *page)
{
	get_page(page);
	page_pool_put_full_page(q->rx.pool, page, false);
	put_page(page);
}

void netfront_rx_destroy(struct netfront_queue *q)
{
	struct netfront_rx *rx = &q->rx;
	struct page *page;
	unsigned int i;

	kfree_skb(rx->packet.skb);
	if (rx->packet.head.page)
		free_page_of_pool(q, rx->packet.head.page);
	memset(&rx->packet, 0, sizeof(rx->packet));
	for (i = 0; rx->slot && i < NETFRONT_RING_SLOTS; i++) {
		page = rx->slot[i].page ? end_grant(q, &rx->slot[i]) : NULL;
		if (page)
			free_page_of_pool(q, page);
		if (rx->slot[i].ref != INVALID_GRANT_REF)
			xpv_gref_put(&q->grefs, rx->slot[i].ref);
	}
	kvfree(rx->slot);
	rx->slot = NULL;
}

void netfront_rx_fini(struct netfront_queue *q)
{
	netfront_xdp_destroy(q);
	page_pool_destroy(q->rx.pool);
	q->rx.pool = NULL;
}
