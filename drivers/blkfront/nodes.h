/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Xenstore nodes: a guest may own so many (1000 by xenstored's default, and
 * oxenstored's), and each page of a ring takes one. Without a budget the
 * thirteenth disk of a guest with two processors finds no room for its keys.
 */
#ifndef BLKFRONT_NODES_H
#define BLKFRONT_NODES_H

#include <linux/types.h>

/**
 * struct blkfront_nodes - a disk's part of the budget
 * @held: nodes that it holds beyond the fewest that a disk needs
 * @refused: xenstore had no room even so: the fewest this time
 *
 * Zeroed: none. Under the disk's xpv_device.lock.
 */
struct blkfront_nodes {
	unsigned int held;
	bool refused;
};

/**
 * blkfront_nodes_reserve() - fit a disk's rings into what the disks may take
 * @nodes: the disk's part; holds nothing
 * @rings: rings that it would have; lowered as need be, to 1 at least
 * @order: log2 of their pages; the same, to 0 at least
 *
 * A disk gets up to a quarter of what is left, so that the first few have all
 * they want, and however many come there is something for each.
 *
 * Context: process, may sleep.
 */
void blkfront_nodes_reserve(struct blkfront_nodes *nodes, unsigned int *rings,
			    unsigned int *order);

/**
 * blkfront_nodes_release() - the disk has no keys any more
 * @nodes: its part; holding nothing is fine
 *
 * Context: process, may sleep.
 */
void blkfront_nodes_release(struct blkfront_nodes *nodes);

#endif /* BLKFRONT_NODES_H */
