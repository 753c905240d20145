// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

#include "debugfs.h"
#include "watch.h"
#include "work.h"
#include "xenbus_state.h"

static int __init xpv_init(void)
{
	int err = xpv_work_init();

	if (!err)
		xpv_debugfs_init();
	return err;
}

static void __exit xpv_exit(void)
{
	xpv_xenbus_state_exit();
	xpv_watch_exit();
	xpv_debugfs_exit();
	xpv_work_exit();
}

module_init(xpv_init);
module_exit(xpv_exit);

MODULE_DESCRIPTION("Common part of the xenpv paravirtual split drivers");
MODULE_AUTHOR("The xenpv authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(XPV_VERSION);
