/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Feature negotiation: one row per xenstore key.
 *
 * A driver declares its keys as a constant table; publishing, reading,
 * clamping, module parameters and the debugfs listing all work from the rows.
 */
#ifndef XPV_FEATURE_H
#define XPV_FEATURE_H

#include "types.h"

struct xpv_transaction;

/**
 * struct xpv_feature - one key of the protocol
 * @key: its name in the writer's directory
 * @writer: the side that writes it
 * @absent: value that a missing key stands for, in the protocol's text
 * @min: a peer's value below this is taken as @absent
 * @max: a peer's value above this is taken as @max
 * @param: module parameter behind our own value, or NULL
 * @flag: the same for a bool parameter, or NULL
 *
 * A row whose @writer is our side is published; its value is what @param or
 * @flag says, bounded by @min and @max, or what the driver set with
 * xpv_feature_offer(), or @max where there is neither. A row that the peer
 * writes is read. Flags are rows with @max 1.
 */
struct xpv_feature {
	const char *key;
	enum xpv_side writer;
	u32 absent;
	u32 min;
	u32 max;
	const unsigned int *param;
	const bool *flag;
};

/**
 * xpv_feature_parse() - bound a peer's value by its row
 * @row: the row
 * @text: the value as found, or NULL where the key is missing
 * @val: the value to use, always set
 *
 * Context: any; pure.
 * Return: 0, or -EINVAL when @text is no number and @val is the row's absent
 * value (worth one line in the log).
 */
int xpv_feature_parse(const struct xpv_feature *row, const char *text,
		      u32 *val);

/**
 * xpv_feature_from_param() - our own value for a row, from its parameter
 * @row: the row
 *
 * Context: any; pure.
 * Return: the value, within @min and @max of the row (a flag is 0 or 1).
 */
u32 xpv_feature_from_param(const struct xpv_feature *row);

/**
 * xpv_feature_offer() - set what we will publish for a row
 * @xdev: the device
 * @id: index of the row, one that our side writes
 * @val: the value
 *
 * For values that depend on the device (a disk without discard), set before
 * xpv_features_publish(). Overrides the module parameter until the next
 * xpv_features_reset().
 *
 * Context: the driver's callbacks.
 */
void xpv_feature_offer(struct xpv_device *xdev, unsigned int id, u32 val);

/**
 * xpv_feature_restore() - publish what our directory already says for a row
 * @xdev: the device
 * @id: index of the row, one that our side writes
 *
 * For a backend whose driver is loaded again while the frontend goes on with
 * what was negotiated before. A key that is missing stands for the row's absent
 * value; one that is no number changes nothing. Lasts as long as
 * xpv_feature_offer() does.
 *
 * Context: the driver's callbacks, may sleep.
 */
void xpv_feature_restore(struct xpv_device *xdev, unsigned int id);

/**
 * xpv_feature() - a feature's value
 * @xdev: the device
 * @id: index of the row
 *
 * Return: for a row of ours what we published, for a row of the peer's what
 * was read at the last xpv_features_read(), bounded; before that, the row's
 * absent value.
 */
u32 xpv_feature(const struct xpv_device *xdev, unsigned int id);

/**
 * xpv_features_reset() - take our values from the parameters again
 * @xdev: the device
 *
 * Forgets the peer's values. Called by device.c before each negotiation.
 */
void xpv_features_reset(struct xpv_device *xdev);

/**
 * xpv_features_publish() - write the rows of our side
 * @xdev: the device
 * @xbt: transaction
 * @unused: makes it fit xpv_transaction()
 *
 * Called at the handshake; a driver calls it where what it offers has changed
 * since.
 *
 * Context: process, may sleep.
 * Return: 0 or -errno of the first key that could not be written.
 */
int xpv_features_publish(struct xpv_device *xdev, struct xpv_transaction *xbt,
			 void *unused);

/**
 * xpv_features_read() - read the rows of the peer's side
 * @xdev: the device
 *
 * A missing key has its absent value; one that is no number too, with a line
 * in the log that names it.
 *
 * Context: process, may sleep.
 */
void xpv_features_read(struct xpv_device *xdev);

/**
 * xpv_features_show() - list key, writer and value of every row
 * @xdev: the device
 * @seq: where to print
 */
void xpv_features_show(const struct xpv_device *xdev, struct seq_file *seq);

#endif /* XPV_FEATURE_H */
