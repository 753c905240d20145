/* SPDX-License-Identifier: GPL-2.0 */
/* Devices, their messages, and the locks and counts that go with them. */
#ifndef SHIM_LINUX_DEVICE_H
#define SHIM_LINUX_DEVICE_H

#include <linux/atomic.h>
#include <linux/kernel.h>

struct dentry;
struct kobj_uevent_env;
struct module;
struct seq_file;

struct device {
	const char *name;
	void *drvdata;
};

static inline const char *dev_name(const struct device *dev)
{
	return dev->name;
}

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->drvdata;
}

/* Kept for fake_log_has(); understands %pV and %*pE. */
void fake_log(const char *level, const struct device *dev, const char *fmt,
	      ...);

#define dev_err(dev, fmt, ...) fake_log("err", dev, fmt, ##__VA_ARGS__)
#define dev_warn(dev, fmt, ...) fake_log("warn", dev, fmt, ##__VA_ARGS__)
#define dev_info(dev, fmt, ...) fake_log("info", dev, fmt, ##__VA_ARGS__)
#define dev_dbg(dev, fmt, ...) fake_log("debug", dev, fmt, ##__VA_ARGS__)

/* Lets @burst lines through, then none; no time passes in a test. */
struct ratelimit_state {
	int burst;
	int missed;
};

static inline bool __ratelimit(struct ratelimit_state *rs)
{
	if (rs->burst > 0) {
		rs->burst--;
		return true;
	}
	rs->missed++;
	return false;
}

struct mutex {
	int held;
};

struct completion {
	unsigned int done;
};

struct kref {
	int refs;
};

#endif /* SHIM_LINUX_DEVICE_H */
