// SPDX-License-Identifier: GPL-2.0
/*
 * abi.h beside the kernel's headers of the protocol: the names of the layouts,
 * and assertions that both lay requests out alike. Apart from abi.c, which
 * compiles without a kernel.
 */
#include <linux/build_bug.h>
#include <linux/kconfig.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <xen/interface/io/protocols.h>

#include "proto/block.h"

#include "abi.h"

const char *blkback_abi_name(enum blkback_abi abi)
{
	switch (abi) {
	case BLKBACK_ABI_X86_32:
		return XEN_IO_PROTO_ABI_X86_32;
	case BLKBACK_ABI_X86_64:
		return XEN_IO_PROTO_ABI_X86_64;
	default:
		return XEN_IO_PROTO_ABI_NATIVE;
	}
}

static_assert(sizeof(struct blkback_seg) ==
	      sizeof(struct blkif_request_segment));
static_assert(sizeof(struct blkback_abi_request32) == 108);
static_assert(sizeof(struct blkback_abi_request64) == 112);
static_assert(offsetof(struct blkback_abi_request32, id) == 4);
static_assert(offsetof(struct blkback_abi_request64, id) == 8);
static_assert(offsetof(struct blkback_abi_request32, seg) == 20);
static_assert(offsetof(struct blkback_abi_request64, seg) == 24);
static_assert(sizeof(struct blkback_abi_response32) == 12);
static_assert(sizeof(struct blkback_abi_response64) == 16);

static_assert(BLKIF_MAX_SEGMENTS_PER_REQUEST == BLKBACK_DIRECT_SEGS);
static_assert(BLKIF_OP_READ == BLKBACK_OP_READ);
static_assert(BLKIF_OP_WRITE == BLKBACK_OP_WRITE);
static_assert(BLKIF_OP_WRITE_BARRIER == BLKBACK_OP_BARRIER);
static_assert(BLKIF_OP_FLUSH_DISKCACHE == BLKBACK_OP_FLUSH);
static_assert(BLKIF_OP_DISCARD == BLKBACK_OP_DISCARD);
static_assert(BLKIF_OP_INDIRECT == BLKBACK_OP_INDIRECT);
static_assert(BLKIF_RSP_OKAY == BLKBACK_OKAY);
static_assert(BLKIF_RSP_ERROR == BLKBACK_ERROR);
static_assert(BLKIF_RSP_EOPNOTSUPP == BLKBACK_EOPNOTSUPP);
#ifndef CONFIG_X86_32
static_assert(sizeof(struct blkif_request) ==
	      sizeof(struct blkback_abi_request64));
static_assert(offsetof(struct blkif_request, u.rw.id) ==
	      offsetof(struct blkback_abi_request64, id));
static_assert(offsetof(struct blkif_request, u.indirect.indirect_grefs) ==
	      offsetof(struct blkback_abi_indirect64, gref));
static_assert(offsetof(struct blkif_request, u.indirect.nr_segments) ==
	      offsetof(struct blkback_abi_indirect64, nr_segs));
static_assert(offsetof(struct blkif_request, u.discard.nr_sectors) ==
	      offsetof(struct blkback_abi_discard64, sectors));
#endif
static_assert(offsetof(struct blkback_abi_indirect32, gref) == 24);
static_assert(offsetof(struct blkback_abi_discard32, sectors) == 20);
