// SPDX-License-Identifier: GPL-2.0
#include <linux/bvec.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "bounce.h"

static void *address(const struct blkfront_shadow *sh, unsigned int pos)
{
	return page_address(sh->seg[pos / XEN_PAGE_SIZE].page) +
	       pos % XEN_PAGE_SIZE;
}

/*
 * The pages are packed: a vector may end in another page than it began.
 * Return: bytes of it that are part of what was sent.
 */
static unsigned int copy_vec(const struct blkfront_shadow *sh, unsigned int pos,
			     struct bio_vec *bv, bool out)
{
	unsigned int all = min(bv->bv_len, sh->bytes - pos);
	void *data = bvec_kmap_local(bv);
	unsigned int done, len;

	for (done = 0; done < all; done += len, pos += len) {
		len = min_t(unsigned int, all - done,
			    XEN_PAGE_SIZE - pos % XEN_PAGE_SIZE);
		if (out)
			memcpy(address(sh, pos), data + done, len);
		else
			memcpy(data + done, address(sh, pos), len);
	}
	kunmap_local(data);
	return all;
}

static void copy_request(const struct blkfront_shadow *sh, struct request *rq,
			 bool out)
{
	struct req_iterator iter;
	unsigned int pos = 0;
	struct bio_vec bv;

	rq_for_each_segment(bv, rq, iter) {
		if (pos == sh->bytes)
			break;
		pos += copy_vec(sh, pos, &bv, out);
		if (!out)
			flush_dcache_page(bv.bv_page);
	}
}

void blkfront_bounce_out(const struct blkfront *bf,
			 const struct blkfront_shadow *sh, struct request *rq)
{
	unsigned int i;

	if (rq_data_dir(rq) == WRITE) {
		copy_request(sh, rq, true);
		if (sh->bytes % XEN_PAGE_SIZE)
			memset(address(sh, sh->bytes), 0,
			       XEN_PAGE_SIZE - sh->bytes % XEN_PAGE_SIZE);
		return;
	}
	/*
	 * A backend that says it read and did not write shall not hand out
	 * what an earlier request left here. One that is trusted does not.
	 */
	if (!bf->bounce)
		return;
	for (i = 0; i < sh->nr_segs; i++)
		memset(page_address(sh->seg[i].page), 0, XEN_PAGE_SIZE);
}

void blkfront_bounce_in(const struct blkfront_shadow *sh, struct request *rq)
{
	copy_request(sh, rq, false);
}
