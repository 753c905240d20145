// SPDX-License-Identifier: GPL-2.0
#include <linux/minmax.h>
#include <linux/string.h>

#include "abi.h"

/*
 * A count beyond what a slot holds stays in @nr_segs, so that the request is
 * refused; only what the slot holds is read (CVE-2026-79606).
 */
static void decode_segs(const struct blkback_seg *raw, u8 nr,
			struct blkback_seg *segs)
{
	memcpy(segs, raw, min_t(size_t, nr, BLKBACK_DIRECT_SEGS) *
	       sizeof(*segs));
}

static void decode32(const union blkback_abi_request *raw,
		     struct blkback_op *op, struct blkback_seg *segs)
{
	op->id = raw->abi32.id;
	op->sector = raw->abi32.sector;
	if (op->indirect) {
		op->code = raw->indirect32.inner;
		op->nr_segs = raw->indirect32.nr_segs;
		op->desc = raw->indirect32.gref[0];
	} else if (op->code == BLKBACK_OP_DISCARD) {
		op->sectors = raw->discard32.sectors;
		op->secure = raw->discard32.flag & BLKBACK_DISCARD_SECURE;
	} else {
		op->nr_segs = raw->abi32.nr_segs;
		decode_segs(raw->abi32.seg, raw->abi32.nr_segs, segs);
	}
}

static void decode64(const union blkback_abi_request *raw,
		     struct blkback_op *op, struct blkback_seg *segs)
{
	op->id = raw->abi64.id;
	op->sector = raw->abi64.sector;
	if (op->indirect) {
		op->code = raw->indirect64.inner;
		op->nr_segs = raw->indirect64.nr_segs;
		op->desc = raw->indirect64.gref[0];
	} else if (op->code == BLKBACK_OP_DISCARD) {
		op->sectors = raw->discard64.sectors;
		op->secure = raw->discard64.flag & BLKBACK_DISCARD_SECURE;
	} else {
		op->nr_segs = raw->abi64.nr_segs;
		decode_segs(raw->abi64.seg, raw->abi64.nr_segs, segs);
	}
}

void blkback_abi_decode(enum blkback_abi abi,
			const union blkback_abi_request *raw,
			struct blkback_op *op, struct blkback_seg *segs)
{
	/* The first byte is the same in all layouts. */
	op->code = raw->abi32.op;
	op->indirect = op->code == BLKBACK_OP_INDIRECT;
	op->sectors = 0;
	op->desc = 0;
	op->nr_segs = 0;
	op->secure = false;
	if (blkback_abi_is_32(abi))
		decode32(raw, op, segs);
	else
		decode64(raw, op, segs);
}

/*
 * A flush needs no data, nor does a barrier: that is how frontends flush where
 * only barriers are offered.
 */
static bool may_be_empty(const struct blkback_op *op)
{
	return op->code == BLKBACK_OP_FLUSH || op->code == BLKBACK_OP_BARRIER;
}

/*
 * Each segment in whole blocks, not only their sum: the disk is given them as
 * they are.
 */
static enum blkback_verdict check_segs(struct blkback_op *op,
				       const struct blkback_seg *segs,
				       const struct blkback_limits *limits)
{
	unsigned int i, sectors;

	for (i = 0; i < op->nr_segs; i++) {
		if (segs[i].first > segs[i].last ||
		    segs[i].last >= BLKBACK_PAGE_SECTORS)
			return BLKBACK_BAD_SEGMENT;
		sectors = segs[i].last - segs[i].first + 1;
		if (sectors & (limits->block - 1))
			return BLKBACK_BAD_ALIGNMENT;
		op->sectors += sectors;
	}
	return BLKBACK_FINE;
}

/* Whether an operation was offered to the frontend. */
static bool is_offered(const struct blkback_op *op,
		       const struct blkback_limits *limits)
{
	if (op->indirect)
		return limits->max_segs && op->code <= BLKBACK_OP_WRITE;
	/* A secure discard must not be served as a plain one. */
	if (op->code == BLKBACK_OP_DISCARD)
		return op->secure ? limits->secure : limits->discard;
	return op->code <= BLKBACK_OP_FLUSH;
}

enum blkback_verdict
blkback_abi_check_head(const struct blkback_op *op,
		       const struct blkback_limits *limits)
{
	u16 most = op->indirect ? limits->max_segs : BLKBACK_DIRECT_SEGS;

	if (!is_offered(op, limits))
		return BLKBACK_BAD_OP;
	if (op->code == BLKBACK_OP_DISCARD)
		return op->sectors ? BLKBACK_FINE : BLKBACK_BAD_COUNT;
	if (op->nr_segs > most || (!op->nr_segs && !may_be_empty(op)))
		return BLKBACK_BAD_COUNT;
	return BLKBACK_FINE;
}

/* Whole blocks, within the disk, and writable where they are written. */
static enum blkback_verdict check_range(const struct blkback_op *op,
					const struct blkback_limits *limits)
{
	if ((op->sector | op->sectors) & (limits->block - 1))
		return BLKBACK_BAD_ALIGNMENT;
	if (op->sectors > limits->capacity ||
	    op->sector > limits->capacity - op->sectors)
		return BLKBACK_BAD_RANGE;
	if (limits->readonly && blkback_op_writes(op))
		return BLKBACK_BAD_MODE;
	return BLKBACK_FINE;
}

enum blkback_verdict blkback_abi_check(struct blkback_op *op,
				       const struct blkback_seg *segs,
				       const struct blkback_limits *limits)
{
	enum blkback_verdict verdict;

	if (op->code == BLKBACK_OP_DISCARD)
		return check_range(op, limits);
	op->sectors = 0;
	verdict = check_segs(op, segs, limits);
	if (verdict != BLKBACK_FINE)
		return verdict;

	/* Without data the sector has no meaning. */
	return op->sectors ? check_range(op, limits) : BLKBACK_FINE;
}

const char *blkback_abi_reason(enum blkback_verdict verdict)
{
	static const char * const reason[BLKBACK_NR_VERDICTS] = {
		[BLKBACK_FINE] = "fine",
		[BLKBACK_BAD_OP] = "unknown operation or one not offered",
		[BLKBACK_BAD_COUNT] = "bad number of segments or sectors",
		[BLKBACK_BAD_SEGMENT] = "bad first or last sector of a segment",
		[BLKBACK_BAD_ALIGNMENT] = "not in whole logical blocks",
		[BLKBACK_BAD_RANGE] = "beyond the end of the disk",
		[BLKBACK_BAD_MODE] = "the disk is read-only",
	};

	return verdict < BLKBACK_NR_VERDICTS ? reason[verdict] : "?";
}

void blkback_abi_encode(enum blkback_abi abi, const struct blkback_op *op,
			s16 status, union blkback_abi_response *raw)
{
	memset(raw, 0, sizeof(*raw));
	if (blkback_abi_is_32(abi)) {
		raw->abi32.id = op->id;
		raw->abi32.op = op->code;
		raw->abi32.status = status;
	} else {
		raw->abi64.id = op->id;
		raw->abi64.op = op->code;
		raw->abi64.status = status;
	}
}
