// SPDX-License-Identifier: GPL-2.0
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/ethtool.h>
#include <xen/interface/io/netif.h>

#include "flow.h"

#define ADDRESSES (RXH_IP_SRC | RXH_IP_DST)
#define PORTS (RXH_L4_B_0_1 | RXH_L4_B_2_3)

/**
 * struct kind - the hash types that a flow is about
 * @ip: of its IP version
 * @tcp: of TCP over that, 0 for a flow that is none
 */
struct kind {
	u32 ip;
	u32 tcp;
};

static bool find_kind(u32 flow_type, struct kind *kind)
{
	kind->tcp = 0;
	switch (flow_type) {
	case TCP_V4_FLOW:
		kind->tcp = XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP;
		fallthrough;
	case UDP_V4_FLOW:
	case SCTP_V4_FLOW:
	case AH_ESP_V4_FLOW:
	case AH_V4_FLOW:
	case ESP_V4_FLOW:
	case IPV4_FLOW:
		kind->ip = XEN_NETIF_CTRL_HASH_TYPE_IPV4;
		return true;
	case TCP_V6_FLOW:
		kind->tcp = XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP;
		fallthrough;
	case UDP_V6_FLOW:
	case SCTP_V6_FLOW:
	case AH_ESP_V6_FLOW:
	case AH_V6_FLOW:
	case ESP_V6_FLOW:
	case IPV6_FLOW:
		kind->ip = XEN_NETIF_CTRL_HASH_TYPE_IPV6;
		return true;
	default:
		return false;
	}
}

int netfront_flow_fields(u32 flow_type, u32 types, u64 *fields)
{
	struct kind kind;

	*fields = 0;
	if (!find_kind(flow_type, &kind))
		return -EINVAL;
	if (types & kind.tcp)
		*fields = ADDRESSES | PORTS;
	else if (types & kind.ip)
		*fields = ADDRESSES;
	return 0;
}

int netfront_flow_set(u32 flow_type, u64 fields, u32 *types)
{
	bool general = flow_type == IPV4_FLOW || flow_type == IPV6_FLOW;
	u32 wanted = *types;
	struct kind kind;
	u64 result;

	if (!find_kind(flow_type, &kind))
		return -EINVAL;
	wanted &= ~kind.tcp;
	if (fields == (ADDRESSES | PORTS))
		wanted |= kind.tcp;
	if (general)
		wanted &= ~kind.ip;
	if (general && fields == ADDRESSES)
		wanted |= kind.ip;

	/* Without its ports a flow is hashed as IP in general is. */
	netfront_flow_fields(flow_type, wanted, &result);
	if (result != fields)
		return -EINVAL;
	*types = wanted;
	return 0;
}
