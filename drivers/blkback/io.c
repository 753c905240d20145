// SPDX-License-Identifier: GPL-2.0
#include <linux/bio.h>
#include <linux/rcupdate.h>

#include "connect.h"
#include "dispatch.h"
#include "io.h"
#include "complete.h"
#include "request.h"
#include "stable.h"

/*
 * Once pushed, the request may be answered and its queue stopped before the
 * waking is done; answered at once, before we return. Requests are therefore
 * not touched afterwards, and queues are freed only after a grace period.
 */
void blkback_io_ended(struct bio *bio)
{
	struct blkback_request *req = bio->bi_private;
	struct blkback_queue *queue = req->queue;

	req->error = bio->bi_status;
	rcu_read_lock();
	if (!blkback_complete_inline(req) &&
	    llist_add(&req->done, &queue->done))
		blkback_queue_wake(queue);
	rcu_read_unlock();
}

/*
 * A barrier is the older way to say "all before this, then this, and all of it
 * to stay": what comes before is drained by the queue, the rest is said here.
 * The in-tree backend does not write the data of a barrier through; we do.
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
 * A vector for each segment, as they are. Whether neighbours can be merged is
 * asked once, by the block layer where it lists them for the hardware, which
 * knows that neighbours here need not be neighbours in the machine (XSA-229):
 * to ask here as well costs more than all else that is done for a segment.
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

static void submit(struct blkback_request *req, blk_opf_t flags)
{
	struct bio *bio = &req->bio;

	bio_init(bio, blkback_of(req->queue)->vbd.bdev, req->bvecs,
		 req->op.nr_segs, bio_op_of(&req->op) | flags);
	bio->bi_iter.bi_sector = req->op.nr_segs ? req->op.sector : 0;
	bio->bi_private = req;
	bio->bi_end_io = blkback_io_ended;
	fill_bio(req);
	submit_bio(bio);
}

void blkback_request_submit(struct blkback_request *req)
{
	req->resubmitted = false;
	submit(req, 0);
}

/*
 * What may be the fault of some sectors; a disk that has gone, or that does not
 * answer in time, need not be asked twice.
 */
static bool is_of_sectors(blk_status_t error)
{
	return error == BLK_STS_IOERR || !blk_path_error(error);
}

bool blkback_request_resubmit(struct blkback_request *req)
{
	if (req->resubmitted || !is_of_sectors(req->error))
		return false;
	if (req->op.code != BLKBACK_OP_READ && req->op.code != BLKBACK_OP_WRITE)
		return false;
	req->resubmitted = true;
	xpv_stat_inc(&req->queue->base.stats, BLKBACK_STAT_RESUBMITTED);
	bio_uninit(&req->bio);
	submit(req, REQ_NOMERGE);
	return true;
}

void blkback_request_settle(struct blkback_request *req)
{
	struct blkback *bb = blkback_of(req->queue);

	bio_uninit(&req->bio);
	if (likely(req->error == BLK_STS_OK)) {
		req->status = BLKBACK_OKAY;
		return;
	}

	xpv_stat_inc(&req->queue->base.stats, BLKBACK_STAT_ERRORS);
	req->status = BLKBACK_ERROR;
	if (req->error != BLK_STS_NOTSUPP)
		return;
	switch (req->op.code) {
	case BLKBACK_OP_FLUSH:
		blkback_withdraw(bb, BLKBACK_NO_FLUSH);
		break;
	case BLKBACK_OP_BARRIER:
		blkback_withdraw(bb, BLKBACK_NO_BARRIER);
		break;
	case BLKBACK_OP_DISCARD:
		blkback_withdraw(bb, req->op.secure ? BLKBACK_NO_SECURE :
						     BLKBACK_NO_DISCARD);
		break;
	default:
		return;
	}
	req->status = BLKBACK_EOPNOTSUPP;
}
