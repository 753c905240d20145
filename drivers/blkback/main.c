// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

#include "xpv.h"

#include "connect.h"
#include "dispatch.h"
#include "skb_flush.h"
#include "param.h"
#include "report.h"
#include "vbd.h"

static const struct xenbus_device_id ids[] = {
	{ "vbd" },
	{ "" },
};

static struct xpv_driver driver = {
	.name = "xen-blkback",
	.side = XPV_BACK,
	.ids = ids,
	.ops = &blkback_ops,
	.features = blkback_features,
	.nr_features = BLKBACK_NR_FEATURES,
	.stat_names = blkback_stat_names,
	.nr_stats = BLKBACK_NR_STATS,
};

static int __init blkback_init(void)
{
	int err;

	blkback_params_init();
	err = blkback_skb_flush_init();
	if (err)
		return err;
	err = xpv_driver_register(&driver, THIS_MODULE, KBUILD_MODNAME);
	if (err)
		blkback_skb_flush_exit();
	return err;
}
module_init(blkback_init);

static void __exit blkback_exit(void)
{
	xpv_driver_unregister(&driver);
	blkback_vbd_exit();
	blkback_skb_flush_exit();
}
module_exit(blkback_exit);

MODULE_DESCRIPTION("Xen paravirtual block backend");
MODULE_LICENSE("GPL");
MODULE_VERSION(XPV_VERSION);
MODULE_ALIAS("xen-backend:vbd");
