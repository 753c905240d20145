// SPDX-License-Identifier: GPL-2.0
/* The slots of a packet that a guest sends: netback/from_guest_parse.c. */
#include <stdlib.h>

#include "fake.h"
#include "netback/from_guest_parse.h"

/* As netback's fatal_skb_slots is by default. */
#define FATAL 20

static struct netback_packet pkt;

static enum netback_parse_result data(u16 flags, u16 offset, u16 size)
{
	const union netback_from_guest_slot entry = {
		.req = { .gref = 7, .offset = offset, .flags = flags,
			 .size = size },
	};

	return netback_parse_slot(&pkt, &entry, FATAL);
}

static enum netback_parse_result gso(u8 flags, u8 type, u16 size)
{
	union netback_from_guest_slot entry = {
		.extra = { .type = XEN_NETIF_EXTRA_TYPE_GSO, .flags = flags },
	};

	entry.extra.u.gso.type = type;
	entry.extra.u.gso.size = size;
	return netback_parse_slot(&pkt, &entry, FATAL);
}

static enum netback_parse_result extra(u8 type, u8 flags)
{
	const union netback_from_guest_slot entry = {
		.extra = { .type = type, .flags = flags,
			   .u.mcast.addr = { 1, 2, 3, 4, 5, 6 } },
	};

	return netback_parse_slot(&pkt, &entry, FATAL);
}

static void begin(void)
{
	memset(&pkt, 0, sizeof(pkt));
}

/* What from_guest_skb.c relies on, for every packet that is let through. */
static void sound(void)
{
	unsigned int i, sum = 0;

	assert_null(pkt.why);
	assert_true(pkt.first <= pkt.slots);
	assert_true(pkt.slots <= NETBACK_PACKET_SLOTS);
	for (i = pkt.first; i < pkt.slots; i++) {
		assert_true(pkt.slot[i].size > 0);
		assert_true(pkt.slot[i].offset + pkt.slot[i].size <= 4096);
		sum += pkt.slot[i].size;
	}
	assert_int_equal(sum, pkt.size);
	assert_true(pkt.size >= 14);
}

/* Fails when the first slot's share is not what the others leave. */
static void sizes(void **state)
{
	begin();
	assert_int_equal(data(0, 4000, 60), NETBACK_PARSE_PACKET);
	sound();
	assert_int_equal(pkt.slot[0].size, 60);

	assert_int_equal(data(XEN_NETTXF_more_data, 0, 5000),
			 NETBACK_PARSE_MORE);
	assert_int_equal(data(XEN_NETTXF_more_data, 1, 4095),
			 NETBACK_PARSE_MORE);
	assert_int_equal(data(0, 0, 805), NETBACK_PARSE_PACKET);
	sound();
	assert_int_equal(pkt.slots, 3);
	assert_int_equal(pkt.slot[0].size, 100);
}

/* Fails when a packet without an Ethernet header gets through. */
static void shortest(void **state)
{
	unsigned int size;

	begin();
	for (size = 0; size < 20; size++)
		assert_int_equal(data(0, 0, size), size < 14 ?
				 NETBACK_PARSE_DROP : NETBACK_PARSE_PACKET);
}

/* A packet after one that was dropped: nothing of that is left. */
static void next_passes(void)
{
	assert_non_null(pkt.why);
	assert_int_equal(data(0, 0, 100), NETBACK_PARSE_PACKET);
	sound();
	assert_int_equal(pkt.size, 100);
	assert_int_equal(pkt.gso_type, 0);
}

/*
 * Fails when a slot may reach beyond its page (4096 with the offset), or when
 * one that does costs the guest more than that packet.
 */
static void crossing(void **state)
{
	begin();
	assert_int_equal(data(0, 4032, 64), NETBACK_PARSE_PACKET);
	assert_int_equal(data(0, 4033, 64), NETBACK_PARSE_DROP);
	next_passes();
	assert_int_equal(data(0, 100, 4096), NETBACK_PARSE_DROP);
	next_passes();
	/* FreeBSD with an MTU of 9000. */
	assert_int_equal(data(0, 0, 8900), NETBACK_PARSE_DROP);
	next_passes();
	assert_int_equal(data(0, 65535, 65535), NETBACK_PARSE_DROP);
	next_passes();
	assert_int_equal(data(XEN_NETTXF_more_data, 0, 9000),
			 NETBACK_PARSE_MORE);
	assert_int_equal(data(0, 4000, 97), NETBACK_PARSE_DROP);
	next_passes();
	/* The first one is sound. */
	assert_int_equal(data(XEN_NETTXF_more_data, 0, 300),
			 NETBACK_PARSE_MORE);
	assert_int_equal(data(0, 4000, 200), NETBACK_PARSE_DROP);
	next_passes();
	/* The rest of its slots are not taken for a packet. */
	assert_int_equal(data(XEN_NETTXF_more_data, 0, 9000),
			 NETBACK_PARSE_MORE);
	assert_int_equal(data(XEN_NETTXF_more_data, 4000, 200),
			 NETBACK_PARSE_MORE);
	assert_int_equal(data(0, 0, 4096), NETBACK_PARSE_DROP);
	next_passes();
}

/* Fails when slots may hold more than their packet (a negative first size). */
static void overfull(void **state)
{
	unsigned int i;

	begin();
	/* By as much as 16 bits hold, so that it seems to fit again. */
	assert_int_equal(data(XEN_NETTXF_more_data, 0, 100),
			 NETBACK_PARSE_MORE);
	for (i = 0; i < 15; i++)
		assert_int_equal(data(XEN_NETTXF_more_data, 0, 4096),
				 NETBACK_PARSE_MORE);
	assert_int_equal(data(0, 0, 4096), NETBACK_PARSE_DROP);
	next_passes();
	assert_int_equal(data(XEN_NETTXF_more_data, 0, 100),
			 NETBACK_PARSE_MORE);
	assert_int_equal(data(XEN_NETTXF_more_data, 0, 101),
			 NETBACK_PARSE_MORE);
	assert_int_equal(data(0, 0, 4096), NETBACK_PARSE_DROP);
	assert_non_null(pkt.why);
	/* All of it in the further slots: the first is empty. */
	assert_int_equal(data(XEN_NETTXF_more_data, 0, 100),
			 NETBACK_PARSE_MORE);
	assert_int_equal(data(0, 0, 100), NETBACK_PARSE_PACKET);
	sound();
	assert_int_equal(pkt.first, 1);
}

/* Fails when an empty slot becomes a fragment (XSA-448). */
static void empty_slots(void **state)
{
	unsigned int i;

	begin();
	assert_int_equal(data(XEN_NETTXF_more_data, 0, 64), NETBACK_PARSE_MORE);
	for (i = 0; i < 16; i++)
		assert_int_equal(data(XEN_NETTXF_more_data, 0, 0),
				 NETBACK_PARSE_MORE);
	assert_int_equal(data(0, 0, 0), NETBACK_PARSE_PACKET);
	sound();
	assert_int_equal(pkt.slots, 1);
}

static enum netback_parse_result slots(unsigned int nr)
{
	enum netback_parse_result verdict;
	unsigned int i;

	begin();
	verdict = data(nr > 1 ? XEN_NETTXF_more_data : 0, 0, 100 + nr);
	for (i = 1; i < nr && verdict == NETBACK_PARSE_MORE; i++)
		verdict = data(i + 1 < nr ? XEN_NETTXF_more_data : 0, 0, 1);
	return verdict;
}

/* Fails when 18 slots are refused, 19 accepted, or 20 forgiven. */
static void slot_counts(void **state)
{
	unsigned int nr;

	for (nr = 1; nr <= 18; nr++) {
		assert_int_equal(slots(nr), NETBACK_PARSE_PACKET);
		sound();
		assert_int_equal(pkt.slots, nr);
	}
	assert_int_equal(slots(19), NETBACK_PARSE_DROP);
	assert_int_equal(slots(20), NETBACK_PARSE_FATAL);
	assert_int_equal(slots(64), NETBACK_PARSE_FATAL);
}

/* Fails when a type or size of segments is taken without a look. */
static void segments(void **state)
{
	begin();
	assert_int_equal(data(XEN_NETTXF_extra_info, 0, 3000),
			 NETBACK_PARSE_MORE);
	assert_int_equal(gso(0, XEN_NETIF_GSO_TYPE_TCPV6, 1440),
			 NETBACK_PARSE_PACKET);
	sound();
	assert_int_equal(pkt.gso_type, XEN_NETIF_GSO_TYPE_TCPV6);
	assert_int_equal(pkt.gso_size, 1440);
	/* Nothing of it is left for the next. */
	assert_int_equal(data(0, 0, 60), NETBACK_PARSE_PACKET);
	assert_int_equal(pkt.gso_type, 0);

	assert_int_equal(data(XEN_NETTXF_extra_info, 0, 3000),
			 NETBACK_PARSE_MORE);
	assert_int_equal(gso(0, XEN_NETIF_GSO_TYPE_TCPV4, 0),
			 NETBACK_PARSE_DROP);
	next_passes();
	assert_int_equal(data(XEN_NETTXF_extra_info, 0, 3000),
			 NETBACK_PARSE_MORE);
	assert_int_equal(gso(0, 3, 1440), NETBACK_PARSE_DROP);
	next_passes();
	assert_int_equal(data(XEN_NETTXF_extra_info, 0, 3000),
			 NETBACK_PARSE_MORE);
	assert_int_equal(gso(0, 0, 1440), NETBACK_PARSE_DROP);
	next_passes();
}

static enum netback_parse_result chain(unsigned int nr)
{
	begin();
	assert_int_equal(data(XEN_NETTXF_extra_info, 0, 60),
			 NETBACK_PARSE_MORE);
	while (--nr)
		assert_int_equal(extra(XEN_NETIF_EXTRA_TYPE_HASH,
				       XEN_NETIF_EXTRA_FLAG_MORE),
				 NETBACK_PARSE_MORE);
	return extra(XEN_NETIF_EXTRA_TYPE_HASH, 0);
}

/*
 * Fails when extra infos may be of any type, or more than there are types, or
 * when such a packet's last slot is not found.
 */
static void extras(void **state)
{
	unsigned int type;

	assert_int_equal(chain(5), NETBACK_PARSE_PACKET);
	assert_int_equal(chain(6), NETBACK_PARSE_DROP);
	next_passes();
	/* All of a ring of 256, and more than a byte counts. */
	assert_int_equal(chain(255), NETBACK_PARSE_DROP);
	next_passes();
	assert_int_equal(chain(261), NETBACK_PARSE_DROP);
	next_passes();

	for (type = 0; type < 256; type++) {
		if (type >= XEN_NETIF_EXTRA_TYPE_GSO &&
		    type < XEN_NETIF_EXTRA_TYPE_MAX)
			continue;
		begin();
		assert_int_equal(data(XEN_NETTXF_extra_info, 0, 60),
				 NETBACK_PARSE_MORE);
		assert_int_equal(extra(type, 0), NETBACK_PARSE_DROP);
		next_passes();
		/* One in the midst of others, and with data behind it. */
		assert_int_equal(data(XEN_NETTXF_extra_info |
				      XEN_NETTXF_more_data, 0, 160),
				 NETBACK_PARSE_MORE);
		assert_int_equal(extra(type, XEN_NETIF_EXTRA_FLAG_MORE),
				 NETBACK_PARSE_MORE);
		assert_int_equal(extra(XEN_NETIF_EXTRA_TYPE_HASH, 0),
				 NETBACK_PARSE_MORE);
		assert_int_equal(data(0, 0, 100), NETBACK_PARSE_DROP);
		next_passes();
	}
}

/* Fails when a multicast request is taken for a packet, or its address lost. */
static void multicast(void **state)
{
	static const u8 addr[] = { 1, 2, 3, 4, 5, 6 };

	begin();
	assert_int_equal(data(XEN_NETTXF_extra_info, 0, 0), NETBACK_PARSE_MORE);
	assert_int_equal(extra(XEN_NETIF_EXTRA_TYPE_MCAST_DEL, 0),
			 NETBACK_PARSE_MCAST);
	assert_int_equal(pkt.mcast, XEN_NETIF_EXTRA_TYPE_MCAST_DEL);
	assert_memory_equal(pkt.addr, addr, sizeof(addr));
	assert_int_equal(data(0, 0, 60), NETBACK_PARSE_PACKET);
	sound();
}

/* Fails when any slots lead out of bounds (ASan) or to a bad packet. */
static void noise(void **state)
{
	enum netback_parse_result verdict;
	union netback_from_guest_slot entry;
	unsigned int i, j;

	srand(1);
	begin();
	for (i = 0; i < 2000000; i++) {
		for (j = 0; j < sizeof(entry); j++)
			((u8 *)&entry)[j] = rand();
		/* Mostly what might pass. */
		if (i % 8) {
			entry.req.offset %= 64;
			entry.req.size %= 1024;
			entry.req.flags &= 5;
		}
		if (i % 3)
			entry.req.flags |= XEN_NETTXF_more_data;
		verdict = netback_parse_slot(&pkt, &entry, FATAL);
		if (verdict == NETBACK_PARSE_PACKET)
			sound();
		else if (verdict == NETBACK_PARSE_DROP ||
			 verdict == NETBACK_PARSE_FATAL)
			assert_non_null(pkt.why);
		if (verdict == NETBACK_PARSE_FATAL)
			begin();
	}
}

static void hash(u8 type, u8 algorithm, u8 flags)
{
	union netback_from_guest_slot entry = {
		.extra = { .type = XEN_NETIF_EXTRA_TYPE_HASH, .flags = flags },
	};

	entry.extra.u.hash.type = type;
	entry.extra.u.hash.algorithm = algorithm;
	memcpy(entry.extra.u.hash.value, "\x11\x22\x33\x84", 4);
	assert_int_not_equal(netback_parse_slot(&pkt, &entry, FATAL),
			     NETBACK_PARSE_FATAL);
}

/* Fails when a hash is misread, made up, or kept for the next packet. */
static void hashes(void **state)
{
	u8 type;

	begin();
	for (type = 0; type < 4; type++) {
		data(XEN_NETTXF_extra_info, 0, 100);
		hash(type, 1, 0);
		sound();
		assert_true(pkt.hashed);
		assert_int_equal(pkt.hash_l4, type & 1);
		assert_int_equal(pkt.hash, 0x84332211);
	}
	data(0, 0, 100);
	assert_false(pkt.hashed);

	/* Beside segments; of another algorithm; of no type. */
	data(XEN_NETTXF_extra_info, 0, 1000);
	gso(XEN_NETIF_EXTRA_FLAG_MORE, XEN_NETIF_GSO_TYPE_TCPV4, 500);
	hash(1, 1, 0);
	sound();
	assert_true(pkt.hashed);
	assert_int_equal(pkt.gso_size, 500);
	data(XEN_NETTXF_extra_info, 0, 100);
	hash(1, 0, 0);
	sound();
	assert_false(pkt.hashed);
	data(XEN_NETTXF_extra_info, 0, 100);
	hash(4, 1, 0);
	sound();
	assert_false(pkt.hashed);
}

UNIT_MAIN(fake_unit_test(sizes),
	  fake_unit_test(hashes),
	  fake_unit_test(shortest),
	  fake_unit_test(crossing),
	  fake_unit_test(overfull),
	  fake_unit_test(empty_slots),
	  fake_unit_test(slot_counts),
	  fake_unit_test(segments),
	  fake_unit_test(extras),
	  fake_unit_test(multicast),
	  fake_unit_test(noise))
