// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <xen/interface/io/netif.h>

#include "connect.h"
#include "netfront.h"

unsigned int netfront_max_queues;
XPV_PARAM(max_queues, netfront_max_queues, 0, XPV_MAX_QUEUES, 0644);
MODULE_PARM_DESC(max_queues,
		 "Most queues of a device, 0 to 64; 0: one for each CPU, up to 8 (default: 0)");

bool netfront_trusted = true;
module_param_named(trusted, netfront_trusted, bool, 0644);
MODULE_PARM_DESC(trusted,
		 "N: copy all packets through pages of the driver's own, so that the backend sees nothing beside them; Y: the toolstack decides, by the key trusted of each card (default: Y)");

static const struct xpv_feature features[NETFRONT_NR_FEATURES] = {
	[NETFRONT_RX_COPY] = {
		.key = NETIF_KEY_RX_COPY, .writer = XPV_BACK, .max = 1,
	},
	[NETFRONT_SG] = {
		.key = NETIF_KEY_SG, .writer = XPV_BACK, .max = 1,
	},
	[NETFRONT_TSO4] = {
		.key = NETIF_KEY_TSO4, .writer = XPV_BACK, .max = 1,
	},
	[NETFRONT_TSO6] = {
		.key = NETIF_KEY_TSO6, .writer = XPV_BACK, .max = 1,
	},
	[NETFRONT_NO_CSUM4] = {
		.key = NETIF_KEY_NO_CSUM4, .writer = XPV_BACK, .max = 1,
	},
	[NETFRONT_CSUM6] = {
		.key = NETIF_KEY_CSUM6, .writer = XPV_BACK,
		.max = 1,
	},
	[NETFRONT_SPLIT] = {
		.key = NETIF_KEY_SPLIT, .writer = XPV_BACK,
		.max = 1,
	},
	/* 0 stands for a backend that does not know of queues. */
	[NETFRONT_MAX_QUEUES] = {
		.key = NETIF_KEY_MAX_QUEUES, .writer = XPV_BACK,
		.min = 1, .max = XPV_MAX_QUEUES,
	},
	[NETFRONT_XDP_HEADROOM] = {
		.key = NETIF_KEY_OFFER_HEADROOM, .writer = XPV_BACK, .max = 1,
	},
	[NETFRONT_CTRL] = {
		.key = NETIF_KEY_CTRL, .writer = XPV_BACK, .max = 1,
	},
	[NETFRONT_OWN_REQUEST_COPY] = {
		.key = NETIF_KEY_REQUEST_COPY, .writer = XPV_FRONT, .max = 1,
	},
	[NETFRONT_OWN_RX_NOTIFY] = {
		.key = NETIF_KEY_RX_NOTIFY, .writer = XPV_FRONT, .max = 1,
	},
	[NETFRONT_OWN_SG] = {
		.key = NETIF_KEY_SG, .writer = XPV_FRONT, .max = 1,
	},
	[NETFRONT_OWN_TSO4] = {
		.key = NETIF_KEY_TSO4, .writer = XPV_FRONT, .max = 1,
	},
	[NETFRONT_OWN_TSO6] = {
		.key = NETIF_KEY_TSO6, .writer = XPV_FRONT, .max = 1,
	},
	[NETFRONT_OWN_CSUM6] = {
		.key = NETIF_KEY_CSUM6, .writer = XPV_FRONT,
		.max = 1,
	},
	[NETFRONT_OWN_NO_CSUM4] = {
		.key = NETIF_KEY_NO_CSUM4, .writer = XPV_FRONT, .max = 1,
	},
	[NETFRONT_OWN_XDP_HEADROOM] = {
		.key = NETIF_KEY_HEADROOM, .writer = XPV_FRONT,
		.max = XEN_NETIF_MAX_XDP_HEADROOM,
	},
};

static const char * const stat_names[NETFRONT_NR_STATS] = {
	"tx_slots",
	"tx_copies",
	"tx_stops",
	"tx_nomem",
	"rx_nomem",
	"rx_unknown_extras",
	"xdp_packets",
	"xdp_copies",
	"xdp_tx",
	"xdp_drop",
	"xdp_redirect",
	"xdp_errors",
	"xdp_xmit",
};

static const struct xenbus_device_id ids[] = {
	{ "vif" },
	{ "" },
};

static struct xpv_driver driver = {
	.name = "xen-netfront",
	.side = XPV_FRONT,
	.ids = ids,
	.ops = &netfront_ops,
	.features = features,
	.nr_features = NETFRONT_NR_FEATURES,
	.stat_names = stat_names,
	.nr_stats = NETFRONT_NR_STATS,
	.published_state = XenbusStateConnected,
};

static int __init netfront_init(void)
{
	if (!xpv_nics_allowed()) {
		pr_err("xen-netfront: this machine is no Xen domain, or its emulated network cards are still plugged in (xen_emul_unplug)\n");
		return -ENODEV;
	}
	return xpv_driver_register(&driver, THIS_MODULE, KBUILD_MODNAME);
}
module_init(netfront_init);

static void __exit netfront_exit(void)
{
	xpv_driver_unregister(&driver);
}
module_exit(netfront_exit);

MODULE_DESCRIPTION("Xen paravirtual network frontend");
MODULE_AUTHOR("The xenpv authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(XPV_VERSION);
MODULE_ALIAS("xen:vif");
MODULE_ALIAS("xennet");
