// SPDX-License-Identifier: GPL-2.0
/* What a guest's disks take of xenstore: blkfront/nodes.c. */
#include "fake.h"
#include "blkfront/nodes.h"

#define DISKS 64
/* What the toolstack and every disk itself write anyway, and the guest's rest. */
#define OF_EACH 11
#define REST 80
#define QUOTA 1000

struct disk {
	struct blkfront_nodes nodes;
	unsigned int rings;
	unsigned int order;
};

static struct disk disk[DISKS];

static void take(struct disk *d, unsigned int rings, unsigned int order)
{
	d->rings = rings;
	d->order = order;
	blkfront_nodes_reserve(&d->nodes, &d->rings, &d->order);
	assert_in_range(d->rings, 1, rings);
	assert_in_range(d->order, 0, order);
}

static void give_all(void)
{
	unsigned int i;

	for (i = 0; i < DISKS; i++) {
		blkfront_nodes_release(&disk[i].nodes);
		assert_int_equal(disk[i].nodes.held, 0);
	}
}

/* Counted as they are written, not by a formula. */
static unsigned int written(const struct disk *d)
{
	unsigned int i, page, nodes = 0;

	for (i = 0; i < d->rings; i++) {
		for (page = 0; page < 1U << d->order; page++)
			nodes++;
		nodes++;			/* event-channel */
		if (d->rings > 1)
			nodes++;		/* queue-N */
	}
	if (d->rings > 1)
		nodes++;			/* multi-queue-num-queues */
	if (d->order)
		nodes++;			/* ring-page-order */
	return nodes;
}

/* Fails when the first disks of a guest get less than they want. */
static void first_disks(void **state)
{
	unsigned int i;

	take(&disk[0], 2, 4);
	take(&disk[1], 2, 4);
	for (i = 0; i < 2; i++) {
		assert_int_equal(disk[i].rings, 2);
		assert_int_equal(disk[i].order, 4);
		assert_int_equal(disk[i].nodes.held, written(&disk[i]) - 2);
	}
	give_all();
}

/* Fails when 64 disks, of any number of queues, are beyond the quota. */
static void many_disks(void **state)
{
	unsigned int queues, i, sum;

	for (queues = 1; queues <= 64; queues *= 2) {
		sum = REST;
		for (i = 0; i < DISKS; i++) {
			take(&disk[i], queues, 4);
			sum += OF_EACH - 2 + written(&disk[i]);
		}
		assert_in_range(sum, 1, QUOTA);
		give_all();
	}
}

/* Fails when shortage takes the other queues before it takes the pages. */
static void queues_before_pages(void **state)
{
	take(&disk[0], 8, 4);
	assert_int_equal(disk[0].rings, 8);
	assert_in_range(disk[0].order, 1, 3);
	give_all();
}

/* Fails when a disk that goes keeps its part. */
static void given_back(void **state)
{
	unsigned int round;

	for (round = 0; round < 100; round++) {
		take(&disk[0], 2, 4);
		assert_int_equal(disk[0].order, 4);
		blkfront_nodes_release(&disk[0].nodes);
		blkfront_nodes_release(&disk[0].nodes);
	}
}

/* Fails when a disk that xenstore refused asks for as much again. */
static void refused(void **state)
{
	disk[0].nodes.refused = true;
	take(&disk[0], 4, 4);
	assert_int_equal(disk[0].rings, 1);
	assert_int_equal(disk[0].order, 0);
	assert_int_equal(disk[0].nodes.held, 0);
	disk[0].nodes.refused = false;
}

UNIT_MAIN(fake_unit_test(first_disks),
	  fake_unit_test(many_disks),
	  fake_unit_test(queues_before_pages),
	  fake_unit_test(given_back),
	  fake_unit_test(refused))
