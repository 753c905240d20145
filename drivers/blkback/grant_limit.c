// SPDX-License-Identifier: GPL-2.0
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "grant_limit.h"

/* Domains with disks. @domains_lock is taken inside a device's lock. */
static DEFINE_MUTEX(domains_lock);
static LIST_HEAD(domains);

static struct blkback_domain *find_domain(domid_t id)
{
	struct blkback_domain *domain;

	list_for_each_entry(domain, &domains, link)
		if (domain->id == id)
			return domain;
	return NULL;
}

struct blkback_domain *blkback_domain_get(domid_t id)
{
	struct blkback_domain *domain;

	mutex_lock(&domains_lock);
	domain = find_domain(id);
	if (!domain) {
		domain = kzalloc(sizeof(*domain), GFP_KERNEL);
		if (!domain)
			goto unlock;
		domain->id = id;
		atomic_set(&domain->free_pages, BLKBACK_DOMAIN_PAGES);
		atomic_set(&domain->free_pgnts, BLKBACK_DOMAIN_PGNTS);
		list_add(&domain->link, &domains);
	}
	domain->users++;
unlock:
	mutex_unlock(&domains_lock);
	return domain;
}

void blkback_domain_put(struct blkback_domain *domain)
{
	mutex_lock(&domains_lock);
	if (!--domain->users) {
		list_del(&domain->link);
		kfree(domain);
	}
	mutex_unlock(&domains_lock);
}

static bool take_pages(struct blkback_share *share, unsigned int nr)
{
	if (atomic_sub_return(nr, &share->domain->free_pages) < 0) {
		atomic_add(nr, &share->domain->free_pages);
		return false;
	}
	share->held += nr;
	return true;
}

/*
 * A whole step where the domain has that much left, else just what is missing.
 *
 * Context: the queue's thread.
 */
bool blkback_share_more(struct blkback_share *share, unsigned int nr)
{
	unsigned int missing = nr - (share->held - share->used);

	return take_pages(share, max_t(unsigned int, missing,
				       BLKBACK_SHARE_STEP)) ||
	       take_pages(share, missing);
}

void blkback_share_exceed(struct blkback_share *share, unsigned int nr)
{
	unsigned int missing = nr - (share->held - share->used);

	atomic_sub(missing, &share->domain->free_pages);
	share->held += missing;
	share->used += nr;
}

void blkback_share_trim(struct blkback_share *share)
{
	unsigned int spare = share->held - share->used;

	if (!spare)
		return;
	atomic_add(spare, &share->domain->free_pages);
	share->held -= spare;
}
