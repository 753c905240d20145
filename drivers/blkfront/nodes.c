// SPDX-License-Identifier: GPL-2.0
#include <linux/mutex.h>

#include "nodes.h"

/*
 * For 64 disks: eleven nodes each, eight from the toolstack and three of ours
 * that every disk has, and what else a guest owns leave so many of 1000.
 */
#define BUDGET 200

static DEFINE_MUTEX(lock);	/* guards the next; inside xpv_device.lock */
static unsigned int left = BUDGET;

/* Beyond "ring-ref" and "event-channel" of a single ring of one page. */
static unsigned int extra(unsigned int rings, unsigned int order)
{
	unsigned int pages = 1U << order;
	unsigned int nodes = pages + 1;		/* references and the channel */

	if (rings > 1)		/* folders, and how many there are */
		nodes = rings * (nodes + 1) + 1;
	if (order)
		nodes++;	/* "ring-page-order" */
	return nodes - 2;
}

void blkfront_nodes_reserve(struct blkfront_nodes *nodes, unsigned int *rings,
			    unsigned int *order)
{
	unsigned int grant_segment, most = *order;

	mutex_lock(&lock);
	grant_segment = nodes->refused ? 0 : left / 4;
	while (*order && extra(*rings, *order) > grant_segment)
		--*order;
	/* Several short rings before one long one, but at last that. */
	if (extra(*rings, *order) > grant_segment) {
		*rings = 1;
		*order = most;
		while (*order && extra(1, *order) > grant_segment)
			--*order;
	}
	nodes->held = extra(*rings, *order);
	left -= nodes->held;
	mutex_unlock(&lock);
}

void blkfront_nodes_release(struct blkfront_nodes *nodes)
{
	mutex_lock(&lock);
	left += nodes->held;
	nodes->held = 0;
	mutex_unlock(&lock);
}
