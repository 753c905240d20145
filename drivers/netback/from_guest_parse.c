// SPDX-License-Identifier: GPL-2.0
#include <linux/if_ether.h>
#include <linux/string.h>

#include "from_guest_parse.h"

/* The packet goes on to its last slot, so that the next one is found. */
static void mark_bad(struct netback_packet *pkt, const char *why)
{
	/* The first reason stands. */
	if (!pkt->why)
		pkt->why = why;
}

static enum netback_parse_result finish_packet(struct netback_packet *pkt)
{
	struct netback_packet_slot *first = &pkt->slot[0];

	pkt->expect = NETBACK_EXPECT_FIRST;
	/* A request for the filter carries no data: its size means nothing. */
	if (pkt->mcast) {
		if (pkt->flags & XEN_NETTXF_more_data)
			mark_bad(pkt, "a multicast request with data");
		return pkt->why ? NETBACK_PARSE_DROP : NETBACK_PARSE_MCAST;
	}

	/* What the others leave: FreeBSD sends 8900 bytes of a page in one. */
	if (first->offset + pkt->rest > NETBACK_GRANT_SIZE)
		mark_bad(pkt, "the first slot crosses a page");
	else if (pkt->size < ETH_HLEN)
		mark_bad(pkt, "a packet shorter than an Ethernet header");
	first->size = pkt->rest;
	pkt->first = pkt->rest ? 0 : 1;
	return pkt->why ? NETBACK_PARSE_DROP : NETBACK_PARSE_PACKET;
}

static enum netback_parse_result expect_data(struct netback_packet *pkt,
					     bool more)
{
	if (!more)
		return finish_packet(pkt);
	pkt->expect = NETBACK_EXPECT_DATA;
	return NETBACK_PARSE_MORE;
}

static enum netback_parse_result
parse_first(struct netback_packet *pkt,
	    const struct xen_netif_tx_request *req)
{
	memset(pkt, 0, offsetof(struct netback_packet, slot));
	pkt->flags = req->flags;
	pkt->size = req->size;
	pkt->rest = req->size;
	pkt->seen = 1;
	pkt->slots = 1;
	pkt->slot[0].gref = req->gref;
	pkt->slot[0].offset = req->offset;
	pkt->slot[0].size = 0;

	if (req->flags & XEN_NETTXF_extra_info) {
		pkt->expect = NETBACK_EXPECT_EXTRA;
		return NETBACK_PARSE_MORE;
	}
	return expect_data(pkt, req->flags & XEN_NETTXF_more_data);
}

static void parse_gso(struct netback_packet *pkt,
		      const struct xen_netif_extra_info *extra)
{
	if (!extra->u.gso.size)
		mark_bad(pkt, "segments of no size");
	else if (extra->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV4 &&
		 extra->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV6)
		mark_bad(pkt, "segmentation of an unknown type");

	pkt->gso_size = extra->u.gso.size;
	pkt->gso_type = extra->u.gso.type;
}

/* A hint for the stack. One of a kind that we do not know says nothing. */
static void parse_hash(struct netback_packet *pkt,
		       const struct xen_netif_extra_info *extra)
{
	const u8 *value = extra->u.hash.value;
	u8 type = extra->u.hash.type;

	if (extra->u.hash.algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ ||
	    type > _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)
		return;
	pkt->hashed = true;
	pkt->hash_l4 = type == _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP ||
		       type == _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP;
	pkt->hash = value[0] | value[1] << 8 | value[2] << 16 |
		    (u32)value[3] << 24;
}

static enum netback_parse_result
parse_extra(struct netback_packet *pkt,
	    const struct xen_netif_extra_info *extra)
{
	/* The ring bounds a chain of them: none of it is answered meanwhile. */
	if (pkt->extras == NETBACK_PACKET_EXTRAS)
		mark_bad(pkt, "more extra infos than there are kinds");
	else
		pkt->extras++;

	switch (extra->type) {
	case XEN_NETIF_EXTRA_TYPE_GSO:
		parse_gso(pkt, extra);
		break;
	case XEN_NETIF_EXTRA_TYPE_MCAST_ADD:
	case XEN_NETIF_EXTRA_TYPE_MCAST_DEL:
		pkt->mcast = extra->type;
		memcpy(pkt->addr, extra->u.mcast.addr, sizeof(pkt->addr));
		break;
	case XEN_NETIF_EXTRA_TYPE_HASH:
		parse_hash(pkt, extra);
		break;
	case XEN_NETIF_EXTRA_TYPE_XDP:
		/* A hint, and only to be expected where we asked for it. */
		break;
	default:
		mark_bad(pkt, "an extra info of an unknown type");
	}
	if (extra->flags & XEN_NETIF_EXTRA_FLAG_MORE)
		return NETBACK_PARSE_MORE;
	return expect_data(pkt, pkt->flags & XEN_NETTXF_more_data);
}

static void add_slot(struct netback_packet *pkt,
		     const struct xen_netif_tx_request *req)
{
	struct netback_packet_slot *slot;

	if (pkt->seen > NETBACK_PACKET_SLOTS)
		mark_bad(pkt, "a packet of too many slots");
	else if (req->offset + req->size > NETBACK_GRANT_SIZE)
		mark_bad(pkt, "a slot that crosses a page");
	else if (req->size > pkt->rest)
		mark_bad(pkt, "slots that hold more than their packet");
	if (pkt->why)
		return;

	pkt->rest -= req->size;
	/* An empty slot makes no fragment (XSA-448). */
	if (!req->size)
		return;
	slot = &pkt->slot[pkt->slots++];
	slot->gref = req->gref;
	slot->offset = req->offset;
	slot->size = req->size;
}

static enum netback_parse_result
parse_data(struct netback_packet *pkt, const struct xen_netif_tx_request *req,
	   unsigned int fatal_slots)
{
	pkt->seen++;
	if (pkt->seen > NETBACK_PACKET_SLOTS && pkt->seen >= fatal_slots) {
		pkt->why = "Malicious frontend using too many slots";
		return NETBACK_PARSE_FATAL;
	}
	add_slot(pkt, req);
	return expect_data(pkt, req->flags & XEN_NETTXF_more_data);
}

enum netback_parse_result
netback_parse_slot(struct netback_packet *pkt,
		   const union netback_from_guest_slot *entry,
		   unsigned int fatal_slots)
{
	switch (pkt->expect) {
	case NETBACK_EXPECT_FIRST:
		return parse_first(pkt, &entry->req);
	case NETBACK_EXPECT_EXTRA:
		return parse_extra(pkt, &entry->extra);
	default:
		return parse_data(pkt, &entry->req, fatal_slots);
	}
}
