// SPDX-License-Identifier: GPL-2.0
#include <linux/bio.h>
#include <linux/ktime.h>
#include <linux/sizes.h>

#include "blkback.h"

/*
 * A piece grows while the disk takes less than FAST_NS for one, and shrinks
 * when it takes more than SLOW_NS, which a reader would notice. PIECE_MAX keeps
 * bi_size from overflowing, PIECE_MIN a slow disk from getting a bio for each
 * block.
 */
#define PIECE_MIN (SZ_1M >> SECTOR_SHIFT)
#define PIECE_FIRST (SZ_16M >> SECTOR_SHIFT)
#define PIECE_MAX (SZ_1G >> SECTOR_SHIFT)
#define FAST_NS (2 * NSEC_PER_MSEC)
#define SLOW_NS (8 * NSEC_PER_MSEC)

void blkback_discards_init(struct blkback_discards *discards)
{
	INIT_LIST_HEAD(&discards->waiting);
	discards->active = NULL;
	discards->piece = PIECE_FIRST;
}

static void submit_piece(struct blkback_discards *discards,
			 struct blkback_request *req)
{
	struct blkback_vbd *vbd = &blkback_of(req->queue)->vbd;
	struct bio *bio = &req->bio;
	u32 sectors;

	sectors = blkback_discard_cut(&vbd->granule, req->op.sector,
				      req->op.sectors, discards->piece);
	bio_init(bio, vbd->bdev, NULL, 0,
		 req->op.secure ? REQ_OP_SECURE_ERASE : REQ_OP_DISCARD);
	bio->bi_iter.bi_sector = req->op.sector;
	bio->bi_iter.bi_size = sectors << SECTOR_SHIFT;
	bio->bi_private = req;
	bio->bi_end_io = req->queue->end_io;
	req->op.sector += sectors;
	req->op.sectors -= sectors;
	discards->began = ktime_get_ns();
	submit_bio(bio);
}

static void start_next(struct blkback_discards *discards)
{
	struct blkback_request *req;

	req = list_first_entry_or_null(&discards->waiting,
				       struct blkback_request, link);
	discards->active = req;
	if (!req)
		return;
	list_del(&req->link);
	submit_piece(discards, req);
}

void blkback_discard_submit(struct blkback_request *req)
{
	struct blkback_discards *discards = &req->queue->discards;

	list_add_tail(&req->link, &discards->waiting);
	if (!discards->active)
		start_next(discards);
}

static void adapt_piece(struct blkback_discards *discards)
{
	u64 took = ktime_get_ns() - discards->began;

	if (took < FAST_NS)
		discards->piece = min_t(u32, discards->piece * 2, PIECE_MAX);
	else if (took > SLOW_NS)
		discards->piece = max_t(u32, discards->piece / 2, PIECE_MIN);
}

/*
 * The queue stops, and would have to wait for each of these in turn. A discard
 * is a hint and may be left out; a secure one must leave nothing readable, so
 * it has failed.
 */
static void end_waiting(struct blkback_queue *queue)
{
	struct blkback_request *req, *next;

	list_for_each_entry_safe(req, next, &queue->discards.waiting, link) {
		req->status = req->op.secure ? BLKBACK_ERROR : BLKBACK_OKAY;
		list_move_tail(&req->link, &queue->ring.ended);
		blkback_queue_leave_drain(queue, 1);
	}
}

bool blkback_discard_ended(struct blkback_request *req, bool stop)
{
	struct blkback_discards *discards = &req->queue->discards;

	adapt_piece(discards);
	if (stop)
		end_waiting(req->queue);
	if (req->op.sectors && req->error == BLK_STS_OK && !stop) {
		bio_uninit(&req->bio);
		submit_piece(discards, req);
		return false;
	}
	/* Cut short by the stop: see end_waiting(). */
	if (req->op.sectors && req->op.secure && req->error == BLK_STS_OK)
		req->error = BLK_STS_IOERR;
	start_next(discards);
	return true;
}
