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

/* Disks that hold minors, by blkfront.minors. */
static LIST_HEAD(used_minors);
static DEFINE_MUTEX(minors_lock);

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
static int reserve_minors(struct blkfront *bf)
{
	struct blkfront *pos;
	int err = 0;

	mutex_lock(&minors_lock);
	list_for_each_entry(pos, &used_minors, minors) {
		if (!overlap(&bf->vdev, &pos->vdev))
			continue;
		xpv_device_fail(bf->xdev, -EBUSY,
				"virtual-device %u is %s, whose minors are taken by %s (virtual-device %u)",
				bf->vdev.number, bf->vdev.name, pos->vdev.name,
				pos->vdev.number);
		err = -EBUSY;
		break;
	}
	if (!err)
		list_add(&bf->minors, &used_minors);
	mutex_unlock(&minors_lock);
	return err;
}

static void release_minors(struct blkfront *bf)
{
	mutex_lock(&minors_lock);
	list_del(&bf->minors);
	mutex_unlock(&minors_lock);
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

/* Under open_mutex, which keeps @bf: see release(). */
static int open(XPV_OPEN_DEVICE *dev, blk_mode_t mode)
{
	const struct blkfront *bf = xpv_open_disk(dev)->private_data;

	return bf && !bf->retired ? 0 : -ENXIO;
}

/*
 * Under open_mutex, which keeps @bf: private_data is cleared under it before
 * the device goes away. The device's lock is outside of open_mutex: only kick.
 */
static void release(XPV_RELEASE_ARGS)
{
	struct blkfront *bf = gd->private_data;

	if (!bf || !bf->close_wanted || disk_openers(gd))
		return;
	bf->close_wanted = false;
	xpv_device_kick(bf->xdev);
}

static bool is_cdrom(struct gendisk *gd)
{
	struct blkfront *bf;
	bool cdrom;

	mutex_lock(&gd->open_mutex);
	bf = gd->private_data;
	cdrom = bf && bf->geo.vdisk & VDISK_CDROM;
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
static void set_discard(struct blkfront *bf, struct queue_limits *lim)
{
	unsigned int most = UINT_MAX >> SECTOR_SHIFT;
	bool discard = READ_ONCE(bf->discard);
	bool securely = READ_ONCE(bf->discard_securely);

	lim->discard_granularity = discard ? bf->geo.discard_granularity : 0;
	lim->discard_alignment = discard ? bf->geo.discard_alignment : 0;
	lim->max_hw_discard_sectors = discard ? most : 0;
	lim->max_secure_erase_sectors = securely ? most : 0;
}

/*
 * Every limit of the queue, in one place. No io_opt: the largest request is
 * nothing that partitions or stripes should be aligned to.
 */
static void set_limits(struct blkfront *bf, struct queue_limits *lim)
{
	lim->logical_block_size = bf->geo.sector_size;
	lim->physical_block_size = bf->geo.physical_size;
	lim->io_min = bf->geo.physical_size;
	/*
	 * A segment is what one grant covers: up to a page, within a page.
	 * Where pages are larger all is copied, and a request, which the block
	 * layer does not make smaller than a page, may go in parts.
	 */
	lim->seg_boundary_mask = PAGE_SIZE - 1;
	lim->max_segment_size = PAGE_SIZE;
	lim->max_segments = bf->max_segs;
	lim->max_hw_sectors = max_t(unsigned int, PAGE_SECTORS,
				    bf->max_segs *
				    (XEN_PAGE_SIZE / SECTOR_SIZE));
	/* The protocol counts in 512 bytes within a page, always. */
	lim->dma_alignment = SECTOR_SIZE - 1;
	set_discard(bf, lim);
}

/*
 * No FUA: see request.c. A cache is claimed only while flushes can work, or
 * file systems would trust flushes that do nothing.
 */
static bool has_cache(const struct blkfront *bf)
{
	enum blkfront_flush flush = READ_ONCE(bf->flush);

	return flush == BLKFRONT_FLUSH_BY_CACHE ||
	       flush == BLKFRONT_FLUSH_BY_BARRIER;
}

/*
 * Must not wait for the lock of the limits: its holder may wait for requests,
 * and those for us to connect or to disconnect.
 */
int blkfront_disk_update_limits(struct blkfront *bf)
{
	struct request_queue *queue = bf->gd->queue;
	struct queue_limits lim;
	int err;

	lockdep_assert_held(&bf->xdev->lock);

	if (!xpv_limits_try_start(queue, &lim)) {
		xpv_device_queue_delayed_work(bf->xdev, &bf->refresh_later,
					      LIMITS_DELAY);
		return 0;
	}
	set_limits(bf, &lim);
	err = xpv_limits_commit(queue, &lim, has_cache(bf));
	if (err)
		xpv_device_fail(bf->xdev, err,
				"the kernel refuses the limits of %s",
				bf->vdev.name);
	return err;
}

static void set_size(struct blkfront *bf)
{
	if (get_capacity(bf->gd) == bf->geo.sectors)
		return;
	xpv_info(bf->xdev, "Setting capacity to %llu\n", bf->geo.sectors);
	set_capacity_and_notify(bf->gd, bf->geo.sectors);
}

void blkfront_disk_resize(struct blkfront *bf, u64 sectors)
{
	lockdep_assert_held(&bf->xdev->lock);

	if (get_capacity(bf->gd) == sectors)
		return;
	if (!__ratelimit(&bf->resizes)) {
		xpv_device_queue_delayed_work(bf->xdev, &bf->refresh_later,
					      RESIZE_DELAY);
		return;
	}
	bf->geo.sectors = sectors;
	set_size(bf);
}

int blkfront_disk_update(struct blkfront *bf)
{
	int err = blkfront_disk_update_limits(bf);

	if (err)
		return err;
	if (get_disk_ro(bf->gd) != bf->geo.readonly)
		set_disk_ro(bf->gd, bf->geo.readonly);
	set_size(bf);
	return 0;
}

/* Process context, no lock: reads partitions, which may never end. */
static void add_disk_work(struct work_struct *work)
{
	struct blkfront *bf = container_of(work, struct blkfront, add_work);
	struct xpv_device *xdev = bf->xdev;
	int err;

	err = device_add_disk(xpv_dev(xdev), bf->gd, NULL);
	bf->add_err = err;
	bf->added = !err;

	/* Both before @adding; pairs with blkfront_disk_retire(), _check() */
	smp_store_release(&bf->adding, false);
	/* Whoever was refused to close because of us; or to report @err. */
	if (err)
		xpv_device_refresh(xdev);
	else
		xpv_device_kick(xdev);
}

void blkfront_disk_check(struct blkfront *bf)
{
	lockdep_assert_held(&bf->xdev->lock);

	/* @adding before @add_err; pairs with add_disk_work() */
	if (smp_load_acquire(&bf->adding) || !bf->add_err)
		return;
	xpv_device_fail(bf->xdev, bf->add_err, "cannot add disk %s",
			bf->vdev.name);
	bf->add_err = 0;
}

/* Process context, no lock. */
static void close_disk_work(struct work_struct *work)
{
	struct blkfront *bf = container_of(work, struct blkfront, close_work);

	mutex_lock(&bf->gd->open_mutex);
	mutex_unlock(&bf->gd->open_mutex);
	xpv_device_kick(bf->xdev);
}

/* Process context, no lock. */
static void refresh_later(struct work_struct *work)
{
	struct blkfront *bf = container_of(to_delayed_work(work),
					   struct blkfront, refresh_later);

	xpv_device_refresh(bf->xdev);
}

static void init_tag_set(struct blkfront *bf)
{
	struct blk_mq_tag_set *set = &bf->set;

	memset(set, 0, sizeof(*set));
	set->ops = &blkfront_mq_ops;
	set->nr_hw_queues = bf->nr_queues;
	set->nr_maps = bf->nr_polled ? HCTX_MAX_TYPES : 1;
	set->queue_depth = bf->depth;
	set->numa_node = NUMA_NO_NODE;
	/*
	 * Whoever has the disk sorts requests, if that helps it. Here, a disk
	 * with one queue would get a scheduler by default, for which each read
	 * that is submitted by itself goes through a kworker.
	 */
	set->flags = XPV_BLK_MQ_MERGE | BLK_MQ_F_NO_SCHED_BY_DEFAULT;
	set->driver_data = bf;
}

static void init_disk(struct blkfront *bf, struct gendisk *gd)
{
	strscpy(gd->disk_name, bf->vdev.name, sizeof(gd->disk_name));
	gd->major = BLKFRONT_MAJOR;
	gd->first_minor = bf->vdev.first_minor;
	gd->minors = bf->vdev.nr_minors;
	gd->fops = &disk_fops;
	gd->private_data = bf;
	if (bf->geo.vdisk & VDISK_REMOVABLE)
		gd->flags |= GENHD_FL_REMOVABLE;
	set_capacity(gd, bf->geo.sectors);
}

int blkfront_disk_create(struct blkfront *bf)
{
	struct gendisk *gd;
	int err;

	err = reserve_minors(bf);
	if (err)
		return err;

	init_tag_set(bf);
	err = blk_mq_alloc_tag_set(&bf->set);
	if (err)
		goto err_minors;
	gd = xpv_alloc_disk(&bf->set, bf);
	if (IS_ERR(gd)) {
		err = PTR_ERR(gd);
		goto err_set;
	}

	init_disk(bf, gd);
	INIT_WORK(&bf->add_work, add_disk_work);
	INIT_WORK(&bf->close_work, close_disk_work);
	INIT_DELAYED_WORK(&bf->refresh_later, refresh_later);
	ratelimit_state_init(&bf->resizes, RESIZE_INTERVAL, RESIZE_BURST);
	ratelimit_set_flags(&bf->resizes, RATELIMIT_MSG_ON_RELEASE);
	bf->gd = gd;
	bf->add_err = 0;
	bf->retired = false;
	bf->close_wanted = false;
	return 0;

err_set:
	blk_mq_free_tag_set(&bf->set);
err_minors:
	release_minors(bf);
	return err;
}

void blkfront_disk_add(struct blkfront *bf)
{
	bf->adding = true;
	xpv_device_queue_work(bf->xdev, &bf->add_work);
}

bool blkfront_disk_retire(struct blkfront *bf)
{
	struct gendisk *gd = bf->gd;
	bool busy;

	if (!gd)
		return true;
	/* @adding before @added; pairs with add_disk_work() */
	if (smp_load_acquire(&bf->adding))
		return false;

	/*
	 * Its holder may wait for the backend, as we must not, holding the
	 * device's lock.
	 */
	if (!mutex_trylock(&gd->open_mutex)) {
		xpv_device_queue_work(bf->xdev, &bf->close_work);
		return false;
	}
	/* Opens and closes wait: nobody comes in between. */
	busy = disk_openers(gd);
	bf->close_wanted = busy;
	bf->retired = !busy;
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
void blkfront_disk_destroy(struct blkfront *bf)
{
	struct gendisk *gd = bf->gd;

	lockdep_assert_held(&bf->xdev->lock);

	if (!gd)
		return;

	cancel_work_sync(&bf->add_work);
	cancel_work_sync(&bf->close_work);
	cancel_delayed_work_sync(&bf->refresh_later);
	bf->adding = false;
	if (bf->added) {
		blk_mark_disk_dead(gd);
		del_gendisk(gd);
	}

	mutex_lock(&gd->open_mutex);
	gd->private_data = NULL;
	mutex_unlock(&gd->open_mutex);

	bf->gd = NULL;
	bf->added = false;
	put_disk(gd);
	blk_mq_free_tag_set(&bf->set);
	release_minors(bf);
}
