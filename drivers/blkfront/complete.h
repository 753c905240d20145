/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receiving: from the ring's responses to finished requests.
 */
#ifndef BLKFRONT_COMPLETE_H
#define BLKFRONT_COMPLETE_H

#include "blkfront.h"

/**
 * blkfront_event() - xpv_queue_type.event
 * @base: the queue
 * @ring: 0, there is but one
 *
 * Context: hard interrupt.
 */
void blkfront_event(struct xpv_queue *base, unsigned int ring);

/**
 * blkfront_run_tasklet() - the queue's tasklet: take what was answered
 * @tasklet: blkfront_queue.tasklet
 *
 * Context: softirq; never on two processors at once, but beside
 * blkfront_poll().
 */
void blkfront_run_tasklet(struct tasklet_struct *tasklet);

/**
 * blkfront_poll() - blk_mq_ops.poll
 * @hctx: a polled hardware queue
 * @iob: answered requests are gathered here
 *
 * Context: whoever waits for a request; process.
 * Return: how many were answered.
 */
int blkfront_poll(struct blk_mq_hw_ctx *hctx, struct io_comp_batch *iob);

/**
 * blkfront_end_answered() - end what was left to pollers
 * @queue: the ring, whose pollers are gone
 *
 * Context: process.
 */
void blkfront_end_answered(struct blkfront_queue *queue);

/**
 * blkfront_complete_rq() - blk_mq_ops.complete
 * @rq: an answered request
 *
 * Context: softirq, of the processor that submitted the request where the
 * block layer arranges that.
 */
void blkfront_complete_rq(struct request *rq);

#endif /* BLKFRONT_COMPLETE_H */
