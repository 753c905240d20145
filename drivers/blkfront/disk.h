/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gendisk: what users see.
 */
#ifndef BLKFRONT_DISK_H
#define BLKFRONT_DISK_H

#include "blkfront.h"

/**
 * blkfront_disk_create() - make the disk, unknown to users yet
 * @info: the disk, with geometry and queues
 *
 * Context: xpv_device.lock held.
 * Return: 0 or -errno; -EBUSY, after a message, where another disk has one of
 * the minors.
 */
int blkfront_disk_create(struct blkfront_info *info);

/**
 * blkfront_disk_add() - make the disk known, in the background
 * @info: a disk created, whose queues run
 *
 * Context: xpv_device.lock held. Kicks the device when it is done.
 */
void blkfront_disk_add(struct blkfront_info *info);

/**
 * blkfront_disk_check() - fail the device if its disk could not be added
 * @info: a disk created
 *
 * blkfront_disk_add() has the device refreshed in that case: the work that adds
 * the disk cannot fail the device, as it may not take its lock.
 *
 * Context: xpv_device.lock held.
 */
void blkfront_disk_check(struct blkfront_info *info);

/**
 * blkfront_disk_update() - apply geometry and features to the disk
 * @info: a created disk that is quiesced or not yet added
 *
 * Context: xpv_device.lock held.
 * Return: 0 or, after a message, -errno.
 */
int blkfront_disk_update(struct blkfront_info *info);

/**
 * blkfront_disk_update_limits() - apply the queue's limits, and whether flushes
 * and discards are of use
 * @info: the disk
 *
 * Where somebody else is changing the limits the device is refreshed soon, and
 * this is to be called again.
 *
 * Context: xpv_device.lock held; requests may run.
 * Return: 0 or, after a message, -errno.
 */
int blkfront_disk_update_limits(struct blkfront_info *info);

/**
 * blkfront_disk_resize() - apply a size that changed, and notify users
 * @info: the disk
 * @sectors: the size, bounded
 *
 * Where sizes change too often, nothing is done and the device is refreshed
 * soon.
 *
 * Context: xpv_device.lock held; requests may run.
 */
void blkfront_disk_resize(struct blkfront_info *info, u64 sectors);

/**
 * blkfront_disk_retire() - take the disk out of use, if nobody has it open
 * @info: the disk
 *
 * Once retired, nobody can open it.
 *
 * Context: xpv_device.lock held.
 * Return: false while it is in use; the device is kicked when that ends.
 */
bool blkfront_disk_retire(struct blkfront_info *info);

/**
 * blkfront_disk_delete() - remove the disk, in use or not
 * @info: the disk, whose requests fail (BLKFRONT_DEAD); without one is fine
 *
 * Those who have it open keep an empty shell that knows nothing of us.
 *
 * Context: xpv_device.lock held. Waits for requests that fail, not for the
 * backend.
 */
void blkfront_disk_delete(struct blkfront_info *info);

#endif /* BLKFRONT_DISK_H */
