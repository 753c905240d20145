/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The block protocol's requests and responses in the layouts that frontends
 * use, and the rules that a request must keep to be served.
 *
 * The layouts are those of the public xen/include/public/io/blkif.h, whose
 * structures follow the compiler's alignment: a 32-bit x86 frontend aligns
 * 64-bit fields to 4 bytes, all others to 8. They are spelt out here, so that
 * one backend reads both.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef BLKBACK_ABI_H
#define BLKBACK_ABI_H

#include <linux/compiler.h>
#include <linux/types.h>

/* Numbered as the in-tree backend prints them ("protocol 1"). */
enum blkback_abi {
	BLKBACK_ABI_NATIVE = 1,
	BLKBACK_ABI_X86_32 = 2,
	BLKBACK_ABI_X86_64 = 3,
};

/* BLKIF_OP_*; 4 is a packet command that SLES frontends may send. */
enum blkback_op_code {
	BLKBACK_OP_READ = 0,
	BLKBACK_OP_WRITE = 1,
	BLKBACK_OP_BARRIER = 2,
	BLKBACK_OP_FLUSH = 3,
	BLKBACK_OP_PACKET = 4,
	BLKBACK_OP_DISCARD = 5,
	BLKBACK_OP_INDIRECT = 6,
};

/* BLKIF_RSP_*. */
enum blkback_status {
	BLKBACK_OKAY = 0,
	BLKBACK_ERROR = -1,
	BLKBACK_EOPNOTSUPP = -2,
};

/* BLKIF_MAX_SEGMENTS_PER_REQUEST: segments in a ring slot. */
#define BLKBACK_DIRECT_SEGS 11

/* The protocol counts in units of 512 bytes, whatever the disk's block. */
#define BLKBACK_SECTOR_SHIFT 9

/* Sectors per granted page, which is 4 KiB on every architecture. */
#define BLKBACK_PAGE_SECTORS 8

/* Segments that one page of descriptors of an indirect request holds. */
#define BLKBACK_DESC_SEGS 512

/*
 * Most segments of an indirect request, as many as the in-tree backend offers:
 * one bio carries them (BIO_MAX_VECS), and they fit one page of descriptors.
 */
#define BLKBACK_MAX_SEGS 256

/**
 * struct blkback_seg - a segment, laid out as in slots and descriptor pages
 * @gref: grant reference of its page
 * @first: first sector of the page
 * @last: last sector of the page, inclusive
 * @pad: not used
 */
struct blkback_seg {
	u32 gref;
	u8 first;
	u8 last;
	u16 pad;
} __packed;

/* struct blkif_request of a 32-bit x86 frontend. */
struct blkback_abi_request32 {
	u8 op;
	u8 nr_segs;
	u16 handle;
	u64 id;
	u64 sector;
	struct blkback_seg seg[BLKBACK_DIRECT_SEGS];
} __packed;

/* struct blkif_request of every other frontend. */
struct blkback_abi_request64 {
	u8 op;
	u8 nr_segs;
	u16 handle;
	u32 pad;
	u64 id;
	u64 sector;
	struct blkback_seg seg[BLKBACK_DIRECT_SEGS];
} __packed;

/* struct blkif_request_indirect of a 32-bit x86 frontend, and of others. */
struct blkback_abi_indirect32 {
	u8 op;
	u8 inner;
	u16 nr_segs;
	u64 id;
	u64 sector;
	u16 handle;
	u16 pad;
	u32 gref[8];
} __packed;

struct blkback_abi_indirect64 {
	u8 op;
	u8 inner;
	u16 nr_segs;
	u32 pad;
	u64 id;
	u64 sector;
	u16 handle;
	u16 pad2;
	u32 gref[8];
} __packed;

/* struct blkif_request_discard of a 32-bit x86 frontend, and of others. */
struct blkback_abi_discard32 {
	u8 op;
	u8 flag;
	u16 pad;
	u64 id;
	u64 sector;
	u64 sectors;
} __packed;

struct blkback_abi_discard64 {
	u8 op;
	u8 flag;
	u16 pad;
	u32 pad2;
	u64 id;
	u64 sector;
	u64 sectors;
} __packed;

/* BLKIF_DISCARD_SECURE; the protocol knows no other flag. */
#define BLKBACK_DISCARD_SECURE 1

/*
 * The private copy of a slot. @id is at the same place in the requests of all
 * operations, so that one that is not known can be answered as well.
 */
union blkback_abi_request {
	struct blkback_abi_request32 abi32;
	struct blkback_abi_request64 abi64;
	struct blkback_abi_indirect32 indirect32;
	struct blkback_abi_indirect64 indirect64;
	struct blkback_abi_discard32 discard32;
	struct blkback_abi_discard64 discard64;
};

/* struct blkif_response; no byte of it may be left unwritten (XSA-216). */
struct blkback_abi_response32 {
	u64 id;
	u8 op;
	u8 pad;
	s16 status;
} __packed;

struct blkback_abi_response64 {
	u64 id;
	u8 op;
	u8 pad;
	s16 status;
	u32 pad2;
} __packed;

union blkback_abi_response {
	struct blkback_abi_response32 abi32;
	struct blkback_abi_response64 abi64;
};

/**
 * struct blkback_op - a decoded request; untrusted until checked
 * @id: the frontend's; opaque, returned in the response
 * @sector: where on the disk
 * @sectors: how much data; of a discard what the slot says, otherwise set by
 *	     blkback_abi_check()
 * @desc: indirect: grant reference of the first page of descriptors
 * @nr_segs: segments
 * @code: enum blkback_op_code, or whatever the frontend wrote; of an indirect
 *	  request, the operation inside
 * @indirect: the segments are in a page of descriptors, not in the slot
 * @secure: a discard that leaves nothing readable
 */
struct blkback_op {
	u64 id;
	u64 sector;
	u64 sectors;
	u32 desc;
	u16 nr_segs;
	u8 code;
	bool indirect;
	bool secure;
};

/**
 * struct blkback_limits - what is allowed for requests to a disk
 * @capacity: its size in sectors
 * @block: sectors per logical block, a power of two
 * @max_segs: most segments of an indirect request
 * @readonly: the disk is read-only
 * @discard: discards were offered
 * @secure: secure discards were offered
 */
struct blkback_limits {
	u64 capacity;
	u32 block;
	u16 max_segs;
	bool readonly;
	bool discard;
	bool secure;
};

/* The rule that a request breaks. */
enum blkback_verdict {
	BLKBACK_FINE,
	BLKBACK_BAD_OP,		/* unknown or not offered */
	BLKBACK_BAD_COUNT,	/* number of segments */
	BLKBACK_BAD_SEGMENT,	/* first and last sector of one */
	BLKBACK_BAD_ALIGNMENT,	/* not in whole logical blocks */
	BLKBACK_BAD_RANGE,	/* beyond the end of the disk */
	BLKBACK_BAD_MODE,	/* the disk is read-only */
	BLKBACK_NR_VERDICTS,
};

/**
 * blkback_abi_name() - the layout's name, as in the key "protocol"
 * @abi: the layout
 *
 * Return: a constant string.
 */
const char *blkback_abi_name(enum blkback_abi abi);

/**
 * blkback_abi_is_32() - whether a layout is that of 32-bit x86
 * @abi: the layout
 */
static inline bool blkback_abi_is_32(enum blkback_abi abi)
{
#ifdef CONFIG_X86_32
	return abi != BLKBACK_ABI_X86_64;
#else
	return abi == BLKBACK_ABI_X86_32;
#endif
}

/* Bytes per ring slot: the larger of request and response. */
static inline u32 blkback_abi_slot_size(enum blkback_abi abi)
{
	return blkback_abi_is_32(abi) ? sizeof(struct blkback_abi_request32) :
					sizeof(struct blkback_abi_request64);
}

/* Whether an operation writes to the disk. */
static inline bool blkback_op_writes(const struct blkback_op *op)
{
	return op->code == BLKBACK_OP_WRITE || op->code == BLKBACK_OP_BARRIER ||
	       op->code == BLKBACK_OP_FLUSH || op->code == BLKBACK_OP_DISCARD;
}

/**
 * blkback_abi_decode() - decode a request
 * @abi: its layout
 * @raw: private copy of the slot, any content
 * @op: the decoded request
 * @segs: room for BLKBACK_DIRECT_SEGS; those beyond op->nr_segs are not
 *	  written, and none where the request is indirect
 *
 * Context: any; pure.
 */
void blkback_abi_decode(enum blkback_abi abi,
			const union blkback_abi_request *raw,
			struct blkback_op *op, struct blkback_seg *segs);

/**
 * blkback_abi_check_head() - check all of a request but its segments
 * @op: the request
 * @limits: what the disk allows
 *
 * Bounds the number of segments; to be called before any of them is read.
 *
 * Context: any; pure.
 * Return: BLKBACK_FINE, or the rule that it breaks.
 */
enum blkback_verdict
blkback_abi_check_head(const struct blkback_op *op,
		       const struct blkback_limits *limits);

/**
 * blkback_abi_check() - check whether a request may be served
 * @op: a request that passed blkback_abi_check_head(); @sectors is set
 * @segs: its segments
 * @limits: what the disk allows
 *
 * Context: any; pure.
 * Return: BLKBACK_FINE, or the rule that it breaks.
 */
enum blkback_verdict blkback_abi_check(struct blkback_op *op,
				       const struct blkback_seg *segs,
				       const struct blkback_limits *limits);

/**
 * blkback_abi_status() - the status that a refused request is answered with
 * @verdict: other than BLKBACK_FINE
 */
static inline enum blkback_status
blkback_abi_status(enum blkback_verdict verdict)
{
	return verdict == BLKBACK_BAD_OP ? BLKBACK_EOPNOTSUPP : BLKBACK_ERROR;
}

/**
 * blkback_abi_reason() - a verdict in words
 * @verdict: the verdict
 *
 * Return: a constant string, "?" for a value outside the enum.
 */
const char *blkback_abi_reason(enum blkback_verdict verdict);

/**
 * blkback_abi_encode() - make a response
 * @abi: the layout
 * @op: the request answered
 * @status: enum blkback_status
 * @raw: where it goes; all of it is written
 *
 * Context: any; pure.
 */
void blkback_abi_encode(enum blkback_abi abi, const struct blkback_op *op,
			s16 status, union blkback_abi_response *raw);

#endif /* BLKBACK_ABI_H */
