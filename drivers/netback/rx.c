// SPDX-License-Identifier: GPL-2.0
/*
 * Transmits put packets on a list; a thread per queue places as many as the
 * guest has posted slots for, copies them with one hypercall for many, and then
 * answers and notifies once. While it sleeps a transmit does that itself for a
 * small packet.
 */
#include <linux/kthread.h>
#include <linux/slab.h>

#include "rx.h"
#include "rx_place.h"
#include "netback.h"

/*
 * How often the ring of a frontend is looked at that does not tell when it
 * posts slots, while there are packets for it.
 */
#define POLL_SLOTS msecs_to_jiffies(10)

/* Answers that are shown to the guest at once: keeps it busy while we copy. */
#define PUSH_SLOTS 64

static struct xpv_slots *ring_of(struct netback_queue *queue)
{
	return &queue->base.ring[NETBACK_RX].slots;
}

static struct netdev_queue *txq_of(struct netback_queue *queue)
{
	return netdev_get_tx_queue(queue->nb->dev, queue->base.index);
}

void netback_rx_event(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;

	/* The events of a shared channel are mostly for the other ring. */
	if (!queue->base.split && !READ_ONCE(rx->starved))
		return;
	WRITE_ONCE(rx->event, true);
	wake_up_process(rx->task);
}

void netback_rx_kick(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;
	unsigned long flags;

	spin_lock_irqsave(&rx->lock, flags);
	if (rx->open) {
		WRITE_ONCE(rx->event, true);
		wake_up_process(rx->task);
	}
	spin_unlock_irqrestore(&rx->lock, flags);
}

bool netback_rx_worked(struct netback_queue *queue)
{
	return READ_ONCE(queue->rx.worked) && xchg(&queue->rx.worked, false);
}

/* Packets left us: let the stack go on when half of the room is free again. */
static void account(struct netback_queue *queue, unsigned int packets,
		    unsigned int bytes)
{
	struct netback_rx *rx = &queue->rx;
	unsigned long flags;

	spin_lock_irqsave(&rx->lock, flags);
	rx->bytes -= bytes;
	rx->packets -= packets;
	if (rx->full && rx->open && rx->bytes <= NETBACK_RX_BYTES / 2 &&
	    rx->packets <= NETBACK_RX_PACKETS / 2) {
		rx->full = false;
		/* Under the lock: the next transmit may fill it again. */
		netif_tx_wake_queue(txq_of(queue));
	}
	spin_unlock_irqrestore(&rx->lock, flags);
}

static void drop(struct netback_queue *queue, struct sk_buff *skb)
{
	unsigned int len = skb->len;

	kfree_skb(skb);
	account(queue, 1, len);
}

/* Take over what transmits have queued. */
static void pull(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;
	unsigned long flags;

	if (skb_queue_empty_lockless(&rx->list))
		return;
	spin_lock_irqsave(&rx->lock, flags);
	skb_queue_splice_tail_init(&rx->list, &rx->batch);
	spin_unlock_irqrestore(&rx->lock, flags);
}

static void drop_all(struct netback_queue *queue)
{
	struct sk_buff *skb;

	pull(queue);
	while ((skb = __skb_dequeue(&queue->rx.batch)))
		drop(queue, skb);
}

/* Return: whether so many slots are posted. */
static bool has_slots(struct netback_queue *queue, unsigned int need)
{
	struct netback_rx *rx = &queue->rx;
	int posted;

	if (rx->avail >= need)
		return true;
	posted = xpv_slots_requests(ring_of(queue));
	if (posted < 0) {
		xpv_violation(queue->base.xdev,
			      "queue %u: impossible receive index",
			      queue->base.index);
		return false;
	}
	rx->avail = posted;
	return rx->avail >= need;
}

/*
 * Ask to be told when so many slots are posted. A frontend that posts them a
 * few at a time is not to wake us for each.
 */
static bool await_slots(struct netback_queue *queue, unsigned int need)
{
	xpv_slots_final_check_requests(ring_of(queue), need);
	return has_slots(queue, need);
}

/* Copy what was placed, answer its slots, let go of the packets. */
static void flush(struct netback_queue *queue)
{
	struct xpv_stats *stats = &queue->base.stats;
	struct xpv_slots *ring = ring_of(queue);
	struct netback_rx *rx = &queue->rx;
	unsigned int packets = 0, bytes = 0;
	struct sk_buff *skb;
	unsigned int i;

	if (!rx->nr_rsp)
		return;
	netback_rx_copy(queue);
	for (i = 0; i < rx->nr_rsp; i++)
		xpv_slots_produce(ring, &rx->rsp[i], sizeof(rx->rsp[i]));
	rx->nr_rsp = 0;
	if (xpv_slots_push_responses(ring))
		xpv_queue_notify(&queue->base, NETBACK_RX);
	if (!READ_ONCE(rx->worked))
		WRITE_ONCE(rx->worked, true);

	while ((skb = __skb_dequeue(&rx->done))) {
		packets++;
		bytes += skb->len;
		consume_skb(skb);
	}
	xpv_stat_add(stats, NETBACK_STAT_TX_PACKETS, packets);
	xpv_stat_add(stats, NETBACK_STAT_TX_BYTES, bytes);
	account(queue, packets, bytes);
}

enum placed {
	PLACED_ALL,
	PLACED_SOME,	/* enough for one time */
	PLACED_BLOCKED,	/* the first packet waits for slots */
};

static enum placed place_packets(struct netback_queue *queue)
{
	enum placed placed = PLACED_ALL;
	struct netback_rx *rx = &queue->rx;
	struct netback_rx_plan plan;
	struct sk_buff *skb;

	lockdep_assert_held(&rx->own);

	pull(queue);
	while ((skb = skb_peek(&rx->batch)) && placed == PLACED_ALL) {
		if (!netback_rx_plan(queue, skb, &plan)) {
			__skb_unlink(skb, &rx->batch);
			xpv_stat_inc(&queue->base.stats, NETBACK_STAT_TX_ERRORS);
			drop(queue, skb);
			continue;
		}
		rx->need = plan.slots;
		if (!has_slots(queue, rx->need)) {
			placed = PLACED_BLOCKED;
			break;
		}

		rx->blocked = false;
		__skb_unlink(skb, &rx->batch);
		netback_rx_place(queue, skb, &plan);
		__skb_queue_tail(&rx->done, skb);
		if (rx->nr_rsp >= PUSH_SLOTS)
			placed = PLACED_SOME;
	}
	flush(queue);
	return placed;
}

/*
 * The thread takes over whatever cannot be placed now. Where it is at work it
 * looks for packets once more before it sleeps.
 *
 * Context: the netdev queue's lock held, bottom halves off.
 */
static void place_at_once(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;
	enum placed placed = PLACED_SOME;

	if (!spin_trylock(&rx->own))
		return;
	if (READ_ONCE(rx->open) && !rx->starved && !rx->stalled &&
	    !xpv_broken(queue->base.xdev))
		placed = place_packets(queue);
	if (placed == PLACED_ALL)
		xpv_stat_inc(&queue->base.stats, NETBACK_STAT_TX_AT_ONCE);
	spin_unlock(&rx->own);
	if (placed != PLACED_ALL)
		netback_rx_kick(queue);
}

bool netback_rx_queue(struct netback_queue *queue, struct sk_buff *skb)
{
	bool small = skb->len <= NETBACK_RX_AT_ONCE;
	struct netback_rx *rx = &queue->rx;
	struct netback_rx_cb *cb = netback_rx_cb(skb);
	bool taken = false, idle = false;
	unsigned long flags;

	cb->hash_type = netback_ctrl_hash(queue->nb, skb, &cb->hash);
	spin_lock_irqsave(&rx->lock, flags);
	/* netconsole comes with interrupts off: no time for copies then. */
	small &= !irqs_disabled_flags(flags) && !READ_ONCE(rx->starved);
	if (rx->open && !rx->full && !READ_ONCE(rx->stalled)) {
		taken = true;
		cb->queued = jiffies;
		__skb_queue_tail(&rx->list, skb);
		rx->bytes += skb->len;
		rx->packets++;
		if (rx->bytes >= NETBACK_RX_BYTES ||
		    rx->packets >= NETBACK_RX_PACKETS) {
			rx->full = true;
			netif_tx_stop_queue(txq_of(queue));
		}
		/* The packet is on the list before we look who sleeps. */
		smp_mb();	/* pairs with that in rx_sleep() */
		idle = READ_ONCE(rx->idle);
		if (idle && !small) {
			WRITE_ONCE(rx->idle, false);
			wake_up_process(rx->task);
		}
	}
	spin_unlock_irqrestore(&rx->lock, flags);

	if (idle && small)
		place_at_once(queue);
	return taken;
}

static void expire(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;
	struct sk_buff *skb;

	while ((skb = skb_peek(&rx->batch))) {
		if (time_before(jiffies,
				netback_rx_cb(skb)->queued + queue->nb->drain))
			break;
		__skb_unlink(skb, &rx->batch);
		xpv_stat_inc(&queue->base.stats, NETBACK_STAT_TX_EXPIRED);
		drop(queue, skb);
	}
}

/* The messages are those of the in-tree driver: people look for them. */
static void give_up_guest(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;

	WRITE_ONCE(queue->rx.stalled, true);
	xpv_stat_inc(&queue->base.stats, NETBACK_STAT_TX_STALLS);
	spin_lock(&nb->stall_lock);
	if (!nb->stalled++)
		netif_carrier_off(nb->dev);
	spin_unlock(&nb->stall_lock);
	if (net_ratelimit())
		netdev_warn(nb->dev, "Guest Rx stalled\n");
	drop_all(queue);
}

static void resume_guest(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;
	bool ready;

	WRITE_ONCE(queue->rx.stalled, false);
	spin_lock(&nb->stall_lock);
	ready = !--nb->stalled;
	if (ready)
		netif_carrier_on(nb->dev);
	spin_unlock(&nb->stall_lock);
	if (ready && net_ratelimit())
		netdev_info(nb->dev, "Guest Rx ready\n");
}

static long until(unsigned long when)
{
	long left = when - jiffies;

	return max(left, 1L);
}

/* Nothing can be placed. Return: how long to wait for an event. */
static long wait_for_slots(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;
	struct netback_rx *rx = &queue->rx;
	long wait = MAX_SCHEDULE_TIMEOUT;
	const struct netback_rx_cb *head;

	if (!rx->blocked) {
		rx->blocked = true;
		rx->since = jiffies;
	}
	expire(queue);
	if (nb->stall && !rx->stalled) {
		if (time_after_eq(jiffies, rx->since + nb->stall))
			give_up_guest(queue);
		else
			wait = until(rx->since + nb->stall);
	}
	if (!skb_queue_empty(&rx->batch)) {
		head = netback_rx_cb(skb_peek(&rx->batch));
		wait = min(wait, until(head->queued + nb->drain));
		if (!nb->notify)
			wait = min_t(long, wait, POLL_SLOTS);
	}
	return wait;
}

/*
 * A queue that ran out of slots stays blocked, packets or not, until the slots
 * are there that its last packet needed.
 *
 * Return: how long to sleep; 0 where there is more to do.
 */
static long work(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;
	enum placed placed;
	bool worked;

	if (xpv_broken(queue->base.xdev))
		return MAX_SCHEDULE_TIMEOUT;

	WRITE_ONCE(rx->event, false);
	spin_lock_bh(&rx->own);
	if (rx->stalled && has_slots(queue, rx->need))
		resume_guest(queue);
	placed = place_packets(queue);
	if (placed == PLACED_SOME) {
		spin_unlock_bh(&rx->own);
		return 0;
	}
	if (placed == PLACED_ALL && !rx->stalled &&
	    (!rx->blocked || has_slots(queue, rx->need))) {
		rx->blocked = false;
		WRITE_ONCE(rx->starved, false);
	} else {
		/* From here on no transmit places anything. */
		WRITE_ONCE(rx->starved, true);
	}
	spin_unlock_bh(&rx->own);
	/* Of a shared channel NAPI ends the events; of a liar's none do. */
	worked = READ_ONCE(rx->worked);
	if (queue->base.split && !xpv_broken(queue->base.xdev)) {
		WRITE_ONCE(rx->worked, false);
		xpv_queue_eoi(&queue->base, NETBACK_RX, worked);
	}
	if (!rx->starved)
		return skb_queue_empty_lockless(&rx->list) ?
			MAX_SCHEDULE_TIMEOUT : 0;
	if (await_slots(queue, rx->need) || xpv_broken(queue->base.xdev))
		return 0;
	return wait_for_slots(queue);
}

/*
 * Whoever gives us something to do does so before looking at @idle, or before
 * waking us regardless; we set @idle before looking whether there is anything.
 */
static void rx_sleep(struct netback_queue *queue, long timeout)
{
	struct netback_rx *rx = &queue->rx;
	bool broken = xpv_broken(queue->base.xdev);
	bool want = !broken && (!rx->starved || skb_queue_empty(&rx->batch));

	WRITE_ONCE(rx->idle, want);
	set_current_state(TASK_IDLE);
	if (!kthread_should_stop() && !(READ_ONCE(rx->event) && !broken) &&
	    !(want && !skb_queue_empty_lockless(&rx->list)))
		schedule_timeout(timeout);
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(rx->idle, false);
}

/* Stays until it is stopped, whatever the frontend does (XSA-374). */
static int guest_rx(void *data)
{
	struct netback_queue *queue = data;
	long timeout;

	while (!kthread_should_stop()) {
		timeout = work(queue);
		if (timeout)
			rx_sleep(queue, timeout);
		else
			cond_resched();
	}
	return 0;
}

void netback_rx_init(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;

	spin_lock_init(&rx->lock);
	spin_lock_init(&rx->own);
	__skb_queue_head_init(&rx->list);
	__skb_queue_head_init(&rx->batch);
	__skb_queue_head_init(&rx->done);
}

int netback_rx_start(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;
	struct netback_rx *rx = &queue->rx;
	struct task_struct *task;

	rx->full = false;
	rx->idle = false;
	rx->starved = false;
	rx->event = false;
	rx->worked = false;
	rx->avail = 0;
	rx->blocked = false;
	/* The carrier waits for the first slot, where slots are told of. */
	rx->need = 1;
	rx->stalled = nb->stall;
	rx->nr_ops = 0;
	rx->nr_rsp = 0;
	rx->ops = kvcalloc(NETBACK_RX_OPS, sizeof(*rx->ops), GFP_KERNEL);
	if (!rx->ops)
		return -ENOMEM;

	task = kthread_create(guest_rx, queue, "%s-q%u-guest-rx",
			      nb->dev->name, queue->base.index);
	if (IS_ERR(task))
		return PTR_ERR(task);
	rx->task = get_task_struct(task);
	return 0;
}

void netback_rx_go(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;

	spin_lock_irq(&rx->lock);
	rx->open = true;
	spin_unlock_irq(&rx->lock);
	wake_up_process(rx->task);
}

void netback_rx_stop(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;

	spin_lock_irq(&rx->lock);
	rx->open = false;
	spin_unlock_irq(&rx->lock);
	/* Whoever transmits just now is through. */
	spin_lock_bh(&rx->own);
	spin_unlock_bh(&rx->own);

	if (rx->task) {
		kthread_stop(rx->task);
		put_task_struct(rx->task);
		rx->task = NULL;
	}
	drop_all(queue);
	kvfree(rx->ops);
	rx->ops = NULL;
}
