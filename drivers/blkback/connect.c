// SPDX-License-Identifier: GPL-2.0
/*
 * A device's turns of life, each an operation that common/device.c calls with
 * the device's lock held, unless said otherwise.
 *
 *	probe		attributes, watch on physical-device
 *	refresh		open the disk once it is named; announce what changed
 *	publish		features, as far as they are known
 *	connect		queues, size of the disk
 *	disconnect	stop the queues; let go of the disk if it is leaving
 *	unplug		attributes and watch away
 *	remove		close the disk, free everything
 */
#define pr_fmt(fmt) "xen-blkback: " fmt

#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/interface/io/protocols.h>

#include "connect.h"
#include "dispatch.h"
#include "param.h"
#include "report.h"
#include "sysfs.h"
#include "vbd.h"

const struct xpv_feature blkback_features[BLKBACK_NR_FEATURES] = {
	[BLKBACK_FEATURE_FLUSH] = {
		.key = "feature-flush-cache",
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKBACK_FEATURE_BARRIER] = {
		.key = "feature-barrier",
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKBACK_FEATURE_DISCARD] = {
		.key = "feature-discard",
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKBACK_FEATURE_GRANULARITY] = {
		.key = "discard-granularity",
		.writer = XPV_BACK,
		.max = U32_MAX,
	},
	[BLKBACK_FEATURE_ALIGNMENT] = {
		.key = "discard-alignment",
		.writer = XPV_BACK,
		.max = U32_MAX,
	},
	[BLKBACK_FEATURE_SECURE] = {
		.key = "discard-secure",
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKBACK_FEATURE_PERSISTENT] = {
		.key = "feature-persistent",
		.writer = XPV_BACK,
		.max = 1,
		.flag = &blkback_feature_persistent,
	},
	[BLKBACK_FEATURE_FRONT_PERSISTENT] = {
		.key = "feature-persistent",
		.writer = XPV_FRONT,
		.max = 1,
	},
	[BLKBACK_FEATURE_QUEUES] = {
		.key = "multi-queue-max-queues",
		.writer = XPV_BACK,
		.min = 1,
		.max = XPV_MAX_QUEUES,
		.param = &blkback_max_queues,
	},
	[BLKBACK_FEATURE_RING_ORDER] = {
		.key = "max-ring-page-order",
		.writer = XPV_BACK,
		.max = XPV_RING_MAX_ORDER,
		.param = &blkback_max_ring_page_order,
	},
	[BLKBACK_FEATURE_INDIRECT] = {
		.key = "feature-max-indirect-segments",
		.writer = XPV_BACK,
		.max = BLKBACK_MAX_SEGS,
	},
};

/*
 * Flushes and barriers are offered where there is a cache that could lose
 * something. Without one, a frontend that sends a flush regardless is told the
 * truth: that all is on the medium.
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
 * Unless the toolstack says no ("discard-enable"), as it does for a file that
 * is to keep the room that was allocated to it.
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

void blkback_withdraw(struct blkback *bb, enum blkback_vbd_flag flag)
{
	static const char * const what[] = {
		[BLKBACK_NO_FLUSH] = "flushes",
		[BLKBACK_NO_BARRIER] = "barriers",
		[BLKBACK_NO_DISCARD] = "discards",
		[BLKBACK_NO_SECURE] = "secure discards",
	};

	if (test_and_set_bit(flag, &bb->vbd.flags))
		return;
	xpv_warn(bb->xdev, "the disk does not support %s\n", what[flag]);
	xpv_device_refresh(bb->xdev);
}

/* The keys that describe the disk, all at once. */
static int write_disk(struct xpv_device *xdev, struct xpv_transaction *xbt,
		      void *arg)
{
	struct blkback_vbd *vbd = arg;
	int err;

	err = xpv_features_publish(xdev, xbt, NULL);
	if (!err)
		err = xpv_own_printf(xdev, xbt, "sectors", "%llu",
				     vbd->published_sectors);
	if (!err)
		err = xpv_own_printf(xdev, xbt, "info", "%u", vbd->info);
	if (!err)
		err = xpv_own_printf(xdev, xbt, "sector-size", "%u",
				     bdev_logical_block_size(vbd->bdev));
	if (!err)
		err = xpv_own_printf(xdev, xbt, "physical-sector-size", "%u",
				     bdev_physical_block_size(vbd->bdev));
	return err;
}

static const char *abi_text(enum blkback_abi abi)
{
	switch (abi) {
	case BLKBACK_ABI_X86_32:
		return XEN_IO_PROTO_ABI_X86_32;
	case BLKBACK_ABI_X86_64:
		return XEN_IO_PROTO_ABI_X86_64;
	default:
		return XEN_IO_PROTO_ABI_NATIVE;
	}
}

/* The protocol key is younger than the 64-bit frontends, which all write it. */
static enum blkback_abi default_abi(void)
{
	return IS_ENABLED(CONFIG_X86) ? BLKBACK_ABI_X86_32 : BLKBACK_ABI_NATIVE;
}

static int read_abi(struct blkback *bb)
{
	char *text = xpv_peer_read(bb->xdev, "protocol");
	enum blkback_abi abi;
	int err = -EINVAL;

	if (PTR_ERR_OR_ZERO(text) == -ENOENT) {
		bb->abi = default_abi();
		return 0;
	}
	if (IS_ERR(text)) {
		xpv_device_fail(bb->xdev, PTR_ERR(text), "reading %s/protocol",
				bb->xdev->peer_path);
		return PTR_ERR(text) == -EAGAIN ? -EIO : PTR_ERR(text);
	}

	for (abi = BLKBACK_ABI_NATIVE; abi <= BLKBACK_ABI_X86_64; abi++) {
		if (strcmp(text, abi_text(abi)))
			continue;
		bb->abi = abi;
		err = 0;
		break;
	}
	if (err)
		xpv_device_fail(bb->xdev, err, "%s/protocol \"%s\" is unknown",
				bb->xdev->peer_path, xpv_printable(text));
	kfree(text);
	return err;
}

/* "xvda", also where our directory says "/dev/xvda" or nothing. */
static void read_name(struct blkback *bb)
{
	char *text = xpv_own_read(bb->xdev, "dev");
	const char *name = text;

	if (IS_ERR(text) || !*text)
		name = kbasename(bb->xdev->xbdev->nodename);
	else if (!strncmp(name, "/dev/", strlen("/dev/")))
		name += strlen("/dev/");
	strscpy(bb->name, name, sizeof(bb->name));
	if (!IS_ERR(text))
		kfree(text);
}

static void stop_queues(struct blkback *bb)
{
	unsigned int i;

	for (i = 0; i < bb->nr_queues; i++)
		blkback_queue_stop(blkback_queue_nr(bb, i));
	bb->nr_queues = 0;
}

static int make_queues(struct blkback *bb, unsigned int nr)
{
	struct blkback_queue *queue;

	while (bb->nr_made < nr) {
		queue = blkback_queue_alloc(bb->xdev, bb->nr_made);
		if (!queue)
			return -ENOMEM;
		bb->queues[bb->nr_made] = &queue->base;
		/* The queue before its number. */
		smp_store_release(&bb->nr_made, bb->nr_made + 1);
	}
	xpv_device_show_queues(bb->xdev, bb->queues, bb->nr_made);
	return 0;
}

static int start_queues(struct blkback *bb)
{
	u32 most = xpv_feature(bb->xdev, BLKBACK_FEATURE_QUEUES);
	unsigned int nr, i;
	int err;

	err = xpv_queues_read_count(bb->xdev, most, &nr);
	if (!err)
		err = make_queues(bb, nr);
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

static void go(struct blkback *bb)
{
	unsigned int i;

	/* A frontend may connect as often as it likes. */
	if (__ratelimit(&bb->xdev->ratelimit))
		pr_info("%s: using %u queues, protocol %d (%s)%s\n",
			bb->xdev->xbdev->nodename, bb->nr_queues, bb->abi,
			abi_text(bb->abi),
			bb->persistent ? " persistent grants" : "");
	for (i = 0; i < bb->nr_queues; i++)
		blkback_queue_start(blkback_queue_nr(bb, i));
}

/*
 * Requests are served as soon as go() has run: a frontend that stayed
 * Connected while our driver was reloaded does not wait for our state.
 */
static int connect(struct xpv_device *xdev)
{
	struct blkback *bb = xdev->priv;
	int err;

	stop_queues(bb);
	/* A frontend that comes back does not keep a leaving disk. */
	if (!bb->vbd.bdev && !xpv_device_online(xdev))
		return -EAGAIN;

	err = blkback_vbd_open(&bb->vbd);
	if (!err)
		err = blkback_vbd_sync(&bb->vbd);
	if (!err)
		err = read_abi(bb);
	if (err)
		return err;

	read_name(bb);
	bb->persistent = xpv_feature(xdev, BLKBACK_FEATURE_PERSISTENT) &&
			xpv_feature(xdev, BLKBACK_FEATURE_FRONT_PERSISTENT);
	err = start_queues(bb);
	if (err)
		return err == -EAGAIN ? -EIO : err;

	offer_features(bb);
	WRITE_ONCE(bb->vbd.published_sectors, blkback_vbd_sectors(&bb->vbd));
	err = xpv_transaction(xdev, write_disk, &bb->vbd);
	if (err) {
		stop_queues(bb);
		return err == -EAGAIN ? -EIO : err;
	}
	go(bb);
	return 0;
}

/*
 * A frontend that stayed while our driver was away goes on with the rings that
 * it has and with what was negotiated, and is not asked again: it ends the
 * grants of each request, say, where persistent grants were not offered. New
 * values of the parameters are for its next connection.
 */
static void keep_features(struct blkback *bb)
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

	keep_features(bb);
	/* Known once the disk is; frontends look when we are Connected. */
	offer_features(bb);
	return 0;
}

static void open_named(struct blkback *bb)
{
	/* A disk that was let go of is opened again by those who connect. */
	if (bb->xdev->phase != XPV_INIT && bb->xdev->phase != XPV_PUBLISHED)
		return;
	if (!blkback_vbd_open(&bb->vbd))
		/* A frontend may be waiting for this. */
		xpv_device_kick(bb->xdev);
}

/* Features that may go while the frontend lives. */
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
		open_named(bb);
		return;
	}
	blkback_vbd_check_name(&bb->vbd);
	blkback_vbd_publish_size(&bb->vbd);
	refresh_features(bb);
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

static int probe(struct xpv_device *xdev)
{
	struct blkback *bb = kzalloc(sizeof(*bb), GFP_KERNEL);
	int err;

	if (!bb)
		return -ENOMEM;
	bb->xdev = xdev;
	bb->domain = blkback_domain_get(xdev->peer_id);
	if (!bb->domain) {
		kfree(bb);
		return -ENOMEM;
	}
	bb->abi = default_abi();
	blkback_vbd_init(&bb->vbd, xdev);
	xdev->priv = bb;

	err = blkback_sysfs_add(xdev);
	if (err)
		goto free;
	err = start_watches(bb);
	if (err)
		goto stop_watches;
	return 0;

stop_watches:
	stop_watches(bb);
	blkback_sysfs_remove(xdev);
free:
	xdev->priv = NULL;
	blkback_domain_put(bb->domain);
	kfree(bb);
	return err;
}

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

/*
 * The disk of a device that is going away is closed before the state becomes
 * Closed: the toolstack then has the hotplug script take the disk down. Where
 * the device stays, only the frontend has changed.
 */
static void disconnect(struct xpv_device *xdev)
{
	struct blkback *bb = xdev->priv;

	stop_queues(bb);
	if (bb->vbd.bdev && !xpv_device_online(xdev))
		blkback_vbd_close(&bb->vbd);
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

	blkback_vbd_close(&bb->vbd);
	xpv_device_show_queues(xdev, NULL, 0);
	/* For the tail of io_ended() of the last requests. */
	synchronize_rcu();
	for (i = 0; i < bb->nr_made; i++)
		kfree(blkback_queue_nr(bb, i));
	xdev->priv = NULL;
	blkback_domain_put(bb->domain);
	kfree(bb);
}

void blkback_look(struct blkback *bb)
{
	unsigned int nr, i;

	nr = smp_load_acquire(&bb->nr_made);	/* pairs with make_queues() */
	for (i = 0; i < nr; i++)
		blkback_queue_check_idle(blkback_queue_nr(bb, i));
}

/* Context: reclaim; see struct xpv_driver_ops. */
static void squeeze(struct xpv_device *xdev)
{
	unsigned int ms = READ_ONCE(blkback_buffer_squeeze_duration_ms);
	struct blkback *bb = xdev->priv;
	unsigned int nr, i;

	WRITE_ONCE(bb->no_cache_until, jiffies + msecs_to_jiffies(ms));
	nr = smp_load_acquire(&bb->nr_made);	/* pairs with make_queues() */
	for (i = 0; i < nr; i++)
		blkback_queue_shrink(blkback_queue_nr(bb, i));
}

/* Context: any process, without a lock. */
static void show_queue(struct xpv_queue *base, struct seq_file *seq)
{
	blkback_report_queue(container_of(base, struct blkback_queue, base),
			     seq);
}

static void show_domain(struct blkback *bb, struct seq_file *seq)
{
	unsigned int i, nr, requests = 0, large = 0, pgnt = 0;
	struct blkback_queue *queue;

	nr = smp_load_acquire(&bb->nr_made);	/* pairs with make_queues() */
	for (i = 0; i < nr; i++) {
		queue = blkback_queue_nr(bb, i);
		requests += READ_ONCE(queue->pool.nr);
		large += READ_ONCE(queue->pool.nr_large);
		pgnt += READ_ONCE(queue->pgnts.nr);
	}
	seq_printf(seq, "requests allocated: %u\n", requests);
	seq_printf(seq, "indirect requests allocated: %u\n", large);
	seq_printf(seq, "persistent grants: %s\n",
		   bb->persistent ? "on" : "off");
	seq_printf(seq, "persistent grants mapped: %u\n", pgnt);
	seq_printf(seq, "grants left to the domain: %d\n",
		   atomic_read(&bb->domain->free_pages));
	seq_printf(seq, "persistent grants left to the domain: %d\n",
		   atomic_read(&bb->domain->free_pgnts));
}

/* Context: any process, without a lock: plain values only. */
static void show(struct xpv_device *xdev, struct seq_file *seq)
{
	struct blkback *bb = xdev->priv;
	dev_t number = READ_ONCE(bb->vbd.number);

	if (number)
		seq_printf(seq, "disk: %u:%u\n", MAJOR(number), MINOR(number));
	else
		seq_puts(seq, "disk: closed\n");
	seq_printf(seq, "mode: %s\n", READ_ONCE(bb->vbd.readonly) ? "r" : "w");
	seq_printf(seq, "info: %#x\n", bb->vbd.info);
	seq_printf(seq, "sectors published: %llu\n",
		   READ_ONCE(bb->vbd.published_sectors));
	seq_printf(seq, "logical block: %u\n", bb->vbd.block << SECTOR_SHIFT);
	seq_printf(seq, "protocol: %d (%s)\n", bb->abi, abi_text(bb->abi));
	seq_printf(seq, "queues in use: %u\n", READ_ONCE(bb->nr_queues));
	seq_printf(seq, "limits: %llu requests/s, %llu bytes/s\n",
		   READ_ONCE(bb->vbd.ratelimit.iops.amount),
		   READ_ONCE(bb->vbd.ratelimit.bytes.amount));
	show_domain(bb, seq);
}

const struct xpv_driver_ops blkback_ops = {
	.probe = probe,
	.refresh = refresh,
	.publish = publish,
	.connect = connect,
	.stale = stale,
	.disconnect = disconnect,
	.unplug = unplug,
	.remove = remove,
	.shrink = squeeze,
	.show_queue = show_queue,
	.show = show,
};
