/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Completion: requests whose I/O has ended are unmapped and answered.
 */
#ifndef BLKBACK_COMPLETE_H
#define BLKBACK_COMPLETE_H

#include <linux/types.h>

struct bio;
struct blkback_queue;

/**
 * blkback_complete_bio() - the end of a request's bio (its bi_end_io)
 * @bio: the bio; its bi_private is the request
 *
 * A lone request that ends while the thread sleeps is completed here: to wake
 * the thread would cost more than all that is left to do. Where more are
 * outstanding the thread completes many at a time, and what it finds when it
 * wakes up tells affinity.h and poll.h how they come.
 *
 * Context: any, also hard interrupt; also the queue's own thread, within
 * submit_bio().
 */
void blkback_complete_bio(struct bio *bio);

/**
 * blkback_complete() - unmap and answer all that has ended
 * @queue: the queue
 * @stop: its thread is to end: discards under way go no further
 *
 * Context: the queue's thread.
 */
void blkback_complete(struct blkback_queue *queue, bool stop);

#endif /* BLKBACK_COMPLETE_H */
