/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The disk behind a device: found, opened, measured and closed.
 */
#ifndef BLKBACK_VBD_H
#define BLKBACK_VBD_H

#include <compat/blk.h>
#include <linux/types.h>

#include "xpv.h"

#include "abi.h"
#include "discard.h"
#include "ratelimit.h"

/* Bits of struct blkback_vbd.flags: operations that the disk has refused. */
enum blkback_vbd_flag {
	BLKBACK_NO_FLUSH,
	BLKBACK_NO_BARRIER,
	BLKBACK_NO_DISCARD,
	BLKBACK_NO_SECURE,
};

/**
 * struct blkback_vbd - a disk
 * @xdev: the device that it is served through; constant
 * @bdev: the opened disk or NULL; changed under the device's lock while no
 *	  queue runs
 * @handle: how it was opened, for closing it
 * @number: its device number, 0 while closed; read by sysfs without a lock
 * @readonly: opened for reading; read by sysfs without a lock
 * @info: VDISK_* flags for the frontend
 * @block: sectors per logical block; constant while open
 * @granule: the unit in which it discards; constant while open
 * @discard: discards are offered; written under the device's lock
 * @secure: secure ones are offered; likewise
 * @max_segs: segments that an indirect request may have, as published
 * @ratelimit: requests and bytes per second; has a lock of its own
 * @published_sectors: size as the frontend knows it; written under the device's
 *		       lock
 * @seen_sectors: size that a queue's thread has last asked to be published
 * @flags: enum blkback_vbd_flag; atomic bit operations
 */
struct blkback_vbd {
	struct xpv_device *xdev;
	struct block_device *bdev;
	struct xpv_bdev_handle handle;
	dev_t number;
	bool readonly;
	unsigned int info;
	u32 block;
	struct blkback_granule granule;
	bool discard;
	bool secure;
	u16 max_segs;
	struct blkback_ratelimit ratelimit;
	u64 published_sectors;
	u64 seen_sectors;
	unsigned long flags;
};

/**
 * blkback_vbd_init() - make a disk that is not open
 * @vbd: zeroed memory
 * @xdev: the device
 */
void blkback_vbd_init(struct blkback_vbd *vbd, struct xpv_device *xdev);

/**
 * blkback_vbd_open() - open the disk that our directory names
 * @vbd: a disk; one that is open already is fine
 *
 * Context: the device's operations.
 * Return: 0; -EAGAIN where no disk is named yet, without a message; -errno
 * after the device was failed with a message.
 */
int blkback_vbd_open(struct blkback_vbd *vbd);

/**
 * blkback_vbd_close() - close the disk
 * @vbd: a disk, open or not, with no queue running
 *
 * Context: the device's operations.
 */
void blkback_vbd_close(struct blkback_vbd *vbd);

/**
 * blkback_vbd_check_name() - warn where our directory now names another disk
 * @vbd: an open disk
 *
 * Context: the device's operations.
 */
void blkback_vbd_check_name(struct blkback_vbd *vbd);

/**
 * blkback_vbd_sync() - write dom0's cached data out and drop it
 * @vbd: an open disk
 *
 * The frontend reads and writes the disk behind dom0's page cache.
 *
 * Context: process, may sleep.
 * Return: 0 or -errno, after the device was failed with a message.
 */
int blkback_vbd_sync(struct blkback_vbd *vbd);

/**
 * blkback_vbd_publish_size() - tell the frontend where the size has changed
 * @vbd: an open disk
 *
 * Context: the device's operations.
 */
void blkback_vbd_publish_size(struct blkback_vbd *vbd);

/**
 * blkback_vbd_limits() - what requests have to keep to at this moment
 * @vbd: an open disk
 * @limits: filled in
 *
 * A size that differs from the last one seen has the device publish it.
 *
 * Context: a queue's thread, once per round of requests.
 */
void blkback_vbd_limits(struct blkback_vbd *vbd,
			struct blkback_limits *limits);

/**
 * blkback_vbd_withdraw() - the disk turned out not to know an operation
 * @vbd: an open disk
 * @flag: which
 *
 * The device's work writes the feature's key anew; a flag that is set already
 * changes nothing.
 *
 * Context: any.
 */
void blkback_vbd_withdraw(struct blkback_vbd *vbd, enum blkback_vbd_flag flag);

/**
 * blkback_vbd_read_ratelimit() - set the rates as our directory now says
 * @vbd: a disk, open or not
 *
 * Context: the device's operations.
 */
void blkback_vbd_read_ratelimit(struct blkback_vbd *vbd);

/**
 * blkback_vbd_sectors() - the disk's size at this moment, in sectors
 * @vbd: an open disk
 */
static inline u64 blkback_vbd_sectors(const struct blkback_vbd *vbd)
{
	return bdev_nr_sectors(vbd->bdev);
}

#endif /* BLKBACK_VBD_H */
