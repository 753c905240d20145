// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/workqueue.h>

#include "work.h"

/*
 * Unbound and wide: one device that waits for its I/O holds up no other.
 *
 * Two, because a work that must get on without memory (a guest's disk, which
 * may hold its swap space, see xpv_driver.reclaim) must not wait for one that
 * need not, and the others do: closing a loop device and removing a network
 * interface flush ordinary workqueues.
 */
static struct workqueue_struct *workqueue;
static struct workqueue_struct *reclaim_workqueue;

int xpv_work_init(void)
{
	workqueue = alloc_workqueue("xenpv", WQ_UNBOUND,
				    WQ_UNBOUND_MAX_ACTIVE);
	if (!workqueue)
		return -ENOMEM;
	reclaim_workqueue = alloc_workqueue("xenpv-reclaim",
					    WQ_UNBOUND | WQ_MEM_RECLAIM,
					    WQ_UNBOUND_MAX_ACTIVE);
	if (!reclaim_workqueue) {
		destroy_workqueue(workqueue);
		return -ENOMEM;
	}
	return 0;
}

void xpv_work_exit(void)
{
	destroy_workqueue(reclaim_workqueue);
	destroy_workqueue(workqueue);
}

static struct workqueue_struct *workqueue_of(const struct xpv_device *xdev)
{
	return xdev->drv->reclaim ? reclaim_workqueue : workqueue;
}

void xpv_queue_work(struct work_struct *work)
{
	queue_work(workqueue, work);
}

void xpv_queue_reclaim_work(struct work_struct *work)
{
	queue_work(reclaim_workqueue, work);
}

void xpv_device_kick(struct xpv_device *xdev)
{
	queue_work(workqueue_of(xdev), &xdev->work);
}
EXPORT_SYMBOL_GPL(xpv_device_kick);

void xpv_device_kick_later(struct xpv_device *xdev, unsigned long delay)
{
	mod_delayed_work(workqueue_of(xdev), &xdev->retry, delay);
}

void xpv_device_queue_work(struct xpv_device *xdev, struct work_struct *work)
{
	queue_work(workqueue_of(xdev), work);
}
EXPORT_SYMBOL_GPL(xpv_device_queue_work);

void xpv_device_queue_delayed_work(struct xpv_device *xdev,
				   struct delayed_work *work,
				   unsigned long delay)
{
	queue_delayed_work(workqueue_of(xdev), work, delay);
}
EXPORT_SYMBOL_GPL(xpv_device_queue_delayed_work);

void xpv_device_refresh(struct xpv_device *xdev)
{
	set_bit(XPV_REFRESH, &xdev->flags);
	xpv_device_kick(xdev);
}
EXPORT_SYMBOL_GPL(xpv_device_refresh);
