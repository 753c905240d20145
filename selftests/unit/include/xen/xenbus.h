/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_XEN_XENBUS_H
#define SHIM_XEN_XENBUS_H

#include <linux/device.h>
#include <linux/slab.h>
#include <xen/grant_table.h>
#include <xen/interface/io/xenbus.h>

struct xenbus_device {
	const char *nodename;
	const char *otherend;
	int otherend_id;
	struct device dev;
	enum xenbus_state state;
};

struct xenbus_device_id {
	char devicetype[32];
};

/* Registered by device.c, which is not compiled here. */
struct xenbus_driver {
	const char *name;
};

struct xenbus_transaction {
	u32 id;
};

#define XBT_NIL ((struct xenbus_transaction) { 0 })

/* Logged and kept as the device's error node, as xenbus does. */
void xenbus_dev_error(struct xenbus_device *dev, int err, const char *fmt, ...);
int xenbus_dev_is_online(struct xenbus_device *dev);
int xenbus_switch_state(struct xenbus_device *dev, enum xenbus_state state);
void *xenbus_read(struct xenbus_transaction xbt, const char *dir,
		  const char *node, unsigned int *len);
int xenbus_write(struct xenbus_transaction xbt, const char *dir,
		 const char *node, const char *value);
int xenbus_rm(struct xenbus_transaction xbt, const char *dir, const char *node);
int xenbus_transaction_start(struct xenbus_transaction *xbt);
int xenbus_transaction_end(struct xenbus_transaction xbt, int abort);

struct xenbus_watch {
	const char *node;
	unsigned int nr_pending;
	bool (*will_handle)(struct xenbus_watch *watch, const char *path,
			    const char *token);
	void (*callback)(struct xenbus_watch *watch, const char *path,
			 const char *token);
	struct xenbus_watch *next;
};

int register_xenbus_watch(struct xenbus_watch *watch);
void unregister_xenbus_watch(struct xenbus_watch *watch);

int xenbus_map_ring_valloc(struct xenbus_device *dev, grant_ref_t *grefs,
			   unsigned int pages, void **memory);
int xenbus_unmap_ring_vfree(struct xenbus_device *dev, void *memory);

#endif /* SHIM_XEN_XENBUS_H */
