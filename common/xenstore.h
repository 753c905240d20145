/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading and writing xenstore: our own directory and the peer's.
 *
 * The trust rule in one place: a backend reads its configuration with
 * xpv_own_*, from the directory that only the toolstack and it can write;
 * xpv_peer_* returns what another machine wrote, and is bounded by the caller.
 */
#ifndef XPV_XENSTORE_H
#define XPV_XENSTORE_H

#include <linux/types.h>
#include <xen/xenbus.h>

struct xpv_device;
struct xpv_transaction;

/**
 * xpv_own_read() - read a key of our own directory
 * @xdev: the device
 * @key: key, may contain '/'
 *
 * Context: process, may sleep.
 * Return: the string, to be freed with kfree(), or an ERR_PTR; -ENOENT where
 * the key is missing.
 */
char *xpv_own_read(struct xpv_device *xdev, const char *key);

/**
 * xpv_peer_read() - read a key of the peer's directory
 * @xdev: the device
 * @key: key, may contain '/'
 *
 * Return: as xpv_own_read().
 */
char *xpv_peer_read(struct xpv_device *xdev, const char *key);

/**
 * xpv_own_read_u64() - read a number of our own directory
 * @xdev: the device
 * @key: key
 * @max: greatest value accepted
 * @val: where it goes; untouched on error
 *
 * Context: process, may sleep.
 * Return: 0; -ENOENT without a message where the key is missing; -EINVAL or
 * -ERANGE after a message naming device, key and value.
 */
int xpv_own_read_u64(struct xpv_device *xdev, const char *key, u64 max,
		     u64 *val);

/**
 * xpv_peer_read_u64() - read a number of the peer's directory
 * @xdev: the device
 * @key: key
 * @max: greatest value accepted
 * @val: where it goes; untouched on error
 *
 * Return: as xpv_own_read_u64().
 */
int xpv_peer_read_u64(struct xpv_device *xdev, const char *key, u64 max,
		      u64 *val);

/**
 * xpv_own_printf() - write a key of our own directory
 * @xdev: the device
 * @xbt: transaction, or NULL: then a directory that was removed meanwhile is
 *	 made anew
 * @key: key, may contain '/'
 * @fmt: value
 *
 * Context: process, may sleep.
 * Return: 0 or -errno, after a message naming device and key.
 */
__printf(4, 5)
int xpv_own_printf(struct xpv_device *xdev, struct xpv_transaction *xbt,
		   const char *key, const char *fmt, ...);

/**
 * xpv_own_remove() - remove a key of our own directory
 * @xdev: the device
 * @xbt: transaction, or NULL
 * @key: key; one that is missing is fine
 *
 * Context: process, may sleep.
 */
void xpv_own_remove(struct xpv_device *xdev, struct xpv_transaction *xbt,
		    const char *key);

/**
 * xpv_transaction() - run writes as one transaction
 * @xdev: the device
 * @fn: does the writes; may be run several times; returns 0 or -errno, which
 *	aborts
 * @arg: for @fn
 *
 * Context: process, may sleep.
 * Return: 0, @fn's error, or that of xenstore: -ENOENT, and nothing is written,
 * where our own directory has gone. Retried where another writer came between
 * (-EAGAIN), a bounded number of times.
 */
int xpv_transaction(struct xpv_device *xdev,
		    int (*fn)(struct xpv_device *xdev,
			      struct xpv_transaction *xbt, void *arg),
		    void *arg);

/**
 * struct xpv_watch - a watch on a key
 * @watched: the kernel's part; NULL where it is not active
 *
 * A change has struct xpv_driver_ops.refresh run, in the device's work.
 */
struct xpv_watch {
	struct xpv_watched *watched;
};

/**
 * xpv_watch_will_handle() - let one event of a watch wait, and no more
 * @watch: whose callback looks at all that there is, not at @path
 * @path: unused
 * @token: unused
 *
 * Who writes the key may do so faster than xenwatch gets on (XSA-349).
 *
 * Context: xenbus' reader, under its spinlock.
 */
bool xpv_watch_will_handle(struct xenbus_watch *watch, const char *path,
			   const char *token);

/**
 * xpv_watch_start() - watch a key of our own directory
 * @xdev: the device
 * @watch: zeroed or stopped watch
 * @key: key
 *
 * Fires once right away. However often the key is written, at most one event
 * is queued (XSA-349).
 *
 * Context: process, may sleep.
 * Return: 0 or -errno, after a message.
 */
int xpv_watch_start(struct xpv_device *xdev, struct xpv_watch *watch,
		    const char *key);

/**
 * xpv_watch_start_peer() - watch a key of the peer's directory
 * @xdev: a backend's device: a frontend's peer may change directory
 * @watch: zeroed or stopped watch
 * @key: key
 *
 * Return: as xpv_watch_start().
 */
int xpv_watch_start_peer(struct xpv_device *xdev, struct xpv_watch *watch,
			 const char *key);

/**
 * xpv_watch_stop() - stop watching
 * @watch: the watch; one that is not active is fine
 *
 * A change does nothing to the device any more. The watch itself goes later, as
 * that takes waiting for xenbus, which may wait for the caller.
 *
 * Context: any that may take spinlocks.
 */
void xpv_watch_stop(struct xpv_watch *watch);

#endif /* XPV_XENSTORE_H */
