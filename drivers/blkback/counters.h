/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counts of a queue in the kernel's log, for the parameter log_stats.
 */
#ifndef BLKBACK_COUNTERS_H
#define BLKBACK_COUNTERS_H

#include <linux/jiffies.h>

struct blkback_queue;

/* As the in-tree backend prints its counts. */
#define BLKBACK_LOG_INTERVAL (10 * HZ)

/**
 * blkback_counters_log() - print what was counted since the last time
 * @queue: the queue
 *
 * Does nothing unless it is wanted and time. In the words of the in-tree
 * backend; a queue that is idle prints nothing, as its thread sleeps.
 *
 * Context: the queue's thread.
 */
void blkback_counters_log(struct blkback_queue *queue);

#endif /* BLKBACK_COUNTERS_H */
