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
 * struct xpv_copy - a grant copy
 * @op: Xen's operation, for this file's functions alone; drivers keep arrays of
 *	copies and look no further
 */
struct xpv_copy {
	struct gnttab_copy op;
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
 * @copy: the copy
 * @xdev: the device
 * @from: the frontend's place
 * @to: our memory, in the kernel's linear mapping
 * @len: bytes, up to xpv_copy_room()
 *
 * Context: any.
 */
void xpv_copy_in(struct xpv_copy *copy, const struct xpv_device *xdev,
		 struct xpv_copy_place from, void *to, unsigned int len);

/**
 * xpv_copy_out() - build a copy to the frontend
 * @copy: the copy
 * @xdev: the device
 * @from: our memory, in the kernel's linear mapping; a page that is in truth
 *	  another guest's, mapped here, is copied straight from that guest
 * @to: the frontend's place
 * @len: bytes, up to xpv_copy_room()
 *
 * Context: any.
 */
void xpv_copy_out(struct xpv_copy *copy, const struct xpv_device *xdev,
		  const void *from, struct xpv_copy_place to,
		  unsigned int len);

/**
 * xpv_copy_ok() - whether a copy was made
 * @copy: the copy, after xpv_copy_run()
 */
static inline bool xpv_copy_ok(const struct xpv_copy *copy)
{
	/* Whatever else Xen says, positive or not, is a failure (XSA-316). */
	return copy->op.status == GNTST_okay;
}

/**
 * xpv_copy_run() - run grant copies that the caller prepared
 * @xdev: the device
 * @copies: the copies; xpv_copy_ok() has the result of each
 * @nr: how many
 *
 * A page that Xen would have to page in first (GNTST_eagain) counts as failed:
 * Linux guests have none.
 *
 * Context: any.
 * Return: number of copies that failed.
 */
unsigned int xpv_copy_run(struct xpv_device *xdev, struct xpv_copy *copies,
			  unsigned int nr);

#endif /* XPV_GRANT_COPY_H */
