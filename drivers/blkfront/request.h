/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sending: from the block layer's request to the ring.
 */
#ifndef BLKFRONT_REQUEST_H
#define BLKFRONT_REQUEST_H

#include "blkfront.h"

/**
 * blkfront_queue_rq() - blk_mq_ops.queue_rq
 * @hctx: hardware queue
 * @bd: the request, and whether it is the last of a batch
 *
 * Context: block layer, not sleeping, possibly on several processors at once,
 * possibly to free memory: waits for none.
 * Return: BLK_STS_OK, or why not; see blkfront_shadow_take().
 */
blk_status_t blkfront_queue_rq(struct blk_mq_hw_ctx *hctx,
			       const struct blk_mq_queue_data *bd);

/**
 * blkfront_commit_rqs() - blk_mq_ops.commit_rqs: a batch ended early
 * @hctx: hardware queue
 */
void blkfront_commit_rqs(struct blk_mq_hw_ctx *hctx);

#endif /* BLKFRONT_REQUEST_H */
