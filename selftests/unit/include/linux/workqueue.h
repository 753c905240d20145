/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include <linux/types.h>

struct workqueue_struct;

/* @queued: times that it was queued; nothing runs it */
struct work_struct {
	unsigned int queued;
};

struct delayed_work {
	struct work_struct work;
};

static inline bool queue_work(struct workqueue_struct *queue,
			      struct work_struct *work)
{
	return !work->queued++;
}

#define INIT_WORK(work, fn) ((void)(fn), (work)->queued = 0)
#define cancel_work_sync(work) ((work)->queued = 0)
#define schedule_work(work) queue_work(NULL, work)

#endif /* SHIM_LINUX_WORKQUEUE_H */
