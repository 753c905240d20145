// SPDX-License-Identifier: GPL-2.0
/*
 * No lock is taken here: removing the attributes waits for their readers, in
 * xenwatch, which serves all devices of the machine. What is read are plain
 * values in memory that is freed after that. Counters belong to queues, which
 * stay over reconnects, so they never go backwards.
 */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "blkback.h"
#include "sysfs.h"

static ssize_t physical_device_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	struct xpv_device *xdev = xpv_device_of(dev);
	struct blkback *bb;
	dev_t number;

	if (!xdev)
		return -ENODEV;
	bb = xdev->priv;
	number = READ_ONCE(bb->vbd.number);
	return sysfs_emit(buf, "%x:%x\n", MAJOR(number), MINOR(number));
}
static DEVICE_ATTR_RO(physical_device);

static ssize_t mode_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct xpv_device *xdev = xpv_device_of(dev);
	struct blkback *bb;

	if (!xdev)
		return -ENODEV;
	bb = xdev->priv;
	return sysfs_emit(buf, "%s\n", READ_ONCE(bb->vbd.readonly) ? "r" : "w");
}
static DEVICE_ATTR_RO(mode);

static u64 sum_queues(struct blkback *bb, unsigned int id)
{
	unsigned int nr, i;
	u64 sum = 0;

	nr = blkback_nr_allocated(bb);
	for (i = 0; i < nr; i++)
		sum += xpv_stat_read(&bb->queues[i]->stats, id);
	return sum;
}

/* @more: another counter to add, or 0. */
static ssize_t show_sum(struct device *dev, char *buf, unsigned int id,
			unsigned int more)
{
	struct xpv_device *xdev = xpv_device_of(dev);
	u64 sum;

	if (!xdev)
		return -ENODEV;
	sum = sum_queues(xdev->priv, id);
	if (more)
		sum += sum_queues(xdev->priv, more);
	return sysfs_emit(buf, "%llu\n", sum);
}

#define BLKBACK_STAT_ATTR(_name, _id, _more)				\
static ssize_t _name##_show(struct device *dev,				\
			    struct device_attribute *attr, char *buf)	\
{									\
	return show_sum(dev, buf, _id, _more);				\
}									\
static DEVICE_ATTR_RO(_name)

BLKBACK_STAT_ATTR(oo_req, XPV_STAT_STALLS, 0);
BLKBACK_STAT_ATTR(rd_req, BLKBACK_STAT_READS, 0);
BLKBACK_STAT_ATTR(wr_req, BLKBACK_STAT_WRITES, 0);
BLKBACK_STAT_ATTR(f_req, BLKBACK_STAT_FLUSHES, BLKBACK_STAT_BARRIERS);
BLKBACK_STAT_ATTR(ds_req, BLKBACK_STAT_DISCARDS, 0);
BLKBACK_STAT_ATTR(rd_sect, BLKBACK_STAT_READ_SECTORS, 0);
BLKBACK_STAT_ATTR(wr_sect, BLKBACK_STAT_WRITE_SECTORS, 0);

static struct attribute *device_attrs[] = {
	&dev_attr_physical_device.attr,
	&dev_attr_mode.attr,
	NULL,
};

static const struct attribute_group device_group = {
	.attrs = device_attrs,
};

static struct attribute *statistics_attrs[] = {
	&dev_attr_oo_req.attr,
	&dev_attr_rd_req.attr,
	&dev_attr_wr_req.attr,
	&dev_attr_f_req.attr,
	&dev_attr_ds_req.attr,
	&dev_attr_rd_sect.attr,
	&dev_attr_wr_sect.attr,
	NULL,
};

static const struct attribute_group statistics_group = {
	.name = "statistics",
	.attrs = statistics_attrs,
};

static const struct attribute_group *groups[] = {
	&device_group,
	&statistics_group,
	NULL,
};

int blkback_sysfs_add(struct xpv_device *xdev)
{
	return sysfs_create_groups(&xpv_dev(xdev)->kobj, groups);
}

void blkback_sysfs_remove(struct xpv_device *xdev)
{
	sysfs_remove_groups(&xpv_dev(xdev)->kobj, groups);
}
