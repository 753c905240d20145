/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transmitting half of a queue.
 *
 * Two contexts share it without a lock between them: the transmitter, under
 * the network stack's transmit lock, fills slots; NAPI completes them.
 */
#ifndef NETFRONT_TX_H
#define NETFRONT_TX_H

#include <linux/cache.h>
#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>

struct netfront_queue;
struct netfront_tx_table;

/**
 * struct netfront_tx - the transmitting half
 * @table: slots and free ids, while the queue exists
 * @live: packets may be sent; under the transmit lock
 * @ids_taken: ids ever taken from the table's list of free ones; transmitter
 * @urgent: responses before this index are urgent, see tx_event.h; transmitter,
 *	    read by NAPI
 * @syncp: for the counters below
 * @packets: handed to the backend; transmitter
 * @bytes: handed to the backend; transmitter
 * @dropped: not handed to the backend; transmitter
 * @ids_returned: ids ever put on the list; NAPI, read by the transmitter
 */
struct netfront_tx {
	struct netfront_tx_table *table;
	bool live;
	u32 ids_taken;
	u32 urgent;
	struct u64_stats_sync syncp;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t dropped;

	u32 ids_returned ____cacheline_aligned_in_smp;
};

/**
 * netfront_tx_create() - prepare the slots
 * @queue: a queue whose references are reserved
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int netfront_tx_create(struct netfront_queue *queue);

/**
 * netfront_tx_destroy() - take back what is in flight
 * @queue: a stopped queue, its transmit half created or not
 *
 * Pages that the backend still has mapped go to the quarantine.
 *
 * Context: process, may sleep.
 */
void netfront_tx_destroy(struct netfront_queue *queue);

/**
 * netfront_tx_set_live() - let packets through, or no more
 * @queue: a created queue
 * @live: whether
 *
 * With false: when this returns, no transmitter is at work on the queue.
 *
 * Context: process.
 */
void netfront_tx_set_live(struct netfront_queue *queue, bool live);

/**
 * netfront_tx_xmit() - ndo_start_xmit
 * @skb: the packet
 * @netdev: the network device
 *
 * Context: softirq or BH disabled, under the transmit lock of the queue.
 */
netdev_tx_t netfront_tx_xmit(struct sk_buff *skb, struct net_device *netdev);

/**
 * netfront_tx_xmit_frame() - transmit a frame of XDP
 * @queue: a queue in any state
 * @data: the frame; copied
 * @len: its length
 *
 * It is shown to the backend by netfront_tx_flush_frames() at the latest.
 *
 * Context: bottom halves off, under the transmit lock of the queue.
 * Return: 0, or -errno where it is not sent.
 */
int netfront_tx_xmit_frame(struct netfront_queue *queue, const void *data,
			   unsigned int len);

/**
 * netfront_tx_flush_frames() - show the backend the frames so far
 * @queue: a queue in any state
 *
 * Context: as netfront_tx_xmit_frame().
 */
void netfront_tx_flush_frames(struct netfront_queue *queue);

/**
 * netfront_tx_complete() - free what was sent
 * @queue: a running queue
 * @budget: NAPI's
 *
 * Context: NAPI.
 * Return: responses consumed; -EPROTO after a violation.
 */
int netfront_tx_complete(struct netfront_queue *queue, int budget);

/**
 * netfront_tx_final_check() - ask for an event, and look a last time
 * @queue: a running queue
 *
 * Context: NAPI.
 * Return: 0 when NAPI may sleep; otherwise as netfront_tx_complete().
 */
int netfront_tx_final_check(struct netfront_queue *queue);

#endif /* NETFRONT_TX_H */
