// SPDX-License-Identifier: GPL-2.0
/* A small synchronous client of the xenstore wire protocol. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "xswire.h"

/* Message types and header as xen/io/xs_wire.h numbers them. */
enum {
	XS_DIRECTORY = 1,
	XS_READ = 2,
	XS_WATCH = 4,
	XS_WRITE = 11,
	XS_RM = 13,
	XS_WATCH_EVENT = 15,
	XS_ERROR = 16,
};

struct xs_msg {
	uint32_t type;
	uint32_t req_id;
	uint32_t tx_id;
	uint32_t len;
};

int xs_open(struct xs *xs, const char *path)
{
	struct stat st;

	memset(xs, 0, sizeof(*xs));
	if (stat(path, &st))
		return -1;
	if (S_ISSOCK(st.st_mode)) {
		struct sockaddr_un addr = { .sun_family = AF_UNIX };

		snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
		xs->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (xs->fd < 0)
			return -1;
		if (connect(xs->fd, (struct sockaddr *)&addr, sizeof(addr))) {
			close(xs->fd);
			return -1;
		}
		return 0;
	}
	xs->fd = open(path, O_RDWR | O_CLOEXEC);
	return xs->fd < 0 ? -1 : 0;
}

static int write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int read_all(int fd, void *buf, size_t len)
{
	char *p = buf;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = EPIPE;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Reads one message; buf is XS_PAYLOAD + 1 long and is terminated. */
static int read_msg(struct xs *xs, struct xs_msg *msg, char *buf)
{
	if (read_all(xs->fd, msg, sizeof(*msg)))
		return -1;
	if (msg->len > XS_PAYLOAD) {
		errno = EPROTO;
		return -1;
	}
	if (read_all(xs->fd, buf, msg->len))
		return -1;
	buf[msg->len] = 0;
	return 0;
}

static int xs_errno(const char *name)
{
	static const struct {
		const char *name;
		int err;
	} table[] = {
		{ "ENOENT", ENOENT }, { "EACCES", EACCES }, { "EEXIST", EEXIST },
		{ "EINVAL", EINVAL }, { "ENOSPC", ENOSPC }, { "E2BIG", E2BIG },
		{ "EQUOTA", EDQUOT }, { "EAGAIN", EAGAIN }, { "EBUSY", EBUSY },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].name, name))
			return table[i].err;
	return EIO;
}

/* One request and its reply. Answers the reply's length. */
static int talk(struct xs *xs, uint32_t type, const char *path,
		const void *val, size_t vlen, char *out, size_t olen)
{
	char buf[sizeof(struct xs_msg) + XS_PAYLOAD + 1];
	size_t plen = strlen(path) + 1;
	struct xs_msg *msg = (struct xs_msg *)buf;
	struct xs_msg reply;

	if (plen + vlen > XS_PAYLOAD) {
		errno = E2BIG;
		return -1;
	}
	msg->type = type;
	msg->req_id = ++xs->req_id;
	msg->tx_id = 0;
	msg->len = (uint32_t)(plen + vlen);
	memcpy(buf + sizeof(*msg), path, plen);
	if (vlen)
		memcpy(buf + sizeof(*msg) + plen, val, vlen);
	if (write_all(xs->fd, buf, sizeof(*msg) + plen + vlen))
		return -1;

	for (;;) {
		if (read_msg(xs, &reply, buf))
			return -1;
		if (reply.type != XS_WATCH_EVENT)
			break;
		xs->watch_fired = 1;
	}
	if (reply.type == XS_ERROR) {
		errno = xs_errno(buf);
		return -1;
	}
	if (out) {
		if (reply.len >= olen) {
			errno = E2BIG;
			return -1;
		}
		memcpy(out, buf, reply.len + 1);
	}
	return (int)reply.len;
}

int xs_read(struct xs *xs, const char *path, char *buf, size_t len)
{
	return talk(xs, XS_READ, path, NULL, 0, buf, len);
}

int xs_list(struct xs *xs, const char *path, char *buf, size_t len)
{
	return talk(xs, XS_DIRECTORY, path, NULL, 0, buf, len);
}

int xs_write(struct xs *xs, const char *path, const void *val, size_t len)
{
	return talk(xs, XS_WRITE, path, val, len, NULL, 0);
}

int xs_rm(struct xs *xs, const char *path)
{
	return talk(xs, XS_RM, path, NULL, 0, NULL, 0);
}

int xs_watch(struct xs *xs, const char *path)
{
	return talk(xs, XS_WATCH, path, "t", 2, NULL, 0);
}

int xs_wait(struct xs *xs, int timeout_ms, const sigset_t *mask)
{
	char buf[XS_PAYLOAD + 1];
	struct pollfd pfd = { .fd = xs->fd, .events = POLLIN };
	struct timespec limit = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };
	struct xs_msg msg;
	int fired;

	if (xs->watch_fired)
		limit = (struct timespec){ 0 };
	while (ppoll(&pfd, 1, &limit, mask) > 0) {
		if (read_msg(xs, &msg, buf))
			return -1;
		xs->watch_fired = 1;
		limit = (struct timespec){ 0 };
	}
	fired = xs->watch_fired;
	xs->watch_fired = 0;
	return fired;
}
