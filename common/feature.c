// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "feature.h"
#include "parse.h"
#include "violation.h"
#include "xenstore.h"

int xpv_feature_parse(const struct xpv_feature *row, const char *text,
		      u32 *val)
{
	u64 found;
	int err;

	*val = row->absent;
	if (!text)
		return 0;

	err = xpv_parse_u64(text, U32_MAX, &found);
	if (err == -ERANGE)
		found = U32_MAX;
	else if (err)
		return err;

	if (found > row->max)
		*val = row->max;
	else if (found >= row->min)
		*val = found;
	return 0;
}

u32 xpv_feature_from_param(const struct xpv_feature *row)
{
	u32 val = row->max;

	if (row->flag)
		val = *row->flag;
	else if (row->param)
		val = *row->param;
	return clamp(val, row->min, row->max);
}

void xpv_feature_offer(struct xpv_device *xdev, unsigned int id, u32 val)
{
	xdev->own[id] = val;
}
EXPORT_SYMBOL_GPL(xpv_feature_offer);

void xpv_feature_restore(struct xpv_device *xdev, unsigned int id)
{
	const struct xpv_feature *row = &xdev->drv->features[id];
	char *text = xpv_own_read(xdev, row->key);
	bool missing = IS_ERR(text);
	u32 val;

	if (missing && PTR_ERR(text) != -ENOENT)
		return;
	if (!xpv_feature_parse(row, missing ? NULL : text, &val))
		xdev->own[id] = clamp(val, row->min, row->max);
	if (!missing)
		kfree(text);
}
EXPORT_SYMBOL_GPL(xpv_feature_restore);

static bool is_ours(const struct xpv_device *xdev, unsigned int id)
{
	return xdev->drv->features[id].writer == xdev->drv->side;
}

u32 xpv_feature(const struct xpv_device *xdev, unsigned int id)
{
	return is_ours(xdev, id) ? xdev->own[id] : xdev->peer[id];
}
EXPORT_SYMBOL_GPL(xpv_feature);

void xpv_features_reset(struct xpv_device *xdev)
{
	const struct xpv_feature *row = xdev->drv->features;
	unsigned int i;

	for (i = 0; i < xdev->drv->nr_features; i++) {
		xdev->own[i] = xpv_feature_from_param(&row[i]);
		xdev->peer[i] = row[i].absent;
	}
}

int xpv_features_publish(struct xpv_device *xdev, struct xpv_transaction *xbt,
			 void *unused)
{
	unsigned int i;
	int err;

	for (i = 0; i < xdev->drv->nr_features; i++) {
		if (!is_ours(xdev, i))
			continue;
		err = xpv_own_printf(xdev, xbt, xdev->drv->features[i].key,
				     "%u", xdev->own[i]);
		if (err)
			return err;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_features_publish);

static void read_row(struct xpv_device *xdev, unsigned int id)
{
	const struct xpv_feature *row = &xdev->drv->features[id];
	char *text = xpv_peer_read(xdev, row->key);
	bool missing = IS_ERR(text);

	if (xpv_feature_parse(row, missing ? NULL : text, &xdev->peer[id]))
		xpv_warn_peer(xdev, "%s \"%s\" is no number, taken as %u",
			      row->key, xpv_printable(text), row->absent);
	if (!missing)
		kfree(text);
}

void xpv_features_read(struct xpv_device *xdev)
{
	unsigned int i;

	for (i = 0; i < xdev->drv->nr_features; i++)
		if (!is_ours(xdev, i))
			read_row(xdev, i);
}

void xpv_features_show(const struct xpv_device *xdev, struct seq_file *seq)
{
	unsigned int i;

	for (i = 0; i < xdev->drv->nr_features; i++)
		seq_printf(seq, "%s (%s): %u\n", xdev->drv->features[i].key,
			   is_ours(xdev, i) ? "ours" : "peer's",
			   xpv_feature(xdev, i));
}
