// SPDX-License-Identifier: GPL-2.0
#include <compat/blk.h>
#include <linux/cdrom.h>
#include <linux/hdreg.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "disk.h"
#include "queue.h"

/* Disks that hold minors, by blkfront_info.minors. */
static LIST_HEAD(taken_minors);
static DEFINE_MUTEX(taken_lock);

static bool overlap(const struct blkfront_vdev *a,
		    const struct blkfront_vdev *b)
{
	return a->first_minor < b->first_minor + b->nr_minors &&
	       b->first_minor < a->first_minor + a->nr_minors;
}

/*
 * Two numbers of the toolstack can mean one of ours: hda, sda and xvda are all
 * xvda. The block layer would find out with a splat in sysfs.
 */
static int minors_take(struct blkfront_info *info)
{
	struct blkfront_info *pos;
	int err = 0;

	mutex_lock(&taken_lock);
	list_for_each_entry(pos, &taken_minors, minors) {
		if (!overlap(&info->vdev, &pos->vdev))
			continue;
		xpv_device_fail(info->xdev, -EBUSY,
				"virtual-device %u is %s, whose minors are taken by %s (virtual-device %u)",
				info->vdev.number, info->vdev.name,
				pos->vdev.name, pos->vdev.number);
		err = -EBUSY;
		break;
	}
	if (!err)
		list_add(&info->minors, &taken_minors);
	mutex_unlock(&taken_lock);
	return err;
}

static void minors_give(struct blkfront_info *info)
{
	mutex_lock(&taken_lock);
	list_del(&info->minors);
	mutex_unlock(&taken_lock);
}

/*
 * Each change of size is a line of the kernel's and a uevent. More of them than
 * this come late, and only the last.
 */
#define RESIZE_BURST 5
#define RESIZE_INTERVAL (5 * HZ)
#define RESIZE_DELAY HZ

/* How long to wait for whoever else is changing the queue's limits. */
#define LIMITS_DELAY (HZ / 10)

/* Under open_mutex, which keeps @info: see release(). */
static int open(XPV_OPEN_DEVICE *dev, blk_mode_t mode)
{
	const struct blkfront_info *info = xpv_open_disk(dev)->private_data;

	return info && !info->retired ? 0 : -ENXIO;
}

/*
 * Under open_mutex, which keeps @info: private_data is cleared under it before
 * the device goes away. The device's lock is outside of open_mutex: only kick.
 */
static void release(XPV_RELEASE_ARGS)
{
	struct blkfront_info *info = gd->private_data;

	if (!info || !info->close_wanted || disk_openers(gd))
		return;
	info->close_wanted = false;
	xpv_device_kick(info->xdev);
}

static bool is_cdrom(struct gendisk *gd)
{
	struct blkfront_info *info;
	bool cdrom;

	mutex_lock(&gd->open_mutex);
	info = gd->private_data;
	cdrom = info && info->geo.vdisk & VDISK_CDROM;
	mutex_unlock(&gd->open_mutex);
	return cdrom;
}

/* What installers ask a disc for; anything else is for real drives. */
static int ioctl(struct block_device *bdev, blk_mode_t mode, unsigned int cmd,
		 unsigned long arg)
{
	switch (cmd) {
	case CDROMMULTISESSION:
		if (clear_user((void __user *)arg,
			       sizeof(struct cdrom_multisession)))
			return -EFAULT;
		return 0;
	case CDROM_GET_CAPABILITY:
		return is_cdrom(bdev->bd_disk) ? 0 : -EINVAL;
	default:
		return -ENOTTY;
	}
}

/* The geometry that partitioning tools of old expect of a large disk. */
static int getgeo(XPV_GETGEO_DEVICE *dev, struct hd_geometry *geo)
{
	u64 cylinders = div_u64(get_capacity(xpv_getgeo_disk(dev)), 255 * 63);

	geo->heads = 255;
	geo->sectors = 63;
	geo->cylinders = min_t(u64, cylinders, U16_MAX);
	return 0;
}

static const struct block_device_operations disk_fops = {
	.owner = THIS_MODULE,
	.open = open,
	.release = release,
	.ioctl = ioctl,
	.compat_ioctl = blkdev_compat_ptr_ioctl,
	.getgeo = getgeo,
};

/* The protocol counts discarded sectors in 64 bits; a bio's bytes are 32. */
static void set_discard(struct blkfront_info *info, struct queue_limits *lim)
{
	unsigned int most = UINT_MAX >> SECTOR_SHIFT;
	bool discard = READ_ONCE(info->discard);
	bool securely = READ_ONCE(info->discard_securely);

	lim->discard_granularity = discard ? info->geo.discard_granularity : 0;
	lim->discard_alignment = discard ? info->geo.discard_alignment : 0;
	lim->max_hw_discard_sectors = discard ? most : 0;
	lim->max_secure_erase_sectors = securely ? most : 0;
}

/*
 * Every limit of the queue, in one place. No io_opt: the largest request is
 * nothing that partitions or stripes should be aligned to.
 */
static void set_limits(struct blkfront_info *info, struct queue_limits *lim)
{
	lim->logical_block_size = info->geo.sector_size;
	lim->physical_block_size = info->geo.physical_size;
	lim->io_min = info->geo.physical_size;
	/*
	 * A segment is what one grant covers: up to a page, within a page.
	 * Where pages are larger all is copied, and a request, which the block
	 * layer does not make smaller than a page, may go in parts.
	 */
	lim->seg_boundary_mask = PAGE_SIZE - 1;
	lim->max_segment_size = PAGE_SIZE;
	lim->max_segments = info->max_segs;
	lim->max_hw_sectors = max_t(unsigned int, PAGE_SECTORS,
				    info->max_segs *
				    (XEN_PAGE_SIZE / SECTOR_SIZE));
	/* The protocol counts in 512 bytes within a page, always. */
	lim->dma_alignment = SECTOR_SIZE - 1;
	set_discard(info, lim);
}

/*
 * No FUA: see request.c. A cache is claimed only while flushes can work, or
 * file systems would trust flushes that do nothing.
 */
static bool has_cache(const struct blkfront_info *info)
{
	enum blkfront_flush flush = READ_ONCE(info->flush);

	return flush == BLKFRONT_FLUSH_BY_CACHE ||
	       flush == BLKFRONT_FLUSH_BY_BARRIER;
}

/*
 * Must not wait for the lock of the limits: its holder may wait for requests,
 * and those for us to connect or to let go of a backend.
 */
int blkfront_disk_update_limits(struct blkfront_info *info)
{
	struct request_queue *queue = info->gd->queue;
	struct queue_limits lim;
	int err;

	lockdep_assert_held(&info->xdev->lock);

	if (!xpv_limits_try_start(queue, &lim)) {
		xpv_device_queue_delayed_work(info->xdev, &info->later,
					      LIMITS_DELAY);
		return 0;
	}
	set_limits(info, &lim);
	err = xpv_limits_commit(queue, &lim, has_cache(info));
	if (err)
		xpv_device_fail(info->xdev, err,
				"the kernel refuses the limits of %s",
				info->vdev.name);
	return err;
}

static void set_size(struct blkfront_info *info)
{
	if (get_capacity(info->gd) == info->geo.sectors)
		return;
	xpv_info(info->xdev, "Setting capacity to %llu\n", info->geo.sectors);
	set_capacity_and_notify(info->gd, info->geo.sectors);
}

void blkfront_disk_resize(struct blkfront_info *info, u64 sectors)
{
	lockdep_assert_held(&info->xdev->lock);

	if (get_capacity(info->gd) == sectors)
		return;
	if (!__ratelimit(&info->resizes)) {
		xpv_device_queue_delayed_work(info->xdev, &info->later,
					      RESIZE_DELAY);
		return;
	}
	info->geo.sectors = sectors;
	set_size(info);
}

int blkfront_disk_update(struct blkfront_info *info)
{
	int err = blkfront_disk_update_limits(info);

	if (err)
		return err;
	if (get_disk_ro(info->gd) != info->geo.readonly)
		set_disk_ro(info->gd, info->geo.readonly);
	set_size(info);
	return 0;
}

/* Process context, no lock: reads partitions, which may take for ever. */
static void add_disk_work(struct work_struct *work)
{
	struct blkfront_info *info = container_of(work, struct blkfront_info,
						  add_work);
	struct xpv_device *xdev = info->xdev;
	int err;

	err = device_add_disk(xpv_dev(xdev), info->gd, NULL);
	info->add_err = err;
	info->added = !err;

	/* Both before @adding; pairs with blkfront_disk_retire(), _check() */
	smp_store_release(&info->adding, false);
	/* Whoever was refused to close because of us; or to report @err. */
	if (err)
		xpv_device_refresh(xdev);
	else
		xpv_device_kick(xdev);
}

void blkfront_disk_check(struct blkfront_info *info)
{
	lockdep_assert_held(&info->xdev->lock);

	/* @adding before @add_err; pairs with add_disk_work() */
	if (smp_load_acquire(&info->adding) || !info->add_err)
		return;
	xpv_device_fail(info->xdev, info->add_err, "cannot add disk %s",
			info->vdev.name);
	info->add_err = 0;
}

/* Process context, no lock. */
static void close_disk_work(struct work_struct *work)
{
	struct blkfront_info *info = container_of(work, struct blkfront_info,
						  close_work);

	mutex_lock(&info->gd->open_mutex);
	mutex_unlock(&info->gd->open_mutex);
	xpv_device_kick(info->xdev);
}

/* Process context, no lock. */
static void later(struct work_struct *work)
{
	struct blkfront_info *info = container_of(to_delayed_work(work),
						  struct blkfront_info, later);

	xpv_device_refresh(info->xdev);
}

static void init_tag_set(struct blkfront_info *info)
{
	struct blk_mq_tag_set *set = &info->set;

	memset(set, 0, sizeof(*set));
	set->ops = &blkfront_mq_ops;
	set->nr_hw_queues = info->nr_queues;
	set->nr_maps = info->nr_polled ? HCTX_MAX_TYPES : 1;
	set->queue_depth = info->depth;
	set->numa_node = NUMA_NO_NODE;
	/*
	 * Whoever has the disk sorts requests, if that helps it. Here, a disk
	 * with one queue would get a scheduler by default, for which each read
	 * that is submitted by itself goes through a kworker.
	 */
	set->flags = XPV_BLK_MQ_MERGE | BLK_MQ_F_NO_SCHED_BY_DEFAULT;
	set->driver_data = info;
}

static void init_disk(struct blkfront_info *info, struct gendisk *gd)
{
	strscpy(gd->disk_name, info->vdev.name, sizeof(gd->disk_name));
	gd->major = BLKFRONT_MAJOR;
	gd->first_minor = info->vdev.first_minor;
	gd->minors = info->vdev.nr_minors;
	gd->fops = &disk_fops;
	gd->private_data = info;
	if (info->geo.vdisk & VDISK_REMOVABLE)
		gd->flags |= GENHD_FL_REMOVABLE;
	set_capacity(gd, info->geo.sectors);
}

int blkfront_disk_create(struct blkfront_info *info)
{
	struct gendisk *gd;
	int err;

	err = minors_take(info);
	if (err)
		return err;

	init_tag_set(info);
	err = blk_mq_alloc_tag_set(&info->set);
	if (err)
		goto err_minors;
	gd = xpv_alloc_disk(&info->set, info);
	if (IS_ERR(gd)) {
		err = PTR_ERR(gd);
		goto err_set;
	}

	init_disk(info, gd);
	INIT_WORK(&info->add_work, add_disk_work);
	INIT_WORK(&info->close_work, close_disk_work);
	INIT_DELAYED_WORK(&info->later, later);
	ratelimit_state_init(&info->resizes, RESIZE_INTERVAL, RESIZE_BURST);
	ratelimit_set_flags(&info->resizes, RATELIMIT_MSG_ON_RELEASE);
	info->gd = gd;
	info->add_err = 0;
	info->retired = false;
	info->close_wanted = false;
	return 0;

err_set:
	blk_mq_free_tag_set(&info->set);
err_minors:
	minors_give(info);
	return err;
}

void blkfront_disk_add(struct blkfront_info *info)
{
	info->adding = true;
	xpv_device_queue_work(info->xdev, &info->add_work);
}

bool blkfront_disk_retire(struct blkfront_info *info)
{
	struct gendisk *gd = info->gd;
	bool busy;

	if (!gd)
		return true;
	/* @adding before @added; pairs with add_disk_work() */
	if (smp_load_acquire(&info->adding))
		return false;

	/*
	 * Its holder may wait for the backend, as we must not, holding the
	 * device's lock.
	 */
	if (!mutex_trylock(&gd->open_mutex)) {
		xpv_device_queue_work(info->xdev, &info->close_work);
		return false;
	}
	/* Opens and closes wait: nobody comes in between. */
	busy = disk_openers(gd);
	info->close_wanted = busy;
	info->retired = !busy;
	mutex_unlock(&gd->open_mutex);
	return !busy;
}

/*
 * Order: requests already fail, so the works end, as do the reads that they or
 * others wait for. Marked dead, the disk refuses new requests: del_gendisk()
 * does not try to write back what it cannot, and returns when the last request
 * has ended. After it nothing leads here but the file operations, through
 * private_data.
 */
void blkfront_disk_delete(struct blkfront_info *info)
{
	struct gendisk *gd = info->gd;

	lockdep_assert_held(&info->xdev->lock);

	if (!gd)
		return;

	cancel_work_sync(&info->add_work);
	cancel_work_sync(&info->close_work);
	cancel_delayed_work_sync(&info->later);
	info->adding = false;
	if (info->added) {
		blk_mark_disk_dead(gd);
		del_gendisk(gd);
	}

	mutex_lock(&gd->open_mutex);
	gd->private_data = NULL;
	mutex_unlock(&gd->open_mutex);

	info->gd = NULL;
	info->added = false;
	put_disk(gd);
	blk_mq_free_tag_set(&info->set);
	minors_give(info);
}
