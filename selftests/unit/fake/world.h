/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the fake world need of each other; not for tests. */
#ifndef FAKE_WORLD_H
#define FAKE_WORLD_H

#include <xen/grant_table.h>

void fake_grant_reset(void);
void fake_map_reset(void);
void fake_evtchn_reset(void);
struct page *fake_ring_page(const void *at);
void fake_xs_reset(void);

/* A reference from the table with access granted. */
int fake_gref_grant(domid_t dom, struct page *page, grant_ref_t *ref);
/* Access ended and the reference returned, at once or by the reclaim. */
void fake_gref_end(grant_ref_t ref);
bool fake_gref_live(grant_ref_t ref);

#endif /* FAKE_WORLD_H */
