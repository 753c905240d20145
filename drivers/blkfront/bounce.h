/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copying between a request's pages and those of the pool.
 */
#ifndef BLKFRONT_BOUNCE_H
#define BLKFRONT_BOUNCE_H

#include "blkfront.h"

/**
 * blkfront_bounce_out() - prepare the pool's pages
 * @bf: the disk
 * @sh: a reserved, bounced shadow
 * @rq: its request
 *
 * Every byte of what is written is either payload or zero (XSA-403). What is
 * read by a backend that is not trusted is zeroed beforehand.
 *
 * Context: any.
 */
void blkfront_bounce_out(const struct blkfront *bf,
			 const struct blkfront_shadow *sh, struct request *rq);

/**
 * blkfront_bounce_in() - copy what was read to the request's own pages
 * @sh: a bounced shadow, answered
 * @rq: its request
 *
 * Context: any.
 */
void blkfront_bounce_in(const struct blkfront_shadow *sh, struct request *rq);

#endif /* BLKFRONT_BOUNCE_H */
