// SPDX-License-Identifier: GPL-2.0
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/string.h>

#include "hash.h"

/* Where the headers have what is hashed. */
#define VLAN_TAG 4
#define V4_HEADER 20
#define V4_FRAGMENT 6
#define V4_PROTOCOL 9
#define V4_ADDRESSES 12
#define V4_ADDRESSES_LEN 8
#define V6_HEADER 40
#define V6_NEXT_HEADER 6
#define V6_ADDRESSES 8
#define V6_ADDRESSES_LEN 32
#define PORTS_LEN 4

/* More fragments, or an offset: either way the ports are not all there. */
#define V4_FRAGMENTED 0x3fff

/* Bits of the key from @bit on, as if zeroes followed. */
static u32 window(const u8 *key, unsigned int bit)
{
	unsigned int i, at = bit / 8;
	u64 bits = 0;

	for (i = 0; i < 5; i++, at++)
		bits = bits << 8 | (at < NETBACK_HASH_KEY_SIZE ? key[at] : 0);
	return bits >> (8 - bit % 8);
}

void netback_hash_build(struct netback_hash *hash,
			const struct netback_hash_config *config)
{
	unsigned int pos, half, bit;
	u32 *row;

	hash->flags = config->flags;
	hash->size = config->size;
	memcpy(hash->mapping, config->mapping, sizeof(hash->mapping));
	for (pos = 0; pos < NETBACK_HASH_HALVES; pos++) {
		row = hash->table[pos];
		row[0] = 0;
		/* Each entry from the one without its lowest bit. */
		for (half = 1; half < 16; half++) {
			bit = __builtin_ctz(half);
			row[half] = row[half & (half - 1)] ^
				    window(config->key, pos * 4 + 3 - bit);
		}
	}
}

u32 netback_hash_toeplitz(const struct netback_hash *hash, const u8 *data,
			  unsigned int len)
{
	unsigned int i;
	u32 value = 0;

	for (i = 0; i < len; i++) {
		value ^= hash->table[2 * i][data[i] >> 4];
		value ^= hash->table[2 * i + 1][data[i] & 0xf];
	}
	return value;
}

static u16 get_u16(const u8 *at)
{
	return at[0] << 8 | at[1];
}

/**
 * struct flow - what of a packet can be hashed
 * @addresses: source and destination
 * @len: their length
 * @ports: source and destination of TCP, or NULL
 */
struct flow {
	const u8 *addresses;
	unsigned int len;
	const u8 *ports;
};

static bool find_v4(struct flow *flow, const u8 *ip, unsigned int len)
{
	unsigned int header;

	if (len < V4_HEADER || ip[0] >> 4 != 4)
		return false;
	header = (ip[0] & 0xf) * 4;
	if (header < V4_HEADER)
		return false;
	flow->addresses = ip + V4_ADDRESSES;
	flow->len = V4_ADDRESSES_LEN;
	if (ip[V4_PROTOCOL] == IPPROTO_TCP && len >= header + PORTS_LEN &&
	    !(get_u16(ip + V4_FRAGMENT) & V4_FRAGMENTED))
		flow->ports = ip + header;
	return true;
}

static bool find_v6(struct flow *flow, const u8 *ip, unsigned int len)
{
	if (len < V6_HEADER || ip[0] >> 4 != 6)
		return false;
	flow->addresses = ip + V6_ADDRESSES;
	flow->len = V6_ADDRESSES_LEN;
	if (ip[V6_NEXT_HEADER] == IPPROTO_TCP && len >= V6_HEADER + PORTS_LEN)
		flow->ports = ip + V6_HEADER;
	return true;
}

/* Return: what kind of IP packet it is (ETH_P_IP, ETH_P_IPV6), or 0. */
static u16 find_flow(struct flow *flow, const u8 *frame, unsigned int len)
{
	unsigned int at = ETH_HLEN - 2;
	unsigned int tags;
	u16 type;

	for (tags = 0; tags <= 2; tags++, at += VLAN_TAG) {
		if (len < at + 2)
			return 0;
		type = get_u16(frame + at);
		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			break;
	}
	at += 2;
	if (len < at)
		return 0;
	if (type == ETH_P_IP && find_v4(flow, frame + at, len - at))
		return type;
	if (type == ETH_P_IPV6 && find_v6(flow, frame + at, len - at))
		return type;
	return 0;
}

u8 netback_hash_frame(const struct netback_hash *hash, const u8 *frame,
		      unsigned int len, u32 *value)
{
	u8 plain = _XEN_NETIF_CTRL_HASH_TYPE_IPV4;
	u8 tcp = _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP;
	u8 input[NETBACK_HASH_MAX_INPUT];
	struct flow flow = {};
	u16 ip;

	*value = 0;
	ip = find_flow(&flow, frame, len);
	if (!ip)
		return NETBACK_HASH_NONE;
	if (ip == ETH_P_IPV6) {
		plain = _XEN_NETIF_CTRL_HASH_TYPE_IPV6;
		tcp = _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP;
	}

	memcpy(input, flow.addresses, flow.len);
	if (flow.ports && hash->flags & (1 << tcp)) {
		memcpy(input + flow.len, flow.ports, PORTS_LEN);
		*value = netback_hash_toeplitz(hash, input,
					       flow.len + PORTS_LEN);
		return tcp;
	}
	if (!(hash->flags & (1 << plain)))
		return NETBACK_HASH_NONE;
	*value = netback_hash_toeplitz(hash, input, flow.len);
	return plain;
}

u32 netback_hash_queue(const struct netback_hash *hash, u32 value, u32 nr)
{
	u32 queue;

	if (!hash->size)
		return value % nr;
	queue = hash->mapping[value % hash->size];
	/* Set when there were more. */
	return queue < nr ? queue : 0;
}
