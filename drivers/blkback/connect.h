/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A block backend device as a whole, and its turns of life.
 */
#ifndef BLKBACK_CONNECT_H
#define BLKBACK_CONNECT_H

#include "xpv.h"

#include "abi.h"
#include "dispatch.h"
#include "vbd.h"

/* Rows of blkback_features. */
enum blkback_feature {
	BLKBACK_FEATURE_FLUSH,
	BLKBACK_FEATURE_BARRIER,
	BLKBACK_FEATURE_DISCARD,
	BLKBACK_FEATURE_GRANULARITY,
	BLKBACK_FEATURE_ALIGNMENT,
	BLKBACK_FEATURE_SECURE,
	BLKBACK_FEATURE_PERSISTENT,
	BLKBACK_FEATURE_FRONT_PERSISTENT,
	BLKBACK_FEATURE_QUEUES,
	BLKBACK_FEATURE_RING_ORDER,
	BLKBACK_FEATURE_INDIRECT,
	BLKBACK_NR_FEATURES,
};

/**
 * struct blkback - a device
 * @xdev: its common part; its lock guards what says nothing else here
 * @watch: on physical-device
 * @watch_iops: on limit-iops
 * @watch_bytes: on limit-bytes-per-second
 * @vbd: the disk
 * @domain: what all disks of its guest share
 * @drain: keeps requests and barriers of all queues apart
 * @abi: the layout that the frontend uses
 * @persistent: pages stay mapped, as both sides want it
 * @no_cache_until: memory is short: no free pages are kept, in jiffies
 * @name: what the kthreads bear: the frontend's name for the disk, "xvda"
 * @nr_queues: queues in use, the first of @queues; 0 while not connected
 * @nr_made: queues that exist. Only grows, until removal: their counters go on
 *	     over reconnects, and readers of statistics need no lock. Stored
 *	     after the queue that it counts.
 * @queues: the queues' common parts, as debugfs wants them
 */
struct blkback {
	struct xpv_device *xdev;
	struct xpv_watch watch;
	struct xpv_watch watch_iops;
	struct xpv_watch watch_bytes;
	struct blkback_vbd vbd;
	struct blkback_domain *domain;
	struct blkback_drain drain;
	enum blkback_abi abi;
	bool persistent;
	unsigned long no_cache_until;
	char name[16];
	unsigned int nr_queues;
	unsigned int nr_made;
	struct xpv_queue *queues[XPV_MAX_QUEUES];
};

/**
 * blkback_queue_nr() - a queue by number
 * @bb: the device
 * @i: below a value of @nr_made read with smp_load_acquire(), or @nr_queues
 */
static inline struct blkback_queue *blkback_queue_nr(struct blkback *bb,
						     unsigned int i)
{
	return container_of(bb->queues[i], struct blkback_queue, base);
}

static inline struct blkback *blkback_of(struct blkback_queue *queue)
{
	return queue->base.xdev->priv;
}

/**
 * blkback_look() - look at the queues of a device, as once a second
 * @bb: the device
 *
 * Context: process; the device's disk is open.
 */
void blkback_look(struct blkback *bb);

/**
 * blkback_withdraw() - the disk turned out not to know an operation
 * @bb: the device
 * @flag: which
 *
 * The device's work writes the feature's key anew; a flag that is set already
 * changes nothing.
 *
 * Context: any.
 */
void blkback_withdraw(struct blkback *bb, enum blkback_vbd_flag flag);

extern const struct xpv_feature blkback_features[BLKBACK_NR_FEATURES];
extern const struct xpv_driver_ops blkback_ops;

#endif /* BLKBACK_CONNECT_H */
