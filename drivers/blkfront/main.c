// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

#include "blkfront.h"
#include "connect.h"
#include "queue.h"

bool blkfront_trusted = true;
module_param_named(trusted, blkfront_trusted, bool, 0644);
MODULE_PARM_DESC(trusted, "Is the backend trusted (default: Y); N copies all data through pages of its own");

static const struct xpv_feature features[BLKFRONT_NR_FEATURES] = {
	[BLKFRONT_FLUSH_CACHE] = {
		.key = "feature-flush-cache",
		.writer = XPV_BACK,
		.max = 1,
	},
	[BLKFRONT_BARRIER] = {
		.key = "feature-barrier",
		.writer = XPV_BACK,
		.max = 1,
	},
};

static const struct xenbus_device_id ids[] = {
	{ "vbd" },
	{ "" }
};

static struct xpv_driver driver = {
	.name = "xen-blkfront",
	.side = XPV_FRONT,
	.ids = ids,
	.ops = &blkfront_ops,
	.features = features,
	.nr_features = BLKFRONT_NR_FEATURES,
	.stat_names = blkfront_stat_names,
	.nr_stats = BLKFRONT_STAT_END - XPV_STAT_DRIVER,
	.published_state = XenbusStateInitialised,
	/* Swap space may be on it. */
	.reclaim = true,
};

static int __init blkfront_init(void)
{
	int err;

	if (!xpv_disks_allowed()) {
		pr_err("xen-blkfront: no disks for us: this machine is no Xen domain, or its emulated disks are still plugged in (xen_emul_unplug)\n");
		return -ENODEV;
	}
	err = register_blkdev(BLKFRONT_MAJOR, "xvd");
	if (err) {
		pr_err("xen-blkfront: cannot get block major %u: error %d; is another xvd driver loaded?\n",
		       BLKFRONT_MAJOR, err);
		return err;
	}
	err = xpv_driver_register(&driver, THIS_MODULE, KBUILD_MODNAME);
	if (err)
		unregister_blkdev(BLKFRONT_MAJOR, "xvd");
	return err;
}

static void __exit blkfront_exit(void)
{
	xpv_driver_unregister(&driver);
	unregister_blkdev(BLKFRONT_MAJOR, "xvd");
}

module_init(blkfront_init);
module_exit(blkfront_exit);

MODULE_DESCRIPTION("Xen virtual block device frontend");
MODULE_AUTHOR("The xenpv authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(XPV_VERSION);
MODULE_ALIAS_BLOCKDEV_MAJOR(BLKFRONT_MAJOR);
MODULE_ALIAS("xen:vbd");
MODULE_ALIAS("xenblk");
