/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The thread that serves a queue.
 */
#ifndef BLKBACK_THREAD_H
#define BLKBACK_THREAD_H

struct blkback_queue;

/**
 * blkback_thread_run() - serve a queue until kthread_stop()
 * @arg: the queue
 *
 * Before it ends, all that was consumed is answered and nothing of the
 * frontend's stays mapped.
 */
int blkback_thread_run(void *arg);

/**
 * blkback_thread_trim() - free what no request uses
 * @queue: the queue
 *
 * Context: the queue's thread, or while there is none.
 */
void blkback_thread_trim(struct blkback_queue *queue);

#endif /* BLKBACK_THREAD_H */
