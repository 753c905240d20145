/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include <linux/types.h>

struct work_struct;

/* A queue whose work can be run; what goes to no queue is only counted. */
struct workqueue_struct {
	struct work_struct *first;
};

/* @queued: times that it was queued */
struct work_struct {
	unsigned int queued;
	void (*fn)(struct work_struct *work);
	struct work_struct *next;
};

struct delayed_work {
	struct work_struct work;
};

static inline bool queue_work(struct workqueue_struct *queue,
			      struct work_struct *work)
{
	if (work->queued++)
		return false;
	if (queue) {
		work->next = queue->first;
		queue->first = work;
	}
	return true;
}

static inline void flush_workqueue(struct workqueue_struct *queue)
{
	struct work_struct *work;

	while ((work = queue->first)) {
		queue->first = work->next;
		work->queued = 0;
		work->fn(work);
	}
}

#define INIT_WORK(work, f) ((work)->fn = (f), (work)->queued = 0)
#define cancel_work_sync(work) ((work)->queued = 0)
#define schedule_work(work) queue_work(NULL, work)

#endif /* SHIM_LINUX_WORKQUEUE_H */
