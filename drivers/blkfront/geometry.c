// SPDX-License-Identifier: GPL-2.0
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/slab.h>

#include "geometry.h"

/* The block layer's limit: byte offsets are signed 64-bit numbers. */
#define MAX_SECTORS ((u64)S64_MAX >> SECTOR_SHIFT)

/* More than any medium's; beyond it the value is nonsense. */
#define MAX_PHYSICAL_SIZE (1024 * 1024)

/*
 * Return: 0 with the number, or @absent where there is none; -errno after the
 * device was failed.
 */
static int read_size(struct xpv_device *xdev, const char *key, u64 absent,
		     u64 *val)
{
	int err = xpv_peer_read_u64(xdev, key, U64_MAX, val);

	if (err == -ENOENT && absent) {
		*val = absent;
		return 0;
	}
	if (err)
		xpv_device_fail(xdev, err, "no usable %s from the backend",
				key);
	return err;
}

static bool is_block_size(u64 size, u64 min, u64 max)
{
	return size >= min && size <= max && is_power_of_2(size);
}

int blkfront_set_sectors(struct xpv_device *xdev, u64 sectors,
			 struct blkfront_geometry *geo)
{
	if (sectors > MAX_SECTORS)
		return -ERANGE;
	geo->sectors = round_down(sectors,
				  (u64)geo->sector_size >> SECTOR_SHIFT);
	if (geo->sectors != sectors)
		xpv_warn_peer(xdev, "%llu sectors are no multiple of sector-size %u; using %llu",
			      sectors, geo->sector_size, geo->sectors);
	return 0;
}

static void read_kind(struct xpv_device *xdev, struct blkfront_geometry *geo)
{
	u64 flags = 0;
	char *mode;

	xpv_peer_read_u64(xdev, "bf", U32_MAX, &flags);
	geo->vdisk = flags;
	geo->readonly = flags & VDISK_READONLY;

	mode = xpv_peer_read(xdev, "mode");
	if (IS_ERR(mode))
		return;
	if (mode[0] == 'r')
		geo->readonly = true;
	kfree(mode);
}

/* A wrong hint about the medium is no reason to do without the disk. */
static u32 read_physical_size(struct xpv_device *xdev, u32 sector_size)
{
	u64 size = sector_size;
	int err = xpv_peer_read_u64(xdev, BLKIF_KEY_PHYSICAL_SIZE, U64_MAX,
				    &size);

	if (err || is_block_size(size, sector_size, MAX_PHYSICAL_SIZE))
		return size;
	xpv_warn_peer(xdev, "physical-sector-size %llu is no size for sectors of %u; ignored",
		      size, sector_size);
	return sector_size;
}

static bool is_multiple(u32 val, u32 unit)
{
	return val && !(val % unit);
}

/* Hints too: without them a medium is taken to erase what it writes at once. */
static void read_discard(struct xpv_device *xdev, struct blkfront_geometry *geo)
{
	u32 granularity = xpv_feature(xdev, BLKFRONT_DISCARD_GRANULARITY);
	u32 alignment = xpv_feature(xdev, BLKFRONT_DISCARD_ALIGNMENT);

	geo->discard_granularity = 0;
	geo->discard_alignment = 0;
	if (!xpv_feature(xdev, BLKFRONT_DISCARD))
		return;

	geo->discard_granularity = geo->physical_size;
	if (granularity && !is_multiple(granularity, geo->sector_size))
		xpv_warn_peer(xdev, "discard-granularity %u is no multiple of sector-size %u; using %u",
			      granularity, geo->sector_size,
			      geo->discard_granularity);
	else if (granularity)
		geo->discard_granularity = granularity;

	if (alignment >= geo->discard_granularity || alignment % SECTOR_SIZE)
		xpv_warn_peer(xdev, "discard-alignment %u makes no sense with a granularity of %u; ignored",
			      alignment, geo->discard_granularity);
	else
		geo->discard_alignment = alignment;
}

int blkfront_read_geometry(struct xpv_device *xdev,
			   struct blkfront_geometry *geo)
{
	u64 sectors, size;
	int err;

	err = read_size(xdev, BLKIF_KEY_SECTOR_SIZE, SECTOR_SIZE, &size);
	if (err)
		return err;
	if (!is_block_size(size, SECTOR_SIZE, XEN_PAGE_SIZE)) {
		xpv_device_fail(xdev, -EINVAL,
				"sector-size %llu is no power of two from 512 to 4096",
				size);
		return -EINVAL;
	}
	geo->sector_size = size;
	geo->physical_size = read_physical_size(xdev, geo->sector_size);

	err = read_size(xdev, BLKIF_KEY_SECTORS, 0, &sectors);
	if (err)
		return err;
	err = blkfront_set_sectors(xdev, sectors, geo);
	if (err) {
		xpv_device_fail(xdev, err, "sectors %llu is out of range",
				sectors);
		return err;
	}
	read_kind(xdev, geo);
	read_discard(xdev, geo);
	return 0;
}
