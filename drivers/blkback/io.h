/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads, writes, flushes and barriers as bios. Their end is the business of
 * the layer above (struct blkback_queue.end_io).
 */
#ifndef BLKBACK_IO_H
#define BLKBACK_IO_H

#include <linux/types.h>

struct blkback_request;

/**
 * blkback_io_submit() - hand a request to the disk
 * @req: a checked request with all of its segments mapped, on no list
 *
 * Its bio may end before this returns.
 *
 * Context: the queue's thread, in a plug.
 */
void blkback_io_submit(struct blkback_request *req);

/**
 * blkback_io_resubmit() - hand a failed request to the disk once more
 * @req: a request whose bio has ended with an error
 *
 * The block layer merges neighbours, and where a sector is bad all of them may
 * fail, with the same error. So each is tried once more, unmerged.
 *
 * Context: the queue's thread.
 * Return: true where it is with the disk again; false where it is no such
 * request, or was tried twice already.
 */
bool blkback_io_resubmit(struct blkback_request *req);

#endif /* BLKBACK_IO_H */
