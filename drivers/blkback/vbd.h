/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The disk behind a device: found, opened, measured and closed.
 */
#ifndef BLKBACK_VBD_H
#define BLKBACK_VBD_H

#include <compat/blk.h>
#include <linux/list.h>
#include <linux/types.h>

#include "xpv.h"

#include "abi.h"
#include "discard.h"
#include "ratelimit.h"

/* Bits of struct blkback_vbd.flags. */
enum blkback_vbd_flag {
	BLKBACK_NO_FLUSH,	/* the disk refused a flush at run time */
	BLKBACK_NO_BARRIER,	/* the disk refused a barrier at run time */
	BLKBACK_NO_DISCARD,	/* the disk refused a discard at run time */
	BLKBACK_NO_SECURE,	/* the disk refused a secure one at run time */
};

/**
 * struct blkback_vbd - a disk
 * @xdev: the device that it is served through
 * @bdev: the opened disk or NULL; changed under the device's lock and with no
 *	  queue running
 * @handle: how it was opened, for closing it
 * @number: its device number, 0 while closed; read by sysfs without a lock
 * @readonly: opened for reading; read by sysfs without a lock
 * @info: VDISK_* flags for the frontend
 * @block: sectors per logical block; fixed while open
 * @granule: what it discards in; fixed while open
 * @discard: discards are offered; written under the device's lock
 * @secure: secure ones are offered; likewise
 * @max_segs: segments that the frontend was told an indirect request may have
 * @ratelimit: what the toolstack allows it
 * @published_sectors: size in sectors as the frontend knows it; written under the
 *	       device's lock
 * @seen_sectors: size that a queue's thread last had compared
 * @flags: enum blkback_vbd_flag; atomic bit operations
 * @link: on the list of opened disks; guarded by the list's mutex
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
	struct list_head link;
};

void blkback_vbd_init(struct blkback_vbd *vbd, struct xpv_device *xdev);

/**
 * blkback_vbd_open() - open the disk that our directory names
 * @vbd: a disk; one that is open already is fine
 *
 * Context: the device's operations.
 * Return: 0; -EAGAIN where no disk is named yet, without a word; -errno after
 * the device was failed with a message.
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
 * blkback_vbd_check_name() - say so where our directory now names another disk
 * @vbd: an open disk
 *
 * Context: the device's operations.
 */
void blkback_vbd_check_name(struct blkback_vbd *vbd);

/**
 * blkback_vbd_sync() - write dom0's cached data out and forget it
 * @vbd: an open disk
 *
 * The frontend reads and writes the disk behind dom0's page cache.
 *
 * Context: process, may sleep.
 * Return: 0 or -errno, after the device was failed with a message.
 */
int blkback_vbd_sync(struct blkback_vbd *vbd);

/**
 * blkback_vbd_publish_size() - tell the live frontend where the size has changed
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
 * A size that differs from the last one seen has the device announce it.
 *
 * Context: a queue's thread, once per round of requests.
 */
void blkback_vbd_limits(struct blkback_vbd *vbd,
			struct blkback_limits *limits);

/**
 * blkback_vbd_read_ratelimit() - have the limits as our directory now says
 * @vbd: a disk, open or not
 *
 * Context: the device's operations.
 */
void blkback_vbd_read_ratelimit(struct blkback_vbd *vbd);

/* Size in sectors. */
static inline u64 blkback_vbd_sectors(const struct blkback_vbd *vbd)
{
	return bdev_nr_sectors(vbd->bdev);
}

/* Stops looking at sizes; for module exit, when no disk is left. */
void blkback_vbd_exit(void);

#endif /* BLKBACK_VBD_H */
