// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "blkback.h"
#include "stable.h"

static bool needs_copy(const struct blkback_request *req)
{
	if (req->op.code != BLKBACK_OP_WRITE &&
	    req->op.code != BLKBACK_OP_BARRIER)
		return false;
	return unlikely(bdev_stable_writes(blkback_of(req->queue)->vbd.bdev));
}

static void copy_seg(struct page *to, const struct blkback_request *req,
		     unsigned int i)
{
	const struct blkback_seg *seg = &req->segs[i];
	unsigned int offset = seg->first << SECTOR_SHIFT;

	memcpy(page_address(to) + offset,
	       page_address(req->pages[i].map.page) + offset,
	       ((seg->last + 1) << SECTOR_SHIFT) - offset);
}

/* At most as many pages as the domain's grant limit lets it have mapped. */
bool blkback_stable_copy(struct blkback_request *req)
{
	unsigned int i;

	if (likely(!needs_copy(req)))
		return true;
	req->copies = kcalloc(req->op.nr_segs, sizeof(*req->copies),
			      BLKBACK_GFP);
	if (!req->copies)
		return false;
	for (i = 0; i < req->op.nr_segs; i++) {
		req->copies[i] = alloc_page(BLKBACK_GFP);
		if (!req->copies[i]) {
			blkback_stable_free(req);
			return false;
		}
		copy_seg(req->copies[i], req, i);
	}
	return true;
}

/* Network storage that still sends from a copy holds a reference to it. */
void blkback_stable_free(struct blkback_request *req)
{
	unsigned int i;

	if (likely(!req->copies))
		return;
	for (i = 0; i < req->op.nr_segs && req->copies[i]; i++)
		__free_page(req->copies[i]);
	kfree(req->copies);
	req->copies = NULL;
}
