/* SPDX-License-Identifier: GPL-2.0 */
/* A small synchronous client of the xenstore wire protocol. */
#ifndef XSWIRE_H
#define XSWIRE_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

/* Largest payload of one xenstore message, by the protocol. */
#define XS_PAYLOAD 4096
/* xenstored refuses a guest's values longer than 2048 bytes by default. */
#define XS_VALUE 2000

struct xs {
	int fd;
	uint32_t req_id;
	int watch_fired; /* a watch event was read since it was last cleared */
};

/* Connects to dev (the guest's /dev/xen/xenbus or dom0's socket). 0 or -1. */
int xs_open(struct xs *xs, const char *path);

/* Each returns the length read (0 for no payload) or -1 with errno set. */
int xs_read(struct xs *xs, const char *path, char *buf, size_t len);
int xs_list(struct xs *xs, const char *path, char *buf, size_t len);
int xs_write(struct xs *xs, const char *path, const void *val, size_t len);
int xs_rm(struct xs *xs, const char *path);
int xs_watch(struct xs *xs, const char *path);

/*
 * Waits until a watch fires, a signal that mask (may be NULL) lets through comes
 * or timeout_ms passes; eats all pending events.
 */
int xs_wait(struct xs *xs, int timeout_ms, const sigset_t *mask);

#endif
