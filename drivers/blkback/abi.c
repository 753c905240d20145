// SPDX-License-Identifier: GPL-2.0
#include <linux/string.h>

#include "abi.h"

/*
 * A count beyond what a slot holds is kept, so that it is refused; only what
 * the slot holds is read (CVE-2026-79606).
 */
static void decode_segs(const struct blkback_abi_seg *raw, u8 nr,
			struct blkback_seg *segs)
{
	unsigned int i;

	for (i = 0; i < nr && i < BLKBACK_DIRECT_SEGS; i++) {
		segs[i].gref = raw[i].gref;
		segs[i].first = raw[i].first;
		segs[i].last = raw[i].last;
	}
}

void blkback_abi_decode(enum blkback_abi abi,
			const union blkback_abi_request *raw,
			struct blkback_op *op, struct blkback_seg *segs)
{
	op->sectors = 0;
	if (blkback_abi_is_32(abi)) {
		op->code = raw->abi32.op;
		op->nr_segs = raw->abi32.nr_segs;
		op->id = raw->abi32.id;
		op->sector = raw->abi32.sector;
		decode_segs(raw->abi32.seg, raw->abi32.nr_segs, segs);
	} else {
		op->code = raw->abi64.op;
		op->nr_segs = raw->abi64.nr_segs;
		op->id = raw->abi64.id;
		op->sector = raw->abi64.sector;
		decode_segs(raw->abi64.seg, raw->abi64.nr_segs, segs);
	}
}

/*
 * Without data: a flush, and a barrier, which is how frontends flush where
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

enum blkback_verdict blkback_abi_check(struct blkback_op *op,
				       const struct blkback_seg *segs,
				       const struct blkback_limits *limits)
{
	enum blkback_verdict verdict;

	op->sectors = 0;
	if (op->code > BLKBACK_OP_FLUSH)
		return BLKBACK_BAD_OP;
	if (op->nr_segs > limits->max_segs ||
	    (!op->nr_segs && !may_be_empty(op)))
		return BLKBACK_BAD_COUNT;

	verdict = check_segs(op, segs, limits);
	if (verdict != BLKBACK_FINE)
		return verdict;

	/* Where nothing is transferred, the sector means nothing. */
	if (!op->sectors)
		return BLKBACK_FINE;
	if (op->sector & (limits->block - 1))
		return BLKBACK_BAD_ALIGNMENT;
	if (op->sectors > limits->capacity ||
	    op->sector > limits->capacity - op->sectors)
		return BLKBACK_BAD_RANGE;
	if (limits->readonly && blkback_op_writes(op))
		return BLKBACK_BAD_MODE;
	return BLKBACK_FINE;
}

const char *blkback_abi_reason(enum blkback_verdict verdict)
{
	static const char * const reason[BLKBACK_NR_VERDICTS] = {
		[BLKBACK_FINE] = "fine",
		[BLKBACK_BAD_OP] = "unknown operation or one not offered",
		[BLKBACK_BAD_COUNT] = "bad number of segments",
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
