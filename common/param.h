/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Module parameters that are numbers with bounds. A value out of bounds is no
 * reason to be without disks or network: the nearest one is used, and a line in
 * the log names parameter, value, bounds and what is used.
 */
#ifndef XPV_PARAM_H
#define XPV_PARAM_H

#include <linux/moduleparam.h>
#include <linux/types.h>

/**
 * struct xpv_param - a bounded parameter
 * @module: the module's name, for messages
 * @val: its value
 * @min: a smaller value is taken as this
 * @max: a greater value is taken as this
 */
struct xpv_param {
	const char *module;
	unsigned int *val;
	unsigned int min;
	unsigned int max;
};

/*
 * XPV_PARAM() - declare a parameter, as module_param_named() does
 * @_name: as users write it
 * @_var: unsigned int; keeps its initial value unless the user sets it
 * @_min: least value
 * @_max: greatest value
 * @_mode: of its file in sysfs; with a writable one @_var is read by
 *	   READ_ONCE()
 */
#define XPV_PARAM(_name, _var, _min, _max, _mode)			\
static struct xpv_param xpv_param_##_name = {				\
	.module = KBUILD_MODNAME,					\
	.val = &(_var),							\
	.min = _min,							\
	.max = _max,							\
};									\
module_param_cb(_name, &xpv_param_ops, &xpv_param_##_name, _mode)

/*
 * xpv_param_ops - sets and shows a parameter; struct kernel_param.arg is its
 * struct xpv_param
 */
extern const struct kernel_param_ops xpv_param_ops;

#endif /* XPV_PARAM_H */
