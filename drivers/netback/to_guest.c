// SPDX-License-Identifier: GPL-2.0
/*
 * Transmits put packets on a list; a thread per queue places as many as the
 * guest has posted slots for, copies them with one hypercall for many, and then
 * answers and notifies once. While it sleeps a transmit does that itself for a
 * small packet.
 */
#include <linux/kthread.h>
#include <linux/slab.h>

#include "to_guest.h"
#include "to_guest_place.h"
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
	return &queue->base.ring[NETBACK_TO_GUEST].slots;
}

static struct netdev_queue *txq_of(struct netback_queue *queue)
{
	return netdev_get_tx_queue(queue->nb->dev, queue->base.index);
}

void netback_to_guest_event(struct netback_queue *queue)
{
	struct netback_to_guest *tg = &queue->to_guest;

	/* The events of a shared channel are mostly for the other ring. */
	if (!queue->base.split && !READ_ONCE(tg->waits_slots))
		return;
	WRITE_ONCE(tg->event, true);
	wake_up_process(tg->task);
}

void netback_to_guest_kick(struct netback_queue *queue)
{
	struct netback_to_guest *tg = &queue->to_guest;
	unsigned long flags;

	spin_lock_irqsave(&tg->lock, flags);
	if (tg->open) {
		WRITE_ONCE(tg->event, true);
		wake_up_process(tg->task);
	}
	spin_unlock_irqrestore(&tg->lock, flags);
}

bool netback_to_guest_test_worked(struct netback_queue *queue)
{
	return READ_ONCE(queue->to_guest.worked) &&
	       xchg(&queue->to_guest.worked, false);
}

/* Packets left us: let the stack go on when half of the room is free again. */
static void release_room(struct netback_queue *queue, unsigned int packets,
			 unsigned int bytes)
{
	struct netback_to_guest *tg = &queue->to_guest;
	unsigned long flags;

	spin_lock_irqsave(&tg->lock, flags);
	tg->bytes -= bytes;
	tg->packets -= packets;
	if (tg->full && tg->open && tg->bytes <= NETBACK_TO_GUEST_BYTES / 2 &&
	    tg->packets <= NETBACK_TO_GUEST_PACKETS / 2) {
		tg->full = false;
		/* Under the lock: the next transmit may fill it again. */
		netif_tx_wake_queue(txq_of(queue));
	}
	spin_unlock_irqrestore(&tg->lock, flags);
}

static void drop_skb(struct netback_queue *queue, struct sk_buff *skb)
{
	unsigned int len = skb->len;

	kfree_skb(skb);
	release_room(queue, 1, len);
}

/* Take over what transmits have queued. */
static void pull_queued(struct netback_queue *queue)
{
	struct netback_to_guest *tg = &queue->to_guest;
	unsigned long flags;

	if (skb_queue_empty_lockless(&tg->list))
		return;
	spin_lock_irqsave(&tg->lock, flags);
	skb_queue_splice_tail_init(&tg->list, &tg->batch);
	spin_unlock_irqrestore(&tg->lock, flags);
}

static void drop_waiting(struct netback_queue *queue)
{
	struct sk_buff *skb;

	pull_queued(queue);
	while ((skb = __skb_dequeue(&queue->to_guest.batch)))
		drop_skb(queue, skb);
}

/* Return: whether so many slots are posted. */
static bool has_slots(struct netback_queue *queue, unsigned int need)
{
	struct netback_to_guest *tg = &queue->to_guest;
	int posted;

	if (tg->available >= need)
		return true;
	posted = xpv_slots_requests(ring_of(queue));
	if (posted < 0) {
		xpv_violation(queue->base.xdev,
			      "queue %u: impossible receive index",
			      queue->base.index);
		return false;
	}
	tg->available = posted;
	return tg->available >= need;
}

/*
 * Ask for an event when so many slots are posted. A frontend that posts them a
 * few at a time is not to wake us for each.
 */
static bool request_slots_event(struct netback_queue *queue, unsigned int need)
{
	xpv_slots_final_check_requests(ring_of(queue), need);
	return has_slots(queue, need);
}

/* Copy what was placed, push the responses, free the packets. */
static void complete_placed(struct netback_queue *queue)
{
	struct xpv_stats *stats = &queue->base.stats;
	struct xpv_slots *ring = ring_of(queue);
	struct netback_to_guest *tg = &queue->to_guest;
	unsigned int packets = 0, bytes = 0;
	struct sk_buff *skb;
	unsigned int i;

	if (!tg->nr_rsp)
		return;
	netback_run_copies(queue);
	for (i = 0; i < tg->nr_rsp; i++)
		xpv_slots_produce(ring, &tg->rsp[i], sizeof(tg->rsp[i]));
	tg->nr_rsp = 0;
	if (xpv_slots_push_responses(ring))
		xpv_queue_notify(&queue->base, NETBACK_TO_GUEST);
	if (!READ_ONCE(tg->worked))
		WRITE_ONCE(tg->worked, true);

	while ((skb = __skb_dequeue(&tg->placed))) {
		packets++;
		bytes += skb->len;
		consume_skb(skb);
	}
	xpv_stat_add(stats, NETBACK_STAT_TX_PACKETS, packets);
	xpv_stat_add(stats, NETBACK_STAT_TX_BYTES, bytes);
	release_room(queue, packets, bytes);
}

enum placed {
	PLACED_ALL,
	PLACED_SOME,	/* enough for one time */
	PLACED_BLOCKED,	/* the first packet waits for slots */
};

static enum placed place_packets(struct netback_queue *queue)
{
	enum placed placed = PLACED_ALL;
	struct netback_to_guest *tg = &queue->to_guest;
	struct netback_slot_plan plan;
	struct sk_buff *skb;

	lockdep_assert_held(&tg->ring_lock);

	pull_queued(queue);
	while ((skb = skb_peek(&tg->batch)) && placed == PLACED_ALL) {
		if (!netback_plan_skb(queue, skb, &plan)) {
			__skb_unlink(skb, &tg->batch);
			xpv_stat_inc(&queue->base.stats,
				     NETBACK_STAT_TX_ERRORS);
			drop_skb(queue, skb);
			continue;
		}
		tg->need = plan.slots;
		if (!has_slots(queue, tg->need)) {
			placed = PLACED_BLOCKED;
			break;
		}

		tg->blocked = false;
		__skb_unlink(skb, &tg->batch);
		netback_place_skb(queue, skb, &plan);
		__skb_queue_tail(&tg->placed, skb);
		if (tg->nr_rsp >= PUSH_SLOTS)
			placed = PLACED_SOME;
	}
	complete_placed(queue);
	return placed;
}

/*
 * The thread takes over whatever cannot be placed now. Where it is at work it
 * looks for packets once more before it sleeps.
 *
 * Context: the netdev queue's lock held, bottom halves off.
 */
static void place_inline(struct netback_queue *queue)
{
	struct netback_to_guest *tg = &queue->to_guest;
	enum placed placed = PLACED_SOME;

	if (!spin_trylock(&tg->ring_lock))
		return;
	if (READ_ONCE(tg->open) && !tg->waits_slots && !tg->stalled &&
	    !xpv_broken(queue->base.xdev))
		placed = place_packets(queue);
	if (placed == PLACED_ALL)
		xpv_stat_inc(&queue->base.stats, NETBACK_STAT_TX_INLINE);
	spin_unlock(&tg->ring_lock);
	if (placed != PLACED_ALL)
		netback_to_guest_kick(queue);
}

bool netback_to_guest_enqueue(struct netback_queue *queue, struct sk_buff *skb)
{
	bool small = skb->len <= NETBACK_INLINE_MAX;
	struct netback_to_guest *tg = &queue->to_guest;
	struct netback_skb_cb *cb = netback_skb_cb(skb);
	bool taken = false, idle = false;
	unsigned long flags;

	cb->hash_type = netback_ctrl_hash(queue->nb, skb, &cb->hash);
	spin_lock_irqsave(&tg->lock, flags);
	/* netconsole comes with interrupts off: no time for copies then. */
	small &= !irqs_disabled_flags(flags) && !READ_ONCE(tg->waits_slots);
	if (tg->open && !tg->full && !READ_ONCE(tg->stalled)) {
		taken = true;
		cb->queued = jiffies;
		__skb_queue_tail(&tg->list, skb);
		tg->bytes += skb->len;
		tg->packets++;
		if (tg->bytes >= NETBACK_TO_GUEST_BYTES ||
		    tg->packets >= NETBACK_TO_GUEST_PACKETS) {
			tg->full = true;
			netif_tx_stop_queue(txq_of(queue));
		}
		/* The packet is on the list before we look who sleeps. */
		smp_mb();	/* pairs with that in sleep_until_event() */
		idle = READ_ONCE(tg->idle);
		if (idle && !small) {
			WRITE_ONCE(tg->idle, false);
			wake_up_process(tg->task);
		}
	}
	spin_unlock_irqrestore(&tg->lock, flags);

	if (idle && small)
		place_inline(queue);
	return taken;
}

static void drop_expired(struct netback_queue *queue)
{
	struct netback_to_guest *tg = &queue->to_guest;
	struct sk_buff *skb;

	while ((skb = skb_peek(&tg->batch))) {
		if (time_before(jiffies,
				netback_skb_cb(skb)->queued + queue->nb->drain))
			break;
		__skb_unlink(skb, &tg->batch);
		xpv_stat_inc(&queue->base.stats, NETBACK_STAT_TX_EXPIRED);
		drop_skb(queue, skb);
	}
}

/* The messages are those of the in-tree driver: people look for them. */
static void set_stalled(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;

	WRITE_ONCE(queue->to_guest.stalled, true);
	xpv_stat_inc(&queue->base.stats, NETBACK_STAT_TX_STALLS);
	spin_lock(&nb->stall_lock);
	if (!nb->stalled++)
		netif_carrier_off(nb->dev);
	spin_unlock(&nb->stall_lock);
	if (net_ratelimit())
		netdev_warn(nb->dev, "Guest Rx stalled\n");
	drop_waiting(queue);
}

static void clear_stalled(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;
	bool ready;

	WRITE_ONCE(queue->to_guest.stalled, false);
	spin_lock(&nb->stall_lock);
	ready = !--nb->stalled;
	if (ready)
		netif_carrier_on(nb->dev);
	spin_unlock(&nb->stall_lock);
	if (ready && net_ratelimit())
		netdev_info(nb->dev, "Guest Rx ready\n");
}

static long jiffies_until(unsigned long when)
{
	long left = when - jiffies;

	return max(left, 1L);
}

/* Nothing can be placed. Return: how long to wait for an event. */
static long time_to_wait(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;
	struct netback_to_guest *tg = &queue->to_guest;
	long wait = MAX_SCHEDULE_TIMEOUT;
	const struct netback_skb_cb *head;

	if (!tg->blocked) {
		tg->blocked = true;
		tg->blocked_since = jiffies;
	}
	drop_expired(queue);
	if (nb->stall && !tg->stalled) {
		if (time_after_eq(jiffies, tg->blocked_since + nb->stall))
			set_stalled(queue);
		else
			wait = jiffies_until(tg->blocked_since + nb->stall);
	}
	if (!skb_queue_empty(&tg->batch)) {
		head = netback_skb_cb(skb_peek(&tg->batch));
		wait = min(wait, jiffies_until(head->queued + nb->drain));
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
static long serve_ring(struct netback_queue *queue)
{
	struct netback_to_guest *tg = &queue->to_guest;
	enum placed placed;
	bool worked;

	if (xpv_broken(queue->base.xdev))
		return MAX_SCHEDULE_TIMEOUT;

	WRITE_ONCE(tg->event, false);
	spin_lock_bh(&tg->ring_lock);
	if (tg->stalled && has_slots(queue, tg->need))
		clear_stalled(queue);
	placed = place_packets(queue);
	if (placed == PLACED_SOME) {
		spin_unlock_bh(&tg->ring_lock);
		return 0;
	}
	if (placed == PLACED_ALL && !tg->stalled &&
	    (!tg->blocked || has_slots(queue, tg->need))) {
		tg->blocked = false;
		WRITE_ONCE(tg->waits_slots, false);
	} else {
		/* From here on no transmit places anything. */
		WRITE_ONCE(tg->waits_slots, true);
	}
	spin_unlock_bh(&tg->ring_lock);
	/* NAPI sends a shared channel's EOI; after a violation nobody does. */
	worked = READ_ONCE(tg->worked);
	if (queue->base.split && !xpv_broken(queue->base.xdev)) {
		WRITE_ONCE(tg->worked, false);
		xpv_queue_eoi(&queue->base, NETBACK_TO_GUEST, worked);
	}
	if (!tg->waits_slots)
		return skb_queue_empty_lockless(&tg->list) ?
			MAX_SCHEDULE_TIMEOUT : 0;
	if (request_slots_event(queue, tg->need) ||
	    xpv_broken(queue->base.xdev))
		return 0;
	return time_to_wait(queue);
}

/*
 * Whoever gives us something to do does so before looking at @idle, or before
 * waking us regardless; we set @idle before looking whether there is anything.
 */
static void sleep_until_event(struct netback_queue *queue, long timeout)
{
	struct netback_to_guest *tg = &queue->to_guest;
	bool broken = xpv_broken(queue->base.xdev);
	bool want = !broken &&
		    (!tg->waits_slots || skb_queue_empty(&tg->batch));

	WRITE_ONCE(tg->idle, want);
	set_current_state(TASK_IDLE);
	if (!kthread_should_stop() && !(READ_ONCE(tg->event) && !broken) &&
	    !(want && !skb_queue_empty_lockless(&tg->list)))
		schedule_timeout(timeout);
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(tg->idle, false);
}

/* Stays until it is stopped, whatever the frontend does (XSA-374). */
static int run_thread(void *data)
{
	struct netback_queue *queue = data;
	long timeout;

	while (!kthread_should_stop()) {
		timeout = serve_ring(queue);
		if (timeout)
			sleep_until_event(queue, timeout);
		else
			cond_resched();
	}
	return 0;
}

void netback_to_guest_init(struct netback_queue *queue)
{
	struct netback_to_guest *tg = &queue->to_guest;

	spin_lock_init(&tg->lock);
	spin_lock_init(&tg->ring_lock);
	__skb_queue_head_init(&tg->list);
	__skb_queue_head_init(&tg->batch);
	__skb_queue_head_init(&tg->placed);
}

int netback_to_guest_create(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;
	struct netback_to_guest *tg = &queue->to_guest;
	struct task_struct *task;

	tg->full = false;
	tg->idle = false;
	tg->waits_slots = false;
	tg->event = false;
	tg->worked = false;
	tg->available = 0;
	tg->blocked = false;
	/* The carrier waits for the first slot, if the guest sends events. */
	tg->need = 1;
	tg->stalled = nb->stall;
	tg->nr_copies = 0;
	tg->nr_rsp = 0;
	tg->copies = kvcalloc(NETBACK_TO_GUEST_COPIES, sizeof(*tg->copies),
			      GFP_KERNEL);
	if (!tg->copies)
		return -ENOMEM;

	task = kthread_create(run_thread, queue, "%s-q%u-guest-rx",
			      nb->dev->name, queue->base.index);
	if (IS_ERR(task))
		return PTR_ERR(task);
	tg->task = get_task_struct(task);
	return 0;
}

void netback_to_guest_start(struct netback_queue *queue)
{
	struct netback_to_guest *tg = &queue->to_guest;

	spin_lock_irq(&tg->lock);
	tg->open = true;
	spin_unlock_irq(&tg->lock);
	wake_up_process(tg->task);
}

void netback_to_guest_stop(struct netback_queue *queue)
{
	struct netback_to_guest *tg = &queue->to_guest;

	spin_lock_irq(&tg->lock);
	tg->open = false;
	spin_unlock_irq(&tg->lock);
	/* Wait for a transmit that places a packet inline. */
	spin_lock_bh(&tg->ring_lock);
	spin_unlock_bh(&tg->ring_lock);

	if (tg->task) {
		kthread_stop(tg->task);
		put_task_struct(tg->task);
		tg->task = NULL;
	}
}

void netback_to_guest_destroy(struct netback_queue *queue)
{
	struct netback_to_guest *tg = &queue->to_guest;

	drop_waiting(queue);
	kvfree(tg->copies);
	tg->copies = NULL;
}
