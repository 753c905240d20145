/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the fake world need of each other; not for tests. */
#ifndef FAKE_WORLD_H
#define FAKE_WORLD_H

#include <xen/grant_table.h>

void fake_grant_reset(void);
void fake_map_reset(void);
void fake_evtchn_reset(void);
struct page *fake_ring_page(const void *at);
/* The page of a ring there is shown to the peer as @ref. */
void fake_ring_granted(const void *at, grant_ref_t ref);
void fake_xs_reset(void);

bool fake_gref_live(grant_ref_t ref);

#endif /* FAKE_WORLD_H */
