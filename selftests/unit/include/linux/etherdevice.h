/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ETHERDEVICE_H
#define SHIM_LINUX_ETHERDEVICE_H

#include <linux/if_ether.h>
#include <linux/skbuff.h>

/* The header goes; the test asks what was behind it. */
static inline u16 eth_type_trans(struct sk_buff *skb, struct net_device *dev)
{
	const struct ethhdr *header = (const struct ethhdr *)skb->data;

	skb->dev = dev;
	skb->data += ETH_HLEN;
	skb->len -= ETH_HLEN;
	return header->h_proto;
}

#endif /* SHIM_LINUX_ETHERDEVICE_H */
