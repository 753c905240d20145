/* SPDX-License-Identifier: GPL-2.0 */
/* What tx_parse.c needs of the protocol. */
#ifndef SHIM_XEN_NETIF_H
#define SHIM_XEN_NETIF_H

#include <linux/types.h>

#define XEN_NETIF_NR_SLOTS_MIN 18

#define XEN_NETTXF_csum_blank 1
#define XEN_NETTXF_data_validated 2
#define XEN_NETTXF_more_data 4
#define XEN_NETTXF_extra_info 8

#define XEN_NETIF_EXTRA_TYPE_GSO 1
#define XEN_NETIF_EXTRA_TYPE_MCAST_ADD 2
#define XEN_NETIF_EXTRA_TYPE_MCAST_DEL 3
#define XEN_NETIF_EXTRA_TYPE_HASH 4
#define XEN_NETIF_EXTRA_TYPE_XDP 5
#define XEN_NETIF_EXTRA_TYPE_MAX 6
#define XEN_NETIF_EXTRA_FLAG_MORE 1
#define XEN_NETIF_GSO_TYPE_TCPV4 1
#define XEN_NETIF_GSO_TYPE_TCPV6 2

struct xen_netif_tx_request {
	u32 gref;
	u16 offset;
	u16 flags;
	u16 id;
	u16 size;
};

struct xen_netif_extra_info {
	u8 type;
	u8 flags;
	union {
		struct {
			u16 size;
			u8 type;
			u8 pad;
			u16 features;
		} gso;
		struct {
			u8 addr[6];
		} mcast;
		u16 pad[3];
	} u;
};

#endif /* SHIM_XEN_NETIF_H */
