/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gendisk: what users see.
 */
#ifndef BLKFRONT_DISK_H
#define BLKFRONT_DISK_H

#include "blkfront.h"

/**
 * blkfront_disk_create() - make the disk, unknown to users yet
 * @bf: the disk, with geometry and queues
 *
 * Context: xpv_device.lock held.
 * Return: 0 or -errno; -EBUSY, after a message, where another disk has one of
 * the minors.
 */
int blkfront_disk_create(struct blkfront *bf);

/**
 * blkfront_disk_add() - make the disk known, in the background
 * @bf: a disk created, whose queues run
 *
 * Context: xpv_device.lock held. Kicks the device when it is done.
 */
void blkfront_disk_add(struct blkfront *bf);

/**
 * blkfront_disk_check() - fail the device if its disk could not be added
 * @bf: a disk created
 *
 * blkfront_disk_add() has the device refreshed in that case: the work that adds
 * the disk cannot fail the device, as it may not take its lock.
 *
 * Context: xpv_device.lock held.
 */
void blkfront_disk_check(struct blkfront *bf);

/**
 * blkfront_disk_update() - apply geometry and features to the disk
 * @bf: a created disk that is quiesced or not yet added
 *
 * Context: xpv_device.lock held.
 * Return: 0 or, after a message, -errno.
 */
int blkfront_disk_update(struct blkfront *bf);

/**
 * blkfront_disk_update_limits() - apply the queue's limits, and whether flushes
 * and discards are of use
 * @bf: the disk
 *
 * Where somebody else is changing the limits the device is refreshed soon, and
 * this is to be called again.
 *
 * Context: xpv_device.lock held; requests may run.
 * Return: 0 or, after a message, -errno.
 */
int blkfront_disk_update_limits(struct blkfront *bf);

/**
 * blkfront_disk_resize() - apply a size that changed, and notify users
 * @bf: the disk
 * @sectors: the size, bounded
 *
 * Where sizes change too often, nothing is done and the device is refreshed
 * soon.
 *
 * Context: xpv_device.lock held; requests may run.
 */
void blkfront_disk_resize(struct blkfront *bf, u64 sectors);

/**
 * blkfront_disk_retire() - take the disk out of use, if nobody has it open
 * @bf: the disk
 *
 * Once retired, nobody can open it.
 *
 * Context: xpv_device.lock held.
 * Return: false while it is in use; the device is kicked when that ends.
 */
bool blkfront_disk_retire(struct blkfront *bf);

/**
 * blkfront_disk_destroy() - remove the disk, in use or not
 * @bf: the disk, whose requests fail (BLKFRONT_DEAD); without one is fine
 *
 * Those who have it open keep an empty shell that knows nothing of us.
 *
 * Context: xpv_device.lock held. Waits for requests that fail, not for the
 * backend.
 */
void blkfront_disk_destroy(struct blkfront *bf);

#endif /* BLKFRONT_DISK_H */
