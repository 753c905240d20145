// SPDX-License-Identifier: GPL-2.0
#include <linux/if_vlan.h>
#include <linux/tcp.h>
#include <net/tcp.h>
#include <xen/interface/io/netif.h>

#include "from_guest_offload.h"

/*
 * The stack believes a driver's skb: a type that does not fit the headers, or
 * segments of a few bytes, are the guest's word only. TCP_MIN_GSO_SIZE is what
 * TCP itself never goes below; 64 KiB in segments of one byte would be 65000
 * packets at a stroke.
 *
 * skb_checksum_setup() has been there: the transport header is set and its
 * fixed part is linear.
 */
static bool check_gso(struct sk_buff *skb, u8 gso_type, u16 gso_size)
{
	__be16 protocol = gso_type == XEN_NETIF_GSO_TYPE_TCPV4 ?
		htons(ETH_P_IP) : htons(ETH_P_IPV6);
	unsigned int header = skb_transport_offset(skb);

	if (skb->protocol != protocol || gso_size < TCP_MIN_GSO_SIZE ||
	    skb->csum_offset != offsetof(struct tcphdr, check) ||
	    !pskb_may_pull(skb, header + sizeof(struct tcphdr)))
		return false;
	if (tcp_hdrlen(skb) < sizeof(struct tcphdr))
		return false;
	return pskb_may_pull(skb, header + tcp_hdrlen(skb));
}

static void set_gso(struct sk_buff *skb, u8 gso_type, u16 gso_size)
{
	unsigned int header = skb_transport_offset(skb) + tcp_hdrlen(skb);
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	/* What fits one segment is none. */
	if (skb->len - header <= gso_size)
		return;
	shinfo->gso_size = gso_size;
	shinfo->gso_type = gso_type == XEN_NETIF_GSO_TYPE_TCPV4 ?
		SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
	/* From elsewhere: check the headers and count the segments. */
	shinfo->gso_type |= SKB_GSO_DODGY;
	shinfo->gso_segs = 0;
}

struct sk_buff *netback_set_offload(struct sk_buff *skb, u16 flags, u8 gso_type,
				    u16 gso_size, bool *fixup)
{
	bool blank = flags & XEN_NETTXF_csum_blank;

	if (!blank && !gso_type) {
		if (flags & XEN_NETTXF_data_validated)
			skb->ip_summed = CHECKSUM_UNNECESSARY;
		return skb;
	}

	if (eth_type_vlan(skb->protocol)) {
		skb = skb_vlan_untag(skb);
		if (!skb)
			return NULL;
	}
	/* Some frontends forget to say so, but segments have none to keep. */
	*fixup = !blank;
	skb->ip_summed = CHECKSUM_PARTIAL;
	if (skb_checksum_setup(skb, !blank))
		goto drop;
	if (gso_type) {
		if (!check_gso(skb, gso_type, gso_size))
			goto drop;
		set_gso(skb, gso_type, gso_size);
	}
	return skb;

drop:
	kfree_skb(skb);
	return NULL;
}
