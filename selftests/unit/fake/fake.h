/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The world around the code under test: an allocator, a grant table, event
 * channels and a xenstore in memory. What the code does to it is counted and
 * checked; each call can be made to fail.
 */
#ifndef FAKE_H
#define FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "device.h"
#include "xpv.h"

/* Calls that can be made to fail. */
enum fake_op {
	FAKE_ALLOC,		/* memory */
	FAKE_GREFS,		/* gnttab_alloc_grant_references() */
	FAKE_CACHE_PAGE,	/* a new page for a gnttab_page_cache */
	FAKE_RING_PAGES,	/* a frontend's memory for a ring */
	FAKE_MAP_RING,
	FAKE_ALLOC_EVTCHN,
	FAKE_BIND_OWN,		/* a port of our own to an interrupt */
	FAKE_BIND_PEER,		/* the peer's port to an interrupt */
	FAKE_XS_READ,
	FAKE_XS_WRITE,
	FAKE_XS_START,
	FAKE_XS_END,
	FAKE_XS_WATCH,
	FAKE_NR_OPS,
};

/* What exists just now; all 0 when everything was given back. */
struct fake_live {
	long allocs;
	long pages;
	long grefs;		/* taken from the table, granted or not */
	long rings;		/* granted by a frontend */
	long ring_maps;		/* mapped by a backend */
	long ports;
	long irqs;
	long maps;		/* foreign pages mapped */
	long transactions;
	long watches;
};

extern struct fake_live fake_live;

/* Acts as the peer at each access to shared memory; see linux/compiler.h. */
extern void (*fake_hook)(enum fake_point point, const volatile void *where);

/* Clears everything; fails the test if something is live. Setup, teardown. */
int fake_setup(void **state);
int fake_teardown(void **state);
void fake_assert_nothing_live(void);

/* Let @after calls of @op pass, then fail @times of them with @err. */
void fake_fail(enum fake_op op, unsigned int after, unsigned int times,
	       int err);

/* Fail the @step-th call of any kind from now; fake_step_done() says whether
 * it came to that.
 */
void fake_fail_step(unsigned int step);
bool fake_step_done(void);

/* Calls of @op since the test began, failed ones included. */
unsigned int fake_calls(enum fake_op op);

/* For the fakes themselves. Return: 0 or -errno to fail with. */
int fake_try(enum fake_op op);

/* Log. */
unsigned int fake_log_lines(void);
bool fake_log_has(const char *text);

/* A device of ours with a peer, as device.c would make it. */
struct fake_device {
	struct xenbus_device xbdev;
	struct xpv_driver drv;
	struct xpv_device xdev;
	char own[64];
	char peer[64];
};

#define FAKE_FRONT_DOM 7
#define FAKE_FRONT_DIR "device/vbd/51712"
#define FAKE_BACK_DIR "backend/vbd/7/51712"

void fake_device_init(struct fake_device *dev, enum xpv_side side);
unsigned int fake_kicks(void);
unsigned int fake_refreshes(void);
/* Runs what xpv_queue_work() was given. */
void fake_run_works(void);

/* Whether watches fire only when they are told to, as xenwatch is busy. */
void fake_xs_late(bool yes);
void fake_xs_deliver(void);
/* Events that wait for that. */
unsigned int fake_xs_waiting(void);

/* Runs in each jiffy that wait_event_timeout() sleeps. */
extern void (*fake_sleeping)(void);

/* Pages. */
struct page *fake_page_alloc(void);

/* Grant table, a frontend's side. */
void fake_grefs_limit(unsigned int nr);
/* How large the table may become. */
void fake_grant_frames(unsigned int nr);
bool fake_gref_granted(grant_ref_t ref, domid_t dom, const struct page *page,
		       bool readonly);
/* The peer maps or lets go of what @ref grants. */
void fake_peer_holds(grant_ref_t ref, bool holds);
/* Lines of the kernel's, "g.e. still in use". */
unsigned int fake_still_in_use(void);
/* What the kernel's deferred work does later. */
void fake_grefs_reclaim(void);

/* Grant table, a backend's side. Statuses by the frontend's reference. */
void fake_grant_status(grant_ref_t ref, int status);
/* The unmap of what @ref gave ends so. */
void fake_unmap_status(grant_ref_t ref, int status);
void fake_map_reset_wishes(void);
/* Whether @handle shows @ref in @page, and the kernel knows it. */
bool fake_mapped(grant_handle_t handle, grant_ref_t ref,
		 const struct page *page);
/* Let the page cache take pages that are still mapped, for a test to count. */
void fake_cache_takes_foreign(bool yes);
/* The next hypercall does @done operations, then fails as a whole. */
void fake_hypercall_breaks(unsigned int done, int err);
unsigned int fake_hypercalls(void);
/* Unmaps of handles that were not mapped. */
unsigned int fake_bad_unmaps(void);

/* A ring that some frontend has granted, to be scribbled on. */
void *fake_ring_memory(grant_ref_t first);

/* Event channels. */
bool fake_port_open(evtchn_port_t port);
const char *fake_irq_name(unsigned int irq);
void fake_fire(unsigned int irq);
unsigned int fake_notified(unsigned int irq);
unsigned int fake_eois(unsigned int irq);
unsigned int fake_spurious_eois(unsigned int irq);
unsigned int fake_irq_syncs(unsigned int irq);

/* Runs before and after a "state" is read outside of a transaction. */
extern void (*fake_xs_state_read)(void);

/* Xenstore: whole paths. */
void fake_xs_set(const char *dir, const char *key, const char *value);
/* Return: the value, NULL where there is none. */
const char *fake_xs_get(const char *dir, const char *key);
void fake_xs_remove(const char *dir, const char *key);
unsigned int fake_xs_reads(const char *dir, const char *key);

/* As if that many events of the watch on a key were queued. */
void fake_xs_pending(const char *dir, const char *key, unsigned int nr);

/* One test, with the world cleared before and checked after. */
#define fake_unit_test(f) \
	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

/* A test file's main(). */
#define UNIT_MAIN(...)							\
int main(void)								\
{									\
	const struct CMUnitTest tests[] = { __VA_ARGS__ };		\
									\
	setvbuf(stdout, NULL, _IOLBF, 0);				\
	cmocka_set_message_output(CM_OUTPUT_TAP);			\
	exit(cmocka_run_group_tests(tests, NULL, NULL));		\
}

#endif /* FAKE_H */
