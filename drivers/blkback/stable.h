/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copies of the data of writes, for disks that need stable pages: those that
 * compute a checksum or a parity of them. A guest's pages may change at any
 * time. Where grants are not persistent they are pages of its page cache or of
 * its programs, and do change in honest guests; a guest that changes them on
 * purpose must not harm others on the same disks.
 */
#ifndef BLKBACK_STABLE_H
#define BLKBACK_STABLE_H

#include "request.h"

/**
 * blkback_stable_copy() - copy the data of a write, where the disk needs that
 * @req: a request with all of its segments mapped
 *
 * Context: the queue's thread.
 * Return: false where memory is short; nothing was done then.
 */
bool blkback_stable_copy(struct blkback_request *req);

/**
 * blkback_stable_free() - free the copies of a request that has ended
 * @req: any request
 *
 * Context: any; the request's I/O is done.
 */
void blkback_stable_free(struct blkback_request *req);

/**
 * blkback_stable_page() - the page that the disk is given for a segment
 * @req: the request
 * @i: which segment
 */
static inline struct page *
blkback_stable_page(const struct blkback_request *req, unsigned int i)
{
	if (unlikely(req->copies))
		return req->copies[i];
	return req->pages[i].map.page;
}

#endif /* BLKBACK_STABLE_H */
