/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hash by which a guest has its packets spread over its queues, as the
 * protocol has it: "Hash types" and "Hash algorithms" in
 * xen/interface/io/netif.h.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef NETBACK_HASH_H
#define NETBACK_HASH_H

#include <linux/types.h>
#include <xen/interface/io/netif.h>

/* What a hash of two IPv6 addresses and two ports needs of a key. */
#define NETBACK_HASH_KEY_SIZE 40

/* As many as the in-tree driver takes, which is what Windows needs. */
#define NETBACK_HASH_MAX_MAPPING 128

/* All that are defined. */
#define NETBACK_HASH_TYPES (XEN_NETIF_CTRL_HASH_TYPE_IPV4 |	\
			    XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP |	\
			    XEN_NETIF_CTRL_HASH_TYPE_IPV6 |	\
			    XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)

/* The longest input: two IPv6 addresses and two ports. */
#define NETBACK_HASH_MAX_INPUT 36
#define NETBACK_HASH_HALVES (2 * NETBACK_HASH_MAX_INPUT)

/*
 * From the start of a frame to the ports: Ethernet, two VLAN tags, the longest
 * IPv4 header. What lies behind is not looked at.
 */
#define NETBACK_HASH_HEADERS (14 + 2 * 4 + 60 + 4)

/**
 * struct netback_hash_config - what the guest has set
 * @alg: XEN_NETIF_CTRL_HASH_ALGORITHM_*
 * @flags: XEN_NETIF_CTRL_HASH_TYPE_*
 * @size: entries of @mapping in use; 0 for modular arithmetic
 * @key: zero where the guest's is shorter
 * @mapping: queues, below the number there was when they were set
 */
struct netback_hash_config {
	u32 alg;
	u32 flags;
	u32 size;
	u8 key[NETBACK_HASH_KEY_SIZE];
	u32 mapping[NETBACK_HASH_MAX_MAPPING];
};

/**
 * struct netback_hash - the same, ready for use; constant once it is built
 * @flags: see struct netback_hash_config
 * @size: the same
 * @mapping: the same
 * @table: what each half of each byte of the input adds to the hash. By halves
 *	   it is small enough to stay in the first cache, and so quick that
 *	   remembering the hashes of flows gains nothing
 */
struct netback_hash {
	u32 flags;
	u32 size;
	u32 mapping[NETBACK_HASH_MAX_MAPPING];
	u32 table[NETBACK_HASH_HALVES][16];
};

/* No type: a packet that is not hashed. */
#define NETBACK_HASH_NONE 0xff

/**
 * netback_hash_on() - whether there is to be any hashing
 * @config: what the guest has set
 */
static inline bool netback_hash_on(const struct netback_hash_config *config)
{
	return config->alg == XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ &&
	       config->flags;
}

/**
 * netback_hash_build() - make ready what the guest has set
 * @hash: where it goes
 * @config: what the guest has set
 */
void netback_hash_build(struct netback_hash *hash,
			const struct netback_hash_config *config);

/**
 * netback_hash_toeplitz() - hash some bytes
 * @hash: with the guest's key
 * @data: the bytes
 * @len: up to NETBACK_HASH_MAX_INPUT
 */
u32 netback_hash_toeplitz(const struct netback_hash *hash, const u8 *data,
			  unsigned int len);

/**
 * netback_hash_frame() - hash a frame
 * @hash: what the guest has set
 * @frame: the frame from its Ethernet header on
 * @len: bytes to be had of it; those beyond NETBACK_HASH_HEADERS do not matter
 * @value: where the hash goes; 0 for what is not hashed
 *
 * Of the types that the guest wants the one that covers most of the headers.
 * The outer header counts, and a transport header right behind it: that is
 * where the protocol's text has the ports.
 *
 * Return: _XEN_NETIF_CTRL_HASH_TYPE_*, or NETBACK_HASH_NONE.
 */
u8 netback_hash_frame(const struct netback_hash *hash, const u8 *frame,
		      unsigned int len, u32 *value);

/**
 * netback_hash_queue() - the queue for a hash
 * @hash: what the guest has set
 * @value: the hash
 * @nr: queues there are now, at least one
 *
 * Return: a queue below @nr, whatever the mapping says.
 */
u32 netback_hash_queue(const struct netback_hash *hash, u32 value, u32 nr);

#endif /* NETBACK_HASH_H */
