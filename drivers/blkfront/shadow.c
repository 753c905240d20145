// SPDX-License-Identifier: GPL-2.0
#include <linux/bvec.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "shadow.h"

/* Return: false with nothing taken. */
static bool take(struct blkfront_queue *q, struct blkfront_shadow *sh)
{
	unsigned int i;

	lockdep_assert_held(&q->lock);

	if (xpv_slots_free(blkfront_slots(q)) <= q->building)
		return false;
	if (sh->bounced && q->nr_bounce < sh->nr_segs)
		return false;
	if (!xpv_gref_pool_reserve(&q->grefs, sh->nr_segs)) {
		/* Other devices' requests may have them: not ours to await. */
		xpv_gref_pool_wait(&q->grefs, sh->nr_segs);
		return false;
	}

	q->building++;
	for (i = 0; i < sh->nr_segs; i++) {
		sh->seg[i].gref = xpv_gref_take(&q->grefs);
		if (sh->bounced)
			sh->seg[i].page = q->bounce[--q->nr_bounce];
	}
	return true;
}

bool blkfront_shadow_reserve(struct blkfront_queue *q,
			     struct blkfront_shadow *sh)
{
	bool taken;

	spin_lock_bh(&q->lock);
	taken = take(q, sh);
	if (!taken) {
		q->starved = true;
		xpv_stat_inc(&q->base.stats, XPV_STAT_STALLS);
	}
	spin_unlock_bh(&q->lock);
	return taken;
}

bool blkfront_shadow_revoke(struct blkfront_queue *q,
			    struct blkfront_shadow *sh)
{
	struct blkfront_seg *seg;
	bool all = true;
	unsigned int i;

	lockdep_assert_held(&q->lock);

	for (i = 0; i < sh->nr_segs; i++) {
		seg = &sh->seg[i];
		if (likely(xpv_grant_end(q->info->xdev, &q->grefs, seg->gref,
					 seg->page)))
			continue;
		all = false;
		if (!sh->bounced)
			continue;
		/* Freed once the backend lets go; the pool is one short. */
		put_page(seg->page);
		seg->page = NULL;
		q->owned_bounce--;
	}
	return all;
}

bool blkfront_shadow_release(struct blkfront_queue *q,
			     struct blkfront_shadow *sh)
{
	bool starved = q->starved;
	unsigned int i;

	lockdep_assert_held(&q->lock);

	for (i = 0; sh->bounced && i < sh->nr_segs; i++)
		if (sh->seg[i].page)
			q->bounce[q->nr_bounce++] = sh->seg[i].page;
	sh->rq = NULL;
	sh->nr_segs = 0;
	sh->state = BLKFRONT_FREE;
	q->starved = false;
	return starved;
}

static void *bounce_address(const struct blkfront_shadow *sh, unsigned int pos)
{
	return page_address(sh->seg[pos / XEN_PAGE_SIZE].page) +
	       pos % XEN_PAGE_SIZE;
}

/* The pages are packed: a vector may end in another page than it began. */
static void copy_vec(const struct blkfront_shadow *sh, unsigned int pos,
		     struct bio_vec *bv, bool out)
{
	void *data = bvec_kmap_local(bv);
	unsigned int done, len;

	for (done = 0; done < bv->bv_len; done += len, pos += len) {
		len = min_t(unsigned int, bv->bv_len - done,
			    XEN_PAGE_SIZE - pos % XEN_PAGE_SIZE);
		if (out)
			memcpy(bounce_address(sh, pos), data + done, len);
		else
			memcpy(data + done, bounce_address(sh, pos), len);
	}
	kunmap_local(data);
}

static void copy_request(const struct blkfront_shadow *sh, struct request *rq,
			 bool out)
{
	struct req_iterator iter;
	unsigned int pos = 0;
	struct bio_vec bv;

	rq_for_each_segment(bv, rq, iter) {
		copy_vec(sh, pos, &bv, out);
		if (!out)
			flush_dcache_page(bv.bv_page);
		pos += bv.bv_len;
	}
}

void blkfront_bounce_out(struct blkfront_shadow *sh, struct request *rq)
{
	unsigned int bytes = blk_rq_bytes(rq);
	unsigned int i;

	if (rq_data_dir(rq) == WRITE) {
		copy_request(sh, rq, true);
		if (bytes % XEN_PAGE_SIZE)
			memset(bounce_address(sh, bytes), 0,
			       XEN_PAGE_SIZE - bytes % XEN_PAGE_SIZE);
		return;
	}
	/*
	 * A backend that says it read and did not write shall not hand out
	 * what an earlier request left here.
	 */
	for (i = 0; i < sh->nr_segs; i++)
		memset(page_address(sh->seg[i].page), 0, XEN_PAGE_SIZE);
}

void blkfront_bounce_in(struct blkfront_shadow *sh, struct request *rq)
{
	copy_request(sh, rq, false);
}
