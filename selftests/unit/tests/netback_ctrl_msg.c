// SPDX-License-Identifier: GPL-2.0
/* What a guest may say on the control ring: netback/ctrl_msg.c. */
#include <string.h>

#include "fake.h"
#include "netback/ctrl_msg.h"

#define SUCCESS XEN_NETIF_CTRL_STATUS_SUCCESS
#define NOT_SUPPORTED XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED
#define INVALID XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER
#define TOO_LARGE XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW
#define TOEPLITZ XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ

/* Queues of the guest. */
#define QUEUES 4

static struct netback_hash_config config;
static u32 table[NETBACK_HASH_MAX_MAPPING];
static unsigned int fetched;
static u32 data;

/* A message, with what ctrl.c does in between; see @fetched and @data. */
static u32 say(u16 type, u32 data0, u32 data1, u32 data2, const void *payload)
{
	const struct xen_netif_ctrl_request req = {
		.type = type,
		.data = { data0, data1, data2 },
	};
	const struct netback_hash_config before = config;
	/* Nothing behind what is fetched may be used. */
	u8 *page;
	u32 status;

	data = 0;
	fetched = 12345;
	status = netback_ctrl_check(&config, &req, &fetched);
	assert_memory_equal(&config, &before, sizeof(before));
	if (status != SUCCESS)
		return status;
	assert_true(fetched <= NETBACK_CTRL_PAYLOAD);
	page = malloc(fetched ?: 1);
	if (fetched)
		memcpy(page, payload, fetched);
	status = netback_ctrl_apply(&config, &req, page, QUEUES, &data);
	free(page);
	if (status != SUCCESS)
		assert_memory_equal(&config, &before, sizeof(before));
	return status;
}

static u32 algorithm(u32 alg)
{
	return say(XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, alg, 0, 0, NULL);
}

static u32 flags(u32 types)
{
	return say(XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, types, 0, 0, NULL);
}

static u32 key(const void *from, u32 len)
{
	return say(XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, 8, len, 0, from);
}

static u32 size(u32 entries)
{
	return say(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, entries, 0, 0,
		   NULL);
}

static u32 mapping(u32 len, u32 offset)
{
	return say(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, 8, len, offset, table);
}

static int setup(void **state)
{
	memset(&config, 0, sizeof(config));
	memset(table, 0, sizeof(table));
	return fake_setup(state);
}

static void algorithms(void **state)
{
	u32 alg;

	assert_int_equal(algorithm(TOEPLITZ), SUCCESS);
	assert_int_equal(config.alg, TOEPLITZ);
	for (alg = 2; alg < 300; alg++)
		assert_int_equal(algorithm(alg), INVALID);
	assert_int_equal(algorithm(0x100), INVALID);
	assert_int_equal(algorithm(0xffffffff), INVALID);
	assert_int_equal(algorithm(0), SUCCESS);
	assert_int_equal(config.alg, 0);
}

/* "A valid hash algorithm must be selected before". */
static void hash_types(void **state)
{
	u32 bit;

	assert_int_equal(say(1, 0, 0, 0, NULL), NOT_SUPPORTED);
	assert_int_equal(flags(1), INVALID);
	assert_false(netback_hash_on(&config));

	algorithm(TOEPLITZ);
	assert_false(netback_hash_on(&config));
	assert_int_equal(say(1, 0, 0, 0, NULL), SUCCESS);
	assert_int_equal(data, 0xf);
	assert_int_equal(flags(0xf), SUCCESS);
	assert_true(netback_hash_on(&config));
	for (bit = 4; bit < 32; bit++)
		assert_int_equal(flags(1U << bit | 1), INVALID);
	assert_int_equal(config.flags, 0xf);

	assert_int_equal(algorithm(0), SUCCESS);
	assert_false(netback_hash_on(&config));
	algorithm(TOEPLITZ);
	assert_int_equal(flags(0), SUCCESS);
	assert_false(netback_hash_on(&config));
}

/* Fails when a key leaves part of the one before, or runs over. */
static void keys(void **state)
{
	u8 bytes[64];
	unsigned int i, len;

	memset(bytes, 0xa5, sizeof(bytes));
	for (len = 0; len <= 40; len++) {
		memset(config.key, 0xff, sizeof(config.key));
		assert_int_equal(key(bytes, len), SUCCESS);
		assert_int_equal(fetched, len);
		for (i = 0; i < 40; i++)
			assert_int_equal(config.key[i], i < len ? 0xa5 : 0);
	}
	assert_int_equal(key(bytes, 41), TOO_LARGE);
	assert_int_equal(key(bytes, 0x10001), TOO_LARGE);
	assert_int_equal(key(bytes, 0xffffffff), TOO_LARGE);
	assert_int_equal(config.key[39], 0xa5);
}

static void sizes(void **state)
{
	assert_int_equal(say(4, 0, 0, 0, NULL), SUCCESS);
	assert_int_equal(data, 128);
	assert_int_equal(size(128), SUCCESS);
	table[0] = 3;
	table[127] = 3;
	assert_int_equal(mapping(128, 0), SUCCESS);
	assert_int_equal(size(129), INVALID);
	assert_int_equal(size(0xffffffff), INVALID);
	assert_int_equal(size(0x10001), INVALID);
	assert_int_equal(config.size, 128);
	assert_int_equal(config.mapping[127], 3);
	/* "Any new table is assumed to be zero filled." */
	assert_int_equal(size(64), SUCCESS);
	assert_int_equal(config.mapping[0], 0);
	assert_int_equal(size(128), SUCCESS);
	assert_int_equal(config.mapping[127], 0);
	assert_int_equal(size(0), SUCCESS);
	assert_int_equal(config.size, 0);
}

/* XSA-270: sums that wrap, lengths that are cut, entries out of bounds. */
static void mapping_bounds(void **state)
{
	static const u32 bad[][2] = {
		{ 1, 0xffffffff }, { 2, 99 }, { 1, 100 }, { 101, 0 },
		{ 1, 101 }, { 0, 101 }, { 128, 0xffffff80 },
	};
	unsigned int i;

	assert_int_equal(mapping(1, 0), INVALID);
	size(100);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(mapping(bad[i][0], bad[i][1]), INVALID);
	assert_int_equal(mapping(129, 0), TOO_LARGE);
	assert_int_equal(mapping(0x10001, 0), TOO_LARGE);
	assert_int_equal(mapping(0x40000001, 0), TOO_LARGE);
	assert_int_equal(mapping(0xffffffff, 1), TOO_LARGE);

	assert_int_equal(mapping(100, 0), SUCCESS);
	assert_int_equal(fetched, 400);
	assert_int_equal(mapping(1, 99), SUCCESS);
	assert_int_equal(mapping(0, 100), SUCCESS);
	assert_int_equal(fetched, 0);
}

/* A table in parts; one bad entry spoils its part, and nothing else. */
static void mapping_entries(void **state)
{
	size(100);
	table[0] = 1;
	table[1] = 2;
	assert_int_equal(mapping(2, 50), SUCCESS);
	assert_int_equal(config.mapping[49], 0);
	assert_int_equal(config.mapping[50], 1);
	assert_int_equal(config.mapping[51], 2);
	assert_int_equal(config.mapping[52], 0);
	table[0] = 3;
	assert_int_equal(mapping(1, 51), SUCCESS);
	assert_int_equal(config.mapping[50], 1);
	assert_int_equal(config.mapping[51], 3);

	table[1] = QUEUES;
	assert_int_equal(mapping(2, 0), INVALID);
	table[1] = 0xffffffff;
	assert_int_equal(mapping(2, 0), INVALID);
	/* What lies behind the part does not count. */
	assert_int_equal(mapping(1, 0), SUCCESS);
}

/* 0, what we do not have (8 to 10 of Xen's own header), and what nobody has. */
static void other_types(void **state)
{
	u32 type;

	assert_int_equal(say(0, 0, 0, 0, NULL), NOT_SUPPORTED);
	for (type = 8; type <= 0xffff; type++) {
		assert_int_equal(say(type, 0, 1, 0, table), NOT_SUPPORTED);
		assert_int_equal(fetched, 0);
	}
}

/* Anything at all: bounds hold, and each refusal leaves all as it was. */
static void junk(void **state)
{
	static const u32 words[] = {
		0, 1, 2, 39, 40, 41, 127, 128, 129, 0x1000, 0x80000000,
		0xffffff80, 0xffffffff,
	};
	unsigned int round, i;

	for (round = 0; round < 200000; round++) {
		for (i = 0; i < 3; i++)
			table[rand() % 128] = rand() % 8 ? rand() % 6 :
					      0xffffffff;
		say(rand() % 12, words[rand() % ARRAY_SIZE(words)],
		    words[rand() % ARRAY_SIZE(words)],
		    words[rand() % ARRAY_SIZE(words)], table);
		assert_true(config.alg <= 1);
		assert_true(config.flags <= 0xf);
		assert_true(config.size <= 128);
		for (i = 0; i < 128; i++)
			assert_true(config.mapping[i] < QUEUES);
	}
}

#define msg_test(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

UNIT_MAIN(msg_test(algorithms),
	  msg_test(hash_types),
	  msg_test(keys),
	  msg_test(sizes),
	  msg_test(mapping_bounds),
	  msg_test(mapping_entries),
	  msg_test(other_types),
	  msg_test(junk))
