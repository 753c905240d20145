// SPDX-License-Identifier: GPL-2.0
/*
 * Packets from the network stack to the ring and their completion: netfront's
 * tx.c against a backend that answers as it likes.
 */
#include <linux/skbuff.h>
#include <xen/interface/io/netif.h>

#include "fake.h"
#include "queue_rig.h"
#include "netfront/netfront.h"

static struct netfront nf;
static struct net_device netdev;
static struct netfront_queue queue;

void *netdev_priv(const struct net_device *dev)
{
	return &nf;
}

static int setup(void **state)
{
	queue_rig_setup(state);
	queue_rig_init(&net_type, 0);
	memset(&nf, 0, sizeof(nf));
	memset(&queue, 0, sizeof(queue));
	memset(&netdev, 0, sizeof(netdev));
	fake_xmit_more = false;
	nf.xdev = &front.xdev;
	nf.netdev = &netdev;
	nf.queue = &queue;
	nf.can_sg = true;
	nf.backend_features = NETIF_F_TSO;
	queue.nf = &nf;

	xpv_queue_init(&queue.base, &front.xdev, &net_type, 0);
	assert_int_equal(xpv_queue_create(&queue.base, 0, true, "front"), 0);
	assert_int_equal(xpv_queue_publish(&queue.base, NULL, 1), 0);
	assert_int_equal(xpv_queue_attach(&bq, 1, 0, NULL, "back"), 0);
	assert_int_equal(xpv_gref_pool_init(&queue.grefs, 512, NULL), 0);
	assert_true(xpv_gref_pool_reserve(&queue.grefs, 512));
	assert_int_equal(netfront_tx_create(&queue), 0);
	queue.tx.live = true;
	return 0;
}

/* Whatever a test did: all is given back. */
static int teardown(void **state)
{
	netfront_tx_destroy(&queue);
	xpv_gref_pool_fini(&queue.grefs);
	xpv_queue_destroy(&bq);
	xpv_queue_destroy(&queue.base);
	return fake_teardown(state);
}

static struct xpv_slots *back_slots(void)
{
	return &bq.ring[0].slots;
}

static int posted(void)
{
	return xpv_slots_requests(back_slots());
}

static void take(struct xen_netif_tx_request *req)
{
	assert_true(posted() > 0);
	xpv_slots_consume(back_slots(), req, sizeof(*req));
}

static void answer(u16 id, s16 status)
{
	struct xen_netif_tx_response rsp = { .id = id, .status = status };

	xpv_slots_produce(back_slots(), &rsp, sizeof(rsp));
	xpv_slots_push_responses(back_slots());
}

static struct sk_buff *packet(unsigned int linear, unsigned int nr,
			      unsigned int at, unsigned int len)
{
	struct sk_buff *skb = fake_skb(0, linear);
	unsigned int i;

	memset(skb_put(skb, linear), 0x5a, linear);
	for (i = 0; i < nr; i++)
		skb_add_rx_frag(skb, i, fake_page_alloc(), at, len, 4096);
	return skb;
}

static int send(struct sk_buff *skb)
{
	return netfront_tx_xmit(skb, &netdev);
}

/* Fails when a small packet is not copied whole, freed and granted read-only. */
static void small(void **state)
{
	struct xen_netif_tx_request req;

	assert_int_equal(send(packet(200, 1, 100, 1000)), NETDEV_TX_OK);
	take(&req);
	assert_int_equal(posted(), 0);
	assert_int_equal(req.size, 1200);
	assert_int_equal(req.offset, 0);
	assert_int_equal(req.flags, 0);
	assert_int_equal(netdev.txq.sent_bytes, 1200);
	answer(req.id, XEN_NETIF_RSP_OKAY);
	assert_int_equal(netfront_tx_complete(&queue, 64), 1);
	assert_int_equal(netdev.txq.completed, 1);
	assert_int_equal(netdev.txq.completed_bytes, 1200);
}

/*
 * Fails when a large packet's slots do not add up, do not chain, or its first
 * does not have the size of all.
 */
static void large(void **state)
{
	struct xen_netif_tx_request req;
	unsigned int bytes = 0, slots = 0, first = 0;
	u16 id[18];

	assert_int_equal(send(packet(100, 5, 100, 3000)), NETDEV_TX_OK);
	while (posted() > 0) {
		take(&req);
		id[slots++] = req.id;
		assert_true(req.offset + (slots == 1 ? 0 : req.size) <= 4096);
		if (slots == 1)
			first = req.size;
		else
			bytes += req.size;
		assert_int_equal(!(req.flags & XEN_NETTXF_more_data),
				 posted() == 0);
	}
	assert_int_equal(first, 15100);
	/* The first slot has what the others leave: the headers, 128 bytes. */
	assert_int_equal(first - bytes, 128);
	while (slots--)
		answer(id[slots], XEN_NETIF_RSP_OKAY);
	assert_true(netfront_tx_complete(&queue, 64) > 0);
	assert_int_equal(netdev.txq.completed, 1);
	assert_int_equal(netdev.txq.completed_bytes, 15100);
}

/* A page of the packet must not be seen by a backend that is not trusted. */
static void untrusted(void **state)
{
	struct xen_netif_tx_request req;
	unsigned int slots = 0;

	nf.bounce = true;
	send(packet(100, 5, 0, 4096));
	for (; posted() > 0; slots++) {
		take(&req);
		assert_int_equal(req.offset, 0);
		answer(req.id, XEN_NETIF_RSP_OKAY);
	}
	assert_int_equal(slots, DIV_ROUND_UP(100 + 5 * 4096, 4096));
	netfront_tx_complete(&queue, 64);
	assert_int_equal(netdev.txq.completed, 1);
}

/* Fails when what this backend does not take is sent, or leaks. */
static void unsupported(void **state)
{
	struct sk_buff *skb = packet(2000, 0, 0, 0);

	skb->info.gso_size = 1448;
	skb->info.gso_type = SKB_GSO_TCPV6;
	assert_int_equal(send(skb), NETDEV_TX_OK);
	nf.can_sg = false;
	assert_int_equal(send(packet(5000, 0, 0, 0)), NETDEV_TX_OK);
	assert_int_equal(send(packet(13, 0, 0, 0)), NETDEV_TX_OK);
	queue.tx.live = false;
	assert_int_equal(send(packet(100, 0, 0, 0)), NETDEV_TX_OK);
	assert_int_equal(posted(), 0);
	assert_int_equal(queue.tx.dropped.v, 4);
}

/* Segments come with an extra info behind the first slot. */
static void segments(void **state)
{
	struct sk_buff *skb = packet(2000, 0, 0, 0);
	struct xen_netif_extra_info extra;
	struct xen_netif_tx_request req;

	skb->info.gso_size = 1448;
	skb->info.gso_type = SKB_GSO_TCPV4;
	skb->ip_summed = CHECKSUM_PARTIAL;
	send(skb);
	take(&req);
	assert_int_equal(req.flags, XEN_NETTXF_csum_blank |
			 XEN_NETTXF_data_validated | XEN_NETTXF_extra_info);
	assert_int_equal(posted(), 1);
	xpv_slots_consume(back_slots(), &extra, sizeof(extra));
	assert_int_equal(extra.type, XEN_NETIF_EXTRA_TYPE_GSO);
	assert_int_equal(extra.u.gso.size, 1448);
	assert_int_equal(extra.u.gso.type, XEN_NETIF_GSO_TYPE_TCPV4);
	answer(req.id, XEN_NETIF_RSP_OKAY);
	answer(0, XEN_NETIF_RSP_NULL);
	assert_int_equal(netfront_tx_complete(&queue, 64), 2);
	assert_int_equal(netdev.txq.completed, 1);
}

/* Fails when a queue without room overruns the ring, or never goes on. */
static void full_ring(void **state)
{
	struct sk_buff *skb = packet(100, 0, 0, 0);
	struct xen_netif_tx_request req;
	unsigned int sent = 0;

	while (!netdev.txq.stopped) {
		assert_int_equal(send(packet(100, 0, 0, 0)), NETDEV_TX_OK);
		sent++;
	}
	assert_in_range(sent, 230, 256);
	assert_int_equal(posted(), sent);
	/* A sender that did not look whether the queue is stopped. */
	netdev.txq.stopped = false;
	assert_int_equal(send(skb), NETDEV_TX_BUSY);
	kfree_skb(skb);
	assert_true(netdev.txq.stopped);
	while (posted() > 0) {
		take(&req);
		answer(req.id, XEN_NETIF_RSP_OKAY);
	}
	assert_int_equal(netfront_tx_complete(&queue, 64), sent);
	assert_int_equal(netdev.txq.wakes, 1);
	assert_int_equal(netdev.txq.completed, sent);
}

/* Many rounds of all ids. Fails when an id or a reference is lost. */
static void rounds(void **state)
{
	struct xen_netif_tx_request req;
	unsigned int i;

	for (i = 0; i < 2000; i++) {
		assert_int_equal(send(packet(100 + i % 1000, 0, 0, 0)),
				 NETDEV_TX_OK);
		take(&req);
		answer(req.id, i % 3 ? XEN_NETIF_RSP_OKAY : XEN_NETIF_RSP_ERROR);
		assert_int_equal(netfront_tx_complete(&queue, 64), 1);
	}
	assert_int_equal(netdev.txq.completed, 2000);
	assert_int_equal(queue.rx.tx_errors.v, 667);
}

/* Fails when an id that is not in use, or none at all, is believed. */
static void guessed_ids(void **state)
{
	static const u16 ids[] = { 5, 255, 256, 0xffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		send(packet(100, 0, 0, 0));
		back_slots()->cons = 1;
		answer(ids[i], XEN_NETIF_RSP_OKAY);
		assert_int_equal(netfront_tx_complete(&queue, 64), -EPROTO);
		assert_true(xpv_broken(&front.xdev));
		teardown(state);
		setup(state);
	}
}

/* Fails when one response ends a packet twice. */
static void answered_twice(void **state)
{
	struct xen_netif_tx_request req;

	send(packet(100, 0, 0, 0));
	send(packet(100, 0, 0, 0));
	take(&req);
	take(&req);
	answer(req.id, XEN_NETIF_RSP_OKAY);
	answer(req.id, XEN_NETIF_RSP_OKAY);
	assert_int_equal(netfront_tx_complete(&queue, 64), -EPROTO);
	assert_int_equal(netdev.txq.completed, 1);
}

/* Fails when a page that the backend still maps is used again or freed. */
static void page_kept(void **state)
{
	struct xen_netif_tx_request req;

	send(packet(100, 0, 0, 0));
	take(&req);
	fake_peer_holds(req.gref, true);
	answer(req.id, XEN_NETIF_RSP_OKAY);
	assert_int_equal(netfront_tx_complete(&queue, 64), -EPROTO);
	assert_true(xpv_broken(&front.xdev));
	assert_int_equal(atomic_read(&front.xdev.quarantined), 1);
	fake_peer_holds(req.gref, false);
	xpv_quarantine_release(&front.xdev);
}

/* Fails when a packet that waits for its response survives the connection. */
static void cut_short(void **state)
{
	send(packet(100, 0, 0, 0));
	send(packet(100, 5, 0, 4096));
	assert_true(posted() > 2);
}

/* Frames of XDP: copied, one slot each, shown together. */
static void frames(void **state)
{
	struct xen_netif_tx_request req;
	char data[1000] = "";

	assert_int_equal(netfront_tx_xmit_frame(&queue, data, 1000), 0);
	assert_int_equal(netfront_tx_xmit_frame(&queue, data, 13), -EMSGSIZE);
	assert_int_equal(netfront_tx_xmit_frame(&queue, data, 5000), -EMSGSIZE);
	assert_int_equal(posted(), 0);
	netfront_tx_flush_frames(&queue);
	assert_int_equal(posted(), 1);
	take(&req);
	answer(req.id, XEN_NETIF_RSP_OKAY);
	assert_int_equal(netfront_tx_complete(&queue, 64), 1);
	/* BQL has not heard of it. */
	assert_int_equal(netdev.txq.completed, 0);
}

#define tx_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(tx_test(small),
	  tx_test(large),
	  tx_test(untrusted),
	  tx_test(unsupported),
	  tx_test(segments),
	  tx_test(full_ring),
	  tx_test(rounds),
	  tx_test(guessed_ids),
	  tx_test(answered_twice),
	  tx_test(page_kept),
	  tx_test(cut_short),
	  tx_test(frames))
