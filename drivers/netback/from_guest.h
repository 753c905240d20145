/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest transmits: from the ring to the network stack, in NAPI.
 */
#ifndef NETBACK_FROM_GUEST_H
#define NETBACK_FROM_GUEST_H

#include <linux/hrtimer.h>
#include <linux/netdevice.h>

#include "from_guest_pages.h"
#include "from_guest_parse.h"
#include "xpv.h"

struct netback_queue;

/* Slots of a one-page ring, and so requests that can be under way. */
#define NETBACK_RING_SLOTS 256

/* A NAPI round hands on so many packets at most; the kernel's usual budget. */
#define NETBACK_FROM_GUEST_BATCH NAPI_POLL_WEIGHT

/**
 * struct netback_response - how a slot will be answered
 * @id: the request's, 0 for an extra info
 * @status: XEN_NETIF_RSP_*
 */
struct netback_response {
	u16 id;
	s16 status;
};

/**
 * struct netback_pending - a packet on its way to the stack in this round
 * @skb: the packet, NULL once it is dropped
 * @start: its first slot, as struct netback_from_guest.consumed counts them
 * @slots: its slots, extra infos and empty ones included
 * @copies: grant copies that fill it
 * @flags: XEN_NETTXF_*
 * @gso_size: see struct netback_packet
 * @gso_type: see struct netback_packet
 * @hashed: the same
 * @hash_l4: the same
 * @hash: the same
 */
struct netback_pending {
	struct sk_buff *skb;
	u32 start;
	u16 slots;
	u16 copies;
	u16 flags;
	u16 gso_size;
	u8 gso_type;
	bool hashed;
	bool hash_l4;
	u32 hash;
};

/**
 * struct netback_from_guest - a queue's transmit side; all of it is NAPI's
 * @pkt: the packet whose slots are being taken
 * @no_credit: @pkt is complete and waits for credit
 * @worked: slots were taken since the last end-of-interrupt
 * @ready: slots that may be taken
 * @consumed: slots taken since the connection, wrapping
 * @complete: of these, those of complete packets: they can be answered
 * @responded: of these, those answered
 * @rsp: for the slots from @responded to @consumed, by number modulo size
 * @pages: for what packets do not have in their linear part
 * @copies: grant copies of this round, room for NETBACK_FROM_GUEST_COPIES;
 *	    allocated while the queue is attached
 * @nr_copies: their number
 * @pending: packets of this round
 * @nr_pending: their number
 * @timer: has NAPI run again when credit is to be had, or pages are to be given
 *	   back
 */
struct netback_from_guest {
	struct netback_packet pkt;
	bool no_credit;
	bool worked;
	unsigned int ready;
	u32 consumed;
	u32 complete;
	u32 responded;
	struct netback_response rsp[NETBACK_RING_SLOTS];
	struct netback_pages pages;
	struct xpv_copy *copies;
	unsigned int nr_copies;
	struct netback_pending pending[NETBACK_FROM_GUEST_BATCH];
	unsigned int nr_pending;
	struct hrtimer timer;
};

/**
 * netback_from_guest_init() - prepare a queue's transmit side, once
 * @queue: the queue
 */
void netback_from_guest_init(struct netback_queue *queue);

/**
 * netback_from_guest_create() - make it ready for a new connection
 * @queue: the queue; NAPI does not run
 *
 * Context: process, may sleep.
 * Return: 0 or -errno.
 */
int netback_from_guest_create(struct netback_queue *queue);

/**
 * netback_from_guest_destroy() - free what it holds
 * @queue: the queue in any state; NAPI does not run
 */
void netback_from_guest_destroy(struct netback_queue *queue);

/**
 * netback_from_guest_poll() - the queue's NAPI function
 * @napi: of the queue
 * @budget: packets that may be handed on
 */
int netback_from_guest_poll(struct napi_struct *napi, int budget);

#endif /* NETBACK_FROM_GUEST_H */
