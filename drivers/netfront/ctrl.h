/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control ring: messages to the backend, one at a time and each answered.
 */
#ifndef NETFRONT_CTRL_H
#define NETFRONT_CTRL_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "xpv.h"

struct netfront;

/**
 * struct netfront_ctrl - the control ring of an interface
 * @base: the ring and its event channel
 * @wait: waited on for a response, and for @lock under RTNL
 * @event: an event came since the waiter last tested it
 * @sync: brings the backend up to date; queued by events, see rss.c
 * @started: messages may be sent; written by the device's work
 * @stale: the backend has not got the current settings
 * @timed_out: a timeout was logged on this connection
 * @lock: one message at a time; guards the rest, and struct netfront.rss
 * @deadline: until when the holder of @lock may wait for responses, in jiffies
 * @in_flight: a message has no response yet
 * @id: of the last message
 * @type: the same
 * @grefs: holds one reference
 * @ref: grants @page while there is a ring
 * @page: what the backend fetches; holds nothing but that
 */
struct netfront_ctrl {
	struct xpv_queue base;
	wait_queue_head_t wait;
	bool event;
	struct work_struct sync;
	bool started;
	bool stale;
	bool timed_out;

	struct mutex lock;	/* taken inside RTNL; nothing is taken inside */
	unsigned long deadline;
	bool in_flight;
	u16 id;
	u16 type;
	struct xpv_gref_pool grefs;
	grant_ref_t ref;
	struct page *page;
};

/**
 * netfront_ctrl_init() - prepare, once
 * @nf: the interface
 */
void netfront_ctrl_init(struct netfront *nf);

/**
 * netfront_ctrl_create() - make the ring, if the backend has that
 * @nf: the interface
 *
 * One that cannot be made is done without, with a message.
 *
 * Context: the device's lock held, may sleep.
 */
void netfront_ctrl_create(struct netfront *nf);

/**
 * netfront_ctrl_publish() - write the ring's keys, or remove them
 * @nf: the interface
 * @xbt: transaction
 *
 * Return: 0 or -errno.
 */
int netfront_ctrl_publish(struct netfront *nf, struct xpv_transaction *xbt);

/**
 * netfront_ctrl_start() - let messages be sent
 * @nf: the interface, its keys written
 *
 * Context: the device's lock held, may sleep.
 */
void netfront_ctrl_start(struct netfront *nf);

/**
 * netfront_ctrl_stop() - refuse messages; waiters return -ENODEV
 * @nf: the interface in any state
 *
 * Context: the device's lock held and not RTNL, may sleep.
 */
void netfront_ctrl_stop(struct netfront *nf);

/**
 * netfront_ctrl_destroy() - give the ring up
 * @nf: the interface in any state, shut
 *
 * Context: the device's lock held, may sleep.
 */
void netfront_ctrl_destroy(struct netfront *nf);

/**
 * netfront_ctrl_lock() - begin to send messages
 * @nf: the interface
 *
 * From here to netfront_ctrl_unlock() all waiting together is bounded.
 *
 * Context: process, may sleep, without RTNL.
 */
void netfront_ctrl_lock(struct netfront *nf);
void netfront_ctrl_unlock(struct netfront *nf);

/**
 * netfront_ctrl_lock_rtnl() - the same under RTNL
 * @nf: the interface
 *
 * Waiting for the lock counts as well, and all of it together is bounded more
 * tightly: RTNL is shared with all other network devices.
 *
 * Context: process, under RTNL, may sleep.
 * Return: false where the lock could not be had in time.
 */
bool netfront_ctrl_lock_rtnl(struct netfront *nf);

/**
 * struct netfront_ctrl_msg - a message to the backend
 * @type: XEN_NETIF_CTRL_TYPE_*
 * @data: as the type has it; the first is a reference where there is a payload
 * @payload: what the backend is to fetch, or NULL
 * @len: its length, up to a page
 * @result: what came back with the answer
 */
struct netfront_ctrl_msg {
	u16 type;
	u32 data[3];
	const void *payload;
	unsigned int len;
	u32 result;
};

/**
 * netfront_ctrl_send() - send a message and wait for its answer
 * @nf: the interface
 * @msg: the message
 *
 * After a time-out the ring is still of use: the answer that comes late is
 * waited for before the next message.
 *
 * Context: process, between netfront_ctrl_lock() and netfront_ctrl_unlock().
 * Return: 0; -EOPNOTSUPP without a ring, or where the backend does not have
 * such; -EINVAL, -E2BIG where it refuses it; -ETIMEDOUT after a message;
 * -ENODEV where the connection ends meanwhile.
 */
int netfront_ctrl_send(struct netfront *nf, struct netfront_ctrl_msg *msg);

#endif /* NETFRONT_CTRL_H */
