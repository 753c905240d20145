// SPDX-License-Identifier: GPL-2.0
#include <linux/skbuff.h>

#include "from_guest_skb.h"
#include "netback.h"

/**
 * struct source - where the next byte of a packet comes from
 * @fg: whose copies are gathered
 * @xdev: the device
 * @slot: the slot
 * @done: bytes of it that are taken
 */
struct source {
	struct netback_from_guest *fg;
	const struct xpv_device *xdev;
	const struct netback_packet_slot *slot;
	unsigned int done;
};

/*
 * The sizes of a packet's slots add up to its size, so that the last byte asked
 * for is in the last slot, and @slot is moved on only for another byte.
 */
static unsigned int left_in_slot(struct source *src)
{
	if (src->done == src->slot->size) {
		src->slot++;
		src->done = 0;
	}
	return src->slot->size - src->done;
}

/* Return: false where the array is full, which a sound packet cannot cause. */
static bool gather_copies(struct source *src, void *to, unsigned int len)
{
	struct netback_from_guest *fg = src->fg;
	struct xpv_copy_place from;
	unsigned int part;

	while (len) {
		part = min(len, left_in_slot(src));
		from.ref = src->slot->gref;
		from.offset = src->slot->offset + src->done;
		part = min(part, xpv_copy_room(to, from));
		if (fg->nr_copies == NETBACK_FROM_GUEST_COPIES)
			return false;

		xpv_copy_in(&fg->copies[fg->nr_copies++], src->xdev, from, to,
			    part);
		src->done += part;
		to += part;
		len -= part;
	}
	return true;
}

/*
 * Where in its page the first fragment starts: so that the next slot's data,
 * usually a whole page, begins a page of ours and takes one copy, not two.
 */
static unsigned int first_offset(struct source *src, unsigned int len)
{
	unsigned int part = left_in_slot(src);

	return part < len ? PAGE_SIZE - part : 0;
}

/*
 * 17 pages at most: 65535 - 256 bytes, and less than one page ahead of them.
 * What is left in one of earlier packets lies outside of the fragment.
 */
static bool gather_frags(struct source *src, struct sk_buff *skb,
			 unsigned int len)
{
	unsigned int offset = first_offset(src, len);
	unsigned int part, i;
	struct page *page;

	BUILD_BUG_ON(DIV_ROUND_UP(65535 - NETBACK_SKB_HEADER + PAGE_SIZE - 1,
				  PAGE_SIZE) > MAX_SKB_FRAGS);

	for (i = 0; len; i++) {
		page = netback_pages_get(&src->fg->pages);
		if (!page)
			return false;
		part = min_t(unsigned int, len, PAGE_SIZE - offset);
		skb_add_rx_frag(skb, i, page, offset, part, PAGE_SIZE);
		if (!gather_copies(src, page_address(page) + offset, part))
			return false;
		len -= part;
		offset = 0;
	}
	return true;
}

struct sk_buff *netback_build_skb(struct netback_queue *queue,
				  const struct netback_packet *pkt)
{
	struct netback_from_guest *fg = &queue->from_guest;
	struct source src = {
		.fg = fg,
		.xdev = queue->base.xdev,
		.slot = &pkt->slot[pkt->first],
	};
	unsigned int before = fg->nr_copies;
	unsigned int linear = pkt->size;
	struct sk_buff *skb;

	if (linear > NETBACK_SKB_LINEAR)
		linear = NETBACK_SKB_HEADER;
	skb = napi_alloc_skb(&queue->napi, linear);
	if (!skb)
		return NULL;

	if (!gather_copies(&src, skb_put(skb, linear), linear) ||
	    (linear < pkt->size &&
	     !gather_frags(&src, skb, pkt->size - linear))) {
		/* What is gathered for it would be copied into freed memory. */
		fg->nr_copies = before;
		kfree_skb(skb);
		return NULL;
	}
	if (pkt->slots > MAX_SKB_FRAGS + 1)
		xpv_stat_inc(&queue->base.stats, NETBACK_STAT_FRAG_OVERFLOW);
	return skb;
}
