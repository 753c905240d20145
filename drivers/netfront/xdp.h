/* SPDX-License-Identifier: GPL-2.0 */
/*
 * XDP: a program sees each received packet before the stack does, and may pass
 * it on, drop it, send it back, or send it out of another interface.
 *
 * While there is a program the backend is asked to leave headroom before the
 * data, to send no segments and to leave no checksum blank; so a program's
 * coming and going takes a new handshake. The program does not wait for it:
 * whatever comes without headroom is copied to where there is some.
 */
#ifndef NETFRONT_XDP_H
#define NETFRONT_XDP_H

#include <linux/skbuff.h>
#include <linux/types.h>
#include <net/xdp.h>

struct bpf_prog;
struct net_device;
struct netfront;
struct netfront_queue;

/**
 * struct netfront_buf - received data within one page
 * @page: a page of the queue's pool, whose grant has ended
 * @offset: where the data begins
 * @len: its length
 */
struct netfront_buf {
	struct page *page;
	unsigned int offset;
	unsigned int len;
};

/**
 * struct netfront_xdp - a queue's part; all of it belongs to NAPI
 * @rxq: tells programs and other drivers where frames come from; registered
 *	 while the queue's pool exists
 * @redirected: frames wait in other drivers' queues for the end of the poll
 * @sent: frames wait in our transmit ring for the same
 */
struct netfront_xdp {
	struct xdp_rxq_info rxq;
	bool redirected;
	bool sent;
};

/**
 * netfront_xdp_max_mtu() - the longest MTU with a program
 *
 * A packet, with up to two VLAN tags, must fit one page between headroom and
 * what the stack may put behind it.
 */
unsigned int netfront_xdp_max_mtu(void);

/**
 * netfront_xdp_set_features() - set the features that depend on the program
 * @nf: the interface
 *
 * Context: the driver's publish operation, under RTNL.
 */
void netfront_xdp_set_features(struct netfront *nf);

/**
 * netfront_xdp_create() - register the queue's pool
 * @queue: a queue with a pool
 *
 * Context: process, may sleep.
 * Return: 0 or -errno.
 */
int netfront_xdp_create(struct netfront_queue *queue);

/**
 * netfront_xdp_destroy() - undo that
 * @queue: a queue that is served by nobody, its pool still there; registered or
 *	   not
 *
 * Context: process, may sleep.
 */
void netfront_xdp_destroy(struct netfront_queue *queue);

/**
 * netfront_xdp_run() - let the program decide
 * @queue: a running queue
 * @prog: the program
 * @buf: a whole packet of ETH_HLEN bytes or more; may have changed in any
 *	 respect when it is to be passed on
 *
 * Context: NAPI.
 * Return: true where @buf goes on to the stack; false where it has been used.
 */
bool netfront_xdp_run(struct netfront_queue *queue, struct bpf_prog *prog,
		      struct netfront_buf *buf);

/**
 * netfront_xdp_flush() - have everything sent that programs sent
 * @queue: a running queue
 *
 * Context: NAPI, at the end of a poll.
 */
void netfront_xdp_flush(struct netfront_queue *queue);

/**
 * netfront_xdp_xmit() - ndo_xdp_xmit: frames of other interfaces' programs
 * @netdev: the network device
 * @nr: frames
 * @frames: the frames; those sent are ours
 * @flags: XDP_XMIT_*
 *
 * Context: bottom halves off.
 * Return: how many were sent, from the first; or -errno.
 */
int netfront_xdp_xmit(struct net_device *netdev, int nr,
		      struct xdp_frame **frames, u32 flags);

#endif /* NETFRONT_XDP_H */
