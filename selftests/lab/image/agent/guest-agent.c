// SPDX-License-Identifier: GPL-2.0
/* The guest's end of proto.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proto.h"
#include "xswire.h"

#define MAX_JOBS 64
/* How often a held poll looks whether a job has written something. */
#define OUTPUT_TICK_MS 100
/* A client whose call was cut by xl save asks again for the end of its job. */
#define TOLD_KEEP_MS 60000
/* A deaf watch (a driver blocks xenwatch) must not make the agent deaf. */
#define IDLE_TICK_MS 1000

struct job {
	char id[32];
	pid_t pid;
	int running;
	int status;
	long told_ms; /* when its end was told to a client; 0: not yet */
};

static struct xs xs;
static struct job jobs[MAX_JOBS];

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct job *find_job(const char *id)
{
	for (int i = 0; i < MAX_JOBS; i++)
		if (!strcmp(jobs[i].id, id))
			return &jobs[i];
	return NULL;
}

static void job_path(char *buf, size_t len, const char *id, const char *ext)
{
	snprintf(buf, len, AGENT_DIR "/%.31s.%s", id, ext);
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (int i = 0; i < MAX_JOBS; i++) {
			struct job *j = &jobs[i];

			if (!j->running || j->pid != pid)
				continue;
			j->running = 0;
			j->status = WIFSIGNALED(status) ?
				128 + WTERMSIG(status) : WEXITSTATUS(status);
		}
	}
}

/* In the child: becomes bash on the job's script. */
static void exec_job(const char *id)
{
	char path[128];
	sigset_t none;
	int fd;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fd = open("/dev/null", O_RDONLY);
	dup2(fd, 0);
	job_path(path, sizeof(path), id, "out");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	dup2(fd, 1);
	job_path(path, sizeof(path), id, "err");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	dup2(fd, 2);
	for (fd = 3; fd < 64; fd++)
		close(fd);
	job_path(path, sizeof(path), id, "sh");
	execl("/bin/bash", "bash", path, (char *)NULL);
	_exit(127);
}

static void forget_job(struct job *j)
{
	static const char * const files[] = { "sh", "out", "err" };
	char path[128];

	for (int i = 0; i < 3; i++) {
		job_path(path, sizeof(path), j->id, files[i]);
		unlink(path);
	}
	memset(j, 0, sizeof(*j));
}

/* Forgets jobs whose end was told long ago, all of them where we run short. */
static void sweep_jobs(void)
{
	int all = !find_job("");

	for (int i = 0; i < MAX_JOBS; i++)
		if (jobs[i].told_ms && (all || now_ms() - jobs[i].told_ms > TOLD_KEEP_MS))
			forget_job(&jobs[i]);
}

static void op_start(const char *id, char *rsp, size_t len)
{
	struct job *j = find_job(id);

	if (j) {
		snprintf(rsp, len, "ok");
		return;
	}
	sweep_jobs();
	j = find_job("");
	if (!j || !*id || strlen(id) >= sizeof(j->id)) {
		snprintf(rsp, len, "error cannot start job '%s': %s", id,
			 j ? "bad id" : "too many jobs");
		return;
	}
	j->pid = fork();
	if (j->pid == 0)
		exec_job(id);
	if (j->pid < 0) {
		snprintf(rsp, len, "error fork: %s", strerror(errno));
		return;
	}
	strcpy(j->id, id);
	j->running = 1;
	snprintf(rsp, len, "ok");
}

static void op_put(const char *dir, const char *args, char *rsp, size_t len)
{
	size_t bytes, offset;
	unsigned int mode;
	char path[512], node[128], buf[XS_PAYLOAD + 1];
	int fd, n;

	if (sscanf(args, "%zu %zu %o %511[^\n]", &bytes, &offset, &mode, path) != 4) {
		snprintf(rsp, len, "error bad put '%s'", args);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | (offset ? 0 : O_TRUNC), mode);
	if (fd < 0) {
		snprintf(rsp, len, "error %s: %s", path, strerror(errno));
		return;
	}
	fchmod(fd, mode);
	for (int i = 0; bytes; i++, offset += (size_t)n, bytes -= (size_t)n) {
		snprintf(node, sizeof(node), "%s/in%d", dir, i);
		n = xs_read(&xs, node, buf, sizeof(buf));
		if (n <= 0 || (size_t)n > bytes) {
			snprintf(rsp, len, "error %s: %s", node, strerror(errno));
			close(fd);
			return;
		}
		if (pwrite(fd, buf, (size_t)n, (off_t)offset) != n) {
			snprintf(rsp, len, "error %s: %s", path, strerror(errno));
			close(fd);
			return;
		}
	}
	close(fd);
	snprintf(rsp, len, "ok");
}

/* put of the job's script and start in one call. */
static void op_run(const char *dir, const char *args, char *rsp, size_t len)
{
	char id[32], put[128];
	struct job *j;
	size_t bytes;

	if (sscanf(args, "%zu %31s", &bytes, id) != 2) {
		snprintf(rsp, len, "error bad run '%s'", args);
		return;
	}
	j = find_job(id);
	if (j && j->told_ms) /* the id is used again */
		forget_job(j);
	if (!find_job(id)) {
		snprintf(put, sizeof(put), "%zu 0 600 " AGENT_DIR "/%s.sh", bytes, id);
		op_put(dir, put, rsp, len);
		if (strcmp(rsp, "ok"))
			return;
	}
	op_start(id, rsp, len);
}

static size_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (size_t)st.st_size;
}

/* Publishes up to *room chunks of a file from offset; answers the bytes. */
static size_t publish(const char *dir, const char *path, size_t offset, int *chunk)
{
	char node[128], buf[XS_VALUE];
	size_t done = 0;
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return 0;
	while (*chunk < AGENT_CHUNKS) {
		n = pread(fd, buf, sizeof(buf), (off_t)(offset + done));
		if (n <= 0)
			break;
		snprintf(node, sizeof(node), "%s/out%d", dir, *chunk);
		if (xs_write(&xs, node, buf, (size_t)n) < 0)
			break;
		(*chunk)++;
		done += (size_t)n;
	}
	close(fd);
	return done;
}

/* Answers 0 where there is nothing to tell yet and the call may be held. */
static int op_poll(const char *dir, const char *args, int may_hold, char *rsp, size_t len)
{
	char id[32], out[128], err[128];
	size_t out_off, err_off, out_n, err_n;
	struct job *j;
	int running, chunk = 0;

	if (sscanf(args, "%31s %zu %zu", id, &out_off, &err_off) != 3) {
		snprintf(rsp, len, "error bad poll '%s'", args);
		return 1;
	}
	j = find_job(id);
	if (!j) {
		snprintf(rsp, len, "error no job '%s' in this guest", id);
		return 1;
	}
	reap();
	if (out_off == PEEK_OFFSET) {
		if (j->running)
			snprintf(rsp, len, "ok running 0 0");
		else
			snprintf(rsp, len, "ok %d 0 0", j->status);
		return 1;
	}
	running = j->running; /* before the sizes: exit means all is written */
	job_path(out, sizeof(out), id, "out");
	job_path(err, sizeof(err), id, "err");
	if (running && may_hold && file_size(out) <= out_off && file_size(err) <= err_off)
		return 0;
	out_n = publish(dir, out, out_off, &chunk);
	err_n = publish(dir, err, err_off, &chunk);
	/* Not the status before everything was handed over. */
	if (!running && (file_size(out) > out_off + out_n || file_size(err) > err_off + err_n))
		running = 1;
	if (!running)
		j->told_ms = now_ms();
	if (running)
		snprintf(rsp, len, "ok running %zu %zu", out_n, err_n);
	else
		snprintf(rsp, len, "ok %d %zu %zu", j->status, out_n, err_n);
	return 1;
}

static void op_kill(const char *args, char *rsp, size_t len)
{
	char id[32];
	int sig = 0;
	struct job *j = NULL;

	if (sscanf(args, "%31s %d", id, &sig) == 2)
		j = find_job(id);
	if (!j) {
		snprintf(rsp, len, "error no such job '%s'", args);
		return;
	}
	if (j->running)
		kill(-j->pid, sig);
	snprintf(rsp, len, "ok");
}

/* Handles a request. Answers 0 where it is held back. */
static int handle(const char *dir, const char *op, int may_hold, char *rsp, size_t len)
{
	const char *args = strchr(op, ' ');

	args = args ? args + 1 : "";
	if (!strncmp(op, "poll ", 5))
		return op_poll(dir, args, may_hold, rsp, len);
	if (!strcmp(op, "ping"))
		snprintf(rsp, len, "ok %d", getpid());
	else if (!strncmp(op, "put ", 4))
		op_put(dir, args, rsp, len);
	else if (!strncmp(op, "start ", 6))
		op_start(args, rsp, len);
	else if (!strncmp(op, "run ", 4))
		op_run(dir, args, rsp, len);
	else if (!strncmp(op, "kill ", 5))
		op_kill(args, rsp, len);
	else
		snprintf(rsp, len, "error unknown operation '%s'", op);
	return 1;
}

/* One client's directory. Answers 1 where a call is held back. */
static int serve_client(const char *client, int may_hold)
{
	char dir[96], node[128], req[XS_PAYLOAD + 1], old[XS_PAYLOAD + 1];
	char rsp[1024], full[1100];
	char *op;
	int n;

	if (strlen(client) > 48)
		return 0;
	snprintf(dir, sizeof(dir), AGENT_STORE "/%s", client);
	snprintf(node, sizeof(node), "%s/req", dir);
	n = xs_read(&xs, node, req, sizeof(req));
	if (n <= 0)
		return 0;
	op = strchr(req, ' ');
	if (!op)
		return 0;
	*op++ = 0;
	snprintf(node, sizeof(node), "%s/rsp", dir);
	if (xs_read(&xs, node, old, sizeof(old)) > 0) {
		old[strcspn(old, " ")] = 0;
		if (!strcmp(old, req))
			return 0;
	}
	if (!handle(dir, op, may_hold, rsp, sizeof(rsp)))
		return 1;
	n = snprintf(full, sizeof(full), "%s %s", req, rsp);
	xs_write(&xs, node, full, (size_t)n);
	return 0;
}

/* All clients. Answers the number of calls that are held back. */
static int serve(int may_hold)
{
	char list[XS_PAYLOAD + 1];
	int n = xs_list(&xs, AGENT_STORE, list, sizeof(list));
	int held = 0;

	for (char *p = list; n > 0 && p < list + n; p += strlen(p) + 1)
		held += serve_client(p, may_hold);
	return held;
}

static void on_child(int sig)
{
	(void)sig;
}

int main(void)
{
	struct sigaction sa = { .sa_handler = on_child };
	long hold_until = 0;
	sigset_t child, none;
	int held = 0;

	/* A child's end only cuts waiting short: blocked at all other times. */
	sigemptyset(&none);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	sigaction(SIGCHLD, &sa, NULL);
	mkdir(AGENT_DIR, 0700);
	if (xs_open(&xs, "/dev/xen/xenbus")) {
		perror("guest-agent: /dev/xen/xenbus");
		return 1;
	}
	xs_watch(&xs, AGENT_BELL);
	for (;;) {
		int n = serve(!held || now_ms() < hold_until);

		if (n && !held)
			hold_until = now_ms() + AGENT_HOLD_MS;
		held = n;
		if (xs_wait(&xs, held ? OUTPUT_TICK_MS : IDLE_TICK_MS, &none) < 0) {
			perror("guest-agent: xenstore");
			return 1;
		}
		reap();
	}
}
