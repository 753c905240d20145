// SPDX-License-Identifier: GPL-2.0
/* dom0's end of proto.h: runs commands in a guest, copies files into it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto.h"
#include "xswire.h"

/* Exit statuses of our own, beside the command's. */
#define EXIT_TIMEOUT 124
#define EXIT_GONE 125
/* While this file exists a guest that is absent is being saved. */
#define SAVING_FILE "/run/xenpv/saving-%s"

static struct xs xs;
static const char *guest;
static int domid = -1;
static char client[40];
static unsigned long seq;
static long deadline;
static const char *running_job;
static volatile sig_atomic_t interrupted;

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void forget_client(void)
{
	char path[128];

	if (domid < 0)
		return;
	/* No directory for a domain that is gone: writing would recreate it. */
	snprintf(path, sizeof(path), "/local/domain/%d/" AGENT_STORE "/%s", domid, client);
	xs_rm(&xs, path);
}

static void die(int status, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	va_start(ap, fmt);
	fputs("guestctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	forget_client();
	exit(status);
}

static int is_guest(int id)
{
	char path[64], name[XS_PAYLOAD + 1];

	snprintf(path, sizeof(path), "/local/domain/%d/name", id);
	return id > 0 && xs_read(&xs, path, name, sizeof(name)) > 0 && !strcmp(name, guest);
}

static int find_domain(void)
{
	char list[XS_PAYLOAD + 1];
	int n;

	if (is_guest(domid))
		return domid;
	n = xs_list(&xs, "/local/domain", list, sizeof(list));
	for (char *p = list; n > 0 && p < list + n; p += strlen(p) + 1)
		if (is_guest(atoi(p)))
			return atoi(p);
	return -1;
}

static int being_saved(void)
{
	char path[256];

	snprintf(path, sizeof(path), SAVING_FILE, guest);
	return access(path, F_OK) == 0;
}

static void check_time(void)
{
	if (interrupted || (deadline && now_ms() > deadline)) {
		const char *job = running_job;

		if (job) { /* once, and without waiting for the answer */
			char path[128], req[96];

			snprintf(path, sizeof(path), "/local/domain/%d/" AGENT_STORE "/%s/req", domid, client);
			snprintf(req, sizeof(req), "k%d kill %s 9", getpid(), job);
			xs_write(&xs, path, req, strlen(req));
			snprintf(path, sizeof(path), "/local/domain/%d/" AGENT_BELL, domid);
			xs_write(&xs, path, client, strlen(client));
			usleep(300000);
		}
		if (interrupted)
			die(130, "interrupted");
		die(EXIT_TIMEOUT, "guest '%s': time-out", guest);
	}
}

/* Sleeps until the guest exists (first call, or being saved), or gives up. */
static void need_domain(void)
{
	int old = domid;

	for (;;) {
		domid = find_domain();
		if (domid >= 0)
			break;
		if (!being_saved())
			die(EXIT_GONE, "guest '%s' is gone%s", guest,
			    old < 0 ? " or was never there" : "");
		check_time();
		usleep(200000);
	}
	if (domid != old) {
		char path[128];

		snprintf(path, sizeof(path), "/local/domain/%d/" AGENT_STORE "/%s/rsp", domid, client);
		xs_watch(&xs, path);
	}
}

/* Writes the request; payload is chunked. -1 where the domain has gone. */
static int send_call(const char *req, const char *in, size_t len)
{
	char path[128];

	for (int i = 0; len; i++) {
		size_t n = len < XS_VALUE ? len : XS_VALUE;

		snprintf(path, sizeof(path), "/local/domain/%d/" AGENT_STORE "/%s/in%d", domid, client, i);
		if (xs_write(&xs, path, in, n) < 0)
			return -1;
		in += n;
		len -= n;
	}
	snprintf(path, sizeof(path), "/local/domain/%d/" AGENT_STORE "/%s/req", domid, client);
	if (xs_write(&xs, path, req, strlen(req)) < 0)
		return -1;
	snprintf(path, sizeof(path), "/local/domain/%d/" AGENT_BELL, domid);
	return xs_write(&xs, path, client, strlen(client));
}

/* One call and its answer, across a save and restore. rsp is "ARG...". */
static void call(const char *op, const char *in, size_t len, char *rsp, size_t rsp_len)
{
	char req[1024], path[128], buf[XS_PAYLOAD + 1], want[32];
	int sent_to = -1;

	snprintf(want, sizeof(want), "%lu", ++seq);
	snprintf(req, sizeof(req), "%s %s", want, op);
	for (;;) {
		need_domain();
		if (sent_to != domid) {
			if (send_call(req, in, len) < 0) {
				usleep(100000);
				check_time();
				continue;
			}
			sent_to = domid;
		}
		snprintf(path, sizeof(path), "/local/domain/%d/" AGENT_STORE "/%s/rsp", domid, client);
		if (xs_read(&xs, path, buf, sizeof(buf)) > 0) {
			char *sp = strchr(buf, ' ');

			if (sp && (size_t)(sp - buf) == strlen(want) &&
			    !strncmp(buf, want, strlen(want))) {
				snprintf(rsp, rsp_len, "%s", sp + 1);
				break;
			}
		}
		check_time();
		xs_wait(&xs, 500, NULL);
	}
	if (!strncmp(rsp, "error", 5))
		die(EXIT_GONE, "guest '%s': %s", guest, rsp + 6);
}

static void copy_chunks(int *chunk, size_t bytes, FILE *to)
{
	char path[128], buf[XS_PAYLOAD + 1];

	while (bytes) {
		int n;

		snprintf(path, sizeof(path), "/local/domain/%d/" AGENT_STORE "/%s/out%d", domid, client,
			 (*chunk)++);
		n = xs_read(&xs, path, buf, sizeof(buf));
		if (n <= 0 || (size_t)n > bytes)
			die(EXIT_GONE, "guest '%s': %s: lost output", guest, path);
		fwrite(buf, 1, (size_t)n, to);
		bytes -= (size_t)n;
	}
	fflush(to);
}

static void put(const char *data, size_t len, unsigned int mode, const char *path)
{
	size_t offset = 0;
	char op[700], rsp[1024];

	do {
		size_t n = len - offset;

		if (n > AGENT_CHUNKS * XS_VALUE)
			n = AGENT_CHUNKS * XS_VALUE;
		snprintf(op, sizeof(op), "put %zu %zu %o %s", n, offset, mode, path);
		call(op, data + offset, n, rsp, sizeof(rsp));
		offset += n;
	} while (offset < len);
}

static void start_job(const char *id, const char *cmd)
{
	char path[128], op[64], rsp[1024];

	if (strlen(cmd) <= AGENT_CHUNKS * XS_VALUE) {
		snprintf(op, sizeof(op), "run %zu %s", strlen(cmd), id);
		call(op, cmd, strlen(cmd), rsp, sizeof(rsp));
		return;
	}
	snprintf(path, sizeof(path), AGENT_DIR "/%s.sh", id);
	put(cmd, strlen(cmd), 0600, path);
	snprintf(op, sizeof(op), "start %s", id);
	call(op, NULL, 0, rsp, sizeof(rsp));
}

static int wait_job(const char *id)
{
	size_t out = 0, err = 0, out_n, err_n;
	char op[128], rsp[1024], state[32];

	for (;;) {
		int chunk = 0;

		snprintf(op, sizeof(op), "poll %s %zu %zu", id, out, err);
		call(op, NULL, 0, rsp, sizeof(rsp));
		if (sscanf(rsp, "ok %31s %zu %zu", state, &out_n, &err_n) != 3)
			die(EXIT_GONE, "guest '%s': bad answer '%s'", guest, rsp);
		copy_chunks(&chunk, out_n, stdout);
		copy_chunks(&chunk, err_n, stderr);
		out += out_n;
		err += err_n;
		if (strcmp(state, "running"))
			break;
	}
	running_job = NULL;
	return atoi(state);
}

static int cmd_run(const char *cmd)
{
	start_job(client, cmd);
	running_job = client;
	return wait_job(client);
}

/* Prints "running" or the exit status; eats no output. */
static int cmd_poll(const char *id)
{
	char op[128], rsp[1024], state[32];

	snprintf(op, sizeof(op), "poll %s %zu 0", id, PEEK_OFFSET);
	call(op, NULL, 0, rsp, sizeof(rsp));
	sscanf(rsp, "ok %31s", state);
	puts(state);
	return 0;
}

static int cmd_kill(const char *id, const char *sig)
{
	char op[128], rsp[1024];

	snprintf(op, sizeof(op), "kill %s %d", id, atoi(sig));
	call(op, NULL, 0, rsp, sizeof(rsp));
	return 0;
}

static int cmd_push(const char *file, const char *path)
{
	struct stat st;
	char *data;
	ssize_t n;
	int fd = open(file, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		die(1, "%s: %s", file, strerror(errno));
	data = malloc((size_t)st.st_size + 1);
	n = data ? read(fd, data, (size_t)st.st_size) : -1;
	if (n != st.st_size)
		die(1, "%s: cannot read", file);
	close(fd);
	put(data, (size_t)n, st.st_mode & 0777, path);
	free(data);
	return 0;
}

static int cmd_ping(void)
{
	char rsp[1024];

	call("ping", NULL, 0, rsp, sizeof(rsp));
	return 0;
}

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

static void usage(void)
{
	fputs("usage: guestctl [-t SECONDS] COMMAND GUEST ...\n"
	      "  ping GUEST              waits until the guest's agent answers\n"
	      "  run GUEST CMD           runs CMD (bash); its output, its exit status\n"
	      "  start GUEST ID CMD      starts CMD as job ID\n"
	      "  poll GUEST ID           prints 'running' or the exit status\n"
	      "  wait GUEST ID           output and exit status of job ID\n"
	      "  kill GUEST ID SIGNAL    a signal (number) to job ID\n"
	      "  push GUEST FILE PATH    copies a file into the guest\n"
	      "exit status 124: time-out, 125: the guest is gone\n", stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	int status = 2, opt;

	while ((opt = getopt(argc, argv, "+t:")) != -1) {
		if (opt != 't' || atof(optarg) <= 0)
			usage();
		deadline = now_ms() + (long)(atof(optarg) * 1000);
	}
	argc -= optind;
	argv += optind;
	if (argc < 2)
		usage();
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	guest = argv[1];
	snprintf(client, sizeof(client), "c%d-%lx", getpid(), now_ms());
	if (xs_open(&xs, "/run/xenstored/socket")) {
		perror("guestctl: /run/xenstored/socket");
		return 1;
	}
	if (!strcmp(argv[0], "ping") && argc == 2)
		status = cmd_ping();
	else if (!strcmp(argv[0], "run") && argc == 3)
		status = cmd_run(argv[2]);
	else if (!strcmp(argv[0], "start") && argc == 4)
		start_job(argv[2], argv[3]), status = 0;
	else if (!strcmp(argv[0], "poll") && argc == 3)
		status = cmd_poll(argv[2]);
	else if (!strcmp(argv[0], "wait") && argc == 3)
		running_job = argv[2], status = wait_job(argv[2]);
	else if (!strcmp(argv[0], "kill") && argc == 4)
		status = cmd_kill(argv[2], argv[3]);
	else if (!strcmp(argv[0], "push") && argc == 4)
		status = cmd_push(argv[2], argv[3]);
	else
		usage();
	forget_client();
	return status;
}
