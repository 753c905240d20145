/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hardware queues: memory, connection, start and stop.
 */
#ifndef BLKFRONT_QUEUE_H
#define BLKFRONT_QUEUE_H

#include "blkfront.h"

extern const struct blk_mq_ops blkfront_mq_ops;

/**
 * blkfront_queues_create() - make rings, channels and pools for a connection
 * @bf: the disk, with the numbers of the coming connection
 *
 * Context: xpv_device.lock held; nothing is open.
 * Return: 0 or -errno; nothing is left open on error.
 */
int blkfront_queues_create(struct blkfront *bf);

/**
 * blkfront_queues_start() - let requests and responses flow
 * @bf: the disk, with open queues and its limits set
 *
 * What was taken back from an earlier connection is sent again.
 *
 * Context: xpv_device.lock held.
 */
void blkfront_queues_start(struct blkfront *bf);

/**
 * blkfront_queues_stop() - take every request back from the backend
 * @bf: the disk, in any state
 * @fail: fail them and what comes later, until the next start; otherwise they
 *	  wait for it
 *
 * Once requests fail, only a start ends that. Waits for completions under way
 * on our side, never for the backend.
 *
 * Context: xpv_device.lock held.
 */
void blkfront_queues_stop(struct blkfront *bf, bool fail);

/**
 * blkfront_queues_destroy() - give up what is shared with the backend
 * @bf: the disk, stopped; in any state otherwise
 *
 * Context: xpv_device.lock held.
 */
void blkfront_queues_destroy(struct blkfront *bf);

/**
 * blkfront_queues_free() - free the queues' memory
 * @bf: the disk, closed and without a gendisk
 *
 * Context: xpv_device.lock held.
 */
void blkfront_queues_free(struct blkfront *bf);

/**
 * blkfront_trim() - blkfront.trim: free grants and pages that nobody uses
 * @work: the work
 *
 * Context: process.
 */
void blkfront_trim(struct work_struct *work);

#endif /* BLKFRONT_QUEUE_H */
