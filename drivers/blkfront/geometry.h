/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the backend says the disk is: size, blocks, kind.
 */
#ifndef BLKFRONT_GEOMETRY_H
#define BLKFRONT_GEOMETRY_H

#include "blkfront.h"

/**
 * blkfront_read_geometry() - read and bound what the backend says
 * @xdev: the device, whose features have been read
 * @geo: where it goes; half written on error
 *
 * All numbers of sectors are in units of 512 bytes whatever the disk's blocks
 * are, as blkif.h has it since 2024.
 *
 * Context: process, may sleep.
 * Return: 0, or -errno after the device was failed.
 */
int blkfront_read_geometry(struct xpv_device *xdev,
			   struct blkfront_geometry *geo);

/**
 * blkfront_set_sectors() - take a size
 * @xdev: the device
 * @sectors: the backend's word
 * @geo: with the block size; gets the size, less what does not fill a block
 *
 * Context: process.
 * Return: 0, or -ERANGE for a size that cannot be.
 */
int blkfront_set_sectors(struct xpv_device *xdev, u64 sectors,
			 struct blkfront_geometry *geo);

#endif /* BLKFRONT_GEOMETRY_H */
