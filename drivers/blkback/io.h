/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A request's way through the block layer.
 */
#ifndef BLKBACK_IO_H
#define BLKBACK_IO_H

struct bio;
struct blkback_request;

/**
 * blkback_request_submit() - hand a request to the disk
 * @req: a checked request with all of its segments mapped
 *
 * It comes back by way of its queue's @done list, maybe before this returns.
 *
 * Context: the queue's thread, in a plug.
 */
void blkback_request_submit(struct blkback_request *req);

/**
 * blkback_request_resubmit() - hand a failed request to the disk by itself
 * @req: a request taken from its queue's @done list
 *
 * The block layer merges neighbours, and where a sector is bad all of them may
 * fail, with the same error. So each is tried once more, unmerged.
 *
 * Context: the queue's thread.
 * Return: true where it is with the disk again.
 */
bool blkback_request_resubmit(struct blkback_request *req);

/**
 * blkback_io_ended() - the end of a request's bio
 * @bio: the bio; its bi_private is the request
 *
 * Context: any, also hard interrupt; also the queue's own thread, within
 * submit_bio().
 */
void blkback_io_ended(struct bio *bio);

/**
 * blkback_request_settle() - turn the end of a request's I/O into its status
 * @req: a request taken from its queue's @done list
 *
 * A disk that does not know an operation is remembered, and the device
 * withdraws the feature.
 *
 * Context: the queue's thread.
 */
void blkback_request_settle(struct blkback_request *req);

#endif /* BLKBACK_IO_H */
