/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flushing deferred skbs.
 *
 * Since Linux 6.0 a packet that one CPU frees may be deferred to the CPU that
 * allocated it, which frees it when it next receives something (net/core/dev.c,
 * skb_defer_free_flush()): never, where that CPU is idle. If storage behind the
 * network is served by this very kernel, such packets hold pages of guests,
 * whose requests cannot be answered before the pages are unmapped.
 */
#ifndef BLKBACK_SKB_FLUSH_H
#define BLKBACK_SKB_FLUSH_H

/**
 * blkback_skb_flush_init() - before the first blkback_skb_flush()
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int blkback_skb_flush_init(void);

/**
 * blkback_skb_flush_exit() - after the last blkback_skb_flush()
 *
 * Context: module exit.
 */
void blkback_skb_flush_exit(void);

/**
 * blkback_skb_flush() - have every CPU free the skbs that are deferred to it
 *
 * An interrupt on every CPU: to be called by those who have waited for a while.
 * Does nothing where it was called just before.
 *
 * Context: a queue's thread.
 */
void blkback_skb_flush(void);

#endif
