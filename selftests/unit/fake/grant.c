// SPDX-License-Identifier: GPL-2.0
/* A frontend's grant table. */
#include <xen/page.h>

#include "fake.h"
#include "world.h"

#define TABLE 8192
#define FIRST 8		/* Linux keeps the first few for itself */

enum gref_state {
	GREF_FREE,
	GREF_PRIVATE,	/* in a list of gnttab_alloc_grant_references() */
	GREF_CLAIMED,
	GREF_GRANTED,
	GREF_DEFERRED,	/* ended while the peer held it */
};

static struct {
	enum gref_state state;
	grant_ref_t next;
	domid_t dom;
	struct page *page;
	bool readonly;
	bool held;
} table[TABLE];

static unsigned int limit;
static unsigned int frames;
static unsigned int still_in_use;
static struct gnttab_free_callback *waiting;

void fake_grant_reset(void)
{
	memset(table, 0, sizeof(table));
	limit = TABLE - FIRST;
	frames = TABLE / 512;
	waiting = NULL;
	still_in_use = 0;
}

void fake_grefs_limit(unsigned int nr)
{
	assert_true(nr <= TABLE - FIRST);
	limit = nr;
}

void fake_grant_frames(unsigned int nr)
{
	frames = nr;
}

unsigned int gnttab_max_grant_frames(void)
{
	return frames;
}

/* The kernel runs callbacks as soon as enough references are free. */
static void run_callbacks(void)
{
	struct gnttab_free_callback **at = &waiting, *callback;

	while ((callback = *at)) {
		if (limit - fake_live.grefs < callback->count) {
			at = &callback->next;
			continue;
		}
		*at = callback->next;
		callback->next = NULL;
		callback->fn(callback->arg);
	}
}

static grant_ref_t take(enum gref_state state)
{
	grant_ref_t ref = FIRST;

	while (table[ref].state != GREF_FREE)
		ref++;
	table[ref].state = state;
	table[ref].held = false;
	fake_live.grefs++;
	return ref;
}

static void give_back(grant_ref_t ref)
{
	table[ref].state = GREF_FREE;
	fake_live.grefs--;
	run_callbacks();
}

int gnttab_alloc_grant_references(u16 count, grant_ref_t *head)
{
	grant_ref_t ref;

	if (fake_try(FAKE_GREFS) || fake_live.grefs + count > limit)
		return -ENOSPC;
	*head = 0;
	while (count--) {
		ref = take(GREF_PRIVATE);
		table[ref].next = *head;
		*head = ref;
	}
	return 0;
}

int gnttab_claim_grant_reference(grant_ref_t *head)
{
	grant_ref_t ref = *head;

	if (!ref)
		return -ENOSPC;
	assert_int_equal(table[ref].state, GREF_PRIVATE);
	table[ref].state = GREF_CLAIMED;
	*head = table[ref].next;
	return ref;
}

void gnttab_free_grant_reference(grant_ref_t ref)
{
	assert_in_range(ref, FIRST, TABLE - 1);
	/* Neither free already nor still granting access. */
	assert_int_equal(table[ref].state, GREF_CLAIMED);
	give_back(ref);
}

void gnttab_page_grant_foreign_access_ref_one(grant_ref_t ref, domid_t dom,
					      struct page *page, int readonly)
{
	assert_in_range(ref, FIRST, TABLE - 1);
	assert_int_equal(table[ref].state, GREF_CLAIMED);
	table[ref].state = GREF_GRANTED;
	table[ref].dom = dom;
	table[ref].page = page;
	table[ref].readonly = readonly;
}

void gnttab_grant_foreign_access_ref(grant_ref_t ref, domid_t dom,
				     unsigned long gfn, int readonly)
{
	void *at = (void *)(gfn * XEN_PAGE_SIZE);

	gnttab_page_grant_foreign_access_ref_one(ref, dom, virt_to_page(at),
						 readonly);
	fake_ring_granted(at, ref);
}

bool fake_gref_live(grant_ref_t ref)
{
	return ref >= FIRST && ref < TABLE && table[ref].state == GREF_GRANTED;
}

bool fake_gref_granted(grant_ref_t ref, domid_t dom, const struct page *page,
		       bool readonly)
{
	return fake_gref_live(ref) && table[ref].dom == dom &&
	       table[ref].page == page && table[ref].readonly == readonly;
}

void fake_peer_holds(grant_ref_t ref, bool holds)
{
	table[ref].held = holds;
}

static int end_access(grant_ref_t ref)
{
	assert_in_range(ref, FIRST, TABLE - 1);
	assert_int_equal(table[ref].state, GREF_GRANTED);
	if (table[ref].held)
		return 0;
	table[ref].state = GREF_CLAIMED;
	return 1;
}

int gnttab_end_foreign_access_ref(grant_ref_t ref)
{
	int ended = end_access(ref);

	still_in_use += !ended;
	return ended;
}

unsigned int fake_still_in_use(void)
{
	return still_in_use;
}

int gnttab_try_end_foreign_access(grant_ref_t ref)
{
	if (!end_access(ref))
		return 0;
	give_back(ref);
	return 1;
}

void gnttab_end_foreign_access(grant_ref_t ref, struct page *page)
{
	if (end_access(ref)) {
		give_back(ref);
		if (page)
			put_page(page);
		return;
	}
	table[ref].state = GREF_DEFERRED;
	table[ref].page = page;
}

void fake_grefs_reclaim(void)
{
	grant_ref_t ref;

	for (ref = FIRST; ref < TABLE; ref++) {
		if (table[ref].state != GREF_DEFERRED || table[ref].held)
			continue;
		if (table[ref].page)
			put_page(table[ref].page);
		give_back(ref);
	}
}

void gnttab_request_free_callback(struct gnttab_free_callback *callback,
				  void (*fn)(void *arg), void *arg, u16 count)
{
	struct gnttab_free_callback *other;

	for (other = waiting; other; other = other->next)
		if (other == callback)
			return;
	callback->fn = fn;
	callback->arg = arg;
	callback->count = count;
	callback->next = waiting;
	waiting = callback;
	run_callbacks();
}

void gnttab_cancel_free_callback(struct gnttab_free_callback *callback)
{
	struct gnttab_free_callback **at;

	for (at = &waiting; *at; at = &(*at)->next)
		if (*at == callback) {
			*at = callback->next;
			return;
		}
}
