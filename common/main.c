// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/workqueue.h>

#include "debugfs.h"
#include "main.h"
#include "xenbus_state.h"
#include "watch.h"

struct workqueue_struct *xpv_workqueue;
struct workqueue_struct *xpv_reclaim_workqueue;

static int __init xpv_init(void)
{
	xpv_workqueue = alloc_workqueue("xenpv", WQ_UNBOUND,
					WQ_UNBOUND_MAX_ACTIVE);
	if (!xpv_workqueue)
		return -ENOMEM;
	xpv_reclaim_workqueue = alloc_workqueue("xenpv-reclaim",
						WQ_UNBOUND | WQ_MEM_RECLAIM,
						WQ_UNBOUND_MAX_ACTIVE);
	if (!xpv_reclaim_workqueue) {
		destroy_workqueue(xpv_workqueue);
		return -ENOMEM;
	}
	xpv_debugfs_init();
	return 0;
}

static void __exit xpv_exit(void)
{
	xpv_xenbus_state_exit();
	xpv_watch_exit();
	xpv_debugfs_exit();
	destroy_workqueue(xpv_reclaim_workqueue);
	destroy_workqueue(xpv_workqueue);
}

module_init(xpv_init);
module_exit(xpv_exit);

MODULE_DESCRIPTION("Common part of the xenpv paravirtual split drivers");
MODULE_AUTHOR("The xenpv authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(XPV_VERSION);
