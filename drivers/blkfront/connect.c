// SPDX-License-Identifier: GPL-2.0
#include <linux/minmax.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <xen/interface/io/protocols.h>
#include "proto/block.h"

#include "connect.h"
#include "disk.h"
#include "geometry.h"
#include "queue.h"
#include "shadow.h"

static int read_number(struct xpv_device *xdev, u32 *number)
{
	u64 found = 0;
	int err;

	err = xpv_own_read_u64(xdev, "virtual-device", U32_MAX, &found);
	if (err == -ENOENT)
		err = xpv_own_read_u64(xdev, "virtual-device-ext", U32_MAX,
				       &found);
	if (err)
		xpv_err(xdev, "neither virtual-device nor virtual-device-ext is a disk's number\n");
	*number = found;
	return err;
}

/*
 * An HVM guest has an emulated drive for its discs, which the firmware can
 * boot from, and may have been told to keep its emulated hd and sd disks.
 */
static bool left_to_emulation(struct xpv_device *xdev, u32 number)
{
	bool skip;
	char *type;

	if (!xpv_hvm_guest())
		return false;
	if (xpv_disks_emulated() &&
	    number >> 8 != BLKFRONT_MAJOR && number < BLKFRONT_EXTENDED) {
		xpv_info(xdev, "virtual-device %u is left to the emulated disk\n",
			 number);
		return true;
	}

	type = xpv_own_read(xdev, "device-type");
	if (IS_ERR(type))
		return true;
	skip = !strncmp(type, "cdrom", 5);
	kfree(type);
	return skip;
}

static int probe(struct xpv_device *xdev)
{
	struct blkfront_info *info;
	u32 number;
	int err;

	err = read_number(xdev, &number);
	if (err)
		return err;
	if (left_to_emulation(xdev, number))
		return -ENODEV;

	info = kzalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return -ENOMEM;
	err = blkfront_vdev_decode(number, &info->vdev);
	if (err) {
		xpv_err(xdev, "virtual-device %u (%#x) is no disk's number; use the name of an xvd disk\n",
			number, number);
		kfree(info);
		return err;
	}

	info->xdev = xdev;
	INIT_DEFERRABLE_WORK(&info->trim, blkfront_trim);
	xdev->priv = info;
	return 0;
}

static int write_keys(struct xpv_device *xdev, struct xpv_transaction *xbt,
		      void *arg)
{
	struct blkfront_info *info = arg;
	int err = xpv_queues_publish(xdev, xbt, info->shown, info->nr_rings,
				     info->nr_rings > 1);

	/* Another driver's name for ring-page-order, which we do not write. */
	xpv_own_remove(xdev, xbt, "num-ring-pages");
	return err ?: xpv_own_printf(xdev, xbt, BLKIF_KEY_PROTOCOL, "%s",
				     XEN_IO_PROTO_ABI_NATIVE);
}

static int open_and_write(struct blkfront_info *info)
{
	int err = blkfront_queues_open(info);

	return err ?: xpv_transaction(info->xdev, write_keys, info);
}

static int publish_rings(struct blkfront_info *info)
{
	int err;

	/* The administrator's choice, and the toolstack's. */
	info->bounce = !READ_ONCE(blkfront_trusted) ||
		       !xpv_backend_trusted(info->xdev);
	err = open_and_write(info);
	/* Others have taken what nodes.c counts on; or grants are short. */
	if (err != -ENOSPC || (info->nr_rings == 1 && !info->order))
		return err;
	xpv_warn(info->xdev, "%s: no room for %u rings of %u pages: one of one page\n",
		 info->vdev.name, info->nr_rings, 1U << info->order);
	blkfront_queues_close(info);
	info->nodes.refused = true;
	err = open_and_write(info);
	info->nodes.refused = false;
	return err;
}

static int publish(struct xpv_device *xdev)
{
	struct blkfront_info *info = xdev->priv;
	int err = publish_rings(info);

	/* Requests wait: there will be another try. */
	if (err)
		blkfront_queues_close(info);
	return err;
}

static enum blkfront_flush choose_flush(struct xpv_device *xdev)
{
	if (xpv_feature(xdev, BLKFRONT_FLUSH_CACHE))
		return BLKFRONT_FLUSH_BY_CACHE;
	if (xpv_feature(xdev, BLKFRONT_BARRIER))
		return BLKFRONT_FLUSH_BY_BARRIER;
	return BLKFRONT_FLUSH_NONE;
}

/* Everything that a backend may offer anew, or no longer, each time. */
static void settle_features(struct blkfront_info *info)
{
	struct xpv_device *xdev = info->xdev;
	unsigned int segs = min(xpv_feature(xdev, BLKFRONT_MAX_INDIRECT),
				blkfront_max_segments);

	info->max_segs = max_t(unsigned int, segs,
			       BLKIF_MAX_SEGMENTS_PER_REQUEST);
	info->persistent = xpv_feature(xdev, BLKFRONT_PERSISTENT) &&
			   xpv_feature(xdev, BLKFRONT_OWN_PERSISTENT);
	WRITE_ONCE(info->flush, choose_flush(xdev));
	WRITE_ONCE(info->discard, xpv_feature(xdev, BLKFRONT_DISCARD));
	WRITE_ONCE(info->discard_securely, info->discard &&
		   xpv_feature(xdev, BLKFRONT_DISCARD_SECURELY));
}

static const char *enabled(bool is)
{
	return is ? "enabled" : "disabled";
}

static void report(struct blkfront_info *info)
{
	static const char * const flush[] = {
		[BLKFRONT_FLUSH_NONE] = "barrier or flush: disabled;",
		[BLKFRONT_FLUSH_BY_CACHE] = "flush diskcache: enabled;",
		[BLKFRONT_FLUSH_BY_BARRIER] = "barrier: enabled;",
		[BLKFRONT_FLUSH_LOST] = "barrier or flush: disabled;",
	};

	pr_info("blkfront: %s: %s persistent grants: %s; indirect descriptors: %s; bounce buffer: %s\n",
		info->vdev.name, flush[READ_ONCE(info->flush)],
		enabled(info->persistent),
		enabled(info->max_segs > BLKIF_MAX_SEGMENTS_PER_REQUEST),
		enabled(info->bounce || info->persistent));
}

/* Nothing to wait for any more: let the requests of the last one fail. */
static void give_up(struct blkfront_info *info)
{
	blkfront_queues_stop(info, true);
	blkfront_queues_close(info);
}

static int take_geometry(struct blkfront_info *info)
{
	struct xpv_device *xdev = info->xdev;
	struct blkfront_geometry geo;
	int err = blkfront_read_geometry(xdev, &geo);

	if (err)
		return err;
	if (info->gd && geo.sector_size != info->geo.sector_size)
		xpv_warn(xdev, "%s: sector size changed from %u to %u\n",
			 info->vdev.name, info->geo.sector_size,
			 geo.sector_size);
	info->geo = geo;

	if (info->gd)
		return 0;
	return blkfront_disk_create(info);
}

static int connect(struct xpv_device *xdev)
{
	struct blkfront_info *info = xdev->priv;
	bool known = info->gd;
	int err = take_geometry(info);

	if (!err) {
		settle_features(info);
		err = blkfront_disk_update(info);
	}
	if (err) {
		give_up(info);
		return err;
	}
	report(info);
	blkfront_queues_start(info);
	if (!known)
		blkfront_disk_add(info);
	info->close_told = false;
	return 0;
}

/* Also runs when nothing changed. A size that cannot be is left alone. */
static void changed(struct xpv_device *xdev)
{
	struct blkfront_info *info = xdev->priv;
	struct blkfront_geometry geo = info->geo;
	u64 sectors;

	if (xpv_peer_read_u64(xdev, "sectors", U64_MAX, &sectors))
		return;
	if (blkfront_settle_sectors(xdev, sectors, &geo))
		xpv_warn_peer(xdev, "sectors %llu is out of range; size unchanged",
			      sectors);
	else
		blkfront_disk_resize(info, geo.sectors);
}

/*
 * The disk could not be added; or flushes or discards fail, see complete.c; or
 * limits or a size are still to be applied.
 */
static void refresh(struct xpv_device *xdev)
{
	struct blkfront_info *info = xdev->priv;

	if (!info->gd)
		return;
	blkfront_disk_check(info);
	blkfront_disk_update_limits(info);
	if (xpv_device_live(xdev))
		changed(xdev);
}

static void disconnect(struct xpv_device *xdev)
{
	struct blkfront_info *info = xdev->priv;
	bool fail = xpv_broken(xdev) || xpv_device_removing(xdev);

	blkfront_queues_stop(info, fail);
	blkfront_queues_close(info);
}

/* Rather than only about to go: whether it no longer looks at our ring. */
static bool backend_has_left(struct xpv_device *xdev)
{
	u64 state;
	int err = xpv_peer_read_u64(xdev, "state", U32_MAX, &state);

	return err == -ENOENT || err == -EACCES ||
	       (!err && state == XenbusStateClosed);
}

/*
 * Users that a backend still serves may go on until they close the disk. Those
 * of one that has left would wait for ever, and could not even close it.
 */
static int shut(struct xpv_device *xdev)
{
	struct blkfront_info *info = xdev->priv;

	if (!blkfront_disk_retire(info)) {
		if (!info->close_told)
			xpv_warn(xdev, "Device in use; refusing to close\n");
		info->close_told = true;
		if (backend_has_left(xdev))
			blkfront_queues_stop(info, true);
		return -EBUSY;
	}
	blkfront_queues_stop(info, true);
	blkfront_disk_delete(info);
	return 0;
}

static void remove(struct xpv_device *xdev)
{
	struct blkfront_info *info = xdev->priv;

	blkfront_queues_stop(info, true);
	blkfront_queues_close(info);
	blkfront_disk_delete(info);
	blkfront_queues_free(info);
	xdev->priv = NULL;
	kfree(info);
}

/* Once users can open it; what went wrong on the way will not be waited for. */
static bool ready(struct xpv_device *xdev)
{
	const struct blkfront_info *info = xdev->priv;

	return !READ_ONCE(info->adding);
}

/* Without the lock: plain values only, nothing behind @info->gd. */
static void show(struct xpv_device *xdev, struct seq_file *seq)
{
	static const char * const mode[] = {
		[BLKFRONT_DOWN] = "down",
		[BLKFRONT_LIVE] = "live",
		[BLKFRONT_DEAD] = "dead",
	};
	static const char * const flush[] = {
		[BLKFRONT_FLUSH_NONE] = "none",
		[BLKFRONT_FLUSH_BY_CACHE] = "cache",
		[BLKFRONT_FLUSH_BY_BARRIER] = "barrier",
		[BLKFRONT_FLUSH_LOST] = "lost",
	};
	const struct blkfront_info *info = xdev->priv;

	seq_printf(seq, "disk: %s\n", info->vdev.name);
	seq_printf(seq, "virtual device: %u\n", info->vdev.number);
	seq_printf(seq, "requests: %s\n", mode[READ_ONCE(info->mode)]);
	seq_printf(seq, "sectors: %llu\n", READ_ONCE(info->geo.sectors));
	seq_printf(seq, "sector size: %u\n", info->geo.sector_size);
	seq_printf(seq, "physical sector size: %u\n", info->geo.physical_size);
	seq_printf(seq, "read only: %u\n", info->geo.readonly);
	seq_printf(seq, "flush: %s\n", flush[READ_ONCE(info->flush)]);
	seq_printf(seq, "backend trusted: %u\n", !info->bounce);
	seq_printf(seq, "discard: %u\n", READ_ONCE(info->discard));
	seq_printf(seq, "secure discard: %u\n",
		   READ_ONCE(info->discard_securely));
	seq_printf(seq, "persistent grants: %u\n", info->persistent);
	seq_printf(seq, "queues: %u\n", info->nr_queues);
	seq_printf(seq, "polled queues: %u\n", info->nr_polled);
	seq_printf(seq, "rings: %u\n", info->nr_rings);
	seq_printf(seq, "pages per ring: %u\n", 1U << info->order);
	seq_printf(seq, "queue depth: %u\n", info->depth);
	seq_printf(seq, "segments per request: %u\n", info->max_segs);
}

const struct xpv_driver_ops blkfront_ops = {
	.probe = probe,
	.refresh = refresh,
	.publish = publish,
	.connect = connect,
	.ready = ready,
	.changed = changed,
	.disconnect = disconnect,
	.close = shut,
	.remove = remove,
	.show = show,
};
