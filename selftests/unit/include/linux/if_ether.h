/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_IF_ETHER_H
#define SHIM_LINUX_IF_ETHER_H

#include <linux/types.h>

#define ETH_ALEN 6
#define ETH_HLEN 14
#define ETH_P_IP 0x0800
#define ETH_P_8021Q 0x8100
#define ETH_P_IPV6 0x86DD
#define ETH_P_8021AD 0x88A8

struct ethhdr {
	u8 h_dest[ETH_ALEN];
	u8 h_source[ETH_ALEN];
	u16 h_proto;
};

#endif /* SHIM_LINUX_IF_ETHER_H */
