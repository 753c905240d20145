// SPDX-License-Identifier: GPL-2.0
#include <linux/hex.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "proto/block.h"
#include "vbd.h"

void blkback_vbd_init(struct blkback_vbd *vbd, struct xpv_device *xdev)
{
	vbd->xdev = xdev;
	vbd->readonly = true;
	vbd->max_segs = BLKBACK_MAX_SEGS;
	spin_lock_init(&vbd->ratelimit.lock);
}

/*
 * Not exclusively: a disk may be shared on purpose ("w!"). Whether it may is
 * for the hotplug script to check.
 */
static int open_disk(struct blkback_vbd *vbd, dev_t number, bool readonly)
{
	struct block_device *bdev;

	bdev = xpv_bdev_open(number, readonly, &vbd->handle);
	if (IS_ERR(bdev))
		return PTR_ERR(bdev);
	vbd->bdev = bdev;
	return 0;
}

static void close_disk(struct blkback_vbd *vbd)
{
	xpv_bdev_close(vbd->bdev, &vbd->handle);
	vbd->bdev = NULL;
}

/* Hexadecimal digits only, at least one, up to @end; no sign, no "0x". */
static int parse_hex(const char *text, char end, unsigned int max,
		     const char **rest, unsigned int *val)
{
	unsigned int sum = 0;
	const char *c;
	int digit;

	for (c = text; *c != end; c++) {
		digit = hex_to_bin(*c);
		if (digit < 0)
			return -EINVAL;
		sum = sum * 16 + digit;
		if (sum > max)
			return -EINVAL;
	}
	if (c == text)
		return -EINVAL;

	*val = sum;
	*rest = c + 1;
	return 0;
}

static int parse_number(const char *text, dev_t *number)
{
	unsigned int major, minor;

	if (parse_hex(text, ':', MKDEV(~0U, 0) >> MINORBITS, &text, &major) ||
	    parse_hex(text, '\0', MINORMASK, &text, &minor))
		return -EINVAL;

	*number = MKDEV(major, minor);
	return *number ? 0 : -EINVAL;
}

/* Return: 0, -EAGAIN while the key is missing, or -errno after a message. */
static int read_number(struct blkback_vbd *vbd, dev_t *number)
{
	char *text = xpv_own_read(vbd->xdev, "physical-device");
	int err;

	if (IS_ERR(text)) {
		err = PTR_ERR(text);
		if (err == -ENOENT)
			return -EAGAIN;
		xpv_device_fail(vbd->xdev, err, "reading physical-device");
		return err;
	}

	err = parse_number(text, number);
	if (err)
		xpv_device_fail(vbd->xdev, err,
				"physical-device \"%.32s\" is not major:minor in hexadecimal",
				text);
	kfree(text);
	return err;
}

/* "r", or "w" followed by what is for the hotplug script ("w!"). */
static int read_mode(struct blkback_vbd *vbd, bool *readonly)
{
	char *text = xpv_own_read(vbd->xdev, "mode");
	int err = 0;

	if (IS_ERR(text)) {
		xpv_device_fail(vbd->xdev, PTR_ERR(text), "reading mode");
		return PTR_ERR(text);
	}

	if (*text == 'w') {
		*readonly = false;
	} else if (*text == 'r') {
		*readonly = true;
	} else {
		err = -EINVAL;
		xpv_device_fail(vbd->xdev, err, "mode \"%.16s\" is neither r nor w",
				text);
	}
	kfree(text);
	return err;
}

static bool key_is(struct blkback_vbd *vbd, const char *key, const char *val)
{
	char *text = xpv_own_read(vbd->xdev, key);
	bool same;

	if (IS_ERR(text))
		return false;
	same = !strcmp(text, val);
	kfree(text);
	return same;
}

static unsigned int disk_info(struct blkback_vbd *vbd)
{
	struct gendisk *disk = vbd->bdev->bd_disk;
	unsigned int info = 0;

	if (disk_to_cdi(disk) || key_is(vbd, "device-type", "cdrom") ||
	    key_is(vbd, "type", "cdrom"))
		info |= VDISK_CDROM;
	if (disk->flags & GENHD_FL_REMOVABLE)
		info |= VDISK_REMOVABLE;
	if (vbd->readonly)
		info |= VDISK_READONLY;
	return info;
}

static void read_granule(struct blkback_vbd *vbd)
{
	u32 size = bdev_discard_granularity(vbd->bdev) >> SECTOR_SHIFT;
	u32 offset = bdev_discard_alignment(vbd->bdev) >> SECTOR_SHIFT;

	vbd->granule.size = max_t(u32, size, vbd->block);
	vbd->granule.offset = offset % vbd->granule.size;
}

/*
 * A disk that was opened for writing may still be write-protected. It is then
 * served read-only, which is better than not at all.
 */
static void read_geometry(struct blkback_vbd *vbd, dev_t number, bool readonly)
{
	vbd->block = bdev_logical_block_size(vbd->bdev) >> SECTOR_SHIFT;
	vbd->flags = 0;
	read_granule(vbd);
	vbd->seen_sectors = blkback_vbd_sectors(vbd);
	WRITE_ONCE(vbd->published_sectors, vbd->seen_sectors);
	WRITE_ONCE(vbd->readonly, readonly || bdev_read_only(vbd->bdev));
	WRITE_ONCE(vbd->number, number);
	if (vbd->readonly && !readonly)
		xpv_warn(vbd->xdev, "disk %u:%u is write-protected: served read-only\n",
			 MAJOR(number), MINOR(number));
	vbd->info = disk_info(vbd);
}

/* The protocol has no zones: a guest would write anywhere. */
static int refuse_zoned(struct blkback_vbd *vbd, dev_t number)
{
	if (!xpv_bdev_zoned(vbd->bdev))
		return 0;
	xpv_device_fail(vbd->xdev, -EOPNOTSUPP,
			"disk %u:%u is zoned, which the block protocol cannot express",
			MAJOR(number), MINOR(number));
	close_disk(vbd);
	return -EOPNOTSUPP;
}

int blkback_vbd_open(struct blkback_vbd *vbd)
{
	bool readonly;
	dev_t number;
	int err;

	lockdep_assert_held(&vbd->xdev->lock);

	if (vbd->bdev)
		return 0;
	err = read_number(vbd, &number);
	if (!err)
		err = read_mode(vbd, &readonly);
	if (err)
		return err;

	err = open_disk(vbd, number, readonly);
	if (err) {
		xpv_device_fail(vbd->xdev, err,
				"cannot open disk %u:%u (physical-device %x:%x)",
				MAJOR(number), MINOR(number), MAJOR(number),
				MINOR(number));
		/* -EAGAIN would mean that no disk is named yet. */
		return err == -EAGAIN ? -EIO : err;
	}
	err = refuse_zoned(vbd, number);
	if (err)
		return err;
	read_geometry(vbd, number, readonly);
	return 0;
}

void blkback_vbd_close(struct blkback_vbd *vbd)
{
	lockdep_assert_held(&vbd->xdev->lock);

	if (!vbd->bdev)
		return;
	WRITE_ONCE(vbd->number, 0);
	close_disk(vbd);
}

void blkback_vbd_check_name(struct blkback_vbd *vbd)
{
	char *text = xpv_own_read(vbd->xdev, "physical-device");
	dev_t number;

	/* Toolstacks remove the key before the device. */
	if (IS_ERR(text))
		return;
	if (parse_number(text, &number) || number != vbd->number)
		xpv_err(vbd->xdev,
			"physical-device is now \"%.32s\": a change from %x:%x is not supported\n",
			text, MAJOR(vbd->number), MINOR(vbd->number));
	kfree(text);
}

/* A rate that cannot be read stays as it was; common/ has logged it then. */
static u64 read_rate(struct blkback_vbd *vbd, const char *key, u64 rate)
{
	int err = xpv_own_read_u64(vbd->xdev, key, BLKBACK_RATELIMIT_MAX,
				   &rate);

	return err == -ENOENT ? 0 : rate;
}

void blkback_vbd_read_ratelimit(struct blkback_vbd *vbd)
{
	struct blkback_ratelimit *ratelimit = &vbd->ratelimit;
	u64 iops, bytes;

	lockdep_assert_held(&vbd->xdev->lock);

	iops = read_rate(vbd, "limit-iops", ratelimit->iops.amount);
	bytes = read_rate(vbd, "limit-bytes-per-second",
			  ratelimit->bytes.amount);
	if (blkback_ratelimit_set(ratelimit, iops, bytes))
		xpv_info(vbd->xdev, "limits: %llu requests/s, %llu bytes/s (0: none)\n",
			 iops, bytes);
}

int blkback_vbd_sync(struct blkback_vbd *vbd)
{
	int err = sync_blockdev(vbd->bdev);

	if (err) {
		xpv_device_fail(vbd->xdev, err,
				"writing out the cache of disk %u:%u",
				MAJOR(vbd->number), MINOR(vbd->number));
		return err == -EAGAIN ? -EIO : err;
	}
	invalidate_bdev(vbd->bdev);
	return 0;
}

static int write_sectors(struct xpv_device *xdev,
			 struct xpv_transaction *xbt, void *arg)
{
	const u64 *sectors = arg;

	return xpv_own_printf(xdev, xbt, BLKIF_KEY_SECTORS, "%llu", *sectors);
}

void blkback_vbd_publish_size(struct blkback_vbd *vbd)
{
	u64 now = blkback_vbd_sectors(vbd);
	int err;

	lockdep_assert_held(&vbd->xdev->lock);

	if (now == vbd->published_sectors)
		return;
	if (!xpv_device_live(vbd->xdev)) {
		/* connect() writes it. */
		WRITE_ONCE(vbd->published_sectors, now);
		return;
	}

	xpv_info(vbd->xdev, "VBD Resize: Domid: %u, Device: (%u, %u)\n",
		 vbd->xdev->peer_id, MAJOR(vbd->number), MINOR(vbd->number));
	err = xpv_device_resize(vbd->xdev, write_sectors, &now);
	if (err) {
		/* Tried again by idle.c. */
		xpv_err(vbd->xdev, "VBD Resize: cannot write sectors: error %d\n",
			err);
		return;
	}
	WRITE_ONCE(vbd->published_sectors, now);
	xpv_info(vbd->xdev, "VBD Resize: new size %llu\n", now);
}

void blkback_vbd_withdraw(struct blkback_vbd *vbd, enum blkback_vbd_flag flag)
{
	static const char * const what[] = {
		[BLKBACK_NO_FLUSH] = "flushes",
		[BLKBACK_NO_BARRIER] = "barriers",
		[BLKBACK_NO_DISCARD] = "discards",
		[BLKBACK_NO_SECURE] = "secure discards",
	};

	if (test_and_set_bit(flag, &vbd->flags))
		return;
	xpv_warn(vbd->xdev, "the disk does not support %s\n", what[flag]);
	xpv_device_refresh(vbd->xdev);
}

void blkback_vbd_limits(struct blkback_vbd *vbd,
			struct blkback_limits *limits)
{
	limits->capacity = blkback_vbd_sectors(vbd);
	limits->block = vbd->block;
	limits->max_segs = vbd->max_segs;
	limits->discard = READ_ONCE(vbd->discard);
	limits->secure = READ_ONCE(vbd->secure);
	/* The disk may have been write-protected since it was opened. */
	limits->readonly = vbd->readonly || bdev_read_only(vbd->bdev);

	if (unlikely(limits->capacity != READ_ONCE(vbd->seen_sectors))) {
		WRITE_ONCE(vbd->seen_sectors, limits->capacity);
		xpv_device_refresh(vbd->xdev);
	}
}
