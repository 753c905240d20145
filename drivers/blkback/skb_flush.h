/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asking the network stack to let go of packets that it has done with.
 *
 * Since Linux 6.0 a packet that one CPU frees may go back to the CPU that made
 * it, which frees it when it next receives something (net/core/dev.c,
 * skb_defer_free_flush()): for ever, where that one is idle. If storage behind
 * the network is served by this very kernel, such packets hold pages of guests,
 * whose requests cannot be answered before they are unmapped.
 */
#ifndef BLKBACK_SKB_FLUSH_H
#define BLKBACK_SKB_FLUSH_H

/*
 * blkback_skb_flush_init() - before the first blkback_skb_flush()
 *
 * Return: 0 or -ENOMEM.
 */
int blkback_skb_flush_init(void);

/* blkback_skb_flush_exit() - after the last blkback_skb_flush() */
void blkback_skb_flush_exit(void);

/*
 * blkback_skb_flush() - have each CPU look at what it is to free
 *
 * Cheap, but an interrupt on every CPU: for who has waited for a while. Does
 * nothing where somebody else has just done it.
 *
 * Context: a thread.
 */
void blkback_skb_flush(void);

#endif
