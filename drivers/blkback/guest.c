// SPDX-License-Identifier: GPL-2.0
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "guest.h"

/* Taken inside a device's lock. */
static DEFINE_MUTEX(guests_lock);
static LIST_HEAD(guests);

static struct blkback_guest *find_guest(domid_t id)
{
	struct blkback_guest *guest;

	list_for_each_entry(guest, &guests, link)
		if (guest->id == id)
			return guest;
	return NULL;
}

struct blkback_guest *blkback_guest_get(domid_t id)
{
	struct blkback_guest *guest;

	mutex_lock(&guests_lock);
	guest = find_guest(id);
	if (!guest) {
		guest = kzalloc(sizeof(*guest), GFP_KERNEL);
		if (!guest)
			goto unlock;
		guest->id = id;
		atomic_set(&guest->pages, BLKBACK_GUEST_PAGES);
		atomic_set(&guest->keep, BLKBACK_GUEST_KEPT);
		list_add(&guest->link, &guests);
	}
	guest->users++;
unlock:
	mutex_unlock(&guests_lock);
	return guest;
}

void blkback_guest_put(struct blkback_guest *guest)
{
	mutex_lock(&guests_lock);
	if (!--guest->users) {
		list_del(&guest->link);
		kfree(guest);
	}
	mutex_unlock(&guests_lock);
}

static bool take_pages(struct blkback_quota *quota, unsigned int nr)
{
	if (atomic_sub_return(nr, &quota->guest->pages) < 0) {
		atomic_add(nr, &quota->guest->pages);
		return false;
	}
	quota->held += nr;
	return true;
}

bool blkback_quota_more(struct blkback_quota *quota, unsigned int nr)
{
	unsigned int missing = nr - (quota->held - quota->used);

	return take_pages(quota, max_t(unsigned int, missing,
				       BLKBACK_QUOTA_STEP)) ||
	       take_pages(quota, missing);
}

void blkback_quota_exceed(struct blkback_quota *quota, unsigned int nr)
{
	unsigned int missing = nr - (quota->held - quota->used);

	atomic_sub(missing, &quota->guest->pages);
	quota->held += missing;
	quota->used += nr;
}

void blkback_quota_trim(struct blkback_quota *quota)
{
	unsigned int spare = quota->held - quota->used;

	if (!spare)
		return;
	atomic_add(spare, &quota->guest->pages);
	quota->held -= spare;
}
