/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a queue tells of itself, in debugfs and, if wanted, in the log.
 */
#ifndef BLKBACK_REPORT_H
#define BLKBACK_REPORT_H

#include <linux/jiffies.h>

struct blkback_queue;
struct seq_file;

/* As the in-tree backend prints its counts. */
#define BLKBACK_LOG_INTERVAL (10 * HZ)

extern const char * const blkback_stat_names[];

/**
 * blkback_report_queue() - print what is more than counters
 * @queue: a queue that exists
 * @seq: where to
 *
 * Context: any process.
 */
void blkback_report_queue(struct blkback_queue *queue, struct seq_file *seq);

/**
 * blkback_report_log() - print the counts since the last time, if it is time
 * @queue: the queue
 *
 * Context: the queue's thread.
 */
void blkback_report_log(struct blkback_queue *queue);

#endif /* BLKBACK_REPORT_H */
