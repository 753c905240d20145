// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>

#include "types.h"
#include "queue.h"
#include "violation.h"
#include "xenstore.h"

/* "queue-NN/tx-ring-refNN" and the like. */
#define KEY_SIZE 48

static void queue_key(char *key, const struct xpv_queue *q,
		      unsigned int nr_queues, const char *name)
{
	if (nr_queues > 1)
		snprintf(key, KEY_SIZE, "queue-%u/%s", q->index, name);
	else
		snprintf(key, KEY_SIZE, "%s", name);
}

/* Where one channel serves all rings. */
static const char *shared_key(const struct xpv_queue *q)
{
	return q->type->evtchn_key ?: "event-channel";
}

void xpv_queue_init(struct xpv_queue *q, struct xpv_device *xdev,
		    const struct xpv_queue_type *type, unsigned int index)
{
	q->xdev = xdev;
	q->type = type;
	q->index = index;
}
EXPORT_SYMBOL_GPL(xpv_queue_init);

/*
 * An event that comes before the queue is armed leaves its channel masked;
 * xpv_queue_arm() looks for it.
 */
static irqreturn_t queue_event(struct xpv_queue *q, unsigned int ring)
{
	xpv_evtchn_set_pending(&q->evtchn[ring]);
	xpv_ring_stat_inc(&q->ring_stats[ring].events);
	smp_mb();	/* pending before armed; pairs with xpv_queue_arm() */
	if (READ_ONCE(q->armed))
		q->type->event(q, ring);
	return IRQ_HANDLED;
}

static irqreturn_t irq_ring0(int irq, void *arg)
{
	return queue_event(arg, 0);
}

static irqreturn_t irq_ring1(int irq, void *arg)
{
	return queue_event(arg, 1);
}

static const irq_handler_t handlers[XPV_QUEUE_MAX_RINGS] = {
	irq_ring0, irq_ring1,
};

static unsigned int nr_channels(const struct xpv_queue *q)
{
	return q->split ? q->type->nr_rings : 1;
}

static void channel_name(char *name, size_t size, const struct xpv_queue *q,
			 unsigned int i, const char *irq_name)
{
	snprintf(name, size, "%s%s", irq_name,
		 q->split ? q->type->ring[i].suffix : "");
}

int xpv_queue_create(struct xpv_queue *q, unsigned int order, bool split,
		     const char *irq_name)
{
	char name[sizeof(q->evtchn[0].name)];
	unsigned int i;
	int err = 0;

	q->split = split;
	for (i = 0; i < q->type->nr_rings && !err; i++)
		err = xpv_ring_create(q->xdev, &q->ring[i], order,
				      q->type->ring[i].slot_size);
	for (i = 0; i < nr_channels(q) && !err; i++) {
		channel_name(name, sizeof(name), q, i, irq_name);
		err = xpv_evtchn_alloc(q->xdev, &q->evtchn[i], handlers[i], q,
				       name);
	}
	if (err)
		xpv_queue_destroy(q);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_queue_create);

static int publish_ring(struct xpv_queue *q, struct xpv_transaction *xbt,
			unsigned int nr_queues, unsigned int ring)
{
	const char *stem = q->type->ring[ring].ref_key;
	const struct xpv_ring *r = &q->ring[ring];
	char name[KEY_SIZE / 2], key[KEY_SIZE];
	unsigned int i;
	int err;

	for (i = 0; i < r->pages; i++) {
		if (r->pages > 1)
			snprintf(name, sizeof(name), "%s%u", stem, i);
		else
			snprintf(name, sizeof(name), "%s", stem);
		queue_key(key, q, nr_queues, name);
		err = xpv_own_printf(q->xdev, xbt, key, "%u", r->gref[i]);
		if (err)
			return err;
	}
	return 0;
}

/* The order is the device's, not the queue's: written with the first queue. */
static int publish_order(struct xpv_queue *q, struct xpv_transaction *xbt)
{
	if (!q->type->multi_page || q->index)
		return 0;
	if (q->ring[0].pages > 1)
		return xpv_own_printf(q->xdev, xbt, "ring-page-order", "%u",
				      ilog2(q->ring[0].pages));
	/* Left over from a connection with more pages. */
	xpv_own_remove(q->xdev, xbt, "ring-page-order");
	return 0;
}

static int publish_channel(struct xpv_queue *q, struct xpv_transaction *xbt,
			   unsigned int nr_queues, const char *name, bool used,
			   unsigned int channel)
{
	char key[KEY_SIZE];

	queue_key(key, q, nr_queues, name);
	if (used)
		return xpv_own_printf(q->xdev, xbt, key, "%u",
				      q->evtchn[channel].port);
	/* A former connection's, which a backend would bind. */
	xpv_own_remove(q->xdev, xbt, key);
	return 0;
}

static int publish_channels(struct xpv_queue *q, struct xpv_transaction *xbt,
			    unsigned int nr_queues)
{
	const struct xpv_ring_type *type = q->type->ring;
	unsigned int i;
	int err;

	err = publish_channel(q, xbt, nr_queues, shared_key(q), !q->split, 0);
	for (i = 0; i < q->type->nr_rings && !err; i++)
		if (type[i].evtchn_key)
			err = publish_channel(q, xbt, nr_queues,
					      type[i].evtchn_key, q->split, i);
	return err;
}

int xpv_queue_publish(struct xpv_queue *q, struct xpv_transaction *xbt,
		      unsigned int nr_queues)
{
	unsigned int i;
	int err;

	err = publish_order(q, xbt);
	for (i = 0; i < q->type->nr_rings && !err; i++)
		err = publish_ring(q, xbt, nr_queues, i);
	if (!err)
		err = publish_channels(q, xbt, nr_queues);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_queue_publish);

/* Keys of the layout for a single queue, which another driver may have left. */
static void remove_flat(const struct xpv_queue *q, struct xpv_transaction *xbt)
{
	const struct xpv_ring_type *ring = q->type->ring;
	unsigned int i;

	for (i = 0; i < q->type->nr_rings; i++) {
		xpv_own_remove(q->xdev, xbt, ring[i].ref_key);
		if (ring[i].evtchn_key)
			xpv_own_remove(q->xdev, xbt, ring[i].evtchn_key);
	}
	xpv_own_remove(q->xdev, xbt, shared_key(q));
}

static int publish_count(struct xpv_device *xdev, struct xpv_transaction *xbt,
			 unsigned int nr_queues)
{
	if (nr_queues)
		return xpv_own_printf(xdev, xbt, "multi-queue-num-queues", "%u",
				      nr_queues);
	xpv_own_remove(xdev, xbt, "multi-queue-num-queues");
	return 0;
}

int xpv_queues_publish(struct xpv_device *xdev, struct xpv_transaction *xbt,
		       struct xpv_queue **queues, unsigned int nr_queues,
		       bool write_count)
{
	unsigned int i;
	int err;

	err = publish_count(xdev, xbt, write_count ? nr_queues : 0);
	if (nr_queues > 1)
		remove_flat(queues[0], xbt);
	for (i = 0; i < nr_queues && !err; i++)
		err = xpv_queue_publish(queues[i], xbt, nr_queues);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_queues_publish);

/* A key that has to be there. */
static int read_key(struct xpv_queue *q, const char *key, u32 *val)
{
	u64 found;
	int err = xpv_peer_read_u64(q->xdev, key, U32_MAX, &found);

	if (!err)
		*val = found;
	return err;
}

static int read_missing(struct xpv_queue *q, const char *key, int err)
{
	if (err == -ENOENT)
		xpv_warn_peer(q->xdev, "%s/%s is missing", q->xdev->peer_path,
			      key);
	return err;
}

/*
 * Return: pages per ring as the frontend says; 1 with @numbered false where it
 * does not, and its single reference bears no number.
 */
static int read_pages(struct xpv_queue *q, unsigned int max_order,
		      unsigned int *pages, bool *numbered)
{
	u64 order = 0;
	int err = -ENOENT;

	if (q->type->multi_page)
		err = xpv_peer_read_u64(q->xdev, "ring-page-order", max_order,
					&order);
	if (err && err != -ENOENT)
		return err;
	*numbered = !err;
	*pages = 1U << order;
	return 0;
}

static int read_ring(struct xpv_queue *q, unsigned int nr_queues,
		     unsigned int ring, unsigned int pages, bool numbered)
{
	const char *stem = q->type->ring[ring].ref_key;
	struct xpv_ring *r = &q->ring[ring];
	char name[KEY_SIZE / 2], key[KEY_SIZE];
	unsigned int i;
	int err;

	for (i = 0; numbered && i < pages; i++) {
		snprintf(name, sizeof(name), "%s%u", stem, i);
		queue_key(key, q, nr_queues, name);
		err = read_key(q, key, &r->gref[i]);
		/* Order 0 written out: some number the page, some do not. */
		if (err == -ENOENT && pages == 1)
			break;
		if (err)
			return read_missing(q, key, err);
	}
	if (i == pages)
		return 0;

	queue_key(key, q, nr_queues, stem);
	return read_missing(q, key, read_key(q, key, &r->gref[0]));
}

static int map_ring(struct xpv_queue *q, unsigned int i, u32 slot_size)
{
	const char *key = q->type->ring[i].ref_key;
	int err = xpv_ring_map(q->xdev, &q->ring[i], slot_size);

	if (err == -EPROTO)
		xpv_warn_peer(q->xdev, "%s of queue %u has impossible indices",
			      key, q->index);
	else if (err)
		xpv_warn_peer(q->xdev, "%s %u of queue %u cannot be mapped: error %d",
			      key, q->ring[i].gref[0], q->index, err);
	return err;
}

static int map_rings(struct xpv_queue *q, unsigned int nr_queues,
		     unsigned int max_order, const u32 *slot_size)
{
	unsigned int i, pages;
	bool numbered;
	u32 size;
	int err;

	err = read_pages(q, max_order, &pages, &numbered);
	for (i = 0; i < q->type->nr_rings && !err; i++) {
		err = read_ring(q, nr_queues, i, pages, numbered);
		if (err)
			break;
		size = slot_size ? slot_size[i] : q->type->ring[i].slot_size;
		q->ring[i].pages = pages;
		err = map_ring(q, i, size);
	}
	return err;
}

/* Both split keys or none; the first decides. */
static int read_ports(struct xpv_queue *q, unsigned int nr_queues, u32 *port)
{
	char key[KEY_SIZE];
	unsigned int i;
	int err;

	q->split = false;
	for (i = 0; i < q->type->nr_rings; i++) {
		if (!q->type->ring[i].evtchn_key)
			break;
		queue_key(key, q, nr_queues, q->type->ring[i].evtchn_key);
		err = read_key(q, key, &port[i]);
		if (err == -ENOENT && !i)
			break;
		if (err)
			return read_missing(q, key, err);
		q->split = true;
	}
	if (q->split)
		return 0;

	queue_key(key, q, nr_queues, shared_key(q));
	return read_missing(q, key, read_key(q, key, &port[0]));
}

static int bind_channels(struct xpv_queue *q, unsigned int nr_queues,
			 const char *irq_name)
{
	char name[sizeof(q->evtchn[0].name)];
	u32 port[XPV_QUEUE_MAX_RINGS] = {};
	unsigned int i;
	int err;

	err = read_ports(q, nr_queues, port);
	q->remote = port[0];
	for (i = 0; i < nr_channels(q) && !err; i++) {
		channel_name(name, sizeof(name), q, i, irq_name);
		err = xpv_evtchn_bind(q->xdev, &q->evtchn[i], port[i],
				      handlers[i], q, name);
		if (err)
			xpv_warn_peer(q->xdev, "cannot bind event channel %u: error %d",
				      port[i], err);
	}
	return err;
}

int xpv_queue_attach(struct xpv_queue *q, unsigned int nr_queues,
		     unsigned int max_order, const u32 *slot_size,
		     const char *irq_name)
{
	int err;

	err = map_rings(q, nr_queues, max_order, slot_size);
	if (!err)
		err = bind_channels(q, nr_queues, irq_name);
	if (err)
		xpv_queue_destroy(q);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_queue_attach);

/* A key that has gone says nothing: the state will tell what becomes of it. */
static bool key_changed(struct xpv_queue *q, unsigned int nr_queues,
			const char *name, u32 now)
{
	char key[KEY_SIZE];
	u64 found;

	queue_key(key, q, nr_queues, name);
	return !xpv_peer_read_u64(q->xdev, key, U32_MAX, &found) &&
	       found != now;
}

bool xpv_queue_stale(struct xpv_queue *q, unsigned int nr_queues)
{
	const struct xpv_ring_type *type = &q->type->ring[0];
	char name[KEY_SIZE / 2];

	snprintf(name, sizeof(name), "%s0", type->ref_key);
	return key_changed(q, nr_queues, q->ring[0].pages > 1 ? name :
			   type->ref_key, q->ring[0].gref[0]) ||
	       key_changed(q, nr_queues, q->split ? type->evtchn_key :
			   shared_key(q), q->remote);
}
EXPORT_SYMBOL_GPL(xpv_queue_stale);

void xpv_queue_arm(struct xpv_queue *q)
{
	unsigned long flags;
	unsigned int i;

	WRITE_ONCE(q->armed, true);
	smp_mb();	/* armed before pending; pairs with queue_event() */
	for (i = 0; i < nr_channels(q); i++) {
		local_irq_save(flags);
		q->type->event(q, i);
		local_irq_restore(flags);
		if (q->xdev->drv->side == XPV_BACK)
			xpv_evtchn_notify(&q->evtchn[i]);
	}
}
EXPORT_SYMBOL_GPL(xpv_queue_arm);

void xpv_queue_disarm(struct xpv_queue *q)
{
	unsigned int i;

	WRITE_ONCE(q->armed, false);
	for (i = 0; i < XPV_QUEUE_MAX_RINGS; i++)
		if (q->evtchn[i].irq)
			synchronize_irq(q->evtchn[i].irq);
}
EXPORT_SYMBOL_GPL(xpv_queue_disarm);

void xpv_queue_destroy(struct xpv_queue *q)
{
	unsigned int i;

	xpv_queue_disarm(q);
	for (i = 0; i < XPV_QUEUE_MAX_RINGS; i++)
		xpv_evtchn_close(&q->evtchn[i], q);
	for (i = 0; i < XPV_QUEUE_MAX_RINGS; i++)
		xpv_ring_destroy(q->xdev, &q->ring[i]);
}
EXPORT_SYMBOL_GPL(xpv_queue_destroy);

int xpv_queues_read_count(struct xpv_device *xdev, unsigned int max,
			  unsigned int *count)
{
	u64 found = 1;
	int err;

	err = xpv_peer_read_u64(xdev, "multi-queue-num-queues", max, &found);
	if (err && err != -ENOENT)
		return err;
	if (!found) {
		xpv_warn_peer(xdev, "multi-queue-num-queues is 0");
		return -EINVAL;
	}
	*count = found;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_queues_read_count);
