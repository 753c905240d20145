// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "param.h"

static int set_param(const char *text, const struct kernel_param *kp)
{
	const struct xpv_param *param = kp->arg;
	unsigned int val;
	int err = kstrtouint(text, 0, &val);
	int len = strcspn(text, "\n");

	if (err == -EINVAL) {
		pr_warn("%s: parameter %s=%.*s is no number; still %u\n",
			param->module, kp->name, len, text, *param->val);
		return err;
	}
	if (err == -ERANGE)
		val = UINT_MAX;
	if (err || val < param->min || val > param->max) {
		val = clamp(val, param->min, param->max);
		pr_warn("%s: parameter %s=%.*s is not within %u to %u; using %u\n",
			param->module, kp->name, len, text, param->min,
			param->max, val);
	}
	WRITE_ONCE(*param->val, val);
	return 0;
}

static int get_param(char *text, const struct kernel_param *kp)
{
	const struct xpv_param *param = kp->arg;

	return sysfs_emit(text, "%u\n", *param->val);
}

const struct kernel_param_ops xpv_param_ops = {
	.set = set_param,
	.get = get_param,
};
EXPORT_SYMBOL_GPL(xpv_param_ops);
