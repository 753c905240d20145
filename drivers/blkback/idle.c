// SPDX-License-Identifier: GPL-2.0
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "idle.h"
#include "queue.h"

/*
 * A disk that was resized tells nobody. A busy queue sees it with its next
 * request (blkback_vbd_limits()); for idle ones one deferrable work for all
 * devices looks this often, and wakes no sleeping CPU for it.
 */
#define INTERVAL HZ

/* Devices with an open disk. @devices_lock is taken inside a device's lock. */
static DEFINE_MUTEX(devices_lock);
static LIST_HEAD(devices);

static void check_devices(struct work_struct *work);
static DECLARE_DEFERRABLE_WORK(check_work, check_devices);

static void check_device(struct blkback *bb)
{
	unsigned int nr = blkback_nr_allocated(bb), i;
	struct blkback_vbd *vbd = &bb->vbd;

	if (blkback_vbd_sectors(vbd) != READ_ONCE(vbd->published_sectors))
		xpv_device_refresh(bb->xdev);
	for (i = 0; i < nr; i++)
		blkback_queue_check_idle(blkback_queue_nr(bb, i));
}

static void check_devices(struct work_struct *work)
{
	struct blkback *bb;

	mutex_lock(&devices_lock);
	list_for_each_entry(bb, &devices, idle_link)
		check_device(bb);
	if (!list_empty(&devices))
		schedule_delayed_work(&check_work, INTERVAL);
	mutex_unlock(&devices_lock);
}

void blkback_idle_add(struct blkback *bb)
{
	mutex_lock(&devices_lock);
	list_add(&bb->idle_link, &devices);
	schedule_delayed_work(&check_work, INTERVAL);
	mutex_unlock(&devices_lock);
}

void blkback_idle_del(struct blkback *bb)
{
	mutex_lock(&devices_lock);
	list_del_init(&bb->idle_link);
	mutex_unlock(&devices_lock);
}

void blkback_idle_exit(void)
{
	cancel_delayed_work_sync(&check_work);
}
