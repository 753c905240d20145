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

#include "types.h"

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
 * xpv_device_online() - backend: whether the toolstack wants the device
 * @xdev: the device
 *
 * Context: process, may sleep.
 */
bool xpv_device_online(struct xpv_device *xdev);

/**
 * xpv_backend_trusted() - frontend: whether the toolstack trusts the backend
 * @xdev: the device
 *
 * The key "trusted" of our own directory: without it, yes; 0 is no, any other
 * number yes; what is no number, or cannot be read, is no, after a message.
 *
 * Context: process, may sleep.
 */
bool xpv_backend_trusted(struct xpv_device *xdev);

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
 * xpv_peer_write() - write a key of the peer's directory
 * @xdev: the device
 * @key: key
 * @text: value
 *
 * For what the toolstack is to write there and has not. Only a privileged
 * domain may; a directory that is gone stays so.
 *
 * Context: process, may sleep.
 * Return: 0 or -errno, without a message.
 */
int xpv_peer_write(struct xpv_device *xdev, const char *key, const char *text);

#endif /* XPV_XENSTORE_H */
