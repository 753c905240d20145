// SPDX-License-Identifier: GPL-2.0
#include "to_guest_place.h"
#include "netback.h"

/**
 * struct place - where the next byte of a packet goes
 * @queue: the queue
 * @skb: the packet
 * @left: bytes of it to go; what bounds everything below, so that no skb of odd
 *	  make takes more slots than were counted for it
 * @separate: see struct netback_slot_plan
 * @headroom: the same
 * @extras: the same; those that are still to come
 * @entry: the open slot's response, NULL before the first
 * @gref: the open slot's page
 * @room: bytes that still fit it
 */
struct place {
	struct netback_queue *queue;
	struct sk_buff *skb;
	unsigned int left;
	bool separate;
	unsigned int headroom;
	unsigned int extras;
	union netback_to_guest_slot *entry;
	grant_ref_t gref;
	unsigned int room;
};

/* A guest that gets hashes gets them in an extra info, in a slot of its own. */
static bool has_hash(const struct sk_buff *skb)
{
	return netback_skb_cb(skb)->hash_type != NETBACK_HASH_NONE;
}

static unsigned int count_pieces(const void *at, unsigned int len)
{
	unsigned int offset = (unsigned long)at % NETBACK_GRANT_SIZE;

	return len ? DIV_ROUND_UP(offset + len, NETBACK_GRANT_SIZE) : 0;
}

static unsigned int count_own_pieces(const struct sk_buff *skb)
{
	unsigned int i, pieces = count_pieces(skb->data, skb_headlen(skb));
	const skb_frag_t *frag;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		pieces += count_pieces(skb_frag_address(frag),
				    skb_frag_size(frag));
	}
	return pieces;
}

/* As copy_skb() will find them. */
static unsigned int count_all_pieces(const struct sk_buff *skb)
{
	unsigned int pieces = count_own_pieces(skb);
	const struct sk_buff *part;

	skb_walk_frags(skb, part)
		pieces += count_own_pieces(part);
	return pieces;
}

static u8 gso_type(const struct sk_buff *skb)
{
	if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV4)
		return XEN_NETIF_GSO_TYPE_TCPV4;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6)
		return XEN_NETIF_GSO_TYPE_TCPV6;
	return XEN_NETIF_GSO_TYPE_NONE;
}

/* Return: whether the frontend supports packets of that kind. */
static bool kind_supported(const struct netback *nb, const struct sk_buff *skb,
			   unsigned int headroom)
{
	netdev_features_t wanted = 0;

	if (netback_packed_slots(skb->len, headroom) > 1)
		wanted |= NETIF_F_SG;
	if (skb_is_gso(skb)) {
		switch (gso_type(skb)) {
		case XEN_NETIF_GSO_TYPE_TCPV4:
			wanted |= NETIF_F_TSO;
			break;
		case XEN_NETIF_GSO_TYPE_TCPV6:
			wanted |= NETIF_F_TSO6;
			break;
		default:
			return false;
		}
	}
	return !(wanted & ~READ_ONCE(nb->supported));
}

bool netback_plan_skb(const struct netback_queue *queue,
		      const struct sk_buff *skb, struct netback_slot_plan *plan)
{
	struct netback_packet_shape shape = {
		.len = skb->len,
		.headroom = READ_ONCE(queue->nb->headroom),
	};

	if (!skb->len || !kind_supported(queue->nb, skb, shape.headroom))
		return false;

	if (skb->len > NETBACK_GRANT_SIZE)
		shape.pieces = count_all_pieces(skb);
	if (skb_is_gso(skb))
		shape.extras++;
	if (has_hash(skb))
		shape.extras++;
	if (shape.headroom)
		shape.extras++;
	return netback_plan_slots(&shape, plan);
}

static union netback_to_guest_slot *
consume_slot(struct netback_queue *queue, struct xen_netif_rx_request *req)
{
	struct netback_to_guest *tg = &queue->to_guest;

	xpv_slots_consume(&queue->base.ring[NETBACK_TO_GUEST].slots, req,
			  sizeof(*req));
	tg->available--;
	xpv_stat_inc(&queue->base.stats, NETBACK_STAT_TX_SLOTS);
	return &tg->rsp[tg->nr_rsp++];
}

/*
 * XEN_NETRXF_csum_blank is allowed only together with
 * XEN_NETRXF_data_validated, without which Windows takes no segments.
 */
static u16 get_flags(const struct sk_buff *skb)
{
	u16 flags = 0;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		flags = XEN_NETRXF_csum_blank | XEN_NETRXF_data_validated;
	else if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		flags = XEN_NETRXF_data_validated;
	if (skb_is_gso(skb))
		flags |= XEN_NETRXF_data_validated;
	return flags;
}

/* An extra info takes a slot of its own; the page of that stays empty. */
static void add_extra(struct place *p, const struct xen_netif_extra_info *extra)
{
	struct xen_netif_rx_request req;
	union netback_to_guest_slot *entry = consume_slot(p->queue, &req);

	entry->extra = *extra;
	if (--p->extras)
		entry->extra.flags |= XEN_NETIF_EXTRA_FLAG_MORE;
}

static void add_gso(struct place *p)
{
	const struct xen_netif_extra_info extra = {
		.type = XEN_NETIF_EXTRA_TYPE_GSO,
		.u.gso.type = gso_type(p->skb),
		.u.gso.size = skb_shinfo(p->skb)->gso_size,
	};

	add_extra(p, &extra);
}

static void add_hash(struct place *p)
{
	const struct netback_skb_cb *cb = netback_skb_cb(p->skb);
	const __le32 value = cpu_to_le32(cb->hash);
	struct xen_netif_extra_info extra = {
		.type = XEN_NETIF_EXTRA_TYPE_HASH,
		.u.hash.type = cb->hash_type,
		.u.hash.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ,
	};

	memcpy(extra.u.hash.value, &value, sizeof(value));
	add_extra(p, &extra);
}

static void add_xdp(struct place *p)
{
	const struct xen_netif_extra_info extra = {
		.type = XEN_NETIF_EXTRA_TYPE_XDP,
		.u.xdp.headroom = p->headroom,
	};

	add_extra(p, &extra);
}

/*
 * The slot's offset and status are those of the data, as ever. Linux' netfront
 * goes by the extra info and takes the status for the data's length; its
 * netback counts the headroom in as well and shows the guest that many bytes
 * behind the packet's end.
 */
static void start_packet(struct place *p)
{
	struct xen_netif_rx_response *rsp = &p->entry->rsp;

	rsp->offset = p->headroom;
	rsp->flags = get_flags(p->skb);
	p->room -= p->headroom;
	if (!p->extras)
		return;
	rsp->flags |= XEN_NETRXF_extra_info;
	if (skb_is_gso(p->skb))
		add_gso(p);
	if (has_hash(p->skb))
		add_hash(p);
	if (p->headroom)
		add_xdp(p);
}

static void start_slot(struct place *p)
{
	bool first = !p->entry;
	struct xen_netif_rx_request req;

	if (!first)
		p->entry->rsp.flags |= XEN_NETRXF_more_data;
	p->entry = consume_slot(p->queue, &req);
	p->entry->rsp.id = req.id;
	p->entry->rsp.offset = 0;
	p->entry->rsp.flags = 0;
	p->entry->rsp.status = 0;
	p->gref = req.gref;
	p->room = NETBACK_GRANT_SIZE;
	if (first)
		start_packet(p);
}

void netback_run_copies(struct netback_queue *queue)
{
	struct netback_to_guest *tg = &queue->to_guest;
	unsigned int i;

	if (!tg->nr_copies)
		return;
	xpv_stat_add(&queue->base.stats, NETBACK_STAT_TX_COPIES, tg->nr_copies);
	xpv_stat_inc(&queue->base.stats, NETBACK_STAT_TX_COPY_CALLS);
	if (xpv_copy_run(queue->base.xdev, tg->copies, tg->nr_copies)) {
		xpv_stat_inc(&queue->base.stats, NETBACK_STAT_TX_ERRORS);
		for (i = 0; i < tg->nr_copies; i++)
			if (!xpv_copy_ok(&tg->copies[i]))
				tg->rsp[tg->copy_rsp[i]].rsp.status =
					XEN_NETIF_RSP_ERROR;
	}
	tg->nr_copies = 0;
}

static void add_copy(struct place *p, const void *from, unsigned int len)
{
	struct netback_to_guest *tg = &p->queue->to_guest;
	struct xpv_copy_place to = {
		.ref = p->gref,
		.offset = NETBACK_GRANT_SIZE - p->room,
	};

	if (tg->nr_copies == NETBACK_TO_GUEST_COPIES)
		netback_run_copies(p->queue);
	tg->copy_rsp[tg->nr_copies] = p->entry - tg->rsp;
	xpv_copy_out(&tg->copies[tg->nr_copies++], p->queue->base.xdev, from,
		     to, len);

	/* An earlier part that failed spoils the slot for good. */
	if (p->entry->rsp.status >= 0)
		p->entry->rsp.status += len;
	p->room -= len;
	p->left -= len;
}

static void copy_range(struct place *p, const void *from, unsigned int len)
{
	struct xpv_copy_place to = {};
	unsigned int part;

	len = min(len, p->left);
	while (len) {
		if (!p->room || p->separate)
			start_slot(p);
		to.offset = NETBACK_GRANT_SIZE - p->room;
		part = min(len, xpv_copy_room(from, to));
		add_copy(p, from, part);
		from += part;
		len -= part;
	}
}

static void copy_skb(struct place *p, const struct sk_buff *skb)
{
	const skb_frag_t *frag;
	unsigned int i;

	copy_range(p, skb->data, skb_headlen(skb));
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		copy_range(p, skb_frag_address(frag), skb_frag_size(frag));
	}
}

void netback_place_skb(struct netback_queue *queue, struct sk_buff *skb,
		       const struct netback_slot_plan *plan)
{
	struct place p = {
		.queue = queue,
		.skb = skb,
		.left = skb->len,
		.separate = plan->separate,
		.headroom = plan->headroom,
		.extras = plan->extras,
	};
	const struct sk_buff *part;

	copy_skb(&p, skb);
	skb_walk_frags(skb, part)
		copy_skb(&p, part);
	/* An skb that holds less than it says: not a whole packet. */
	if (p.left && p.entry)
		p.entry->rsp.status = XEN_NETIF_RSP_ERROR;
}
