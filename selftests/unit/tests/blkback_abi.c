// SPDX-License-Identifier: GPL-2.0
/* Block requests of three layouts, and which may be served: blkback/abi.c. */
#include <stdlib.h>

#include "fake.h"
#include "blkback/abi.h"

static const struct blkback_limits disk = {
	.capacity = 1000, .block = 1, .max_segs = BLKBACK_DIRECT_SEGS,
};

/* A slot as the protocol has it, byte by byte: little-endian throughout. */
static void put(u8 *slot, unsigned int at, u64 val, unsigned int bytes)
{
	while (bytes--) {
		slot[at++] = val;
		val >>= 8;
	}
}

static void fill_slot(u8 *slot, bool is_32, u8 op, u8 nr_segs)
{
	unsigned int id = is_32 ? 4 : 8, i;

	memset(slot, 0xa5, is_32 ? 108 : 112);
	put(slot, 0, op, 1);
	put(slot, 1, nr_segs, 1);
	put(slot, 2, 0xbeef, 2);
	put(slot, id, 0x1122334455667788, 8);
	put(slot, id + 8, 0x99aabbccddeeff00, 8);
	for (i = 0; i < BLKBACK_DIRECT_SEGS; i++) {
		put(slot, id + 16 + 8 * i, 0xf0000000 + i, 4);
		put(slot, id + 20 + 8 * i, i, 1);
		put(slot, id + 21 + 8 * i, 200 + i, 1);
	}
}

/*
 * Fails when a field is taken from another place, cut, or more segments are
 * read or written than the slot has (ASan): any count may be in it.
 */
static void decodes(enum blkback_abi abi, bool is_32)
{
	union blkback_abi_request *raw = malloc(sizeof(*raw));
	struct blkback_seg *segs = calloc(BLKBACK_DIRECT_SEGS, sizeof(*segs));
	unsigned int nr, i;
	struct blkback_op op;

	assert_int_equal(blkback_abi_slot_size(abi), is_32 ? 108 : 112);
	for (nr = 0; nr < 256; nr++) {
		/* Discards and indirect requests are laid out differently. */
		if ((nr ^ 0x55) == 5 || (nr ^ 0x55) == 6)
			continue;
		fill_slot((u8 *)raw, is_32, nr ^ 0x55, nr);
		memset(&op, 0xee, sizeof(op));
		memset(segs, 0xee, BLKBACK_DIRECT_SEGS * sizeof(*segs));
		blkback_abi_decode(abi, raw, &op, segs);
		assert_int_equal(op.code, nr ^ 0x55);
		assert_int_equal(op.nr_segs, nr);
		assert_true(op.id == 0x1122334455667788);
		assert_true(op.sector == 0x99aabbccddeeff00);
		assert_int_equal(op.sectors, 0);
		for (i = 0; i < min(nr, 11U); i++) {
			assert_int_equal(segs[i].gref, 0xf0000000 + i);
			assert_int_equal(segs[i].first, i);
			assert_int_equal(segs[i].last, 200 + i);
		}
		for (; i < BLKBACK_DIRECT_SEGS; i++)
			assert_int_equal(segs[i].gref, 0xeeeeeeee);
	}
	free(raw);
	free(segs);
}

/* Fails when an indirect request's fields are taken from another place. */
static void decodes_indirect(enum blkback_abi abi, bool is_32)
{
	struct blkback_seg segs[BLKBACK_DIRECT_SEGS];
	unsigned int id = is_32 ? 4 : 8;
	union blkback_abi_request raw;
	struct blkback_op op;
	u8 *slot = (u8 *)&raw;

	memset(slot, 0xa5, sizeof(raw));
	put(slot, 0, 6, 1);
	put(slot, 1, 0x7e, 1);
	put(slot, 2, 0x0fed, 2);
	put(slot, id, 0x1122334455667788, 8);
	put(slot, id + 8, 0x99aabbccddeeff00, 8);
	put(slot, id + 16, 0xbeef, 2);
	put(slot, id + 20, 0xcafe0001, 4);
	put(slot, id + 24, 0xcafe0002, 4);
	memset(&op, 0xee, sizeof(op));
	memset(segs, 0xee, sizeof(segs));
	blkback_abi_decode(abi, &raw, &op, segs);
	assert_true(op.indirect);
	assert_int_equal(op.code, 0x7e);
	assert_int_equal(op.nr_segs, 0x0fed);
	assert_true(op.id == 0x1122334455667788);
	assert_true(op.sector == 0x99aabbccddeeff00);
	assert_int_equal(op.desc, 0xcafe0001);
	assert_int_equal(segs[0].gref, 0xeeeeeeee);
}

/* Fails when a discard's fields are taken from another place, or cut. */
static void decodes_discard(enum blkback_abi abi, bool is_32, u8 flag)
{
	struct blkback_seg segs[BLKBACK_DIRECT_SEGS];
	unsigned int id = is_32 ? 4 : 8;
	union blkback_abi_request raw;
	struct blkback_op op;
	u8 *slot = (u8 *)&raw;

	memset(slot, 0xa5, sizeof(raw));
	put(slot, 0, 5, 1);
	put(slot, 1, flag, 1);
	put(slot, id, 0x1122334455667788, 8);
	put(slot, id + 8, 0x99aabbccddeeff00, 8);
	put(slot, id + 16, 0xfedcba9876543210, 8);
	memset(&op, 0xee, sizeof(op));
	memset(segs, 0xee, sizeof(segs));
	blkback_abi_decode(abi, &raw, &op, segs);
	assert_false(op.indirect);
	assert_int_equal(op.code, 5);
	assert_int_equal(op.nr_segs, 0);
	assert_true(op.id == 0x1122334455667788);
	assert_true(op.sector == 0x99aabbccddeeff00);
	assert_true(op.sectors == 0xfedcba9876543210);
	assert_int_equal(op.secure, flag & 1);
	assert_int_equal(segs[0].gref, 0xeeeeeeee);
}

static void decodes_x86_32(void **state)
{
	decodes(BLKBACK_ABI_X86_32, true);
	decodes_indirect(BLKBACK_ABI_X86_32, true);
	decodes_discard(BLKBACK_ABI_X86_32, true, 0);
	decodes_discard(BLKBACK_ABI_X86_32, true, 1);
}

static void decodes_x86_64(void **state)
{
	decodes(BLKBACK_ABI_X86_64, false);
	decodes(BLKBACK_ABI_NATIVE, false);
	decodes_indirect(BLKBACK_ABI_X86_64, false);
	decodes_indirect(BLKBACK_ABI_NATIVE, false);
	decodes_discard(BLKBACK_ABI_X86_64, false, 0xfe);
	decodes_discard(BLKBACK_ABI_NATIVE, false, 0xff);
}

/* Fails when a byte of a response is left as it was (XSA-216), or moves. */
static void encodes(void **state)
{
	static const enum blkback_abi abi[] = {
		BLKBACK_ABI_NATIVE, BLKBACK_ABI_X86_32, BLKBACK_ABI_X86_64,
	};
	const struct blkback_op op = { .id = 0x8877665544332211, .code = 6 };
	union blkback_abi_response raw;
	u8 want[16];
	unsigned int i;

	memset(want, 0, sizeof(want));
	put(want, 0, op.id, 8);
	put(want, 8, 6, 1);
	put(want, 10, (u16)-2, 2);
	for (i = 0; i < ARRAY_SIZE(abi); i++) {
		memset(&raw, 0xa5, sizeof(raw));
		blkback_abi_encode(abi[i], &op, BLKBACK_EOPNOTSUPP, &raw);
		assert_memory_equal(&raw, want, sizeof(raw));
	}
}

/* One request, judged. */
static enum blkback_verdict check(const struct blkback_limits *limits, u8 code,
				  u64 sector, unsigned int nr, u8 first,
				  u8 last)
{
	struct blkback_seg segs[BLKBACK_DIRECT_SEGS];
	struct blkback_op op = {
		.code = code, .sector = sector, .nr_segs = nr, .sectors = 77,
	};
	enum blkback_verdict verdict;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(segs); i++)
		segs[i] = (struct blkback_seg){ i, first, last };
	verdict = blkback_abi_check_head(&op, limits);
	if (verdict != BLKBACK_FINE)
		return verdict;
	return blkback_abi_check(&op, segs, limits);
}

/* Fails when an op that is not offered gets through, nested ones among them. */
static void operations(void **state)
{
	unsigned int code;

	for (code = 0; code < 256; code++)
		assert_int_equal(check(&disk, code, 0, 1, 0, 7),
				 code <= 3 ? BLKBACK_FINE : BLKBACK_BAD_OP);
}

/* Fails when a count is let through that the slot cannot hold (XSA-513). */
static void segment_counts(void **state)
{
	static const unsigned int bad[] = { 12, 13, 32, 255, 256, 0xffff };
	unsigned int i;

	for (i = 1; i <= 11; i++)
		assert_int_equal(check(&disk, 0, 0, i, 0, 7), BLKBACK_FINE);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(check(&disk, 0, 0, bad[i], 0, 7),
				 BLKBACK_BAD_COUNT);
	/* Nothing to read or write; nothing but a flush or barrier. */
	assert_int_equal(check(&disk, BLKBACK_OP_READ, 0, 0, 0, 0),
			 BLKBACK_BAD_COUNT);
	assert_int_equal(check(&disk, BLKBACK_OP_WRITE, 0, 0, 0, 0),
			 BLKBACK_BAD_COUNT);
	assert_int_equal(check(&disk, BLKBACK_OP_BARRIER, 0, 0, 0, 0),
			 BLKBACK_FINE);
	assert_int_equal(check(&disk, BLKBACK_OP_FLUSH, ~0ULL, 0, 0, 0),
			 BLKBACK_FINE);
}

/* Fails when an indirect request may have what it was not offered. */
static void indirect(void **state)
{
	struct blkback_op op = { .indirect = true, .nr_segs = 256 };
	struct blkback_limits limits = disk;
	unsigned int code;

	for (code = 0; code < 256; code++) {
		op.code = code;
		limits.max_segs = 256;
		assert_int_equal(blkback_abi_check_head(&op, &limits),
				 code <= 1 ? BLKBACK_FINE : BLKBACK_BAD_OP);
		limits.max_segs = 0;
		assert_int_equal(blkback_abi_check_head(&op, &limits),
				 BLKBACK_BAD_OP);
	}
	op.code = 1;
	limits.max_segs = 256;
	op.nr_segs = 257;
	assert_int_equal(blkback_abi_check_head(&op, &limits),
			 BLKBACK_BAD_COUNT);
	op.nr_segs = 0xffff;
	assert_int_equal(blkback_abi_check_head(&op, &limits),
			 BLKBACK_BAD_COUNT);
	op.nr_segs = 0;
	assert_int_equal(blkback_abi_check_head(&op, &limits),
			 BLKBACK_BAD_COUNT);
	op.nr_segs = 1;
	assert_int_equal(blkback_abi_check_head(&op, &limits), BLKBACK_FINE);
}

static enum blkback_verdict discard(const struct blkback_limits *limits,
				    u64 sector, u64 sectors, bool secure)
{
	struct blkback_op op = {
		.code = BLKBACK_OP_DISCARD, .sector = sector,
		.sectors = sectors, .secure = secure,
	};
	enum blkback_verdict verdict = blkback_abi_check_head(&op, limits);

	return verdict ? verdict : blkback_abi_check(&op, NULL, limits);
}

/*
 * Fails when a discard is let through that was not offered, is beyond the
 * disk (CVE-2013-2140 and wrapping sums), or not in whole blocks.
 */
static void discards(void **state)
{
	struct blkback_limits limits = {
		.capacity = 1000, .block = 8, .discard = true,
	};

	assert_int_equal(discard(&disk, 0, 8, false), BLKBACK_BAD_OP);
	assert_int_equal(discard(&limits, 0, 1000, false), BLKBACK_FINE);
	assert_int_equal(discard(&limits, 992, 8, false), BLKBACK_FINE);
	assert_int_equal(discard(&limits, 0, 8, true), BLKBACK_BAD_OP);
	assert_int_equal(discard(&limits, 0, 0, false), BLKBACK_BAD_COUNT);
	assert_int_equal(discard(&limits, 0, 1008, false), BLKBACK_BAD_RANGE);
	assert_int_equal(discard(&limits, 1000, 8, false), BLKBACK_BAD_RANGE);
	assert_int_equal(discard(&limits, 8, ~0ULL - 7, false),
			 BLKBACK_BAD_RANGE);
	assert_int_equal(discard(&limits, ~0ULL - 7, 16, false),
			 BLKBACK_BAD_RANGE);
	assert_int_equal(discard(&limits, 4, 8, false), BLKBACK_BAD_ALIGNMENT);
	assert_int_equal(discard(&limits, 8, 4, false), BLKBACK_BAD_ALIGNMENT);
	limits.secure = true;
	assert_int_equal(discard(&limits, 0, 8, true), BLKBACK_FINE);
	limits.discard = false;
	assert_int_equal(discard(&limits, 0, 8, true), BLKBACK_FINE);
	assert_int_equal(discard(&limits, 0, 8, false), BLKBACK_BAD_OP);
	limits.discard = true;
	limits.readonly = true;
	assert_int_equal(discard(&limits, 0, 8, false), BLKBACK_BAD_MODE);
}

/* Fails when a segment may reach beyond its page (CVE-2026-79605). */
static void segments(void **state)
{
	unsigned int first, last;

	for (first = 0; first < 256; first++)
		for (last = 0; last < 256; last++)
			assert_int_equal(check(&disk, 0, 0, 1, first, last),
					 first <= last && last <= 7 ?
					 BLKBACK_FINE : BLKBACK_BAD_SEGMENT);
}

/* Each segment is looked at. Fails when only the first or the last is. */
static void each_segment(void **state)
{
	struct blkback_seg segs[BLKBACK_DIRECT_SEGS];
	struct blkback_op op = { .nr_segs = BLKBACK_DIRECT_SEGS };
	unsigned int at, i;

	for (at = 0; at < BLKBACK_DIRECT_SEGS; at++) {
		for (i = 0; i < BLKBACK_DIRECT_SEGS; i++)
			segs[i] = (struct blkback_seg){ i, 0, 7 };
		assert_int_equal(blkback_abi_check(&op, segs, &disk),
				 BLKBACK_FINE);
		assert_int_equal(op.sectors, 88);
		segs[at].last = 8;
		assert_int_equal(blkback_abi_check(&op, segs, &disk),
				 BLKBACK_BAD_SEGMENT);
	}
}

/* Fails when the end of the disk is off by one, or a sum may wrap. */
static void range(void **state)
{
	static const u64 far[] = {
		1ULL << 32, 1ULL << 55, 1ULL << 63, ~0ULL, ~0ULL - 7,
		~0ULL - 8, (1ULL << 55) - 8,
	};
	static const struct blkback_limits tiny = {
		.capacity = 4, .block = 1, .max_segs = 11,
	};
	static const struct blkback_limits none = {
		.block = 1, .max_segs = 11,
	};
	unsigned int i;

	assert_int_equal(check(&disk, 0, 992, 1, 0, 7), BLKBACK_FINE);
	assert_int_equal(check(&disk, 0, 993, 1, 0, 7), BLKBACK_BAD_RANGE);
	assert_int_equal(check(&disk, 0, 999, 1, 3, 3), BLKBACK_FINE);
	assert_int_equal(check(&disk, 0, 1000, 1, 3, 3), BLKBACK_BAD_RANGE);
	assert_int_equal(check(&disk, 0, 912, 11, 0, 7), BLKBACK_FINE);
	assert_int_equal(check(&disk, 0, 913, 11, 0, 7), BLKBACK_BAD_RANGE);
	for (i = 0; i < ARRAY_SIZE(far); i++)
		assert_int_equal(check(&disk, 1, far[i], 1, 0, 7),
				 BLKBACK_BAD_RANGE);
	assert_int_equal(check(&tiny, 0, 0, 1, 0, 3), BLKBACK_FINE);
	assert_int_equal(check(&tiny, 0, 0, 1, 0, 4), BLKBACK_BAD_RANGE);
	assert_int_equal(check(&none, 0, 0, 1, 0, 0), BLKBACK_BAD_RANGE);
	assert_int_equal(check(&none, BLKBACK_OP_FLUSH, 0, 0, 0, 0),
			 BLKBACK_FINE);
}

/* Fails when only the sum of segments has to be whole blocks. */
static void alignment(void **state)
{
	static const struct blkback_limits four_k = {
		.capacity = 1000, .block = 8, .max_segs = 11,
	};
	struct blkback_seg segs[2] = { { 1, 0, 3 }, { 2, 4, 7 } };
	struct blkback_op op = { .nr_segs = 2 };
	unsigned int sector;

	for (sector = 0; sector < 32; sector++)
		assert_int_equal(check(&four_k, 0, sector, 1, 0, 7),
				 sector % 8 ? BLKBACK_BAD_ALIGNMENT :
					      BLKBACK_FINE);
	assert_int_equal(check(&four_k, 0, 0, 1, 0, 6), BLKBACK_BAD_ALIGNMENT);
	assert_int_equal(blkback_abi_check(&op, segs, &four_k),
			 BLKBACK_BAD_ALIGNMENT);
}

/* Fails when anything that writes is let through to a read-only disk. */
static void read_only(void **state)
{
	static const struct blkback_limits cdrom = {
		.capacity = 1000, .block = 1, .max_segs = 11, .readonly = true,
	};

	assert_int_equal(check(&cdrom, BLKBACK_OP_READ, 0, 1, 0, 7),
			 BLKBACK_FINE);
	assert_int_equal(check(&cdrom, BLKBACK_OP_WRITE, 0, 1, 0, 7),
			 BLKBACK_BAD_MODE);
	assert_int_equal(check(&cdrom, BLKBACK_OP_BARRIER, 0, 1, 0, 7),
			 BLKBACK_BAD_MODE);
	/* A flush may carry data. */
	assert_int_equal(check(&cdrom, BLKBACK_OP_FLUSH, 0, 1, 0, 7),
			 BLKBACK_BAD_MODE);
	assert_int_equal(check(&cdrom, BLKBACK_OP_FLUSH, 0, 0, 0, 0),
			 BLKBACK_FINE);
}

/* Fails when a verdict has no words, or answers as success. */
static void verdicts(void **state)
{
	unsigned int v;

	for (v = 1; v < BLKBACK_NR_VERDICTS; v++) {
		assert_string_not_equal(blkback_abi_reason(v), "?");
		assert_int_equal(blkback_abi_status(v),
				 v == BLKBACK_BAD_OP ? BLKBACK_EOPNOTSUPP :
						       BLKBACK_ERROR);
	}
	assert_string_equal(blkback_abi_reason(BLKBACK_NR_VERDICTS), "?");
}

UNIT_MAIN(fake_unit_test(decodes_x86_32),
	  fake_unit_test(decodes_x86_64),
	  fake_unit_test(encodes),
	  fake_unit_test(operations),
	  fake_unit_test(segment_counts),
	  fake_unit_test(indirect),
	  fake_unit_test(discards),
	  fake_unit_test(segments),
	  fake_unit_test(each_segment),
	  fake_unit_test(range),
	  fake_unit_test(alignment),
	  fake_unit_test(read_only),
	  fake_unit_test(verdicts))
