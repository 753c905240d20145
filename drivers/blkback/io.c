// SPDX-License-Identifier: GPL-2.0
#include <linux/bio.h>

#include "blkback.h"
#include "io.h"
#include "stable.h"

/*
 * FUA and flushes. The protocol has no FUA; a frontend sends a flush behind the
 * write instead. A barrier is the older way to order and persist a write:
 * drain.h waits for what came before, PREFLUSH makes that durable, FUA the data
 * of the barrier itself. (The in-tree backend leaves out the FUA.)
 */
static blk_opf_t bio_op_of(const struct blkback_op *op)
{
	switch (op->code) {
	case BLKBACK_OP_READ:
		return REQ_OP_READ;
	case BLKBACK_OP_FLUSH:
		return REQ_OP_WRITE | REQ_PREFLUSH;
	case BLKBACK_OP_BARRIER:
		return REQ_OP_WRITE | REQ_PREFLUSH |
		       (op->nr_segs ? REQ_FUA : 0);
	default:
		/* The guest waits for it, but more may follow. */
		return REQ_OP_WRITE | REQ_SYNC | REQ_IDLE;
	}
}

/*
 * A vector for each segment. They are not merged here: the block layer does
 * that once, where it lists them for the hardware, and knows that pages which
 * are neighbours here need not be so in the machine (XSA-229). To ask here as
 * well costs more than all else that is done for a segment.
 */
static void fill_bio(struct blkback_request *req)
{
	unsigned int i, len, offset;

	for (i = 0; i < req->op.nr_segs; i++) {
		offset = req->segs[i].first << SECTOR_SHIFT;
		len = (req->segs[i].last + 1) << SECTOR_SHIFT;
		__bio_add_page(&req->bio, blkback_stable_page(req, i),
			       len - offset, offset);
	}
}

static void submit_request(struct blkback_request *req, blk_opf_t flags)
{
	struct bio *bio = &req->bio;

	bio_init(bio, blkback_of(req->queue)->vbd.bdev, req->bvecs,
		 req->op.nr_segs, bio_op_of(&req->op) | flags);
	bio->bi_iter.bi_sector = req->op.nr_segs ? req->op.sector : 0;
	bio->bi_private = req;
	bio->bi_end_io = req->queue->end_io;
	fill_bio(req);
	submit_bio(bio);
}

void blkback_io_submit(struct blkback_request *req)
{
	req->resubmitted = false;
	submit_request(req, 0);
}

/*
 * Whether an error may be due to single sectors. A disk that is gone, or that
 * does not answer in time, need not be asked twice.
 */
static bool is_sector_error(blk_status_t error)
{
	return error == BLK_STS_IOERR || !blk_path_error(error);
}

bool blkback_io_resubmit(struct blkback_request *req)
{
	if (req->resubmitted || !is_sector_error(req->error))
		return false;
	if (req->op.code != BLKBACK_OP_READ && req->op.code != BLKBACK_OP_WRITE)
		return false;
	req->resubmitted = true;
	xpv_stat_inc(&req->queue->base.stats, BLKBACK_STAT_RESUBMITTED);
	bio_uninit(&req->bio);
	submit_request(req, REQ_NOMERGE);
	return true;
}
