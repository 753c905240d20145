// SPDX-License-Identifier: GPL-2.0
/*
 * Placing packets in the slots that a guest has posted: netback's
 * to_guest_place.c, with the count of slots as it is.
 */
#include <linux/skbuff.h>
#include <xen/interface/io/netif.h>

#include "fake.h"
#include "queue_rig.h"
#include "netback/netback.h"
#include "netback/to_guest_place.h"

#define ALL_FEATURES (NETIF_F_SG | NETIF_F_TSO | NETIF_F_TSO6)

static struct netback nb;
static struct netback_queue *queue;
static struct netback_slot_plan plan;

static int setup(void **state)
{
	struct xen_netif_rx_request req = {};
	unsigned int i;

	queue_rig_setup(state);
	queue_rig_init(&net_type, 0);
	memset(&nb, 0, sizeof(nb));
	queue = calloc(1, sizeof(*queue));
	nb.xdev = &back.xdev;
	nb.supported = ALL_FEATURES;
	queue->nb = &nb;
	queue->to_guest.copies = calloc(NETBACK_TO_GUEST_COPIES,
					sizeof(struct xpv_copy));

	assert_int_equal(xpv_queue_create(&fq, 0, true, "front"), 0);
	assert_int_equal(xpv_queue_publish(&fq, NULL, 1), 0);
	xpv_queue_init(&queue->base, &back.xdev, &net_type, 0);
	assert_int_equal(xpv_queue_attach(&queue->base, 1, 0, NULL, "back"), 0);
	/* The guest posts slots: reference 1000 + id. */
	for (i = 0; i < 256; i++) {
		req.id = i;
		req.gref = 1000 + i;
		xpv_slots_produce(&fq.ring[1].slots, &req, sizeof(req));
	}
	xpv_slots_push_requests(&fq.ring[1].slots);
	queue->to_guest.available = 256;
	assert_int_equal(xpv_slots_requests(&queue->base.ring[1].slots), 256);
	return 0;
}

static int teardown(void **state)
{
	xpv_queue_destroy(&queue->base);
	xpv_queue_destroy(&fq);
	free(queue->to_guest.copies);
	free(queue);
	return fake_teardown(state);
}

/* A packet of @linear bytes at @offset, then @nr fragments of @len at @at. */
static struct sk_buff *packet(unsigned int offset, unsigned int linear,
			      unsigned int nr, unsigned int at,
			      unsigned int len)
{
	struct sk_buff *skb = fake_skb(offset, linear);
	unsigned int i;

	skb_put(skb, linear);
	for (i = 0; i < nr; i++)
		skb_add_rx_frag(skb, i, fake_page_alloc(), at, len, 4096);
	netback_skb_cb(skb)->hash_type = NETBACK_HASH_NONE;
	return skb;
}

static const struct xen_netif_rx_response *rsp(unsigned int i)
{
	return &queue->to_guest.rsp[i].rsp;
}

/*
 * Fails when a packet takes other slots than were planned for it, a byte of it
 * is not copied once and in order, a copy crosses a page, or flags do not chain.
 */
static void place(struct sk_buff *skb)
{
	struct netback_to_guest *tg = &queue->to_guest;
	unsigned int before = tg->nr_rsp, bytes = 0, i;
	const struct gnttab_copy *op;

	assert_true(netback_plan_skb(queue, skb, &plan));
	tg->nr_copies = 0;
	netback_place_skb(queue, skb, &plan);
	assert_int_equal(tg->nr_rsp - before, plan.slots);
	assert_int_equal(tg->available, 256 - tg->nr_rsp);

	for (i = 0; i < tg->nr_copies; i++) {
		op = &tg->copies[i].op;
		assert_true(op->source.offset + op->len <= 4096);
		assert_true(op->dest.offset + op->len <= 4096);
		bytes += op->len;
	}
	assert_int_equal(bytes, skb->len);

	bytes = rsp(before)->status;
	for (i = before + 1 + plan.extras; i < tg->nr_rsp; i++) {
		assert_int_equal(rsp(i)->id, i);
		assert_int_equal(rsp(i)->offset, 0);
		bytes += rsp(i)->status;
		assert_int_equal(rsp(i)->flags & XEN_NETRXF_more_data,
				 i + 1 < tg->nr_rsp ? XEN_NETRXF_more_data : 0);
	}
	assert_int_equal(bytes, skb->len);
	kfree_skb(skb);
}

static void one_slot(void **state)
{
	place(packet(100, 60, 0, 0, 0));
	assert_int_equal(queue->to_guest.nr_rsp, 1);
	assert_int_equal(rsp(0)->id, 0);
	assert_int_equal(rsp(0)->status, 60);
	assert_int_equal(rsp(0)->flags, 0);
	assert_int_equal(queue->to_guest.copies[0].op.dest.u.ref, 1000);
}

/* Linear parts and fragments of all shapes, as long as the ring has slots. */
static void shapes(void **state)
{
	static const unsigned int lens[] = { 1, 60, 1448, 4000, 4096 };
	static const unsigned int ats[] = { 0, 1, 2048, 4000 };
	unsigned int i, j, nr;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		for (j = 0; j < ARRAY_SIZE(ats); j++) {
			nr = ats[j] + lens[i] <= 4096 ? 3 : 0;
			if (queue->to_guest.available < 20)
				return;
			place(packet(ats[j], 66, nr, ats[j], lens[i]));
		}
	}
}

/* A linear part that crosses pages. Fails when it is taken for one piece. */
static void long_linear(void **state)
{
	place(packet(4000, 9000, 0, 0, 0));
	assert_true(queue->to_guest.nr_rsp >= 3);
}

/* Fails when more slots are used than every frontend takes. */
static void too_large(void **state)
{
	struct sk_buff *skb = packet(0, 4096 * 18 + 1, 0, 0, 0);

	assert_false(netback_plan_skb(queue, skb, &plan));
	kfree_skb(skb);
	place(packet(0, 4096 * 18, 0, 0, 0));
}

/* Fails when a frontend is sent what it has not said that it takes. */
static void unsupported(void **state)
{
	struct sk_buff *skb = packet(0, 5000, 0, 0, 0);

	nb.supported = NETIF_F_TSO;
	assert_false(netback_plan_skb(queue, skb, &plan));
	nb.supported = NETIF_F_SG;
	assert_true(netback_plan_skb(queue, skb, &plan));
	skb->info.gso_size = 1448;
	skb->info.gso_type = SKB_GSO_TCPV4;
	assert_false(netback_plan_skb(queue, skb, &plan));
	nb.supported |= NETIF_F_TSO;
	assert_true(netback_plan_skb(queue, skb, &plan));
	skb->info.gso_type = SKB_GSO_TCPV6;
	assert_false(netback_plan_skb(queue, skb, &plan));
	skb->info.gso_type = 0;
	assert_false(netback_plan_skb(queue, skb, &plan));
	kfree_skb(skb);
}

/* Segments, hash and headroom: an extra info each, chained, after the first. */
static void extras(void **state)
{
	struct netback_to_guest *tg = &queue->to_guest;
	struct sk_buff *skb = packet(0, 1000, 0, 0, 0);
	const struct xen_netif_extra_info *extra;

	nb.headroom = 256;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->info.gso_size = 500;
	skb->info.gso_type = SKB_GSO_TCPV6;
	netback_skb_cb(skb)->hash_type = _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP;
	netback_skb_cb(skb)->hash = 0x04030201;
	place(skb);

	assert_int_equal(tg->nr_rsp, 4);
	assert_int_equal(rsp(0)->offset, 256);
	assert_int_equal(rsp(0)->status, 1000);
	assert_int_equal(rsp(0)->flags, XEN_NETRXF_csum_blank |
			 XEN_NETRXF_data_validated | XEN_NETRXF_extra_info);
	assert_int_equal(tg->copies[0].op.dest.offset, 256);
	extra = &tg->rsp[1].extra;
	assert_int_equal(extra->type, XEN_NETIF_EXTRA_TYPE_GSO);
	assert_int_equal(extra->flags, XEN_NETIF_EXTRA_FLAG_MORE);
	assert_int_equal(extra->u.gso.size, 500);
	assert_int_equal(extra->u.gso.type, XEN_NETIF_GSO_TYPE_TCPV6);
	extra = &tg->rsp[2].extra;
	assert_int_equal(extra->type, XEN_NETIF_EXTRA_TYPE_HASH);
	assert_int_equal(extra->flags, XEN_NETIF_EXTRA_FLAG_MORE);
	assert_memory_equal(extra->u.hash.value, "\1\2\3\4", 4);
	extra = &tg->rsp[3].extra;
	assert_int_equal(extra->type, XEN_NETIF_EXTRA_TYPE_XDP);
	assert_int_equal(extra->flags, 0);
	assert_int_equal(extra->u.xdp.headroom, 256);
}

/* Fails when a slot whose copy failed is said to hold data. */
static void failed_copy(void **state)
{
	struct sk_buff *skb = packet(0, 10000, 0, 0, 0);

	fake_grant_status(1001, GNTST_bad_gntref);
	assert_true(netback_plan_skb(queue, skb, &plan));
	netback_place_skb(queue, skb, &plan);
	netback_run_copies(queue);
	assert_true(rsp(0)->status > 0);
	assert_int_equal(rsp(1)->status, XEN_NETIF_RSP_ERROR);
	assert_true(rsp(2)->status > 0);
	assert_int_equal(queue->to_guest.nr_copies, 0);
	assert_int_equal(xpv_stat_read(&queue->base.stats,
				       NETBACK_STAT_TX_ERRORS), 1);
	kfree_skb(skb);
}

/*
 * More copies than one hypercall takes. Fails when they run past the array, or
 * a part that failed before is forgotten.
 */
static void many_copies(void **state)
{
	struct netback_to_guest *tg = &queue->to_guest;
	struct sk_buff *skb[12];
	unsigned int i;

	fake_grant_status(1000, GNTST_bad_gntref);
	for (i = 0; i < ARRAY_SIZE(skb); i++) {
		skb[i] = packet(0, 66, 15, 0, 4000);
		assert_true(netback_plan_skb(queue, skb[i], &plan));
		netback_place_skb(queue, skb[i], &plan);
		assert_true(tg->nr_copies <= NETBACK_TO_GUEST_COPIES);
	}
	netback_run_copies(queue);
	assert_int_equal(rsp(0)->status, XEN_NETIF_RSP_ERROR);
	assert_true(rsp(1)->status > 0);
	assert_true(xpv_stat_read(&queue->base.stats,
				  NETBACK_STAT_TX_COPY_CALLS) > 1);
	for (i = 0; i < ARRAY_SIZE(skb); i++)
		kfree_skb(skb[i]);
}

#define place_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(place_test(one_slot),
	  place_test(shapes),
	  place_test(long_linear),
	  place_test(too_large),
	  place_test(unsupported),
	  place_test(extras),
	  place_test(failed_copy),
	  place_test(many_copies))
