// SPDX-License-Identifier: GPL-2.0
/* Packets and the network stack's side of a device. */
#include <linux/ktime.h>
#include <linux/skbuff.h>

#include "fake.h"

bool fake_xmit_more;
ktime_t fake_now;
struct sk_buff *fake_received;

struct sk_buff *fake_skb(unsigned int offset, unsigned int len)
{
	struct sk_buff *skb = kzalloc(sizeof(*skb), GFP_ATOMIC);

	if (!skb)
		return NULL;
	/* Aligned to a page, as only the offset within one matters. */
	skb->head = aligned_alloc(4096, (offset + len + 4095) / 4096 * 4096 +
					4096);
	skb->data = skb->head + offset;
	return skb;
}

void *skb_put(struct sk_buff *skb, unsigned int len)
{
	unsigned char *at = skb->data + skb->len;

	assert_int_equal(skb->data_len, 0);
	skb->len += len;
	return at;
}

void skb_add_rx_frag(struct sk_buff *skb, int i, struct page *page, int offset,
		     int len, unsigned int truesize)
{
	skb_frag_t *frag = &skb->info.frags[i];

	assert_in_range(i, 0, MAX_SKB_FRAGS - 1);
	assert_true(offset + len <= 4096);
	frag->page = page;
	frag->offset = offset;
	frag->size = len;
	skb->info.nr_frags = i + 1;
	skb->len += len;
	skb->data_len += len;
}

/* Return: the byte at @offset of the packet, frag list left out. */
static unsigned char byte_of(const struct sk_buff *skb, unsigned int offset)
{
	const skb_frag_t *frag = skb->info.frags;

	if (offset < skb_headlen(skb))
		return skb->data[offset];
	offset -= skb_headlen(skb);
	for (; offset >= frag->size; frag++)
		offset -= frag->size;
	return ((unsigned char *)skb_frag_address(frag))[offset];
}

int skb_copy_bits(const struct sk_buff *skb, int offset, void *to, int len)
{
	unsigned char *at = to;

	if (offset + len > skb->len)
		return -EFAULT;
	while (len--)
		*at++ = byte_of(skb, offset++);
	return 0;
}

void kfree_skb(struct sk_buff *skb)
{
	unsigned int i;

	if (!skb)
		return;
	for (i = 0; i < skb->info.nr_frags; i++)
		put_page(skb->info.frags[i].page);
	free(skb->head);
	kfree(skb);
}

void napi_gro_receive(struct napi_struct *napi, struct sk_buff *skb)
{
	struct sk_buff **at = &fake_received;

	while (*at)
		at = &(*at)->next;
	*at = skb;
}

void netdev_tx_completed_queue(struct netdev_queue *txq, unsigned int packets,
			       unsigned int bytes)
{
	txq->completed += packets;
	txq->completed_bytes += bytes;
	assert_true(txq->completed <= txq->sent);
	assert_true(txq->completed_bytes <= txq->sent_bytes);
}
