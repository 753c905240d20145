/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checksums and segmentation that a guest leaves to others.
 */
#ifndef NETBACK_FROM_GUEST_OFFLOAD_H
#define NETBACK_FROM_GUEST_OFFLOAD_H

#include <linux/skbuff.h>

/**
 * netback_set_offload() - tell the stack what a packet still needs
 * @skb: the packet, past eth_type_trans(); may be replaced
 * @flags: XEN_NETTXF_*
 * @gso_type: XEN_NETIF_GSO_TYPE_*, or 0
 * @gso_size: payload per segment
 * @fixup: set where segments came without a blank checksum
 *
 * Context: NAPI.
 * Return: the packet; NULL where its headers contradict its flags, and it has
 * been freed.
 */
struct sk_buff *netback_set_offload(struct sk_buff *skb, u16 flags, u8 gso_type,
				    u16 gso_size, bool *fixup);

#endif /* NETBACK_FROM_GUEST_OFFLOAD_H */
