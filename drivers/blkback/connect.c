// SPDX-License-Identifier: GPL-2.0
/*
 * A device's life. Each operation is called by common/ with the device's lock
 * held, unless said otherwise; they stand here in this order:
 *
 *	probe		allocate the device, add its attributes, watch its keys
 *	refresh		a key of ours has changed: open the disk once it is
 *			named, publish what has changed of it
 *	publish		offer features, as far as they are known
 *	connect		open the disk, create and start the queues
 *	stale		has the frontend published other rings?
 *	shrink		memory is short
 *	disconnect	stop the queues; close the disk if it is to go
 *	unplug		remove watches and attributes
 *	remove		close the disk, free everything
 */
#define pr_fmt(fmt) "xen-blkback: " fmt

#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "connect.h"
#include "debugfs.h"
#include "idle.h"
#include "queue.h"
#include "sysfs.h"

/* probe */

/* The key "protocol" is younger than 32-bit frontends, which may lack it. */
static enum blkback_abi default_abi(void)
{
	return IS_ENABLED(CONFIG_X86) ? BLKBACK_ABI_X86_32 : BLKBACK_ABI_NATIVE;
}

static int start_watches(struct blkback *bb)
{
	int err;

	err = xpv_watch_start(bb->xdev, &bb->watch, "physical-device");
	if (!err)
		err = xpv_watch_start(bb->xdev, &bb->watch_iops, "limit-iops");
	if (!err)
		err = xpv_watch_start(bb->xdev, &bb->watch_bytes,
				      "limit-bytes-per-second");
	return err;
}

static void stop_watches(struct blkback *bb)
{
	xpv_watch_stop(&bb->watch);
	xpv_watch_stop(&bb->watch_iops);
	xpv_watch_stop(&bb->watch_bytes);
}

static struct blkback *create_device(struct xpv_device *xdev)
{
	struct blkback *bb = kzalloc(sizeof(*bb), GFP_KERNEL);

	if (!bb)
		return NULL;
	bb->xdev = xdev;
	bb->domain = blkback_domain_get(xdev->peer_id);
	if (!bb->domain) {
		kfree(bb);
		return NULL;
	}
	bb->abi = default_abi();
	blkback_vbd_init(&bb->vbd, xdev);
	INIT_LIST_HEAD(&bb->idle_link);
	return bb;
}

static void destroy_device(struct blkback *bb)
{
	blkback_domain_put(bb->domain);
	kfree(bb);
}

static int probe(struct xpv_device *xdev)
{
	struct blkback *bb = create_device(xdev);
	int err;

	if (!bb)
		return -ENOMEM;
	xdev->priv = bb;
	err = blkback_sysfs_add(xdev);
	if (err)
		goto destroy_device;
	err = start_watches(bb);
	if (err)
		goto stop_watches;
	return 0;

stop_watches:
	stop_watches(bb);
	blkback_sysfs_remove(xdev);
destroy_device:
	xdev->priv = NULL;
	destroy_device(bb);
	return err;
}

/* The disk and its features */

static int open_disk(struct blkback *bb)
{
	int err;

	if (bb->vbd.bdev)
		return 0;
	err = blkback_vbd_open(&bb->vbd);
	if (!err)
		blkback_idle_add(bb);
	return err;
}

static void close_disk(struct blkback *bb)
{
	if (!bb->vbd.bdev)
		return;
	blkback_idle_del(bb);
	blkback_vbd_close(&bb->vbd);
}

/*
 * Flushes and barriers are offered where there is a volatile cache. Without one
 * all is on the medium already, and a frontend that sends a flush regardless
 * gets success.
 */
static void offer_cache(struct blkback *bb)
{
	struct blkback_vbd *vbd = &bb->vbd;
	bool cache = vbd->bdev && bdev_write_cache(vbd->bdev);

	xpv_feature_offer(bb->xdev, BLKBACK_FEATURE_FLUSH,
			  cache && !test_bit(BLKBACK_NO_FLUSH, &vbd->flags));
	xpv_feature_offer(bb->xdev, BLKBACK_FEATURE_BARRIER,
			  cache && !test_bit(BLKBACK_NO_BARRIER, &vbd->flags));
}

/*
 * The toolstack may forbid discards ("discard-enable"), as for a file that is
 * to keep the space that was allocated to it.
 */
static bool may_discard(struct blkback *bb)
{
	u64 enable = 1;

	xpv_own_read_u64(bb->xdev, "discard-enable", U32_MAX, &enable);
	return enable && bb->vbd.bdev && !bb->vbd.readonly;
}

static void offer_discard(struct blkback *bb)
{
	struct blkback_vbd *vbd = &bb->vbd;
	bool may = may_discard(bb);
	bool discard, secure;

	discard = may && bdev_max_discard_sectors(vbd->bdev) &&
		  !test_bit(BLKBACK_NO_DISCARD, &vbd->flags);
	secure = discard && bdev_max_secure_erase_sectors(vbd->bdev) &&
		 !test_bit(BLKBACK_NO_SECURE, &vbd->flags);
	WRITE_ONCE(vbd->discard, discard);
	WRITE_ONCE(vbd->secure, secure);
	xpv_feature_offer(bb->xdev, BLKBACK_FEATURE_DISCARD, discard);
	xpv_feature_offer(bb->xdev, BLKBACK_FEATURE_SECURE, secure);
	xpv_feature_offer(bb->xdev, BLKBACK_FEATURE_GRANULARITY, discard ?
			  bdev_discard_granularity(vbd->bdev) : 0);
	xpv_feature_offer(bb->xdev, BLKBACK_FEATURE_ALIGNMENT, discard ?
			  bdev_discard_alignment(vbd->bdev) : 0);
}

static void offer_features(struct blkback *bb)
{
	offer_cache(bb);
	offer_discard(bb);
}

/* refresh */

static void open_named_disk(struct blkback *bb)
{
	enum xpv_phase phase = xpv_device_phase(bb->xdev);

	/* In later phases the disk was closed, and connect() opens it again. */
	if (phase != XPV_INIT && phase != XPV_PUBLISHED)
		return;
	if (!open_disk(bb))
		/* connect() may have returned -EAGAIN for want of it. */
		xpv_device_kick(bb->xdev);
}

/* The features that may be withdrawn while the frontend is connected. */
static u32 offered(struct blkback *bb)
{
	static const enum blkback_feature feature[] = {
		BLKBACK_FEATURE_FLUSH, BLKBACK_FEATURE_BARRIER,
		BLKBACK_FEATURE_DISCARD, BLKBACK_FEATURE_SECURE,
	};
	unsigned int i;
	u32 set = 0;

	for (i = 0; i < ARRAY_SIZE(feature); i++)
		set |= xpv_feature(bb->xdev, feature[i]) << i;
	return set;
}

static void refresh_features(struct blkback *bb)
{
	u32 before = offered(bb);

	if (!bb->nr_queues)
		return;
	offer_features(bb);
	if (offered(bb) != before)
		xpv_transaction(bb->xdev, xpv_features_publish, NULL);
}

static void refresh(struct xpv_device *xdev)
{
	struct blkback *bb = xdev->priv;

	blkback_vbd_read_ratelimit(&bb->vbd);
	if (!bb->vbd.bdev) {
		open_named_disk(bb);
		return;
	}
	blkback_vbd_check_name(&bb->vbd);
	blkback_vbd_publish_size(&bb->vbd);
	refresh_features(bb);
}

/* publish */

/*
 * A frontend that stayed while our driver was reloaded goes on with its rings
 * and with what was negotiated for them. It ends the grants of each request,
 * say, where persistent grants were not offered. New values of the parameters
 * are for its next connection.
 */
static void restore_features(struct blkback *bb)
{
	u64 state;

	if (xpv_peer_read_u64(bb->xdev, "state", XPV_NR_PEER_STATES - 1,
			      &state))
		return;
	if (state != XenbusStateInitialised && state != XenbusStateConnected)
		return;
	xpv_feature_restore(bb->xdev, BLKBACK_FEATURE_PERSISTENT);
	xpv_feature_restore(bb->xdev, BLKBACK_FEATURE_QUEUES);
	xpv_feature_restore(bb->xdev, BLKBACK_FEATURE_RING_ORDER);
}

static int publish(struct xpv_device *xdev)
{
	struct blkback *bb = xdev->priv;

	restore_features(bb);
	/* Those of the disk once it is open; frontends read when we connect. */
	offer_features(bb);
	return 0;
}

/* connect */

/* Sets @abi by a layout's name. Return: false where there is no such layout. */
static bool find_abi(const char *text, enum blkback_abi *found)
{
	enum blkback_abi abi;

	for (abi = BLKBACK_ABI_NATIVE; abi <= BLKBACK_ABI_X86_64; abi++) {
		if (!strcmp(text, blkback_abi_name(abi))) {
			*found = abi;
			return true;
		}
	}
	return false;
}

static int read_abi(struct blkback *bb)
{
	char *text = xpv_peer_read(bb->xdev, BLKIF_KEY_PROTOCOL);
	int err = 0;

	if (PTR_ERR_OR_ZERO(text) == -ENOENT) {
		bb->abi = default_abi();
		return 0;
	}
	if (IS_ERR(text)) {
		err = PTR_ERR(text);
		xpv_device_fail(bb->xdev, err, "reading %s/protocol",
				xpv_peer_path(bb->xdev));
		return err == -EAGAIN ? -EIO : err;
	}
	if (!find_abi(text, &bb->abi)) {
		err = -EINVAL;
		xpv_device_fail(bb->xdev, err, "%s/protocol \"%s\" is unknown",
				xpv_peer_path(bb->xdev), xpv_printable(text));
	}
	kfree(text);
	return err;
}

/* "xvda", also where our directory says "/dev/xvda" or nothing. */
static void read_name(struct blkback *bb)
{
	char *text = xpv_own_read(bb->xdev, "dev");
	const char *name = text;

	if (IS_ERR(text) || !*text)
		name = kbasename(xpv_own_path(bb->xdev));
	else if (!strncmp(name, "/dev/", strlen("/dev/")))
		name += strlen("/dev/");
	strscpy(bb->name, name, sizeof(bb->name));
	if (!IS_ERR(text))
		kfree(text);
}

static int alloc_queues(struct blkback *bb, unsigned int nr)
{
	struct blkback_queue *queue;

	while (bb->nr_allocated < nr) {
		queue = blkback_queue_alloc(bb, bb->nr_allocated);
		if (!queue)
			return -ENOMEM;
		bb->queues[bb->nr_allocated] = &queue->base;
		/* The queue before its number: see blkback_nr_allocated(). */
		smp_store_release(&bb->nr_allocated, bb->nr_allocated + 1);
	}
	xpv_device_show_queues(bb->xdev, bb->queues, bb->nr_allocated);
	return 0;
}

static void stop_queues(struct blkback *bb)
{
	struct blkback_queue *queue;
	unsigned int i;

	for (i = 0; i < bb->nr_queues; i++) {
		queue = blkback_queue_nr(bb, i);
		blkback_queue_stop(queue);
		blkback_queue_destroy(queue);
	}
	bb->nr_queues = 0;
}

static int create_queues(struct blkback *bb)
{
	u32 max = xpv_feature(bb->xdev, BLKBACK_FEATURE_QUEUES);
	unsigned int nr, i;
	int err;

	err = xpv_queues_read_count(bb->xdev, max, &nr);
	if (!err)
		err = alloc_queues(bb, nr);
	if (err)
		return err;

	for (i = 0; i < nr; i++) {
		err = blkback_queue_create(blkback_queue_nr(bb, i), nr);
		if (err) {
			stop_queues(bb);
			return err;
		}
		bb->nr_queues = i + 1;
	}
	return 0;
}

/*
 * Requests are served from here on: a frontend that stayed Connected while our
 * driver was reloaded does not wait for our state.
 */
static void start_queues(struct blkback *bb)
{
	unsigned int i;

	/* A frontend may connect as often as it likes. */
	if (__ratelimit(&bb->xdev->ratelimit))
		pr_info("%s: using %u queues, protocol %d (%s)%s\n",
			xpv_own_path(bb->xdev), bb->nr_queues, bb->abi,
			blkback_abi_name(bb->abi),
			bb->persistent ? " persistent grants" : "");
	for (i = 0; i < bb->nr_queues; i++)
		blkback_queue_start(blkback_queue_nr(bb, i));
}

/* All keys that describe the disk, in one transaction. */
static int write_disk(struct xpv_device *xdev, struct xpv_transaction *xbt,
		      void *arg)
{
	struct blkback_vbd *vbd = arg;
	int err;

	err = xpv_features_publish(xdev, xbt, NULL);
	if (!err)
		err = xpv_own_printf(xdev, xbt, BLKIF_KEY_SECTORS, "%llu",
				     vbd->published_sectors);
	if (!err)
		err = xpv_own_printf(xdev, xbt, BLKIF_KEY_INFO, "%u",
				     vbd->info);
	if (!err)
		err = xpv_own_printf(xdev, xbt, BLKIF_KEY_SECTOR_SIZE, "%u",
				     bdev_logical_block_size(vbd->bdev));
	if (!err)
		err = xpv_own_printf(xdev, xbt, BLKIF_KEY_PHYSICAL_SIZE, "%u",
				     bdev_physical_block_size(vbd->bdev));
	return err;
}

static int publish_disk(struct blkback *bb)
{
	offer_features(bb);
	WRITE_ONCE(bb->vbd.published_sectors, blkback_vbd_sectors(&bb->vbd));
	return xpv_transaction(bb->xdev, write_disk, &bb->vbd);
}

static int connect(struct xpv_device *xdev)
{
	struct blkback *bb = xdev->priv;
	int err;

	stop_queues(bb);
	/* A disk that is to go is not opened for a frontend that comes back. */
	if (!bb->vbd.bdev && !xpv_device_online(xdev))
		return -EAGAIN;

	err = open_disk(bb);
	if (!err)
		err = blkback_vbd_sync(&bb->vbd);
	if (!err)
		err = read_abi(bb);
	if (err)
		return err;

	read_name(bb);
	bb->persistent = xpv_feature(xdev, BLKBACK_FEATURE_PERSISTENT) &&
			 xpv_feature(xdev, BLKBACK_FEATURE_FRONT_PERSISTENT);
	err = create_queues(bb);
	if (!err)
		err = publish_disk(bb);
	if (err) {
		stop_queues(bb);
		/* The disk is there: nothing would ever kick us for it. */
		return err == -EAGAIN ? -EIO : err;
	}
	start_queues(bb);
	return 0;
}

/* While connected */

static bool stale(struct xpv_device *xdev)
{
	struct blkback *bb = xdev->priv;
	unsigned int i;

	for (i = 0; i < bb->nr_queues; i++)
		if (xpv_queue_stale(&blkback_queue_nr(bb, i)->base,
				    bb->nr_queues))
			return true;
	return false;
}

/* Context: reclaim, without the device's lock; see struct xpv_driver_ops. */
static void shrink(struct xpv_device *xdev)
{
	unsigned int ms = READ_ONCE(blkback_buffer_squeeze_duration_ms);
	struct blkback *bb = xdev->priv;
	unsigned int nr = blkback_nr_allocated(bb), i;

	WRITE_ONCE(bb->no_cache_until, jiffies + msecs_to_jiffies(ms));
	for (i = 0; i < nr; i++)
		blkback_queue_signal(blkback_queue_nr(bb, i),
				     BLKBACK_SIGNAL_SHRINK);
}

/* disconnect, unplug, remove */

/*
 * The disk of a device that is to go is closed before the state becomes Closed:
 * the toolstack then has the hotplug script take the disk down. Where the
 * device stays, only the frontend has gone or comes anew.
 */
static void disconnect(struct xpv_device *xdev)
{
	struct blkback *bb = xdev->priv;

	stop_queues(bb);
	if (bb->vbd.bdev && !xpv_device_online(xdev))
		close_disk(bb);
}

/* Context: without the device's lock; see struct xpv_driver_ops. */
static void unplug(struct xpv_device *xdev)
{
	struct blkback *bb = xdev->priv;

	stop_watches(bb);
	blkback_sysfs_remove(xdev);
}

static void remove(struct xpv_device *xdev)
{
	struct blkback *bb = xdev->priv;
	unsigned int i;

	close_disk(bb);
	xpv_device_show_queues(xdev, NULL, 0);
	/* For blkback_complete_bio(), which may not have returned yet. */
	synchronize_rcu();
	for (i = 0; i < bb->nr_allocated; i++)
		kfree(blkback_queue_nr(bb, i));
	xdev->priv = NULL;
	destroy_device(bb);
}

const struct xpv_driver_ops blkback_ops = {
	.probe = probe,
	.refresh = refresh,
	.publish = publish,
	.connect = connect,
	.stale = stale,
	.shrink = shrink,
	.disconnect = disconnect,
	.unplug = unplug,
	.remove = remove,
	.show_queue = blkback_debugfs_show_queue,
	.show = blkback_debugfs_show,
};
