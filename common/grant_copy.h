/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Building grant copies between a frontend's pages and ours; xpv_copy_run()
 * runs them.
 */
#ifndef XPV_GRANT_COPY_H
#define XPV_GRANT_COPY_H

#include <linux/types.h>
#include <xen/grant_table.h>

struct xpv_device;

/**
 * struct xpv_copy_place - a place in a frontend's page
 * @ref: its grant reference
 * @offset: where
 */
struct xpv_copy_place {
	grant_ref_t ref;
	unsigned int offset;
};

/**
 * xpv_copy_room() - bytes that one copy can carry at most
 * @at: our memory
 * @grant: the frontend's place
 *
 * A copy crosses no 4 KiB boundary on either side.
 */
unsigned int xpv_copy_room(const void *at, struct xpv_copy_place grant);

/**
 * xpv_copy_in() - build a copy from the frontend
 * @op: the operation
 * @xdev: the device
 * @from: the frontend's place
 * @to: our memory, in the kernel's linear mapping
 * @len: bytes, up to xpv_copy_room()
 *
 * Context: any.
 */
void xpv_copy_in(struct gnttab_copy *op, const struct xpv_device *xdev,
		 struct xpv_copy_place from, void *to, unsigned int len);

/**
 * xpv_copy_out() - build a copy to the frontend
 * @op: the operation
 * @xdev: the device
 * @from: our memory, in the kernel's linear mapping; a page that is in truth
 *	  another guest's, mapped here, is copied straight from that guest
 * @to: the frontend's place
 * @len: bytes, up to xpv_copy_room()
 *
 * Context: any.
 */
void xpv_copy_out(struct gnttab_copy *op, const struct xpv_device *xdev,
		  const void *from, struct xpv_copy_place to,
		  unsigned int len);

/**
 * xpv_copy_ok() - whether a copy was made
 * @op: the operation, after xpv_copy_run()
 */
static inline bool xpv_copy_ok(const struct gnttab_copy *op)
{
	/* Whatever else Xen says, positive or not, is a failure (XSA-316). */
	return op->status == GNTST_okay;
}

/**
 * xpv_copy_run() - run grant copies that the caller prepared
 * @xdev: the device
 * @ops: the copies; each has its result in @status, GNTST_okay or an error
 * @nr: how many
 *
 * A page that Xen would have to page in first (GNTST_eagain) counts as failed:
 * Linux guests have none.
 *
 * Context: any.
 * Return: number of copies that failed.
 */
unsigned int xpv_copy_run(struct xpv_device *xdev, struct gnttab_copy *ops,
			  unsigned int nr);

#endif /* XPV_GRANT_COPY_H */
