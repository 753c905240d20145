/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices with an open disk, looked at once a second: has the disk another
 * size, and has a queue been idle, so that it can give its memory back?
 */
#ifndef BLKBACK_IDLE_H
#define BLKBACK_IDLE_H

struct blkback;

/**
 * blkback_idle_add() - look at a device from now on
 * @bb: the device, whose disk was opened; not on the list
 *
 * Context: the device's operations, may sleep.
 */
void blkback_idle_add(struct blkback *bb);

/**
 * blkback_idle_del() - look at a device no more
 * @bb: the device; on the list or not
 *
 * When this returns, nothing but the device's own contexts uses its disk.
 *
 * Context: the device's operations, may sleep.
 */
void blkback_idle_del(struct blkback *bb);

/**
 * blkback_idle_exit() - stop looking
 *
 * Context: module exit, when no device is left.
 */
void blkback_idle_exit(void);

#endif /* BLKBACK_IDLE_H */
