/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Grants: numbers and structures of Xen's published interface, and the calls
 * of Linux's grant code that common/ uses.
 */
#ifndef SHIM_XEN_GRANT_TABLE_H
#define SHIM_XEN_GRANT_TABLE_H

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/types.h>
#include <linux/workqueue.h>

typedef u16 domid_t;
typedef u32 grant_ref_t;
typedef u32 grant_handle_t;
typedef u32 evtchn_port_t;

#define DOMID_SELF 0x7ff0

#define INVALID_GRANT_REF ((grant_ref_t)-1)
#define INVALID_GRANT_HANDLE ((grant_handle_t)-1)

#define GNTST_okay 0
#define GNTST_general_error -1
#define GNTST_bad_gntref -3
#define GNTST_bad_handle -4
#define GNTST_no_device_space -7
#define GNTST_permission_denied -8
#define GNTST_bad_copy_arg -10
#define GNTST_eagain -12

#define GNTMAP_host_map 2
#define GNTMAP_readonly 4

#define GNTTABOP_map_grant_ref 0
#define GNTTABOP_unmap_grant_ref 1
#define GNTTABOP_copy 5

struct gnttab_map_grant_ref {
	uint64_t host_addr;
	uint32_t flags;
	grant_ref_t ref;
	domid_t dom;
	int16_t status;
	grant_handle_t handle;
	uint64_t dev_bus_addr;
};

struct gnttab_unmap_grant_ref {
	uint64_t host_addr;
	uint64_t dev_bus_addr;
	grant_handle_t handle;
	int16_t status;
};

#define GNTCOPY_source_gref 1
#define GNTCOPY_dest_gref 2

struct gnttab_copy_ptr {
	union {
		grant_ref_t ref;
		unsigned long gmfn;
	} u;
	domid_t domid;
	uint16_t offset;
};

struct gnttab_copy {
	struct gnttab_copy_ptr source, dest;
	uint16_t len;
	uint16_t flags;
	int16_t status;
};

int HYPERVISOR_grant_table_op(unsigned int cmd, void *ops, unsigned int count);

/* A frontend's side: references. */
struct grant_entry_v1 {
	uint16_t flags;
	domid_t domid;
	uint32_t frame;
};

unsigned int gnttab_max_grant_frames(void);
struct gnttab_free_callback {
	struct gnttab_free_callback *next;
	void (*fn)(void *arg);
	void *arg;
	u16 count;
};

int gnttab_alloc_grant_references(u16 count, grant_ref_t *head);
int gnttab_claim_grant_reference(grant_ref_t *head);
void gnttab_free_grant_reference(grant_ref_t ref);
void gnttab_page_grant_foreign_access_ref_one(grant_ref_t ref, domid_t domid,
					      struct page *page, int readonly);
void gnttab_grant_foreign_access_ref(grant_ref_t ref, domid_t domid,
				     unsigned long gfn, int readonly);
int gnttab_end_foreign_access_ref(grant_ref_t ref);
int gnttab_try_end_foreign_access(grant_ref_t ref);
void gnttab_end_foreign_access(grant_ref_t ref, struct page *page);
void gnttab_request_free_callback(struct gnttab_free_callback *callback,
				  void (*fn)(void *arg), void *arg, u16 count);
void gnttab_cancel_free_callback(struct gnttab_free_callback *callback);

/* A backend's side: pages fit for foreign mappings, maps, unmaps. */
struct gnttab_page_cache {
	struct page *pages;
	unsigned int num_pages;
};

void gnttab_page_cache_init(struct gnttab_page_cache *cache);
int gnttab_page_cache_get(struct gnttab_page_cache *cache, struct page **page);
void gnttab_page_cache_put(struct gnttab_page_cache *cache, struct page **pages,
			   unsigned int num);
void gnttab_page_cache_shrink(struct gnttab_page_cache *cache,
			      unsigned int keep);

/* As on a machine with one address space: an address is what Xen is told. */
static inline void gnttab_set_map_op(struct gnttab_map_grant_ref *op,
				     phys_addr_t addr, u32 flags,
				     grant_ref_t ref, domid_t dom)
{
	op->host_addr = addr;
	op->flags = flags;
	op->ref = ref;
	op->dom = dom;
	op->status = 1;
}

static inline void gnttab_set_unmap_op(struct gnttab_unmap_grant_ref *op,
				       phys_addr_t addr, u32 flags,
				       grant_handle_t handle)
{
	op->host_addr = addr;
	op->dev_bus_addr = 0;
	op->handle = handle;
}

int gnttab_map_refs(struct gnttab_map_grant_ref *ops,
		    struct gnttab_map_grant_ref *kops, struct page **pages,
		    unsigned int count);
int gnttab_unmap_refs(struct gnttab_unmap_grant_ref *ops,
		      struct gnttab_unmap_grant_ref *kops, struct page **pages,
		      unsigned int count);

#endif /* SHIM_XEN_GRANT_TABLE_H */
