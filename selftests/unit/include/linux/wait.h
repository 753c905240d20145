/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_WAIT_H
#define SHIM_LINUX_WAIT_H

#include <linux/jiffies.h>

typedef struct {
	unsigned int wakes;
} wait_queue_head_t;

/* A jiffy of sleep, in which the test may act; see fake_sleeping in fake.h. */
void fake_sleep(void);

#define init_waitqueue_head(queue) ((queue)->wakes = 0)
#define wake_up(queue) ((queue)->wakes++)
#define wait_event_timeout(queue, condition, timeout) ({		\
	long left_ = timeout;						\
									\
	for (; left_ > 0 && !(condition); left_--)			\
		fake_sleep();						\
	left_;								\
})

#endif /* SHIM_LINUX_WAIT_H */
