// SPDX-License-Identifier: GPL-2.0
#include <linux/bio.h>
#include <linux/ktime.h>
#include <linux/sizes.h>

#include "connect.h"
#include "discard.h"
#include "dispatch.h"
#include "io.h"

/*
 * A piece grows while the disk is fast and shrinks when it takes longer than
 * what a reader notices. The most keeps bi_size from overflowing; the least
 * keeps a slow disk from being asked for every block.
 */
#define PIECE_LEAST (SZ_1M >> SECTOR_SHIFT)
#define PIECE_FIRST (SZ_16M >> SECTOR_SHIFT)
#define PIECE_MOST (SZ_1G >> SECTOR_SHIFT)
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
	bio->bi_end_io = blkback_io_ended;
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
		discards->piece = min_t(u32, discards->piece * 2, PIECE_MOST);
	else if (took > SLOW_NS)
		discards->piece = max_t(u32, discards->piece / 2, PIECE_LEAST);
}

/*
 * For each of them the disk would be waited for, one after the other. Plain
 * ones are hints; a secure one has to leave nothing readable, and has not.
 */
static void end_waiting(struct blkback_queue *queue)
{
	struct blkback_request *req, *next;

	list_for_each_entry_safe(req, next, &queue->discards.waiting, link) {
		req->status = req->op.secure ? BLKBACK_ERROR : BLKBACK_OKAY;
		list_move_tail(&req->link, &queue->ended);
		blkback_drain_leave(&blkback_of(queue)->drain, 1);
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
	/* A discard is a wish, unless it is to leave nothing readable. */
	if (req->op.sectors && req->op.secure && req->error == BLK_STS_OK)
		req->error = BLK_STS_IOERR;
	blkback_request_settle(req);
	start_next(discards);
	return true;
}
