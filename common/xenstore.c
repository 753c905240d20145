// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/slab.h>

#include "parse.h"
#include "violation.h"
#include "xenstore.h"

/*
 * A transaction that other writers keep breaking is given up: on a machine
 * where sixty-four devices connect at once a handful of tries is usual.
 */
#define MAX_TRIES 64

struct xpv_transaction {
	struct xenbus_transaction xenbus;
};

static struct xenbus_transaction handle_of(const struct xpv_transaction *xbt)
{
	return xbt ? xbt->xenbus : XBT_NIL;
}

char *xpv_own_read(struct xpv_device *xdev, const char *key)
{
	return xenbus_read(XBT_NIL, xpv_own_path(xdev), key, NULL);
}
EXPORT_SYMBOL_GPL(xpv_own_read);

char *xpv_peer_read(struct xpv_device *xdev, const char *key)
{
	return xenbus_read(XBT_NIL, xdev->peer_path, key, NULL);
}
EXPORT_SYMBOL_GPL(xpv_peer_read);

static int read_u64(struct xpv_device *xdev, const char *dir, const char *key,
		    u64 max, u64 *val)
{
	char *text = xenbus_read(XBT_NIL, dir, key, NULL);
	int err;

	if (IS_ERR(text))
		return PTR_ERR(text);

	err = xpv_parse_u64(text, max, val);
	if (err)
		xpv_warn_peer(xdev, "%s/%s \"%s\" is no number up to %llu",
			      dir, key, xpv_printable(text), max);
	kfree(text);
	return err;
}

int xpv_own_read_u64(struct xpv_device *xdev, const char *key, u64 max,
		     u64 *val)
{
	return read_u64(xdev, xpv_own_path(xdev), key, max, val);
}
EXPORT_SYMBOL_GPL(xpv_own_read_u64);

bool xpv_device_online(struct xpv_device *xdev)
{
	return xenbus_dev_is_online(xdev->xbdev);
}
EXPORT_SYMBOL_GPL(xpv_device_online);

bool xpv_backend_trusted(struct xpv_device *xdev)
{
	u64 trusted;
	int err = xpv_own_read_u64(xdev, "trusted", U64_MAX, &trusted);

	if (!err)
		return trusted;
	if (err == -ENOENT)
		return true;
	if (err != -EINVAL && err != -ERANGE)
		xpv_warn(xdev, "cannot read trusted: error %d\n", err);
	return false;
}
EXPORT_SYMBOL_GPL(xpv_backend_trusted);

int xpv_peer_read_u64(struct xpv_device *xdev, const char *key, u64 max,
		      u64 *val)
{
	return read_u64(xdev, xdev->peer_path, key, max, val);
}
EXPORT_SYMBOL_GPL(xpv_peer_read_u64);

int xpv_own_printf(struct xpv_device *xdev, struct xpv_transaction *xbt,
		   const char *key, const char *fmt, ...)
{
	va_list args;
	char *text;
	int err;

	va_start(args, fmt);
	/* Under locks that a disk waits for to connect: as xenbus allocates. */
	text = kvasprintf(GFP_NOIO, fmt, args);
	va_end(args);
	if (!text)
		return -ENOMEM;

	err = xenbus_write(handle_of(xbt), xpv_own_path(xdev), key, text);
	if (err && __ratelimit(&xdev->ratelimit))
		xpv_err(xdev, "cannot write %s = \"%s\": error %d\n", key, text,
			err);
	kfree(text);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_own_printf);

void xpv_own_remove(struct xpv_device *xdev, struct xpv_transaction *xbt,
		    const char *key)
{
	/* Removing what is not there is an error to some xenstoreds only. */
	xenbus_rm(handle_of(xbt), xpv_own_path(xdev), key);
}
EXPORT_SYMBOL_GPL(xpv_own_remove);

/*
 * A directory that is removed meanwhile must not come back with what is written
 * to it: the device would stay with it. Once a transaction has looked at it, a
 * removal before its end breaks the transaction.
 */
static int check_directory(struct xpv_device *xdev,
			   const struct xpv_transaction *xbt)
{
	char *text = xenbus_read(handle_of(xbt), xpv_own_path(xdev), "state",
				 NULL);

	if (IS_ERR(text))
		return PTR_ERR(text);
	kfree(text);
	return 0;
}

int xpv_transaction(struct xpv_device *xdev,
		    int (*fn)(struct xpv_device *xdev,
			      struct xpv_transaction *xbt, void *arg),
		    void *arg)
{
	struct xpv_transaction xbt;
	unsigned int tries;
	int err;

	for (tries = 0; tries < MAX_TRIES; tries++) {
		err = xenbus_transaction_start(&xbt.xenbus);
		if (err)
			return err;
		err = check_directory(xdev, &xbt);
		if (!err)
			err = fn(xdev, &xbt, arg);
		if (err) {
			xenbus_transaction_end(xbt.xenbus, 1);
			return err;
		}
		err = xenbus_transaction_end(xbt.xenbus, 0);
		if (err != -EAGAIN)
			return err;
	}
	if (__ratelimit(&xdev->ratelimit))
		xpv_err(xdev, "xenstore transaction broken %u times, given up\n",
			tries);
	return -EIO;
}
EXPORT_SYMBOL_GPL(xpv_transaction);

struct peer_key {
	const char *key;
	const char *text;
};

static int write_peer(struct xpv_device *xdev, struct xpv_transaction *xbt,
		      void *arg)
{
	const struct peer_key *peer = arg;
	char *text = xenbus_read(handle_of(xbt), xdev->peer_path, "state",
				 NULL);

	if (IS_ERR(text))
		return PTR_ERR(text);
	kfree(text);
	return xenbus_write(handle_of(xbt), xdev->peer_path, peer->key,
			    peer->text);
}

int xpv_peer_write(struct xpv_device *xdev, const char *key, const char *text)
{
	struct peer_key peer = { .key = key, .text = text };

	return xpv_transaction(xdev, write_peer, &peer);
}
EXPORT_SYMBOL_GPL(xpv_peer_write);
