// SPDX-License-Identifier: GPL-2.0
/*
 * The least that a disk's requests can cost in the machine that has the disk: a
 * kernel thread for each disk keeps so many bios in flight, gathers what has
 * ended and submits it anew under one plug.
 *
 *   insmod bioload.ko disks=/dev/a,/dev/b size=4096 depth=32 milliseconds=2000
 *   cat /sys/module/bioload/parameters/{requests,microseconds,errors}
 *
 * insmod returns when it is over.
 */
#include <linux/bio.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/llist.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include <compat/blk.h>

#define MAX_DISKS 16
#define MAX_DEPTH 1024
#define MAX_SIZE SZ_1M

static char *disks[MAX_DISKS];
static int nr_disks;
module_param_array(disks, charp, &nr_disks, 0444);
MODULE_PARM_DESC(disks, "block devices, one thread for each");

static bool write;
module_param(write, bool, 0444);
MODULE_PARM_DESC(write, "write instead of read");

static bool sequential;
module_param(sequential, bool, 0444);
MODULE_PARM_DESC(sequential, "one block behind the other instead of anywhere");

static unsigned int size = 4096;
module_param(size, uint, 0444);
MODULE_PARM_DESC(size, "bytes of a request: a power of two, from 512 to 1 MiB");

static unsigned int depth = 32;
module_param(depth, uint, 0444);
MODULE_PARM_DESC(depth, "requests in flight for each thread, up to 1024");

static unsigned int milliseconds = 1000;
module_param(milliseconds, uint, 0444);
MODULE_PARM_DESC(milliseconds, "how long");

static unsigned long requests;
module_param(requests, ulong, 0444);
MODULE_PARM_DESC(requests, "result: requests that have ended");

static unsigned long microseconds;
module_param(microseconds, ulong, 0444);
MODULE_PARM_DESC(microseconds, "result: how long it took");

static unsigned long errors;
module_param(errors, ulong, 0444);
MODULE_PARM_DESC(errors, "result: requests that have failed");

struct load;

struct unit {
	struct load *load;
	struct llist_node node;
	struct page *page;
	struct bio_vec vec;
	struct bio bio;
};

struct load {
	struct block_device *bdev;
	struct xpv_bdev_handle handle;
	struct task_struct *task;
	struct unit *units;
	struct llist_head ended;
	wait_queue_head_t wait;
	struct rnd_state rnd;
	u64 blocks;
	u64 next;
	unsigned int busy;
	unsigned long requests;
	unsigned long errors;
	struct completion over;
};

static struct load loads[MAX_DISKS];
static ktime_t end;

/* Context: of the disk's completion, usually interrupt. */
static void unit_ended(struct bio *bio)
{
	struct unit *unit = container_of(bio, struct unit, bio);

	if (llist_add(&unit->node, &unit->load->ended))
		wake_up(&unit->load->wait);
}

static void submit(struct unit *unit)
{
	struct load *load = unit->load;
	u64 block;

	if (sequential) {
		block = load->next++;
		if (load->next == load->blocks)
			load->next = 0;
	} else {
		block = prandom_u32_state(&load->rnd) % load->blocks;
	}
	bio_init(&unit->bio, load->bdev, &unit->vec, 1,
		 write ? REQ_OP_WRITE | REQ_SYNC | REQ_IDLE : REQ_OP_READ);
	__bio_add_page(&unit->bio, unit->page, size, 0);
	unit->bio.bi_iter.bi_sector = block * (size >> SECTOR_SHIFT);
	unit->bio.bi_end_io = unit_ended;
	load->busy++;
	submit_bio(&unit->bio);
}

static void take_ended(struct load *load)
{
	struct llist_node *list = llist_del_all(&load->ended);
	bool more = ktime_before(ktime_get(), end);
	struct unit *unit, *next;
	struct blk_plug plug;

	blk_start_plug(&plug);
	llist_for_each_entry_safe(unit, next, list, node) {
		load->busy--;
		load->requests++;
		if (unit->bio.bi_status)
			load->errors++;
		if (more)
			submit(unit);
	}
	blk_finish_plug(&plug);
}

static int load_thread(void *arg)
{
	struct load *load = arg;
	struct blk_plug plug;
	unsigned int i;

	blk_start_plug(&plug);
	for (i = 0; i < depth; i++)
		submit(&load->units[i]);
	blk_finish_plug(&plug);
	while (load->busy) {
		wait_event(load->wait, !llist_empty(&load->ended));
		take_ended(load);
	}
	/* Never comes back here, where the module may be gone by then. */
	kthread_complete_and_exit(&load->over, 0);
	return 0;
}

static void load_free(struct load *load)
{
	unsigned int i;

	if (load->units)
		for (i = 0; i < depth; i++)
			if (load->units[i].page)
				__free_pages(load->units[i].page,
					     get_order(size));
	kvfree(load->units);
	if (load->bdev)
		xpv_bdev_close(load->bdev, &load->handle);
}

static int load_make(struct load *load, const char *path)
{
	struct block_device *bdev;
	unsigned int i;
	dev_t number;
	int err;

	err = lookup_bdev(path, &number);
	if (err) {
		pr_err("bioload: disks: no block device \"%s\": error %d\n",
		       path, err);
		return err;
	}
	bdev = xpv_bdev_open(number, !write, &load->handle);
	if (IS_ERR(bdev)) {
		err = PTR_ERR(bdev);
		pr_err("bioload: disks: cannot open \"%s\": error %d\n", path,
		       err);
		return err;
	}
	load->bdev = bdev;
	load->blocks = bdev_nr_sectors(bdev) / (size >> SECTOR_SHIFT);
	if (!load->blocks || bdev_logical_block_size(bdev) > size) {
		pr_err("bioload: disks: \"%s\" has no block of %u bytes\n",
		       path, size);
		return -EINVAL;
	}

	load->units = kvcalloc(depth, sizeof(*load->units), GFP_KERNEL);
	if (!load->units)
		return -ENOMEM;
	for (i = 0; i < depth; i++) {
		load->units[i].load = load;
		load->units[i].page = alloc_pages(GFP_KERNEL | __GFP_ZERO,
						  get_order(size));
		if (!load->units[i].page)
			return -ENOMEM;
	}
	init_llist_head(&load->ended);
	init_waitqueue_head(&load->wait);
	init_completion(&load->over);
	prandom_seed_state(&load->rnd, load - loads + 1);
	return 0;
}

static int __init bioload_init(void)
{
	ktime_t start;
	int i, err = 0;

	if (!nr_disks || !depth || depth > MAX_DEPTH || size < SECTOR_SIZE ||
	    size > MAX_SIZE || !is_power_of_2(size)) {
		pr_err("bioload: disks=, size=%u or depth=%u is out of range\n",
		       size, depth);
		return -EINVAL;
	}
	requests = 0;
	microseconds = 0;
	errors = 0;
	for (i = 0; !err && i < nr_disks; i++)
		err = load_make(&loads[i], disks[i]);
	for (i = 0; !err && i < nr_disks; i++) {
		loads[i].task = kthread_create(load_thread, &loads[i],
					       "bioload/%d", i);
		if (IS_ERR(loads[i].task))
			err = PTR_ERR(loads[i].task);
	}
	start = ktime_get();
	end = ktime_add_ms(start, milliseconds);
	for (i = 0; i < nr_disks && !IS_ERR_OR_NULL(loads[i].task); i++) {
		if (err)
			kthread_stop(loads[i].task);
		else
			wake_up_process(loads[i].task);
	}
	for (i = 0; i < nr_disks; i++) {
		if (!err) {
			wait_for_completion(&loads[i].over);
			requests += loads[i].requests;
			errors += loads[i].errors;
		}
		load_free(&loads[i]);
	}
	microseconds = ktime_us_delta(ktime_get(), start);
	return err;
}

static void __exit bioload_exit(void)
{
	/* The last unit_ended() may not have left wake_up() yet. */
	synchronize_rcu();
}

module_init(bioload_init);
module_exit(bioload_exit);

MODULE_DESCRIPTION("Keeps bios in flight from a kernel thread, for benchmarks");
MODULE_AUTHOR("The xenpv authors");
MODULE_LICENSE("GPL");
