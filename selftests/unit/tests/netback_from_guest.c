// SPDX-License-Identifier: GPL-2.0
/*
 * Packets from a guest, from the ring to the network stack: netback's
 * from_guest.c and from_guest_skb.c, with parsing, pages and rate as they are.
 */
#include <linux/etherdevice.h>
#include <linux/ktime.h>
#include <linux/skbuff.h>
#include <xen/interface/io/netif.h>

#include "fake.h"
#include "queue_rig.h"
#include "netback/from_guest_skb.h"
#include "netback/netback.h"

unsigned int netback_fatal_skb_slots = 20;

static struct netback nb;
static struct net_device netdev;
static struct netback_queue *queue;

/* What from_guest.c calls of other files. */
static unsigned int mcast_changes;
static bool bad_offload;

int netback_mcast_change(struct netback_mcast *mc, bool add, const u8 *addr)
{
	mcast_changes++;
	return 0;
}

bool netback_to_guest_test_worked(struct netback_queue *q)
{
	return false;
}

struct sk_buff *netback_set_offload(struct sk_buff *skb, u16 flags, u8 gso_type,
				    u16 gso_size, bool *fixup)
{
	if (!bad_offload)
		return skb;
	kfree_skb(skb);
	return NULL;
}

static int setup(void **state)
{
	queue_rig_setup(state);
	queue_rig_init(&net_type, 0);
	memset(&nb, 0, sizeof(nb));
	queue = calloc(1, sizeof(*queue));
	nb.xdev = &back.xdev;
	nb.dev = &netdev;
	queue->nb = &nb;
	mcast_changes = 0;
	bad_offload = false;
	fake_received = NULL;
	fake_now = 1000;

	assert_int_equal(xpv_queue_create(&fq, 0, true, "front"), 0);
	assert_int_equal(xpv_queue_publish(&fq, NULL, 1), 0);
	xpv_queue_init(&queue->base, &back.xdev, &net_type, 0);
	assert_int_equal(xpv_queue_attach(&queue->base, 1, 0, NULL, "back"), 0);
	netback_from_guest_init(queue);
	assert_int_equal(netback_from_guest_create(queue), 0);
	return 0;
}

static void free_received(void)
{
	struct sk_buff *skb;

	while ((skb = fake_received)) {
		fake_received = skb->next;
		kfree_skb(skb);
	}
}

static int teardown(void **state)
{
	free_received();
	netback_from_guest_destroy(queue);
	xpv_queue_destroy(&queue->base);
	xpv_queue_destroy(&fq);
	free(queue);
	return fake_teardown(state);
}

static void put_slot(u16 id, u32 gref, u16 offset, u16 size, u16 flags)
{
	struct xen_netif_tx_request req = {
		.id = id, .gref = gref, .offset = offset, .size = size,
		.flags = flags,
	};

	xpv_slots_produce(&fq.ring[0].slots, &req, sizeof(req));
}

/* Lets the backend see what was put, and runs its NAPI. */
static int poll(int budget)
{
	xpv_slots_push_requests(&fq.ring[0].slots);
	return netback_from_guest_poll(&queue->napi, budget);
}

/* Takes the next response. */
static void assert_response(u16 id, s16 status)
{
	struct xen_netif_tx_response rsp;

	assert_true(xpv_slots_responses(&fq.ring[0].slots) > 0);
	xpv_slots_consume(&fq.ring[0].slots, &rsp, sizeof(rsp));
	assert_int_equal(rsp.status, status);
	if (status != XEN_NETIF_RSP_NULL)
		assert_int_equal(rsp.id, id);
}

static void assert_no_response(void)
{
	assert_int_equal(xpv_slots_responses(&fq.ring[0].slots), 0);
}

static u64 stat(unsigned int id)
{
	return xpv_stat_read(&queue->base.stats, id);
}

/*
 * Fails when the gathered copies leave out a byte of a packet, name one twice,
 * or cross a page on either side. Checked against the packet as it was sent.
 */
static void assert_copies(const struct sk_buff *skb, u32 gref,
			  unsigned int offset, unsigned int nr)
{
	const struct gnttab_copy *op;
	unsigned int i, bytes = 0;

	for (i = 0; i < nr; i++) {
		op = &queue->from_guest.copies[i].op;
		assert_int_equal(op->source.u.ref, gref);
		assert_int_equal(op->source.offset, offset + bytes);
		assert_true(op->source.offset + op->len <= 4096);
		assert_true(op->dest.offset + op->len <= 4096);
		bytes += op->len;
	}
	/* The Ethernet header is pulled by now. */
	assert_int_equal(bytes, skb->len + ETH_HLEN);
}

/* Fails when a small packet is lost, gets fragments, or a wrong response. */
static void small(void **state)
{
	put_slot(77, 5, 100, 60, 0);
	assert_int_equal(poll(64), 1);
	assert_non_null(fake_received);
	assert_null(fake_received->next);
	assert_int_equal(fake_received->info.nr_frags, 0);
	assert_copies(fake_received, 5, 100, stat(XPV_STAT_COPIES));
	assert_response(77, XEN_NETIF_RSP_OKAY);
	assert_no_response();
	assert_int_equal(stat(NETBACK_STAT_RX_PACKETS), 1);
	assert_int_equal(stat(NETBACK_STAT_RX_BYTES), 60);
	assert_int_equal(queue->napi.done, 1);
}

/*
 * Of each size that a slot can have, at each alignment that matters. Fails when
 * a copy crosses a page or bytes go astray between header and fragments.
 */
static void one_slot_sizes(void **state)
{
	static const u16 offsets[] = { 0, 1, 96, 2000, 4082 };
	unsigned int i, size;
	u64 copies;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		for (size = ETH_HLEN; offsets[i] + size <= 4096; size += 127) {
			copies = stat(XPV_STAT_COPIES);
			put_slot(size, 9, offsets[i], size, 0);
			assert_int_equal(poll(64), 1);
			assert_int_equal(fake_received->len + ETH_HLEN, size);
			assert_copies(fake_received, 9, offsets[i],
				      stat(XPV_STAT_COPIES) - copies);
			assert_response(size, XEN_NETIF_RSP_OKAY);
			free_received();
		}
	}
}

/* The largest packet: 16 pages. Fails when slots or fragments run short. */
static void largest(void **state)
{
	unsigned int i;

	put_slot(0, 100, 0, 65535, XEN_NETTXF_more_data);
	for (i = 1; i < 16; i++)
		put_slot(i, 100 + i, 0, i < 15 ? 4096 : 4095,
			 i < 15 ? XEN_NETTXF_more_data : 0);
	assert_int_equal(poll(64), 1);
	assert_non_null(fake_received);
	assert_int_equal(fake_received->len + ETH_HLEN, 65535);
	assert_true(fake_received->info.nr_frags <= MAX_SKB_FRAGS);
	assert_int_equal(skb_headlen(fake_received) + ETH_HLEN,
			 NETBACK_SKB_HEADER);
	for (i = 0; i < 16; i++)
		assert_response(i, XEN_NETIF_RSP_OKAY);
	assert_no_response();
}

/* Fails when a bad packet stops the ring, or its slots are not all refused. */
static void bad_packet(void **state)
{
	put_slot(1, 5, 4090, 100, 0);			/* crosses the page */
	put_slot(2, 5, 0, 5000, XEN_NETTXF_more_data);
	put_slot(3, 5, 4000, 200, 0);			/* so does this */
	put_slot(4, 5, 0, 60, 0);
	assert_int_equal(poll(64), 3);
	assert_response(1, XEN_NETIF_RSP_ERROR);
	assert_response(2, XEN_NETIF_RSP_ERROR);
	assert_response(3, XEN_NETIF_RSP_ERROR);
	assert_response(4, XEN_NETIF_RSP_OKAY);
	assert_int_equal(stat(NETBACK_STAT_RX_ERRORS), 2);
	assert_int_equal(stat(NETBACK_STAT_RX_PACKETS), 1);
	assert_false(xpv_broken(&back.xdev));
}

/* Fails when a packet of endless slots does not end the connection. */
static void too_many_slots(void **state)
{
	unsigned int i;

	for (i = 0; i < 25; i++)
		put_slot(i, 5, 0, 100, XEN_NETTXF_more_data);
	poll(64);
	assert_true(xpv_broken(&back.xdev));
	assert_null(fake_received);
	/* Served no more, and no EOI that would open the channel. */
	assert_int_equal(poll(64), 0);
}

/* Fails when a packet whose copy failed is delivered, or others suffer. */
static void failed_copy(void **state)
{
	fake_grant_status(6, GNTST_bad_gntref);
	put_slot(1, 5, 0, 60, 0);
	put_slot(2, 6, 0, 60, 0);
	put_slot(3, 7, 0, 60, 0);
	assert_int_equal(poll(64), 3);
	assert_response(1, XEN_NETIF_RSP_OKAY);
	assert_response(2, XEN_NETIF_RSP_ERROR);
	assert_response(3, XEN_NETIF_RSP_OKAY);
	assert_int_equal(stat(NETBACK_STAT_RX_PACKETS), 2);
	assert_int_equal(stat(NETBACK_STAT_RX_ERRORS), 1);
}

/* Fails without memory when copies into freed memory stay gathered. */
static void no_memory(void **state)
{
	put_slot(1, 5, 0, 60, 0);
	put_slot(2, 6, 0, 60, 0);
	fake_fail(FAKE_ALLOC, 0, 1, -ENOMEM);
	assert_int_equal(poll(64), 2);
	assert_int_equal(stat(XPV_STAT_COPIES), 1);
	assert_int_equal(queue->from_guest.copies[0].op.source.u.ref, 6);
	assert_response(1, XEN_NETIF_RSP_ERROR);
	assert_response(2, XEN_NETIF_RSP_OKAY);
	assert_int_equal(stat(NETBACK_STAT_RX_DROPPED), 1);
}

/* The same in the middle of a large one: its header's copy is gathered. */
static void no_page(void **state)
{
	put_slot(1, 5, 0, 8000, XEN_NETTXF_more_data);
	put_slot(2, 6, 0, 4000, 0);
	put_slot(3, 7, 0, 60, 0);
	fake_fail(FAKE_ALLOC, 1, 1, -ENOMEM);
	assert_int_equal(poll(64), 2);
	assert_int_equal(stat(XPV_STAT_COPIES), 1);
	assert_int_equal(queue->from_guest.copies[0].op.source.u.ref, 7);
	assert_response(1, XEN_NETIF_RSP_ERROR);
	assert_response(2, XEN_NETIF_RSP_ERROR);
	assert_response(3, XEN_NETIF_RSP_OKAY);
}

/* Fails when NAPI hands on more than its budget, or gives up before the end. */
static void budget(void **state)
{
	unsigned int i;

	for (i = 0; i < 10; i++)
		put_slot(i, 5, 0, 60, 0);
	assert_int_equal(poll(4), 4);
	assert_int_equal(queue->napi.done, 0);
	assert_int_equal(poll(64), 6);
	assert_int_equal(queue->napi.done, 1);
	assert_int_equal(stat(NETBACK_STAT_RX_PACKETS), 10);
}

/* A packet waits for credit, its slots for their response. */
static void rate_limit(void **state)
{
	unsigned int i;

	/* 128 KiB at once, then 1000 bytes a second. */
	netback_rate_set(&nb.rate, 1000, 1000000);
	for (i = 0; i < 40; i++)
		put_slot(i, 5, 0, 4096, 0);
	poll(64);
	assert_true(queue->from_guest.no_credit);
	assert_true(queue->from_guest.timer.started > 0);
	assert_true(queue->from_guest.timer.started <= 500 * NSEC_PER_MSEC);
	assert_in_range(stat(NETBACK_STAT_RX_PACKETS), 32, 34);
	assert_true(stat(NETBACK_STAT_RX_LIMITED) > 0);
	/* Nothing comes earlier for asking again. */
	i = stat(NETBACK_STAT_RX_PACKETS);
	poll(64);
	assert_int_equal(stat(NETBACK_STAT_RX_PACKETS), i);
	/* An hour later all of it goes. */
	fake_now += 3600000 * NSEC_PER_MSEC;
	poll(64);
	assert_int_equal(stat(NETBACK_STAT_RX_PACKETS), 40);
	assert_false(queue->from_guest.no_credit);
}

/* Fails when a request to the filter is taken for a packet. */
static void multicast(void **state)
{
	struct xen_netif_extra_info extra = {
		.type = XEN_NETIF_EXTRA_TYPE_MCAST_ADD,
		.u.mcast.addr = { 1, 0, 0x5e, 0, 0, 1 },
	};

	put_slot(3, 0, 0, 0, XEN_NETTXF_extra_info);
	xpv_slots_produce(&fq.ring[0].slots, &extra, sizeof(extra));
	put_slot(4, 5, 0, 60, 0);
	assert_int_equal(poll(64), 2);
	assert_int_equal(mcast_changes, 1);
	assert_response(3, XEN_NETIF_RSP_OKAY);
	assert_response(0, XEN_NETIF_RSP_NULL);
	assert_response(4, XEN_NETIF_RSP_OKAY);
}

/* Fails when a packet is handed on whose headers belie its marks. */
static void bad_marks(void **state)
{
	bad_offload = true;
	put_slot(1, 5, 0, 60, XEN_NETTXF_csum_blank);
	assert_int_equal(poll(64), 1);
	assert_null(fake_received);
	assert_response(1, XEN_NETIF_RSP_OKAY);
	assert_int_equal(stat(NETBACK_STAT_RX_ERRORS), 1);
}

/* Fails when an impossible index is believed. */
static void impossible_index(void **state)
{
	fq.ring[0].slots.shared->req_prod += 300;
	assert_int_equal(netback_from_guest_poll(&queue->napi, 64), 0);
	assert_true(xpv_broken(&back.xdev));
}

#define from_guest_test(f) \
	cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(from_guest_test(small),
	  from_guest_test(one_slot_sizes),
	  from_guest_test(largest),
	  from_guest_test(bad_packet),
	  from_guest_test(too_many_slots),
	  from_guest_test(failed_copy),
	  from_guest_test(no_memory),
	  from_guest_test(no_page),
	  from_guest_test(budget),
	  from_guest_test(rate_limit),
	  from_guest_test(multicast),
	  from_guest_test(bad_marks),
	  from_guest_test(impossible_index))
