/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control ring, on which a guest says how its packets are to be spread
 * over its queues, and what follows from that for each packet.
 */
#ifndef NETBACK_CTRL_H
#define NETBACK_CTRL_H

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "hash.h"
#include "xpv.h"

struct netback;
struct seq_file;
struct sk_buff;

/**
 * struct netback_ctrl - the control ring of a vif
 * @base: the ring and its event channel
 * @work: serves it
 * @nb: the vif
 * @attached: there is a ring; written by the device's work
 * @worked: messages were served since the last end-of-interrupt; @work's
 * @lock: guards the rest but for @active's readers; taken by @work and by
 *	  debugfs, innermost
 * @config: what the guest has set; nothing at each connection
 * @active: for transmits, one of @buffer, or NULL where nothing is hashed
 * @buffer: two, so that no message needs memory; while there is a ring
 * @next: the one to be filled next
 * @grace: when the readers of the other one are through, for
 *	   cond_synchronize_rcu()
 * @payload: what was fetched from the guest's page
 * @served: messages answered
 * @refused: of these, with an error
 */
struct netback_ctrl {
	struct xpv_queue base;
	struct work_struct work;
	struct netback *nb;
	bool attached;
	bool worked;

	struct mutex lock;	/* see above */
	struct netback_hash_config config;
	struct netback_hash __rcu *active;
	struct netback_hash *buffer;
	unsigned int next;
	unsigned long grace;
	void *payload;
	u64 served;
	u64 refused;
};

/**
 * netback_ctrl_init() - prepare, once
 * @nb: the vif
 */
void netback_ctrl_init(struct netback *nb);

/**
 * netback_ctrl_start() - attach to the ring, if the frontend has one
 * @nb: the vif, its queues connected: a mapping speaks of them
 *
 * Context: the device's lock held, may sleep.
 * Return: 0, also without a ring; -errno, after a message.
 */
int netback_ctrl_start(struct netback *nb);

/**
 * netback_ctrl_stop() - give it up, and forget what the guest has set
 * @nb: the vif in any state
 *
 * Context: the device's lock held, may sleep.
 */
void netback_ctrl_stop(struct netback *nb);

/**
 * netback_ctrl_stale() - whether the frontend has published another ring
 * @nb: the vif
 *
 * Context: the device's lock held, may sleep.
 */
bool netback_ctrl_stale(struct netback *nb);

/**
 * netback_ctrl_queue() - the queue that the guest wants a packet in
 * @nb: the vif
 * @skb: the packet
 * @nr: queues
 * @queue: where it goes
 *
 * Context: any.
 * Return: false where the guest leaves that to us.
 */
bool netback_ctrl_queue(struct netback *nb, const struct sk_buff *skb,
			unsigned int nr, u16 *queue);

/**
 * netback_ctrl_hash() - a packet's hash, to go with it to the guest
 * @nb: the vif
 * @skb: the packet
 * @value: where it goes
 *
 * Context: any.
 * Return: _XEN_NETIF_CTRL_HASH_TYPE_*, or NETBACK_HASH_NONE where none is to
 * go.
 */
u8 netback_ctrl_hash(struct netback *nb, const struct sk_buff *skb,
		     u32 *value);

/**
 * netback_ctrl_show() - what the guest has set, for debugfs
 * @nb: the vif
 * @seq: where to print
 *
 * Context: process, may sleep.
 */
void netback_ctrl_show(struct netback *nb, struct seq_file *seq);

#endif /* NETBACK_CTRL_H */
