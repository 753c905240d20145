// SPDX-License-Identifier: GPL-2.0
#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <xen/page.h>
#include <asm/xen/hypercall.h>

#include "types.h"
#include "grant_copy.h"
#include "trace.h"

/* Xen takes an array of copies as one of its operations. */
static_assert(sizeof(struct xpv_copy) == sizeof(struct gnttab_copy));

unsigned int xpv_copy_room(const void *at, struct xpv_copy_place grant)
{
	return min_t(unsigned int, XEN_PAGE_SIZE - xen_offset_in_page(at),
		     XEN_PAGE_SIZE - grant.offset);
}
EXPORT_SYMBOL_GPL(xpv_copy_room);

static void set_grant(struct gnttab_copy_ptr *ptr, domid_t domid,
		      struct xpv_copy_place grant)
{
	ptr->u.ref = grant.ref;
	ptr->domid = domid;
	ptr->offset = grant.offset;
}

static void set_local(struct gnttab_copy_ptr *ptr, const void *at)
{
	ptr->u.gmfn = virt_to_gfn(at);
	ptr->domid = DOMID_SELF;
	ptr->offset = xen_offset_in_page(at);
}

void xpv_copy_in(struct xpv_copy *copy, const struct xpv_device *xdev,
		 struct xpv_copy_place from, void *to, unsigned int len)
{
	struct gnttab_copy *op = &copy->op;

	op->flags = GNTCOPY_source_gref;
	op->len = len;
	set_grant(&op->source, xdev->peer_id, from);
	set_local(&op->dest, to);
}
EXPORT_SYMBOL_GPL(xpv_copy_in);

/*
 * Xen does not let us name another guest's frame by number. The page flag that
 * marks such a page is shared with the page cache and with swap, whose pages
 * belong to a mapping and may come here by sendfile(); a page for grants never
 * does.
 */
static const struct xen_page_foreign *foreign(const void *at)
{
	struct page *page = virt_to_page(at);

	if (PageCompound(page) || PageSlab(page) || page->mapping)
		return NULL;
	return xen_page_foreign(page);
}

void xpv_copy_out(struct xpv_copy *copy, const struct xpv_device *xdev,
		  const void *from, struct xpv_copy_place to,
		  unsigned int len)
{
	const struct xen_page_foreign *owner = foreign(from);
	struct gnttab_copy *op = &copy->op;
	struct xpv_copy_place grant;

	op->flags = GNTCOPY_dest_gref;
	op->len = len;
	if (owner) {
		grant.ref = owner->gref;
		grant.offset = xen_offset_in_page(from);
		set_grant(&op->source, owner->domid, grant);
		op->flags |= GNTCOPY_source_gref;
	} else {
		set_local(&op->source, from);
	}
	set_grant(&op->dest, xdev->peer_id, to);
}
EXPORT_SYMBOL_GPL(xpv_copy_out);

unsigned int xpv_copy_run(struct xpv_device *xdev, struct xpv_copy *copies,
			  unsigned int nr)
{
	unsigned int failed = 0;
	unsigned int i;

	if (!nr)
		return 0;
	for (i = 0; i < nr; i++)
		copies[i].op.status = GNTST_general_error;
	/* An overall error leaves the operations marked as failed. */
	if (HYPERVISOR_grant_table_op(GNTTABOP_copy, copies, nr))
		return nr;
	for (i = 0; i < nr; i++)
		failed += !xpv_copy_ok(&copies[i]);

	trace_xpv_copy(xdev, nr, failed);
	return failed;
}
EXPORT_SYMBOL_GPL(xpv_copy_run);
