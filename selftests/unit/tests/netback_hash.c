// SPDX-License-Identifier: GPL-2.0
/* Toeplitz, and what of a frame goes into it: netback/hash.c. */
#include <string.h>

#include "fake.h"
#include "netback/hash.h"

#define IPV4 XEN_NETIF_CTRL_HASH_TYPE_IPV4
#define IPV4_TCP XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP
#define IPV6 XEN_NETIF_CTRL_HASH_TYPE_IPV6
#define IPV6_TCP XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP

/* Microsoft's "Verifying the RSS hash calculation": key and vectors. */
static const u8 known_key[NETBACK_HASH_KEY_SIZE] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2,
	0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
	0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4,
	0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
	0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static const struct {
	u8 src[4], dst[4];
	u16 sport, dport;
	u32 plain, tcp;
} v4[] = {
	{ { 66, 9, 149, 187 }, { 161, 142, 100, 80 }, 2794, 1766,
	  0x323e8fc2, 0x51ccc178 },
	{ { 199, 92, 111, 2 }, { 65, 69, 140, 83 }, 14230, 4739,
	  0xd718262a, 0xc626b0ea },
	{ { 24, 19, 198, 95 }, { 12, 22, 207, 184 }, 12898, 38024,
	  0xd2d0a5de, 0x5c2b394a },
	{ { 38, 27, 205, 30 }, { 209, 142, 163, 6 }, 48228, 2217,
	  0x82989176, 0xafc7327f },
	{ { 153, 39, 163, 191 }, { 202, 188, 127, 2 }, 44251, 1303,
	  0x5d1809c5, 0x10e828a2 },
};

static const struct {
	u16 src[8], dst[8];
	u16 sport, dport;
	u32 plain, tcp;
} v6[] = {
	{ { 0x3ffe, 0x2501, 0x200, 0x1fff, 0, 0, 0, 7 },
	  { 0x3ffe, 0x2501, 0x200, 3, 0, 0, 0, 1 }, 2794, 1766,
	  0x2cc18cd5, 0x40207d3d },
	{ { 0x3ffe, 0x501, 8, 0, 0x260, 0x97ff, 0xfe40, 0xefab },
	  { 0xff02, 0, 0, 0, 0, 0, 0, 1 }, 14230, 4739,
	  0x0f0c461c, 0xdde51bbf },
	{ { 0x3ffe, 0x1900, 0x4545, 3, 0x200, 0xf8ff, 0xfe21, 0x67cf },
	  { 0xfe80, 0, 0, 0, 0x200, 0xf8ff, 0xfe21, 0x67cf }, 44251, 38024,
	  0x4b61e985, 0x02d1feef },
};

static struct netback_hash_config config;
static struct netback_hash hash;

/* A frame of just its size, so that a byte too far is noticed. */
static u8 *frame;
static unsigned int frame_len;

static void build(u32 flags)
{
	memset(&config, 0, sizeof(config));
	config.alg = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ;
	config.flags = flags;
	memcpy(config.key, known_key, sizeof(config.key));
	netback_hash_build(&hash, &config);
}

static void add(const void *data, unsigned int len)
{
	u8 *more = malloc(frame_len + len);

	memcpy(more, frame, frame_len);
	memcpy(more + frame_len, data, len);
	free(frame);
	frame = more;
	frame_len += len;
}

static void add_u16(u16 value)
{
	const u8 bytes[2] = { value >> 8, value };

	add(bytes, 2);
}

static void start(unsigned int tags, u16 type)
{
	free(frame);
	frame = calloc(1, 12);
	frame_len = 12;
	while (tags--) {
		add_u16(tags ? 0x88a8 : 0x8100);
		add_u16(5);
	}
	add_u16(type);
}

static void make_v4(unsigned int i, unsigned int tags, u8 protocol,
		    unsigned int words, u16 fragment)
{
	u8 header[60] = { [0] = 0x40 | words, [9] = protocol };

	header[6] = fragment >> 8;
	header[7] = fragment;
	memcpy(header + 12, v4[i].src, 4);
	memcpy(header + 16, v4[i].dst, 4);
	start(tags, 0x0800);
	add(header, words * 4);
	add_u16(v4[i].sport);
	add_u16(v4[i].dport);
}

static void make_v6(unsigned int i, u8 next)
{
	u8 header[8] = { [0] = 0x60, [6] = next };
	unsigned int j;

	start(0, 0x86dd);
	add(header, 8);
	for (j = 0; j < 8; j++)
		add_u16(v6[i].src[j]);
	for (j = 0; j < 8; j++)
		add_u16(v6[i].dst[j]);
	add_u16(v6[i].sport);
	add_u16(v6[i].dport);
}

static void expect(u8 type, u32 value)
{
	u32 got = 0x5a5a5a5a;

	assert_int_equal(netback_hash_frame(&hash, frame, frame_len, &got),
			 type);
	assert_int_equal(got, value);
}

static int teardown(void **state)
{
	free(frame);
	frame = NULL;
	return fake_teardown(state);
}

/* Fails when the hash is another than every peer's. */
static void known_v4(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(v4); i++) {
		build(NETBACK_HASH_TYPES);
		make_v4(i, 0, 6, 5, 0);
		expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP, v4[i].tcp);
		make_v4(i, 0, 17, 5, 0);
		expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV4, v4[i].plain);
		build(IPV4);
		make_v4(i, 0, 6, 5, 0);
		expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV4, v4[i].plain);
	}
}

static void known_v6(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(v6); i++) {
		build(NETBACK_HASH_TYPES);
		make_v6(i, 6);
		expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP, v6[i].tcp);
		make_v6(i, 17);
		expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV6, v6[i].plain);
		build(IPV6);
		make_v6(i, 6);
		expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV6, v6[i].plain);
	}
}

/* The text's algorithm, bit by bit, against the tables. */
static void as_the_text_has_it(void **state)
{
	u8 data[NETBACK_HASH_MAX_INPUT];
	unsigned int len, bit, i;
	u32 want;

	for (len = 0; len <= sizeof(data); len++) {
		build(NETBACK_HASH_TYPES);
		for (i = 0; i < sizeof(config.key); i++)
			config.key[i] = rand();
		netback_hash_build(&hash, &config);
		for (i = 0; i < sizeof(data); i++)
			data[i] = rand();
		want = 0;
		for (bit = 0; bit < len * 8; bit++) {
			if (!(data[bit / 8] & (0x80 >> bit % 8)))
				continue;
			for (i = 0; i < 32; i++)
				if (config.key[(bit + i) / 8] &
				    (0x80 >> (bit + i) % 8))
					want ^= 0x80000000U >> i;
		}
		assert_int_equal(netback_hash_toeplitz(&hash, data, len), want);
	}
}

/* Only the types that the guest wants, and never another's. */
static void wanted_types(void **state)
{
	build(IPV6 | IPV6_TCP);
	make_v4(0, 0, 6, 5, 0);
	expect(NETBACK_HASH_NONE, 0);
	build(IPV4 | IPV4_TCP);
	make_v6(0, 6);
	expect(NETBACK_HASH_NONE, 0);

	build(IPV4_TCP | IPV6_TCP);
	make_v4(0, 0, 6, 5, 0);
	expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP, v4[0].tcp);
	make_v4(0, 0, 17, 5, 0);
	expect(NETBACK_HASH_NONE, 0);
	make_v6(0, 17);
	expect(NETBACK_HASH_NONE, 0);
}

/* Fails when options or tags are taken for the ports or addresses. */
static void headers(void **state)
{
	unsigned int words, tags;

	build(NETBACK_HASH_TYPES);
	for (words = 5; words <= 15; words++)
		for (tags = 0; tags <= 2; tags++) {
			make_v4(1, tags, 6, words, 0);
			expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP, v4[1].tcp);
		}
	assert_true(frame_len <= NETBACK_HASH_HEADERS);
	make_v4(1, 3, 6, 5, 0);
	expect(NETBACK_HASH_NONE, 0);
	/* No such header. */
	make_v4(1, 0, 6, 5, 0);
	frame[14] = 0x44;
	expect(NETBACK_HASH_NONE, 0);
	frame[14] = 0x65;
	expect(NETBACK_HASH_NONE, 0);
	make_v6(0, 6);
	frame[14] = 0x40;
	expect(NETBACK_HASH_NONE, 0);
}

/* A fragment's ports are not there, in the first no more than in the others. */
static void fragments(void **state)
{
	build(NETBACK_HASH_TYPES);
	make_v4(2, 0, 6, 5, 0x2000);
	expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV4, v4[2].plain);
	make_v4(2, 0, 6, 5, 1);
	expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV4, v4[2].plain);
	/* "Don't fragment" is none. */
	make_v4(2, 0, 6, 5, 0x4000);
	expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP, v4[2].tcp);
	/* A header in between, for a fragment or whatever else. */
	make_v6(0, 44);
	expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV6, v6[0].plain);
}

/* Fails when a byte is read that the frame does not have. */
static void cut_short(void **state)
{
	unsigned int len, whole;
	u8 *all;
	u32 got;

	build(NETBACK_HASH_TYPES);
	for (whole = 0; whole < 2; whole++) {
		if (whole)
			make_v6(0, 6);
		else
			make_v4(0, 2, 6, 15, 0);
		all = frame;
		for (len = 0; len < frame_len; len++) {
			frame = malloc(len ?: 1);
			memcpy(frame, all, len);
			assert_int_not_equal(netback_hash_frame(&hash, frame,
								len, &got),
					     whole ? 3 : 1);
			free(frame);
		}
		frame = all;
	}
}

/* Fails when a mapping leads to a queue that is not there (XSA-270). */
static void queues(void **state)
{
	unsigned int i;

	build(NETBACK_HASH_TYPES);
	for (i = 0; i < 16; i++)
		assert_int_equal(netback_hash_queue(&hash, i, 3), i % 3);

	config.size = 5;
	for (i = 0; i < 5; i++)
		config.mapping[i] = 4 - i;
	netback_hash_build(&hash, &config);
	for (i = 0; i < 20; i++)
		assert_int_equal(netback_hash_queue(&hash, i, 5), 4 - i % 5);
	/* After a connection with fewer. */
	for (i = 0; i < 20; i++)
		assert_int_equal(netback_hash_queue(&hash, i, 3),
				 i % 5 < 2 ? 0 : 4 - i % 5);
	assert_int_equal(netback_hash_queue(&hash, 0xffffffff, 5),
			 4 - 0xffffffff % 5);
}

/* A key that was never set, or set to nothing: all hashes are zero. */
static void no_key(void **state)
{
	build(NETBACK_HASH_TYPES);
	memset(config.key, 0, sizeof(config.key));
	netback_hash_build(&hash, &config);
	make_v4(0, 0, 6, 5, 0);
	expect(_XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP, 0);
}

#define hash_test(f) cmocka_unit_test_setup_teardown(f, fake_setup, teardown)

UNIT_MAIN(hash_test(known_v4),
	  hash_test(known_v6),
	  hash_test(as_the_text_has_it),
	  hash_test(wanted_types),
	  hash_test(headers),
	  hash_test(fragments),
	  hash_test(cut_short),
	  hash_test(queues),
	  hash_test(no_key))
