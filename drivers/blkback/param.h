/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's parameters, under the in-tree backend's names.
 */
#ifndef BLKBACK_PARAM_H
#define BLKBACK_PARAM_H

#include <linux/types.h>

/* Queues offered; for new connections. */
extern unsigned int blkback_max_queues;

/* Pages per ring offered, as log2. */
extern unsigned int blkback_max_ring_page_order;

/* Pages stay mapped where the frontend wants it too; for new connections. */
extern bool blkback_feature_persistent;

/* Pages that stay mapped, per queue. */
extern unsigned int blkback_max_persistent_grants;

/* How long one stays that is not used; 0 for ever. */
extern unsigned int blkback_persistent_grant_unused_seconds;

/* Free pages that a queue keeps for its next requests. */
extern unsigned int blkback_max_buffer_pages;

/* For how long a machine short of memory has no queue keep any. */
extern unsigned int blkback_buffer_squeeze_duration_ms;

/* How long an idle queue's thread may look on before it sleeps, in us. */
extern unsigned int blkback_poll_us;

/* Print each busy queue's counts every 10 seconds. */
extern int blkback_log_stats;

/**
 * blkback_params_init() - settle the defaults that depend on the machine
 *
 * Context: module init.
 */
void blkback_params_init(void);

#endif /* BLKBACK_PARAM_H */
