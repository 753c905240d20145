// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels and rings as xenbus sets them up. A ring's memory is freed at the
 * end of a test: its pages may be in a quarantine, and a backend may have it mapped.
 */
#include <stdlib.h>
#include <asm/xen/hypercall.h>
#include <xen/interface/event_channel.h>

#include "fake.h"
#include "world.h"

#define MAX_PORTS 256
#define FIRST_IRQ 1000

/* Port p is served by interrupt FIRST_IRQ + p. */
static struct {
	bool open;
	bool bound;
	irq_handler_t handler;
	void *arg;
	char name[64];
	unsigned int notified;
	unsigned int eois;
	unsigned int spurious;
	unsigned int syncs;
} port[MAX_PORTS];

struct ring {
	struct ring *next;
	void *memory;
	unsigned int pages;
	unsigned int maps;
	bool torn_down;
	struct page page[XPV_RING_MAX_PAGES];
	grant_ref_t gref[XPV_RING_MAX_PAGES];
};

static struct ring *rings;

bool fake_irqs_off;

static void free_ring(struct ring *ring)
{
	struct ring **at = &rings;

	while (*at != ring)
		at = &(*at)->next;
	*at = ring->next;
	free(ring->memory);
	free(ring);
}

void fake_evtchn_reset(void)
{
	memset(port, 0, sizeof(port));
	fake_irqs_off = false;
	while (rings)
		free_ring(rings);
}

/* Event channels */

static int open_port(void)
{
	unsigned int i = 1;

	while (port[i].open)
		assert_true(++i < MAX_PORTS);
	memset(&port[i], 0, sizeof(port[i]));
	port[i].open = true;
	fake_live.ports++;
	return i;
}

static void close_port(unsigned int i)
{
	assert_true(port[i].open);
	port[i].open = false;
	fake_live.ports--;
}

static int bind(unsigned int i, irq_handler_t handler, const char *name,
		void *arg)
{
	assert_true(port[i].open);
	assert_false(port[i].bound);
	port[i].bound = true;
	port[i].handler = handler;
	port[i].arg = arg;
	strscpy(port[i].name, name, sizeof(port[i].name));
	fake_live.irqs++;
	return FIRST_IRQ + i;
}

int HYPERVISOR_event_channel_op(int cmd, void *arg)
{
	struct evtchn_alloc_unbound *alloc = arg;
	const struct evtchn_close *close = arg;
	int err;

	if (cmd == EVTCHNOP_close) {
		assert_false(port[close->port].bound);
		close_port(close->port);
		return 0;
	}
	assert_int_equal(cmd, EVTCHNOP_alloc_unbound);
	assert_int_equal(alloc->dom, DOMID_SELF);
	err = fake_try(FAKE_ALLOC_EVTCHN);
	if (!err)
		alloc->port = open_port();
	return err;
}

int bind_evtchn_to_irqhandler_lateeoi(evtchn_port_t nr, irq_handler_t handler,
				      unsigned long flags, const char *name,
				      void *arg)
{
	int err = fake_try(FAKE_BIND_OWN);

	return err ? err : bind(nr, handler, name, arg);
}

int bind_interdomain_evtchn_to_irqhandler_lateeoi(struct xenbus_device *dev,
						  evtchn_port_t remote,
						  irq_handler_t handler,
						  unsigned long flags,
						  const char *name, void *arg)
{
	int err = fake_try(FAKE_BIND_PEER);

	if (!err && (remote >= MAX_PORTS || !port[remote].open))
		err = -EINVAL;
	return err ? err : bind(open_port(), handler, name, arg);
}

static unsigned int of_irq(unsigned int irq)
{
	assert_in_range(irq, FIRST_IRQ, FIRST_IRQ + MAX_PORTS - 1);
	return irq - FIRST_IRQ;
}

void unbind_from_irqhandler(unsigned int irq, void *arg)
{
	unsigned int i = of_irq(irq);

	assert_true(port[i].bound);
	assert_ptr_equal(port[i].arg, arg);
	port[i].bound = false;
	fake_live.irqs--;
	close_port(i);
}

void xen_irq_lateeoi(unsigned int irq, unsigned int flags)
{
	assert_true(port[of_irq(irq)].bound);
	port[of_irq(irq)].eois++;
	if (flags & XEN_EOI_FLAG_SPURIOUS)
		port[of_irq(irq)].spurious++;
}

void notify_remote_via_irq(int irq)
{
	assert_true(port[of_irq(irq)].bound);
	port[of_irq(irq)].notified++;
}

void synchronize_irq(unsigned int irq)
{
	assert_true(port[of_irq(irq)].bound);
	port[of_irq(irq)].syncs++;
}

void fake_fire(unsigned int irq)
{
	unsigned int i = of_irq(irq);

	assert_true(port[i].bound);
	assert_int_equal(port[i].handler(irq, port[i].arg), IRQ_HANDLED);
}

bool fake_port_open(evtchn_port_t nr)
{
	return nr < MAX_PORTS && port[nr].open;
}

const char *fake_irq_name(unsigned int irq)
{
	return port[of_irq(irq)].name;
}

unsigned int fake_notified(unsigned int irq)
{
	return port[of_irq(irq)].notified;
}

unsigned int fake_eois(unsigned int irq)
{
	return port[of_irq(irq)].eois;
}

unsigned int fake_spurious_eois(unsigned int irq)
{
	return port[of_irq(irq)].spurious;
}

unsigned int fake_irq_syncs(unsigned int irq)
{
	return port[of_irq(irq)].syncs;
}

/* Rings */

static struct ring *ring_by_memory(void *memory)
{
	struct ring *ring = rings;

	while (ring && ring->memory != memory)
		ring = ring->next;
	assert_non_null(ring);
	return ring;
}

struct page *fake_ring_page(const void *at)
{
	struct ring *ring;
	size_t offset;

	for (ring = rings; ring; ring = ring->next) {
		offset = (const char *)at - (const char *)ring->memory;
		if (at >= ring->memory && offset < ring->pages * PAGE_SIZE)
			return &ring->page[offset / PAGE_SIZE];
	}
	return NULL;
}

static struct ring *ring_at(const void *at, unsigned int *nr)
{
	struct page *page = fake_ring_page(at);
	struct ring *ring;

	for (ring = rings; ring; ring = ring->next)
		if (page >= ring->page && page < ring->page + ring->pages)
			break;
	assert_non_null(ring);
	*nr = page - ring->page;
	return ring;
}

void fake_ring_granted(const void *at, grant_ref_t ref)
{
	unsigned int nr;
	struct ring *ring = ring_at(at, &nr);

	ring->gref[nr] = ref;
}

void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	struct ring *ring;
	unsigned int i;

	if (fake_try(FAKE_RING_PAGES))
		return NULL;
	assert_true(gfp & __GFP_ZERO);
	ring = calloc(1, sizeof(*ring));
	assert_non_null(ring);
	ring->pages = size / PAGE_SIZE;
	assert_in_range(ring->pages, 1, XPV_RING_MAX_PAGES);
	ring->memory = aligned_alloc(PAGE_SIZE, size);
	assert_non_null(ring->memory);
	memset(ring->memory, 0, size);
	for (i = 0; i < ring->pages; i++) {
		ring->page[i].refs = 1;
		ring->page[i].ring = true;
	}
	ring->next = rings;
	rings = ring;
	fake_live.rings++;
	return ring->memory;
}

void free_pages_exact(void *memory, size_t size)
{
	struct ring *ring = ring_by_memory(memory);
	unsigned int i;

	assert_false(ring->torn_down);
	assert_int_equal(size, ring->pages * PAGE_SIZE);
	for (i = 0; i < ring->pages; i++)
		put_page(&ring->page[i]);
	ring->torn_down = true;
	fake_live.rings--;
}

static bool covers(const struct ring *ring, const grant_ref_t *grefs,
		   unsigned int pages)
{
	return pages <= ring->pages && !ring->torn_down &&
	       !memcmp(ring->gref, grefs, pages * sizeof(*grefs));
}

int xenbus_map_ring_valloc(struct xenbus_device *dev, grant_ref_t *grefs,
			   unsigned int pages, void **memory)
{
	int err = fake_try(FAKE_MAP_RING);
	struct ring *ring;

	*memory = NULL;
	if (err)
		return err;
	if (pages > XPV_RING_MAX_PAGES)
		return -EINVAL;
	for (ring = rings; ring; ring = ring->next)
		if (covers(ring, grefs, pages))
			break;
	if (!ring)
		return -EINVAL;
	ring->maps++;
	fake_live.ring_maps++;
	*memory = ring->memory;
	return 0;
}

int xenbus_unmap_ring_vfree(struct xenbus_device *dev, void *memory)
{
	struct ring *ring = ring_by_memory(memory);

	assert_true(ring->maps > 0);
	fake_live.ring_maps--;
	ring->maps--;
	return 0;
}

void *fake_ring_memory(grant_ref_t first)
{
	struct ring *ring;

	for (ring = rings; ring; ring = ring->next)
		if (ring->gref[0] == first && !ring->torn_down)
			return ring->memory;
	fail_msg("no ring begins with reference %u", first);
	return NULL;
}
