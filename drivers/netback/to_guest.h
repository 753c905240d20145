/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest receives: from the network stack to the ring, in a thread.
 */
#ifndef NETBACK_TO_GUEST_H
#define NETBACK_TO_GUEST_H

#include <linux/sched.h>
#include <linux/skbuff.h>
#include <xen/interface/io/netif.h>

#include "from_guest.h"

/*
 * What may wait for a guest, per queue. A ring of slots holds 1 MiB; half of it
 * keeps the thread busy, and is all that a guest that stops reading can pin.
 */
#define NETBACK_TO_GUEST_BYTES (NETBACK_RING_SLOTS / 2 * NETBACK_GRANT_SIZE)

/* The same in packets: small ones weigh more than their bytes. */
#define NETBACK_TO_GUEST_PACKETS 512

/* Grant copies that are run in one hypercall. */
#define NETBACK_TO_GUEST_COPIES 128

/*
 * A packet up to this size is copied by whoever transmits it, where the thread
 * sleeps: that costs less than to wake it. Larger ones are copied beside the
 * transmitter, which goes on with the next.
 */
#define NETBACK_INLINE_MAX NETBACK_GRANT_SIZE

/* A slot of the ring, the other way. */
union netback_to_guest_slot {
	struct xen_netif_rx_response rsp;
	struct xen_netif_extra_info extra;
};

/**
 * struct netback_skb_cb - what we know of a packet, in its control block
 * @queued: when it came to us, in jiffies
 * @hash: its hash as the guest wants it
 * @hash_type: see netback_ctrl_hash()
 */
struct netback_skb_cb {
	unsigned long queued;
	u32 hash;
	u8 hash_type;
};

static inline struct netback_skb_cb *netback_skb_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct netback_skb_cb) > sizeof(skb->cb));
	return (struct netback_skb_cb *)skb->cb;
}

/**
 * struct netback_to_guest - a queue's receive side
 * @lock: guards the first group; taken in any context, also in hard interrupts
 *	  (netconsole). No packet is freed under it (XSA-424)
 * @list: packets handed to us by the stack
 * @bytes: of these and of @batch and @placed
 * @packets: the same in packets
 * @open: packets are accepted; the thread exists
 * @full: the netdev queue was stopped for lack of room here
 *
 * @task: the thread, referenced; valid while @open or events are armed
 * @idle: the thread sleeps and a packet is to wake it
 * @waits_slots: the thread waits for slots; set under @ring_lock
 * @event: slots were posted, or may have been
 * @worked: slots were used since NAPI last ended the event of a channel that
 *	    both rings share
 *
 * @ring_lock: guards the rest, for the thread and for transmits, which only try
 *	       it; taken before @lock, with bottom halves off
 * @batch: packets taken from @list
 * @placed: packets placed in the ring and not copied yet
 * @available: slots known to be posted
 * @need: slots that the packet needed that could not be placed
 * @blocked: a packet could not be placed
 * @blocked_since: since when, in jiffies
 * @stalled: the guest takes nothing; packets are refused; read by transmits
 * @copies: grant copies gathered, room for NETBACK_TO_GUEST_COPIES; allocated
 *	    while the queue is attached
 * @copy_rsp: entry of @rsp that each fills
 * @nr_copies: their number
 * @rsp: responses that are not in the ring yet
 * @nr_rsp: their number
 */
struct netback_to_guest {
	spinlock_t lock;	/* see above */
	struct sk_buff_head list;
	unsigned int bytes;
	unsigned int packets;
	bool open;
	bool full;

	struct task_struct *task;
	bool idle;
	bool waits_slots;
	bool event;
	bool worked;

	spinlock_t ring_lock;	/* see above */
	struct sk_buff_head batch;
	struct sk_buff_head placed;
	unsigned int available;
	unsigned int need;
	bool blocked;
	unsigned long blocked_since;
	bool stalled;
	struct xpv_copy *copies;
	u16 copy_rsp[NETBACK_TO_GUEST_COPIES];
	unsigned int nr_copies;
	union netback_to_guest_slot rsp[NETBACK_RING_SLOTS];
	unsigned int nr_rsp;
};

/**
 * netback_to_guest_init() - prepare a queue's receive side, once
 * @queue: the queue
 */
void netback_to_guest_init(struct netback_queue *queue);

/**
 * netback_to_guest_create() - make it ready for a new connection, thread
 * included
 * @queue: the queue, attached and not armed
 *
 * The thread runs from netback_to_guest_start() on.
 *
 * Context: process, may sleep.
 * Return: 0 or -errno; netback_to_guest_destroy() cleans up either way.
 */
int netback_to_guest_create(struct netback_queue *queue);

/**
 * netback_to_guest_start() - let packets in
 * @queue: the queue, started
 */
void netback_to_guest_start(struct netback_queue *queue);

/**
 * netback_to_guest_stop() - refuse packets and stop the thread
 * @queue: the queue in any state, not armed
 *
 * Context: process, may sleep.
 */
void netback_to_guest_stop(struct netback_queue *queue);

/**
 * netback_to_guest_destroy() - drop what waits and free
 * @queue: a stopped queue
 *
 * Context: process, may sleep.
 */
void netback_to_guest_destroy(struct netback_queue *queue);

/**
 * netback_to_guest_enqueue() - take a packet for the guest
 * @queue: the queue
 * @skb: the packet; stays the caller's when refused
 *
 * Context: the netdev queue's lock held; any context.
 * Return: false where it is refused.
 */
bool netback_to_guest_enqueue(struct netback_queue *queue, struct sk_buff *skb);

/**
 * netback_to_guest_event() - slots may have been posted
 * @queue: the queue
 *
 * Context: hard interrupt, between arm and disarm.
 */
void netback_to_guest_event(struct netback_queue *queue);

/**
 * netback_to_guest_kick() - have the ring looked at
 * @queue: the queue in any state
 *
 * Context: any.
 */
void netback_to_guest_kick(struct netback_queue *queue);

/**
 * netback_to_guest_test_worked() - whether slots were used since the last call
 * @queue: the queue
 *
 * For the end of an event of a channel that both rings share: NAPI ends it.
 */
bool netback_to_guest_test_worked(struct netback_queue *queue);

#endif /* NETBACK_TO_GUEST_H */
