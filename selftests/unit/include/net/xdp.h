/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_NET_XDP_H
#define SHIM_NET_XDP_H

#include <linux/types.h>

struct xdp_frame;

struct xdp_rxq_info {
	bool registered;
};

#endif /* SHIM_NET_XDP_H */
