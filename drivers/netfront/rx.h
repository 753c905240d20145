/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The receiving half of a queue: pages from a page_pool are granted to the
 * backend and come back filled, in order. All of it runs in NAPI, or where
 * NAPI does not run.
 */
#ifndef NETFRONT_RX_H
#define NETFRONT_RX_H

#include <linux/types.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <xen/interface/grant_table.h>

#include "xdp.h"

struct netfront_queue;
struct page_pool;
struct sk_buff;

/**
 * struct netfront_rx_slot - what a slot of the ring was given
 * @page: granted page, NULL while no request is under way
 * @ref: the slot's reference; INVALID_GRANT_REF once the backend kept it
 */
struct netfront_rx_slot {
	struct page *page;
	grant_ref_t ref;
};

/**
 * struct netfront_rx_packet - a packet being put together from slots
 * @skb: its data so far; NULL before the first slot, or when it is dropped
 * @head: the first slot's data until all extra-infos are there, for one of them
 *	  may say where in the page it lies; @head.page is NULL otherwise
 * @headroom: as the extra-info has it, 0 without
 * @skip: headroom that the slots' lengths include
 * @slots: data slots so far
 * @flags: XEN_NETRXF_* of the first slot
 * @gso_type: XEN_NETIF_GSO_TYPE_*
 * @gso_size: as the extra-info has it
 * @hash_type: PKT_HASH_TYPE_*, of a hash that came along
 * @hash: that hash
 * @more_data: data slots are to follow
 * @more_extras: the next slot is an extra-info
 * @drop: throw it away once it is complete; it is counted already
 *
 * Kept across polls: a backend may show a packet's slots one by one.
 */
struct netfront_rx_packet {
	struct sk_buff *skb;
	struct netfront_buf head;
	unsigned int headroom;
	unsigned int skip;
	unsigned int slots;
	u16 flags;
	u16 gso_size;
	u8 gso_type;
	u8 hash_type;
	u32 hash;
	bool more_data;
	bool more_extras;
	bool drop;
};

/**
 * struct netfront_rx - the receiving half
 * @pool: where pages come from and return to; from the first connection on
 * @slot: a slot each, by ring index, which is also the request's id
 * @packet: the packet under way
 * @xdp: for programs
 * @retry: looks for pages again after there were none
 * @syncp: for the counters below, all written by NAPI
 * @packets: handed to the stack, or used by a program
 * @bytes: the same
 * @errors: dropped because of what the backend said or sent
 * @dropped: dropped for want of memory
 * @fixups: GSO packets whose checksum was not marked blank
 * @tx_errors: packets that the backend did not send; counted here because NAPI
 *	       counts them
 */
struct netfront_rx {
	struct page_pool *pool;
	struct netfront_rx_slot *slot;
	struct netfront_rx_packet packet;
	struct netfront_xdp xdp;
	struct delayed_work retry;
	struct u64_stats_sync syncp;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t errors;
	u64_stats_t dropped;
	u64_stats_t fixups;
	u64_stats_t tx_errors;
};

/**
 * netfront_rx_init() - prepare the receiving half, once
 * @queue: zeroed queue
 *
 * Context: process.
 */
void netfront_rx_init(struct netfront_queue *queue);

/**
 * netfront_rx_create() - prepare the slots and fill the ring
 * @queue: a queue whose references are reserved and whose ring exists
 *
 * Context: process, may sleep.
 * Return: 0 or -errno.
 */
int netfront_rx_create(struct netfront_queue *queue);

/**
 * netfront_rx_destroy() - take back all pages
 * @queue: a stopped queue, its receive half created or not
 *
 * Context: process, may sleep.
 */
void netfront_rx_destroy(struct netfront_queue *queue);

/**
 * netfront_rx_fini() - give up what outlives connections
 * @queue: a destroyed queue
 *
 * Context: process, may sleep.
 */
void netfront_rx_fini(struct netfront_queue *queue);

/**
 * netfront_rx_poll() - receive
 * @queue: a running queue
 * @budget: most packets
 *
 * Context: NAPI.
 * Return: packets, also those dropped; -EPROTO after a violation.
 */
int netfront_rx_poll(struct netfront_queue *queue, int budget);

/**
 * netfront_rx_final_check() - ask for an event, and look a last time
 * @queue: a running queue
 *
 * Context: NAPI.
 * Return: 0 when NAPI may sleep, 1 where there is more, -EPROTO after a
 * violation.
 */
int netfront_rx_final_check(struct netfront_queue *queue);

#endif /* NETFRONT_RX_H */
