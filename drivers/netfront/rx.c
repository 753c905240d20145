// SPDX-License-Identifier: GPL-2.0
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/page_pool/helpers.h>
#include <xen/interface/io/netif.h>
#include <xen/page.h>

#include "headroom.h"
#include "netfront.h"
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
 * struct rx_totals - what a poll comes to
 * @slots: consumed
 * @packets: received
 * @bytes: received
 * @errors: packets dropped because of the backend
 * @dropped: packets dropped for want of memory
 * @fixups: see struct netfront_rx
 */
struct rx_totals {
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
static struct page *alloc_buffer(struct netfront_queue *queue, gfp_t gfp)
{
	struct page *page;

	if (!queue->nf->bounce)
		return page_pool_alloc_pages(queue->rx.pool, gfp | __GFP_ZERO);
	page = page_pool_alloc_pages(queue->rx.pool, gfp);
	if (page)
		clear_page(page_address(page));
	return page;
}

/* Return: false where memory ran out before the ring was full. */
static bool fill_ring(struct netfront_queue *queue, gfp_t gfp)
{
	struct xpv_slots *s = netfront_slots(queue, NETIF_RX);
	struct xen_netif_rx_request req = {};
	struct netfront_rx_slot *slot;
	unsigned int count = 0;
	struct page *page;

	while (xpv_slots_free(s)) {
		page = alloc_buffer(queue, gfp);
		if (!page)
			break;
		req.id = slot_index(s->prod);
		slot = &queue->rx.slot[req.id];
		slot->page = page;
		req.gref = slot->ref;
		xpv_grant(queue->base.xdev, slot->ref, page, false);
		xpv_slots_produce(s, &req, sizeof(req));
		count++;
	}
	xpv_stat_add(&queue->base.stats, XPV_STAT_PUT, count);
	xpv_stat_add(&queue->base.stats, XPV_STAT_GRANTS, count);
	if (count && xpv_slots_push_requests(s))
		xpv_queue_notify(&queue->base, NETIF_RX);
	return !xpv_slots_free(s);
}

/*
 * Take a slot's page back from the backend. On failure the backend keeps it;
 * the pool forgets it.
 */
static struct page *end_grant(struct netfront_queue *queue,
			      struct netfront_rx_slot *slot)
{
	struct page *page = slot->page;

	slot->page = NULL;
	if (likely(xpv_grant_revoke(queue->base.xdev, &slot->ref, page)))
		return page;
	page_pool_put_full_page(queue->rx.pool, page, false);
	return NULL;
}

static void recycle_page(struct netfront_queue *queue, struct page *page)
{
	page_pool_recycle_direct(queue->rx.pool, page);
}

/* The packet under way is of no use; its slots are still to be consumed. */
static void discard_packet(struct netfront_queue *queue)
{
	struct netfront_rx_packet *packet = &queue->rx.packet;

	packet->drop = true;
	kfree_skb(packet->skb);
	packet->skb = NULL;
	if (packet->head.page)
		recycle_page(queue, packet->head.page);
	packet->head.page = NULL;
}

static void discard_bad(struct netfront_queue *queue, struct rx_totals *sum)
{
	sum->errors++;
	xpv_stat_inc(&queue->base.stats, XPV_STAT_BAD);
	discard_packet(queue);
}

static void discard_nomem(struct netfront_queue *queue, struct rx_totals *sum)
{
	sum->dropped++;
	xpv_stat_inc(&queue->base.stats, NETFRONT_STAT_RX_NOMEM);
	discard_packet(queue);
}

/*
 * The first slot: its headers become linear, so that GRO can tell headers from
 * data.
 *
 * Takes the page over.
 */
static void start_skb(struct netfront_queue *queue,
		      const struct netfront_buf *buf, struct rx_totals *sum)
{
	struct page *page = buf->page;
	unsigned int offset = buf->offset, len = buf->len, head = len;
	void *data = page_address(page) + offset;
	struct sk_buff *skb;

	skb = napi_alloc_skb(&queue->napi, COPY_MAX);
	if (unlikely(!skb)) {
		recycle_page(queue, page);
		discard_nomem(queue, sum);
		return;
	}
	skb_mark_for_recycle(skb);
	queue->rx.packet.skb = skb;

	if (len > COPY_MAX)
		head = eth_get_headlen(queue->nf->netdev, data, COPY_MAX);
	skb_put_data(skb, data, head);
	if (len > head)
		skb_add_rx_frag(skb, 0, page, offset + head, len - head,
				PAGE_SIZE);
	else
		recycle_page(queue, page);
}

/* Return: false for a slot that ends before its data begins. */
static bool skip_headroom(struct netfront_rx_packet *packet)
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
static bool run_program(struct netfront_queue *queue, struct bpf_prog *prog,
			struct rx_totals *sum)
{
	struct netfront_rx_packet *packet = &queue->rx.packet;
	unsigned int len = packet->head.len;

	if (unlikely(packet->more_data ||
		     packet->gso_type != XEN_NETIF_GSO_TYPE_NONE)) {
		xpv_stat_inc(&queue->base.stats, NETFRONT_STAT_XDP_ERRORS);
		sum->dropped++;
		discard_packet(queue);
		return false;
	}
	if (netfront_xdp_run(queue, prog, &packet->head)) {
		/* The program may have changed the data. */
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
static void start_packet(struct netfront_queue *queue, struct rx_totals *sum)
{
	struct netfront_rx_packet *packet = &queue->rx.packet;
	struct bpf_prog *prog = rcu_dereference_bh(queue->nf->xdp_prog);
	struct netfront_buf head;

	if (unlikely(!skip_headroom(packet) || packet->head.len < ETH_HLEN)) {
		discard_bad(queue, sum);
		return;
	}
	if (prog && !run_program(queue, prog, sum))
		return;
	head = packet->head;
	packet->head.page = NULL;
	start_skb(queue, &head, sum);
}

/*
 * A further slot. Where the skb has no room for one more fragment, its first
 * moves to the linear part.
 *
 * Takes @page over.
 */
static void add_frag(struct netfront_queue *queue, struct page *page,
		     unsigned int offset, unsigned int len,
			struct rx_totals *sum)
{
	struct sk_buff *skb = queue->rx.packet.skb;
	struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int skip = min(queue->rx.packet.skip, len);

	offset += skip;
	len -= skip;
	if (unlikely(!len)) {
		recycle_page(queue, page);
		return;
	}
	if (unlikely(queue->rx.packet.slots > MAX_SLOTS ||
		     skb->len + len > MAX_LEN)) {
		recycle_page(queue, page);
		discard_bad(queue, sum);
		return;
	}
	if (unlikely(info->nr_frags == MAX_SKB_FRAGS) &&
	    !__pskb_pull_tail(skb, skb_frag_size(&info->frags[0]))) {
		recycle_page(queue, page);
		discard_nomem(queue, sum);
		return;
	}
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, offset, len,
			PAGE_SIZE);
}

static int check_data(struct netfront_queue *queue, unsigned int index,
		      const struct xen_netif_rx_response *rsp, bool first)
{
	struct xpv_device *xdev = queue->base.xdev;

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

static int add_slot(struct netfront_queue *queue, unsigned int index,
		    const struct xen_netif_rx_response *rsp, struct page *page,
		     struct rx_totals *sum)
{
	struct netfront_rx_packet *packet = &queue->rx.packet;
	bool first = !packet->slots;
	int err = check_data(queue, index, rsp, first);

	if (err) {
		recycle_page(queue, page);
		return err;
	}

	packet->slots++;
	packet->more_data = rsp->flags & XEN_NETRXF_more_data;
	if (first) {
		packet->flags = rsp->flags;
		packet->more_extras = rsp->flags & XEN_NETRXF_extra_info;
	}

	if (packet->drop) {
		recycle_page(queue, page);
	} else if (rsp->status < 0) {
		/* The backend could not fill the page. */
		recycle_page(queue, page);
		discard_bad(queue, sum);
	} else if (first) {
		packet->head.page = page;
		packet->head.offset = rsp->offset;
		packet->head.len = rsp->status;
		if (!packet->more_extras)
			start_packet(queue, sum);
	} else {
		add_frag(queue, page, rsp->offset, rsp->status, sum);
	}
	return 0;
}

/* A hint for the stack. One of a kind that we did not ask for says nothing. */
static void parse_hash(struct netfront_rx_packet *packet,
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
static void parse_extra(struct netfront_queue *queue,
			const struct xen_netif_extra_info *extra,
		       struct rx_totals *sum)
{
	struct netfront_rx_packet *packet = &queue->rx.packet;

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
		parse_hash(packet, extra);
		break;
	default:
		xpv_stat_inc(&queue->base.stats, NETFRONT_STAT_RX_EXTRAS);
	}
	if (!packet->more_extras && packet->head.page)
		start_packet(queue, sum);
}

/* Return: 0, or -EPROTO after a violation. */
static int consume_slot(struct netfront_queue *queue, struct rx_totals *sum)
{
	struct xpv_slots *s = netfront_slots(queue, NETIF_RX);
	unsigned int index = slot_index(s->cons);
	union rx_entry entry;
	struct page *page;

	xpv_slots_consume(s, &entry, sizeof(entry));
	sum->slots++;
	page = end_grant(queue, &queue->rx.slot[index]);
	if (unlikely(!page)) {
		xpv_violation(queue->base.xdev,
			      "receive id %u was answered, its page is still in use",
			      index);
		return -EPROTO;
	}

	if (!queue->rx.packet.more_extras)
		return add_slot(queue, index, &entry.rsp, page, sum);
	recycle_page(queue, page);
	parse_extra(queue, &entry.extra, sum);
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
	/* Untrusted: whoever segments it checks headers and counts segments. */
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
				    struct rx_totals *sum)
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
static void deliver_packet(struct netfront_queue *queue, struct rx_totals *sum)
{
	struct netfront_rx_packet packet = queue->rx.packet;
	struct sk_buff *skb = packet.skb;
	unsigned int len;

	memset(&queue->rx.packet, 0, sizeof(queue->rx.packet));
	if (packet.drop)
		return;

	len = skb->len;
	skb->protocol = eth_type_trans(skb, queue->nf->netdev);
	skb = set_offloads(skb, &packet, sum);
	if (unlikely(!skb)) {
		sum->errors++;
		xpv_stat_inc(&queue->base.stats, XPV_STAT_BAD);
		return;
	}

	sum->packets++;
	sum->bytes += len;
	skb_record_rx_queue(skb, queue->base.index);
	if (packet.hash_type != PKT_HASH_TYPE_NONE &&
	    skb->dev->features & NETIF_F_RXHASH)
		skb_set_hash(skb, packet.hash, packet.hash_type);
	napi_gro_receive(&queue->napi, skb);
}

static bool packet_complete(const struct netfront_rx_packet *packet)
{
	return !packet->more_data && !packet->more_extras;
}

static int report_overrun(struct netfront_queue *queue)
{
	xpv_stat_inc(&queue->base.stats, XPV_STAT_BAD);
	xpv_violation(queue->base.xdev,
		      "more responses than requests in receive ring %u",
		      queue->base.index);
	return -EPROTO;
}

/* Return: packets, or -EPROTO after a violation. */
static int receive_packets(struct netfront_queue *queue, int budget,
			   struct rx_totals *sum)
{
	int waiting = xpv_slots_responses(netfront_slots(queue, NETIF_RX));
	int done = 0, err;

	if (unlikely(waiting < 0))
		return report_overrun(queue);

	while (waiting-- && done < budget) {
		err = consume_slot(queue, sum);
		if (unlikely(err)) {
			xpv_stat_inc(&queue->base.stats, XPV_STAT_BAD);
			return err;
		}
		if (!packet_complete(&queue->rx.packet))
			continue;
		deliver_packet(queue, sum);
		done++;
	}
	return done;
}

static void refill_ring(struct netfront_queue *queue)
{
	struct xpv_slots *s = netfront_slots(queue, NETIF_RX);

	if (xpv_slots_free(s) < REFILL_BATCH ||
	    fill_ring(queue, GFP_ATOMIC | __GFP_NOWARN))
		return;
	xpv_stat_inc(&queue->base.stats, NETFRONT_STAT_RX_NOMEM);
	if (s->nr - xpv_slots_free(s) < RETRY_BELOW)
		schedule_delayed_work(&queue->rx.retry, RETRY_DELAY);
}

static void account(struct netfront_queue *queue, const struct rx_totals *sum)
{
	struct netfront_rx *rx = &queue->rx;

	queue->worked[NETIF_RX] = true;
	xpv_stat_add(&queue->base.stats, XPV_STAT_TAKEN, sum->slots);
	u64_stats_update_begin(&rx->syncp);
	u64_stats_add(&rx->packets, sum->packets);
	u64_stats_add(&rx->bytes, sum->bytes);
	u64_stats_add(&rx->errors, sum->errors);
	u64_stats_add(&rx->dropped, sum->dropped);
	u64_stats_add(&rx->fixups, sum->fixups);
	u64_stats_update_end(&rx->syncp);
}

int netfront_rx_poll(struct netfront_queue *queue, int budget)
{
	struct rx_totals sum = {};
	int done = receive_packets(queue, budget, &sum);

	if (sum.slots)
		account(queue, &sum);
	netfront_xdp_flush(queue);
	if (done >= 0)
		refill_ring(queue);
	return done;
}

int netfront_rx_final_check(struct netfront_queue *queue)
{
	struct xpv_slots *s = netfront_slots(queue, NETIF_RX);
	int waiting = xpv_slots_final_check_responses(s, 1);

	if (unlikely(waiting < 0))
		return report_overrun(queue);
	return waiting > 0;
}

/* Nothing but memory that ran out keeps NAPI from waking by itself. */
static void retry_refill(struct work_struct *work)
{
	netfront_queue_kick(container_of(to_delayed_work(work),
					 struct netfront_queue, rx.retry));
}

void netfront_rx_init(struct netfront_queue *queue)
{
	INIT_DELAYED_WORK(&queue->rx.retry, retry_refill);
}

/*
 * The pool outlives connections: packets that a reader holds, maybe for hours,
 * are of it, and one that is destroyed before they are free warns of them
 * each minute.
 */
static int create_pool(struct netfront_queue *queue)
{
	struct page_pool_params params = {
		.pool_size = NETFRONT_RING_SLOTS,
		.nid = NUMA_NO_NODE,
	};
	struct netfront_rx *rx = &queue->rx;
	int err;

	if (rx->pool)
		return 0;
	rx->pool = page_pool_create(&params);
	if (IS_ERR(rx->pool)) {
		err = PTR_ERR(rx->pool);
		rx->pool = NULL;
		return err;
	}
	err = netfront_xdp_create(queue);
	if (err)
		netfront_rx_fini(queue);
	return err;
}

int netfront_rx_create(struct netfront_queue *queue)
{
	struct netfront_rx *rx = &queue->rx;
	unsigned int i;
	int err;

	err = create_pool(queue);
	if (err)
		return err;
	rx->slot = kvcalloc(NETFRONT_RING_SLOTS, sizeof(*rx->slot), GFP_KERNEL);
	if (!rx->slot)
		return -ENOMEM;
	for (i = 0; i < NETFRONT_RING_SLOTS; i++)
		rx->slot[i].ref = xpv_gref_take(&queue->grefs);
	return fill_ring(queue, GFP_KERNEL) ? 0 : -ENOMEM;
}

/*
 * Not for the pool to keep: the next connection may be to another backend, or
 * none may follow. A page with another reference leaves it.
 */
static void free_page_of_pool(struct netfront_queue *queue, struct page *page)
{
	get_page(page);
	page_pool_put_full_page(queue->rx.pool, page, false);
	put_page(page);
}

void netfront_rx_destroy(struct netfront_queue *queue)
{
	struct netfront_rx *rx = &queue->rx;
	struct page *page;
	unsigned int i;

	kfree_skb(rx->packet.skb);
	if (rx->packet.head.page)
		free_page_of_pool(queue, rx->packet.head.page);
	memset(&rx->packet, 0, sizeof(rx->packet));
	for (i = 0; rx->slot && i < NETFRONT_RING_SLOTS; i++) {
		page = rx->slot[i].page ? end_grant(queue, &rx->slot[i]) : NULL;
		if (page)
			free_page_of_pool(queue, page);
		if (rx->slot[i].ref != INVALID_GRANT_REF)
			xpv_gref_put(&queue->grefs, rx->slot[i].ref);
	}
	kvfree(rx->slot);
	rx->slot = NULL;
}

void netfront_rx_fini(struct netfront_queue *queue)
{
	netfront_xdp_destroy(queue);
	page_pool_destroy(queue->rx.pool);
	queue->rx.pool = NULL;
}
