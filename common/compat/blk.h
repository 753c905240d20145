/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The block layer's interfaces that differ between the supported kernels, under
 * one name each. For drivers of disks: #include <compat/blk.h>.
 */
#ifndef XPV_COMPAT_BLK_H
#define XPV_COMPAT_BLK_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/file.h>

#if !XPV_HAVE_BLK_MODE
#define blk_mode_t fmode_t
#endif

/* What block_device_operations.release gets. */
#if XPV_HAVE_RELEASE_MODE
#define XPV_RELEASE_ARGS struct gendisk *gd, fmode_t mode
#else
#define XPV_RELEASE_ARGS struct gendisk *gd
#endif

/* What block_device_operations.open gets, and the disk that it is of. */
#if XPV_HAVE_OPEN_DISK
#define XPV_OPEN_DEVICE struct gendisk
#define xpv_open_disk(dev) (dev)
#else
#define XPV_OPEN_DEVICE struct block_device
#define xpv_open_disk(dev) ((dev)->bd_disk)
#endif

/* What block_device_operations.getgeo gets, and the disk that it is of. */
#if XPV_HAVE_GETGEO_DISK
#define XPV_GETGEO_DEVICE struct gendisk
#define xpv_getgeo_disk(dev) (dev)
#else
#define XPV_GETGEO_DEVICE struct block_device
#define xpv_getgeo_disk(dev) ((dev)->bd_disk)
#endif

/* Merging neighbours was optional before everybody did. */
#if XPV_HAVE_SHOULD_MERGE
#define XPV_BLK_MQ_MERGE BLK_MQ_F_SHOULD_MERGE
#else
#define XPV_BLK_MQ_MERGE 0
#endif

/* Whether requests have been gathered, in a list of changing type. */
#if XPV_HAVE_RQ_LIST
#define xpv_batch_empty(iob) rq_list_empty(&(iob)->req_list)
#else
#define xpv_batch_empty(iob) rq_list_empty((iob)->req_list)
#endif

/* Without limits: those come by xpv_limits_commit(). */
#if XPV_HAVE_ALLOC_DISK_LIMITS
#define xpv_alloc_disk(set, data) blk_mq_alloc_disk(set, NULL, data)
#else
#define xpv_alloc_disk(set, data) blk_mq_alloc_disk(set, data)
#endif

/**
 * xpv_limits_try_start() - begin to change a queue's limits
 * @rq: the queue
 * @lim: gets the limits as they are, to be changed and committed
 *
 * Whoever writes a limit in sysfs may hold the lock that the kernel has for
 * them while it waits for all requests to end (Linux since 6.14).
 *
 * Context: process; the lock is held until xpv_limits_commit().
 * Return: false, and nothing is begun, where somebody else has the lock.
 */
static inline bool xpv_limits_try_start(struct request_queue *rq,
					struct queue_limits *lim)
{
#if XPV_HAVE_LIMITS_FEATURES
	if (!mutex_trylock(&rq->limits_lock))
		return false;
#endif
	*lim = rq->limits;
	return true;
}

/**
 * xpv_limits_commit() - put changed limits in force
 * @rq: a queue of a disk that does not rotate
 * @lim: from xpv_limits_try_start(), changed; of its fields those that are
 *	 named below take effect on every kernel
 * @write_cache: whether flushes are sent; never FUA
 *
 * Return: 0, or -errno from a kernel that checks limits and has refused them.
 */
static inline int xpv_limits_commit(struct request_queue *rq,
				    struct queue_limits *lim, bool write_cache)
{
#if XPV_HAVE_LIMITS_FEATURES
	if (write_cache)
		lim->features |= BLK_FEAT_WRITE_CACHE;
	else
		lim->features &= ~BLK_FEAT_WRITE_CACHE;
	return queue_limits_commit_update(rq, lim);
#else
	blk_queue_flag_set(QUEUE_FLAG_NONROT, rq);
	blk_queue_logical_block_size(rq, lim->logical_block_size);
	blk_queue_physical_block_size(rq, lim->physical_block_size);
	blk_queue_io_min(rq, lim->io_min);
	blk_queue_segment_boundary(rq, lim->seg_boundary_mask);
	blk_queue_max_segment_size(rq, lim->max_segment_size);
	blk_queue_max_segments(rq, lim->max_segments);
	/* It forgets what the user has set in max_sectors_kb. */
	if (lim->max_hw_sectors != queue_max_hw_sectors(rq))
		blk_queue_max_hw_sectors(rq, lim->max_hw_sectors);
	blk_queue_dma_alignment(rq, lim->dma_alignment);
	rq->limits.discard_granularity = lim->discard_granularity;
	rq->limits.discard_alignment = lim->discard_alignment;
	blk_queue_max_discard_sectors(rq, lim->max_hw_discard_sectors);
	blk_queue_max_secure_erase_sectors(rq, lim->max_secure_erase_sectors);
	blk_queue_write_cache(rq, write_cache, false);
	return 0;
#endif
}

/**
 * struct xpv_bdev_handle - what it takes to close an open disk
 * @file: the disk as an open file
 * @mode: how it was opened, where a disk is no file
 */
struct xpv_bdev_handle {
#if XPV_HAVE_BDEV_FILE
	struct file *file;
#else
	fmode_t mode;
#endif
};

/**
 * xpv_bdev_open() - open a disk by its number, not exclusively
 * @number: of the disk
 * @readonly: without the right to write
 * @handle: filled in, for xpv_bdev_close()
 *
 * Return: the disk, or an error pointer.
 */
static inline struct block_device *
xpv_bdev_open(dev_t number, bool readonly, struct xpv_bdev_handle *handle)
{
#if XPV_HAVE_BDEV_FILE
	blk_mode_t mode = readonly ? BLK_OPEN_READ :
				     BLK_OPEN_READ | BLK_OPEN_WRITE;
	struct file *file = bdev_file_open_by_dev(number, mode, NULL, NULL);

	if (IS_ERR(file))
		return ERR_CAST(file);
	handle->file = file;
	return file_bdev(file);
#else
	handle->mode = readonly ? FMODE_READ : FMODE_READ | FMODE_WRITE;
	return blkdev_get_by_dev(number, handle->mode, NULL);
#endif
}

static inline void xpv_bdev_close(struct block_device *bdev,
				  struct xpv_bdev_handle *handle)
{
#if XPV_HAVE_BDEV_FILE
	bdev_fput(handle->file);
#else
	blkdev_put(bdev, handle->mode);
#endif
}

/**
 * xpv_bdev_zoned() - whether a disk takes writes only as its zones want them
 * @bdev: an open disk
 *
 * Host-aware disks, as older kernels know them, take any.
 */
static inline bool xpv_bdev_zoned(struct block_device *bdev)
{
#if XPV_HAVE_ZONED_MODEL
	return bdev_zoned_model(bdev) == BLK_ZONED_HM;
#else
	return bdev_is_zoned(bdev);
#endif
}

#endif /* XPV_COMPAT_BLK_H */
