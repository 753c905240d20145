/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Discards. A guest may ask for a whole disk to be discarded at once, which
 * takes seconds or minutes; reads that come meanwhile must not wait for it. So
 * a queue has one piece of one discard with the disk at a time, of a size that
 * the disk handles in a few milliseconds.
 */
#ifndef BLKBACK_DISCARD_H
#define BLKBACK_DISCARD_H

#include <linux/list.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

struct blkback_request;

/**
 * struct blkback_granule - the unit in which a disk discards
 * @size: sectors of it, at least 1
 * @offset: sector at which one begins, below @size
 */
struct blkback_granule {
	u32 size;
	u32 offset;
};

/**
 * struct blkback_discards - a queue's discards; its thread's alone
 * @waiting: those of which something is left to be submitted
 * @active: the one of which a piece is with the disk, or NULL
 * @piece: sectors of the next piece
 * @began: when the last piece was submitted, in ns
 */
struct blkback_discards {
	struct list_head waiting;
	struct blkback_request *active;
	u32 piece;
	u64 began;
};

/**
 * blkback_discard_cut() - how much of a discard makes the next piece
 * @granule: the disk's
 * @sector: where it begins
 * @sectors: how much is left
 * @piece: how much is wanted, in sectors
 *
 * Pieces end where a granule does: a disk ignores what it has only a part of.
 *
 * Context: any; pure.
 * Return: sectors, at least 1 and at most @sectors.
 */
static inline u32 blkback_discard_cut(const struct blkback_granule *granule,
				      u64 sector, u64 sectors, u32 piece)
{
	u32 past, whole = max(piece, granule->size);

	if (sectors <= whole)
		return sectors;
	div_u64_rem(sector + whole + granule->size - granule->offset,
		    granule->size, &past);
	return whole - past;
}

/**
 * blkback_discards_init() - make the discards of a queue
 * @discards: the queue's
 *
 * Context: while the queue has no thread.
 */
void blkback_discards_init(struct blkback_discards *discards);

/**
 * blkback_discard_submit() - submit a discard, or have it wait for others
 * @req: the request, checked, on no list
 *
 * Context: the queue's thread.
 */
void blkback_discard_submit(struct blkback_request *req);

/**
 * blkback_discard_ended() - the disk has ended a piece
 * @req: the request, with the error of its bio
 * @stop: the queue stops: what is left of this and of those that wait is not
 *	  submitted
 *
 * Submits the next piece of this or of the next discard.
 *
 * Context: the queue's thread.
 * Return: true where the request has ended; its error says how.
 */
bool blkback_discard_ended(struct blkback_request *req, bool stop);

#endif /* BLKBACK_DISCARD_H */
