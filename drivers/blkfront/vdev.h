/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtual device numbers: what the toolstack calls a disk, and what users see.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef BLKFRONT_VDEV_H
#define BLKFRONT_VDEV_H

#include <linux/bits.h>
#include <linux/types.h>

/* The "xvd" block major, registered with Linux' device list. */
#define BLKFRONT_MAJOR 202

/* Set in the numbers that have no major: always an xvd disk's. */
#define BLKFRONT_EXTENDED BIT(28)

/* "xvd", four letters for the last of 2^20 minors, a partition of 3 digits. */
#define BLKFRONT_NAME_LEN 16

/**
 * struct blkfront_vdev - a decoded virtual device number
 * @number: as the toolstack wrote it
 * @first_minor: first minor of ours
 * @nr_minors: 16 or 256 for a whole disk, 1 where the toolstack exports a
 *	       volume under the name of a partition ("xvda1")
 * @name: the block device's name
 */
struct blkfront_vdev {
	u32 number;
	u32 first_minor;
	u32 nr_minors;
	char name[BLKFRONT_NAME_LEN];
};

/**
 * blkfront_vdev_decode() - find name and minors of a virtual device number
 * @number: value of virtual-device or virtual-device-ext
 * @vdev: filled in on success
 *
 * Numbers of IDE and SCSI disks, which old configurations have, become xvd
 * names in the order of the disks: hda and sda are both xvda.
 *
 * Context: any; pure.
 * Return: 0; -ENODEV for a major that is no disk's, -ERANGE for a number
 * outside the protocol's ranges.
 */
int blkfront_vdev_decode(u32 number, struct blkfront_vdev *vdev);

#endif /* BLKFRONT_VDEV_H */
