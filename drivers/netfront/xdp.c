// SPDX-License-Identifier: GPL-2.0
#include <linux/bpf.h>
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <net/page_pool/helpers.h>
#include <xen/page.h>

#include "netfront.h"
#include "xdp.h"

/* Where a frame becomes an skb, its shared info goes behind the data. */
#define TAILROOM SKB_DATA_ALIGN(sizeof(struct skb_shared_info))

/* The longest frame that a program is given. */
#define MAX_FRAME (XEN_PAGE_SIZE - XDP_PACKET_HEADROOM - TAILROOM)

unsigned int netfront_xdp_max_mtu(void)
{
	return MAX_FRAME - ETH_HLEN - 2 * VLAN_HLEN;
}

/*
 * Programs understand neither segments, which take several pages, nor blank
 * checksums, which would leave the machine unfinished with a frame that is sent
 * back or elsewhere.
 */
void netfront_xdp_set_features(struct netfront *nf)
{
	struct xpv_device *xdev = nf->xdev;
	bool plain = rtnl_dereference(nf->xdp_prog);

	xpv_feature_offer(xdev, NETFRONT_OWN_XDP_HEADROOM,
			  plain ? XDP_PACKET_HEADROOM : 0);
	xpv_feature_offer(xdev, NETFRONT_OWN_TSO4, !plain);
	xpv_feature_offer(xdev, NETFRONT_OWN_TSO6, !plain);
	xpv_feature_offer(xdev, NETFRONT_OWN_NO_CSUM4, plain);
	xpv_feature_offer(xdev, NETFRONT_OWN_CSUM6, !plain);
}

int netfront_xdp_create(struct netfront_queue *queue)
{
	struct xdp_rxq_info *rxq = &queue->rx.xdp.rxq;
	int err;

	err = xdp_rxq_info_reg(rxq, queue->nf->netdev, queue->base.index,
			       queue->napi.napi_id);
	if (err)
		return err;
	return xdp_rxq_info_reg_mem_model(rxq, MEM_TYPE_PAGE_POOL,
					  queue->rx.pool);
}

void netfront_xdp_destroy(struct netfront_queue *queue)
{
	struct xdp_rxq_info *rxq = &queue->rx.xdp.rxq;

	if (xdp_rxq_info_is_reg(rxq))
		xdp_rxq_info_unreg(rxq);
}

static void inc_stat(struct netfront_queue *queue, enum netfront_stat stat)
{
	xpv_stat_inc(&queue->base.stats, stat);
}

static void recycle_buf(struct netfront_queue *queue, struct netfront_buf *buf)
{
	page_pool_recycle_direct(queue->rx.pool, buf->page);
}

/*
 * A backend that gave no headroom, or cannot: copy. Generic XDP, which is what
 * users would be left with, copies as well.
 */
static bool ensure_headroom(struct netfront_queue *queue,
			    struct netfront_buf *buf)
{
	struct page *page;

	if (likely(buf->offset >= XDP_PACKET_HEADROOM &&
		   buf->offset + buf->len <= XEN_PAGE_SIZE - TAILROOM))
		return true;
	if (buf->len > MAX_FRAME)
		return false;
	page = page_pool_alloc_pages(queue->rx.pool, GFP_ATOMIC | __GFP_NOWARN);
	if (!page)
		return false;

	memcpy(page_address(page) + XDP_PACKET_HEADROOM,
	       page_address(buf->page) + buf->offset, buf->len);
	recycle_buf(queue, buf);
	buf->page = page;
	buf->offset = XDP_PACKET_HEADROOM;
	inc_stat(queue, NETFRONT_STAT_XDP_COPIES);
	return true;
}

/* Copied to the ring's own pages, the frame is free at once. */
static int xmit_back(struct netfront_queue *queue, const struct xdp_buff *xdp)
{
	struct netdev_queue *txq = netfront_queue_txq(queue);
	int err;

	__netif_tx_lock(txq, smp_processor_id());
	err = netfront_tx_xmit_frame(queue, xdp->data,
				     xdp->data_end - xdp->data);
	__netif_tx_unlock(txq);
	if (!err)
		queue->rx.xdp.sent = true;
	return err;
}

/**
 * apply_verdict() - do what the program says
 * @queue: the queue
 * @prog: the program
 * @xdp: the frame as it left it
 * @verdict: its word
 *
 * Return: true where the page is another driver's from now on.
 */
static bool apply_verdict(struct netfront_queue *queue, struct bpf_prog *prog,
			  struct xdp_buff *xdp, u32 verdict)
{
	struct net_device *netdev = queue->nf->netdev;

	switch (verdict) {
	case XDP_TX:
		if (xmit_back(queue, xdp))
			break;
		inc_stat(queue, NETFRONT_STAT_XDP_TX);
		return false;
	case XDP_REDIRECT:
		if (xdp_do_redirect(netdev, xdp, prog))
			break;
		queue->rx.xdp.redirected = true;
		inc_stat(queue, NETFRONT_STAT_XDP_REDIRECT);
		return true;
	case XDP_DROP:
		inc_stat(queue, NETFRONT_STAT_XDP_DROP);
		return false;
	case XDP_ABORTED:
		break;
	default:
		bpf_warn_invalid_xdp_action(netdev, prog, verdict);
	}
	trace_xdp_exception(netdev, prog, verdict);
	inc_stat(queue, NETFRONT_STAT_XDP_ERRORS);
	return false;
}

bool netfront_xdp_run(struct netfront_queue *queue, struct bpf_prog *prog,
		      struct netfront_buf *buf)
{
	struct xdp_buff xdp;
	void *start;
	u32 verdict;

	inc_stat(queue, NETFRONT_STAT_XDP_PACKETS);
	if (unlikely(!ensure_headroom(queue, buf))) {
		inc_stat(queue, NETFRONT_STAT_XDP_ERRORS);
		recycle_buf(queue, buf);
		return false;
	}

	start = page_address(buf->page);
	xdp_init_buff(&xdp, XEN_PAGE_SIZE, &queue->rx.xdp.rxq);
	xdp_prepare_buff(&xdp, start, buf->offset, buf->len, false);
	verdict = bpf_prog_run_xdp(prog, &xdp);
	if (verdict == XDP_PASS) {
		buf->offset = xdp.data - start;
		buf->len = xdp.data_end - xdp.data;
		return true;
	}
	if (!apply_verdict(queue, prog, &xdp, verdict))
		recycle_buf(queue, buf);
	return false;
}

void netfront_xdp_flush(struct netfront_queue *queue)
{
	struct netdev_queue *txq = netfront_queue_txq(queue);

	if (queue->rx.xdp.sent) {
		queue->rx.xdp.sent = false;
		__netif_tx_lock(txq, smp_processor_id());
		netfront_tx_flush_frames(queue);
		__netif_tx_unlock(txq);
	}
	if (queue->rx.xdp.redirected) {
		queue->rx.xdp.redirected = false;
		xdp_do_flush();
	}
}

/* Under the queue's transmit lock. Return: how many were sent. */
static int send_frames(struct netfront_queue *queue, int nr,
		       struct xdp_frame **frames)
{
	int i;

	for (i = 0; i < nr; i++) {
		if (unlikely(xdp_frame_has_frags(frames[i])) ||
		    netfront_tx_xmit_frame(queue, frames[i]->data,
					   frames[i]->len))
			break;
		xdp_return_frame(frames[i]);
	}
	xpv_stat_add(&queue->base.stats, NETFRONT_STAT_XDP_XMIT, i);
	return i;
}

int netfront_xdp_xmit(struct net_device *netdev, int nr,
		      struct xdp_frame **frames, u32 flags)
{
	struct netfront *nf = netdev_priv(netdev);
	unsigned int nr_queues = READ_ONCE(nf->nr_queues);
	unsigned int cpu = smp_processor_id();
	struct netfront_queue *queue;
	int sent;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!nr_queues))
		return -ENETDOWN;

	/* Whether it still is connected is looked at under the lock. */
	queue = &nf->queue[cpu % nr_queues];
	__netif_tx_lock(netfront_queue_txq(queue), cpu);
	sent = send_frames(queue, nr, frames);
	if (flags & XDP_XMIT_FLUSH)
		netfront_tx_flush_frames(queue);
	__netif_tx_unlock(netfront_queue_txq(queue));
	return sent;
}
