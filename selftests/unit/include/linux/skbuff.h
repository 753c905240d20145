/* SPDX-License-Identifier: GPL-2.0 */
/* Packets, as far as the drivers look into them; fake/skb.c. */
#ifndef SHIM_LINUX_SKBUFF_H
#define SHIM_LINUX_SKBUFF_H

#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define MAX_SKB_FRAGS 17
#define NET_SKB_PAD 64
#define NET_IP_ALIGN 0
#define SKB_WITH_OVERHEAD(size) ((size) - 320U)

#define SKB_GSO_TCPV4 1
#define SKB_GSO_TCPV6 2

#define CHECKSUM_NONE 0
#define CHECKSUM_UNNECESSARY 1
#define CHECKSUM_PARTIAL 3

#define PKT_HASH_TYPE_NONE 0
#define PKT_HASH_TYPE_L3 2
#define PKT_HASH_TYPE_L4 3

typedef struct {
	struct page *page;
	unsigned int offset;
	unsigned int size;
} skb_frag_t;

#define skb_frag_page(frag) ((frag)->page)
#define skb_frag_off(frag) ((frag)->offset)
#define skb_frag_size(frag) ((frag)->size)
#define skb_frag_address(frag) \
	((void *)((char *)(frag)->page->memory + (frag)->offset))

struct skb_shared_info {
	unsigned int nr_frags;
	skb_frag_t frags[MAX_SKB_FRAGS];
	struct sk_buff *frag_list;
	u16 gso_size;
	u16 gso_type;
};

struct sk_buff {
	struct sk_buff *next;
	struct net_device *dev;
	char cb[48] __attribute__((__aligned__(8)));
	unsigned int len;
	unsigned int data_len;
	unsigned char *head;
	unsigned char *data;
	u16 protocol;
	u8 ip_summed;
	u16 queue_mapping;
	u32 hash;
	u8 hash_type;
	struct skb_shared_info info;
};

struct sk_buff_head {
	struct sk_buff *first;
};

#define skb_shinfo(skb) ((struct skb_shared_info *)&(skb)->info)
#define skb_is_gso(skb) ((skb)->info.gso_size != 0)
#define skb_headlen(skb) ((skb)->len - (skb)->data_len)
#define skb_walk_frags(skb, part) \
	for (part = (skb)->info.frag_list; part; part = part->next)
#define skb_get_queue_mapping(skb) ((skb)->queue_mapping)
#define skb_record_rx_queue(skb, queue) ((skb)->queue_mapping = (queue))
#define skb_set_hash(skb, h, type) \
	((skb)->hash = (h), (skb)->hash_type = (type))
#define skb_tx_timestamp(skb) do { } while (0)
#define skb_reset_network_header(skb) do { } while (0)

/* Whose linear part is at @offset of a page and has room for @len bytes. */
struct sk_buff *fake_skb(unsigned int offset, unsigned int len);
/* Appends @len bytes at @offset of a page, whose reference goes to the skb. */
void skb_add_rx_frag(struct sk_buff *skb, int i, struct page *page, int offset,
		     int len, unsigned int truesize);
void *skb_put(struct sk_buff *skb, unsigned int len);
int skb_copy_bits(const struct sk_buff *skb, int offset, void *to, int len);
void kfree_skb(struct sk_buff *skb);

/* Handed to the stack by NAPI, oldest first; the test's to free. */
extern struct sk_buff *fake_received;

void napi_gro_receive(struct napi_struct *napi, struct sk_buff *skb);

/* Across a page: a copy must not be. */
#define napi_alloc_skb(napi, len) fake_skb(4000, len)
#define consume_skb(skb) kfree_skb(skb)
#define napi_consume_skb(skb, budget) kfree_skb(skb)
#define dev_kfree_skb_any(skb) kfree_skb(skb)
#define dev_consume_skb_any(skb) kfree_skb(skb)

static inline bool dev_page_is_reusable(const struct page *page)
{
	return !page->distant;
}

#endif /* SHIM_LINUX_SKBUFF_H */
