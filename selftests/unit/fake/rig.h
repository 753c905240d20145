/* SPDX-License-Identifier: GPL-2.0 */
/* A ring in plain memory with both its ends. */
#ifndef FAKE_RIG_H
#define FAKE_RIG_H

#include <stdlib.h>

#include "fake.h"

#define RIG_BYTES 4096
#define SLOT 112	/* a blkif slot; 32 of them fit RIG_BYTES */

struct rig {
	struct xpv_sring *ring;
	struct xpv_slots front;
	struct xpv_slots back;
};

/* Both ends in step at @start, as after so many requests and answers. */
static inline void rig_init_at(struct rig *rig, u32 size, u32 start)
{
	rig->ring = calloc(1, RIG_BYTES);
	assert_non_null(rig->ring);
	xpv_slots_init_front(&rig->front, rig->ring, RIG_BYTES, size);
	rig->ring->req_prod += start;
	rig->ring->rsp_prod += start;
	rig->ring->req_event += start;
	rig->ring->rsp_event += start;
	rig->front.prod = start;
	rig->front.cons = start;
	rig->front.pushed = start;
	assert_int_equal(xpv_slots_init_back(&rig->back, rig->ring, RIG_BYTES,
					     size), 0);
}

static inline void rig_init(struct rig *rig, u32 size)
{
	rig_init_at(rig, size, 0);
}

static inline void rig_free(struct rig *rig)
{
	free(rig->ring);
}

/* An entry is a stamp in the first eight bytes of its slot. */
static inline void rig_put(struct xpv_slots *s, u64 stamp)
{
	xpv_slots_produce(s, &stamp, sizeof(stamp));
}

static inline u64 rig_take(struct xpv_slots *s)
{
	u64 stamp;

	xpv_slots_consume(s, &stamp, sizeof(stamp));
	return stamp;
}

#endif /* FAKE_RIG_H */
