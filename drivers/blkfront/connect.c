// SPDX-License-Identifier: GPL-2.0
#include <linux/minmax.h>
#include <linux/slab.h>
#include <xen/interface/io/protocols.h>

#include "debugfs.h"
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
 * boot from, and may be configured to keep its emulated hd and sd disks.
 */
static bool is_emulated(struct xpv_device *xdev, u32 number)
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
	struct blkfront *bf;
	u32 number;
	int err;

	err = read_number(xdev, &number);
	if (err)
		return err;
	if (is_emulated(xdev, number))
		return -ENODEV;

	bf = kzalloc(sizeof(*bf), GFP_KERNEL);
	if (!bf)
		return -ENOMEM;
	err = blkfront_vdev_decode(number, &bf->vdev);
	if (err) {
		xpv_err(xdev, "virtual-device %u (%#x) is no disk's number; use the name of an xvd disk\n",
			number, number);
		kfree(bf);
		return err;
	}

	bf->xdev = xdev;
	INIT_DEFERRABLE_WORK(&bf->trim, blkfront_trim);
	xdev->priv = bf;
	return 0;
}

static int write_keys(struct xpv_device *xdev, struct xpv_transaction *xbt,
		      void *arg)
{
	struct blkfront *bf = arg;
	int err = xpv_queues_publish(xdev, xbt, bf->shown, bf->nr_rings,
				     bf->nr_rings > 1);

	/* Another driver's name for ring-page-order, which we do not write. */
	xpv_own_remove(xdev, xbt, "num-ring-pages");
	return err ?: xpv_own_printf(xdev, xbt, BLKIF_KEY_PROTOCOL, "%s",
				     XEN_IO_PROTO_ABI_NATIVE);
}

static int create_and_write(struct blkfront *bf)
{
	int err = blkfront_queues_create(bf);

	return err ?: xpv_transaction(bf->xdev, write_keys, bf);
}

static int publish_rings(struct blkfront *bf)
{
	int err;

	/* The administrator's choice, and the toolstack's. */
	bf->bounce = !READ_ONCE(blkfront_trusted) ||
		     !xpv_backend_trusted(bf->xdev);
	err = create_and_write(bf);
	/* Others have taken what nodes.c counts on; or grants are short. */
	if (err != -ENOSPC || (bf->nr_rings == 1 && !bf->order))
		return err;
	xpv_warn(bf->xdev,
		 "%s: no room for %u rings of %u pages: one of one page\n",
		 bf->vdev.name, bf->nr_rings, 1U << bf->order);
	blkfront_queues_destroy(bf);
	bf->nodes.refused = true;
	err = create_and_write(bf);
	bf->nodes.refused = false;
	return err;
}

static int publish(struct xpv_device *xdev)
{
	struct blkfront *bf = xdev->priv;
	int err = publish_rings(bf);

	/* Requests wait: there will be another try. */
	if (err)
		blkfront_queues_destroy(bf);
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
static void clamp_features(struct blkfront *bf)
{
	struct xpv_device *xdev = bf->xdev;
	unsigned int segs = min(xpv_feature(xdev, BLKFRONT_MAX_INDIRECT),
				blkfront_max_segments);

	bf->max_segs =
		max_t(unsigned int, segs, BLKIF_MAX_SEGMENTS_PER_REQUEST);
	bf->persistent = xpv_feature(xdev, BLKFRONT_PERSISTENT) &&
			 xpv_feature(xdev, BLKFRONT_OWN_PERSISTENT);
	WRITE_ONCE(bf->flush, choose_flush(xdev));
	WRITE_ONCE(bf->discard, xpv_feature(xdev, BLKFRONT_DISCARD));
	WRITE_ONCE(bf->discard_securely,
		   bf->discard && xpv_feature(xdev, BLKFRONT_DISCARD_SECURELY));
}

static const char *enabled(bool is)
{
	return is ? "enabled" : "disabled";
}

static void report(struct blkfront *bf)
{
	static const char * const flush[] = {
		[BLKFRONT_FLUSH_NONE] = "barrier or flush: disabled;",
		[BLKFRONT_FLUSH_BY_CACHE] = "flush diskcache: enabled;",
		[BLKFRONT_FLUSH_BY_BARRIER] = "barrier: enabled;",
		[BLKFRONT_FLUSH_LOST] = "barrier or flush: disabled;",
	};

	pr_info("blkfront: %s: %s persistent grants: %s; indirect descriptors: %s; bounce buffer: %s\n",
		bf->vdev.name, flush[READ_ONCE(bf->flush)],
		enabled(bf->persistent),
		enabled(bf->max_segs > BLKIF_MAX_SEGMENTS_PER_REQUEST),
		enabled(bf->bounce || bf->persistent));
}

/* No connection follows: requests that wait for one fail. */
static void fail_requests(struct blkfront *bf)
{
	blkfront_queues_stop(bf, true);
	blkfront_queues_destroy(bf);
}

static int apply_geometry(struct blkfront *bf)
{
	struct xpv_device *xdev = bf->xdev;
	struct blkfront_geometry geo;
	int err = blkfront_read_geometry(xdev, &geo);

	if (err)
		return err;
	if (bf->gd && geo.sector_size != bf->geo.sector_size)
		xpv_warn(xdev, "%s: sector size changed from %u to %u\n",
			 bf->vdev.name, bf->geo.sector_size, geo.sector_size);
	bf->geo = geo;

	if (bf->gd)
		return 0;
	return blkfront_disk_create(bf);
}

static int connect(struct xpv_device *xdev)
{
	struct blkfront *bf = xdev->priv;
	bool known = bf->gd;
	int err = apply_geometry(bf);

	if (!err) {
		clamp_features(bf);
		err = blkfront_disk_update(bf);
	}
	if (err) {
		fail_requests(bf);
		return err;
	}
	report(bf);
	blkfront_queues_start(bf);
	if (!known)
		blkfront_disk_add(bf);
	bf->close_told = false;
	return 0;
}

/* Also runs when nothing changed. A size that cannot be is left alone. */
static void changed(struct xpv_device *xdev)
{
	struct blkfront *bf = xdev->priv;
	struct blkfront_geometry geo = bf->geo;
	u64 sectors;

	if (xpv_peer_read_u64(xdev, BLKIF_KEY_SECTORS, U64_MAX, &sectors))
		return;
	if (blkfront_set_sectors(xdev, sectors, &geo))
		xpv_warn_peer(xdev, "sectors %llu is out of range; size unchanged",
			      sectors);
	else
		blkfront_disk_resize(bf, geo.sectors);
}

/*
 * The disk could not be added; or flushes or discards fail, see complete.c; or
 * limits or a size are still to be applied.
 */
static void refresh(struct xpv_device *xdev)
{
	struct blkfront *bf = xdev->priv;

	if (!bf->gd)
		return;
	blkfront_disk_check(bf);
	blkfront_disk_update_limits(bf);
	if (xpv_device_live(xdev))
		changed(xdev);
}

static void disconnect(struct xpv_device *xdev)
{
	struct blkfront *bf = xdev->priv;
	bool fail = xpv_broken(xdev) || xpv_device_removing(xdev);

	blkfront_queues_stop(bf, fail);
	blkfront_queues_destroy(bf);
}

/* Whether the backend no longer serves the ring; at Closing it still does. */
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
static int close_disk(struct xpv_device *xdev)
{
	struct blkfront *bf = xdev->priv;

	if (!blkfront_disk_retire(bf)) {
		if (!bf->close_told)
			xpv_warn(xdev, "Device in use; refusing to close\n");
		bf->close_told = true;
		if (backend_has_left(xdev))
			blkfront_queues_stop(bf, true);
		return -EBUSY;
	}
	blkfront_queues_stop(bf, true);
	blkfront_disk_destroy(bf);
	return 0;
}

static void remove(struct xpv_device *xdev)
{
	struct blkfront *bf = xdev->priv;

	blkfront_queues_stop(bf, true);
	blkfront_queues_destroy(bf);
	blkfront_disk_destroy(bf);
	blkfront_queues_free(bf);
	xdev->priv = NULL;
	kfree(bf);
}

/* Once users can open the disk, or adding it has failed. */
static bool ready(struct xpv_device *xdev)
{
	const struct blkfront *bf = xdev->priv;

	return !READ_ONCE(bf->adding);
}

const struct xpv_driver_ops blkfront_ops = {
	.probe = probe,
	.refresh = refresh,
	.publish = publish,
	.connect = connect,
	.ready = ready,
	.changed = changed,
	.disconnect = disconnect,
	.close = close_disk,
	.remove = remove,
	.show = blkfront_show,
};
