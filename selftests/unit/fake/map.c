// SPDX-License-Identifier: GPL-2.0
/* A backend's maps: the hypercall and the kernel's wrappers around it. */
#include "fake.h"
#include "world.h"

#define MAX_MAPS 4096

/* By handle; handle 0 is a valid one. */
static struct {
	bool mapped;
	uint64_t host_addr;
	grant_ref_t ref;
} map[MAX_MAPS];

/* Statuses that a test asked for. */
struct wish {
	grant_ref_t ref;
	int status;
};

static struct wish map_wish[64], unmap_wish[64];
static unsigned int nr_map_wishes, nr_unmap_wishes;
static unsigned int break_after;
static int break_err;
static unsigned int hypercalls, bad_unmaps;
static bool takes_foreign;

void fake_map_reset_wishes(void)
{
	nr_map_wishes = 0;
	nr_unmap_wishes = 0;
	break_err = 0;
}

void fake_cache_takes_foreign(bool yes)
{
	takes_foreign = yes;
}

bool fake_mapped(grant_handle_t handle, grant_ref_t ref,
		 const struct page *page)
{
	return handle < MAX_MAPS && map[handle].mapped &&
	       map[handle].ref == ref && page->foreign &&
	       map[handle].host_addr == (unsigned long)page->memory;
}

void fake_map_reset(void)
{
	memset(map, 0, sizeof(map));
	fake_map_reset_wishes();
	takes_foreign = false;
	hypercalls = 0;
	bad_unmaps = 0;
}

void fake_grant_status(grant_ref_t ref, int status)
{
	assert_true(nr_map_wishes < ARRAY_SIZE(map_wish));
	map_wish[nr_map_wishes++] = (struct wish){ ref, status };
}

void fake_unmap_status(grant_ref_t ref, int status)
{
	assert_true(nr_unmap_wishes < ARRAY_SIZE(unmap_wish));
	unmap_wish[nr_unmap_wishes++] = (struct wish){ ref, status };
}

void fake_hypercall_breaks(unsigned int done, int err)
{
	break_after = done;
	break_err = err;
}

unsigned int fake_hypercalls(void)
{
	return hypercalls;
}

unsigned int fake_bad_unmaps(void)
{
	return bad_unmaps;
}

static int wished(const struct wish *wish, unsigned int nr, grant_ref_t ref)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (wish[i].ref == ref)
			return wish[i].status;
	return GNTST_okay;
}

static void map_one(struct gnttab_map_grant_ref *op)
{
	grant_handle_t handle = 0;

	op->status = wished(map_wish, nr_map_wishes, op->ref);
	if (op->status != GNTST_okay) {
		/* Someone else's; to use it would be an error. */
		op->handle = 0;
		return;
	}
	while (map[handle].mapped)
		assert_true(++handle < MAX_MAPS);
	map[handle].mapped = true;
	map[handle].host_addr = op->host_addr;
	map[handle].ref = op->ref;
	op->handle = handle;
	fake_live.maps++;
}

static void unmap_one(struct gnttab_unmap_grant_ref *op)
{
	if (op->handle >= MAX_MAPS || !map[op->handle].mapped ||
	    map[op->handle].host_addr != op->host_addr) {
		bad_unmaps++;
		op->status = GNTST_bad_handle;
		return;
	}
	op->status = wished(unmap_wish, nr_unmap_wishes, map[op->handle].ref);
	/* One that Xen would not undo is as good as gone to the test. */
	map[op->handle].mapped = false;
	fake_live.maps--;
}

static void copy_one(struct gnttab_copy *op)
{
	bool from = op->flags & GNTCOPY_source_gref;

	op->status = wished(map_wish, nr_map_wishes,
			    from ? op->source.u.ref : op->dest.u.ref);
}

int HYPERVISOR_grant_table_op(unsigned int cmd, void *ops, unsigned int count)
{
	unsigned int nr = break_err ? min(count, break_after) : count;
	int err = break_err;
	unsigned int i;

	hypercalls++;
	break_err = 0;
	for (i = 0; i < nr; i++) {
		if (cmd == GNTTABOP_map_grant_ref)
			map_one((struct gnttab_map_grant_ref *)ops + i);
		else if (cmd == GNTTABOP_unmap_grant_ref)
			unmap_one((struct gnttab_unmap_grant_ref *)ops + i);
		else if (cmd == GNTTABOP_copy)
			copy_one((struct gnttab_copy *)ops + i);
		else
			fail_msg("hypercall %u", cmd);
	}
	return err;
}

/* As the kernel's: an overall error leaves the pages untouched. */
int gnttab_map_refs(struct gnttab_map_grant_ref *ops,
		    struct gnttab_map_grant_ref *kops, struct page **pages,
		    unsigned int count)
{
	unsigned int i;
	int err;

	assert_null(kops);
	err = HYPERVISOR_grant_table_op(GNTTABOP_map_grant_ref, ops, count);
	for (i = 0; i < count && !err; i++)
		if (ops[i].status == GNTST_okay) {
			pages[i]->foreign = true;
			pages[i]->owner.domid = ops[i].dom;
			pages[i]->owner.gref = ops[i].ref;
		}
	return err;
}

int gnttab_unmap_refs(struct gnttab_unmap_grant_ref *ops,
		      struct gnttab_unmap_grant_ref *kops, struct page **pages,
		      unsigned int count)
{
	unsigned int i;
	int err;

	assert_null(kops);
	err = HYPERVISOR_grant_table_op(GNTTABOP_unmap_grant_ref, ops, count);
	for (i = 0; i < count && !err; i++)
		pages[i]->foreign = false;
	return err;
}

void gnttab_page_cache_init(struct gnttab_page_cache *cache)
{
	memset(cache, 0, sizeof(*cache));
}

int gnttab_page_cache_get(struct gnttab_page_cache *cache, struct page **page)
{
	if (!cache->pages) {
		if (fake_try(FAKE_CACHE_PAGE)) {
			*page = NULL;
			return -ENOMEM;
		}
		*page = fake_page_alloc();
		return 0;
	}
	*page = cache->pages;
	cache->pages = (*page)->next;
	cache->num_pages--;
	return 0;
}

void gnttab_page_cache_put(struct gnttab_page_cache *cache, struct page **pages,
			   unsigned int num)
{
	unsigned int i;

	for (i = 0; i < num; i++) {
		/* A page that still shows the peer's memory is never free. */
		assert_true(takes_foreign || !pages[i]->foreign);
		pages[i]->next = cache->pages;
		cache->pages = pages[i];
		cache->num_pages++;
	}
}

void gnttab_page_cache_shrink(struct gnttab_page_cache *cache,
			      unsigned int keep)
{
	struct page *page;

	while (cache->num_pages > keep) {
		gnttab_page_cache_get(cache, &page);
		put_page(page);
	}
}
