// SPDX-License-Identifier: GPL-2.0
/*
 * PID 1 of a lab guest: mounts, loads the frontends, starts the agent and a
 * shell on the console. A program and not a script, because under TCG every
 * process that a script starts costs a guest tens of milliseconds.
 *
 * Kernel command line: front=ours|intree|none for the block frontend, frontnet=
 * for the network frontend, hostname=NAME.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OURS "/xenpv/modules"

static void mounts(void)
{
	static const struct {
		const char *type, *dir, *data;
	} table[] = {
		{ "proc", "/proc", NULL },
		{ "sysfs", "/sys", NULL },
		{ "devtmpfs", "/dev", NULL },
		{ "devpts", "/dev/pts", "gid=5,mode=620,ptmxmode=666" },
		{ "tmpfs", "/dev/shm", NULL },
		{ "tmpfs", "/run", "mode=755" },
		{ "tmpfs", "/tmp", "size=90%" },
		{ "debugfs", "/sys/kernel/debug", NULL },
		{ "tracefs", "/sys/kernel/tracing", NULL },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		mkdir(table[i].dir, 0755);
		if (mount(table[i].type, table[i].dir, table[i].type, 0, table[i].data) &&
		    errno != EBUSY)
			printf("guest-init: mount %s: %s\n", table[i].dir, strerror(errno));
	}
	if (symlink("/proc/self/fd", "/dev/fd") || symlink("fd/0", "/dev/stdin") ||
	    symlink("fd/1", "/dev/stdout") || symlink("fd/2", "/dev/stderr"))
		printf("guest-init: /dev/fd and its like: %s\n", strerror(errno));
}

/* The value of a kernel argument, or "". */
static const char *argument(const char *name)
{
	static char line[4096], value[128];
	int fd = open("/proc/cmdline", O_RDONLY);
	ssize_t n = read(fd, line, sizeof(line) - 1);

	close(fd);
	line[n > 0 ? n : 0] = 0;
	line[strcspn(line, "\n")] = 0;
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
		size_t len = strlen(name);

		if (!strncmp(word, name, len) && word[len] == '=') {
			snprintf(value, sizeof(value), "%s", word + len + 1);
			return value;
		}
	}
	return "";
}

static void load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		printf("guest-init: cannot load %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void load_front(const char *kind, const char *intree, const char *ours)
{
	struct utsname uts;
	char path[256];

	if (!strcmp(kind, "intree")) {
		uname(&uts);
		snprintf(path, sizeof(path), "/lib/modules/%s/kernel/%s", uts.release, intree);
		load(path);
	} else if (!strcmp(kind, "ours")) {
		snprintf(path, sizeof(path), OURS "/%s", ours);
		if (access(path, F_OK)) {
			printf("guest-init: %s is not built\n", ours);
			return;
		}
		load(OURS "/xenpv-common.ko");
		load(path);
	}
}

static void loopback_up(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &req))
		printf("guest-init: lo: %s\n", strerror(errno));
	close(fd);
}

static pid_t spawn(const char *path, char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		int fd;

		setsid();
		fd = open("/dev/hvc0", O_RDWR);
		ioctl(fd, TIOCSCTTY, 1);
		dup2(fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(path, argv);
		_exit(127);
	}
	return pid;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (write(fd, text, strlen(text)) < 0)
			printf("guest-init: %s: %s\n", path, strerror(errno));
		close(fd);
	}
}

int main(void)
{
	static char *const agent[] = { "guest-agent", NULL };
	static char *const shell[] = { "bash", "-i", NULL };
	const char *name;
	struct timespec ts;
	pid_t agent_pid, shell_pid, pid;

	mounts();
	setvbuf(stdout, NULL, _IONBF, 0);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "dumb", 1);
	setenv("LANG", "C", 1);
	write_file("/proc/sys/kernel/sysrq", "1");
	name = argument("hostname");
	sethostname(name, strlen(name));
	loopback_up();
	load_front(argument("front"), "drivers/block/xen-blkfront.ko", "xen-blkfront.ko");
	load_front(argument("frontnet"), "drivers/net/xen-netfront.ko", "xen-netfront.ko");
	clock_gettime(CLOCK_BOOTTIME, &ts);
	printf("guest-init: [%ld.%02ld] ready\n", (long)ts.tv_sec, ts.tv_nsec / 10000000);

	agent_pid = spawn("/usr/bin/guest-agent", agent);
	shell_pid = spawn("/bin/bash", shell);
	for (;;) {
		pid = wait(NULL);
		if (pid == agent_pid) {
			printf("guest-init: the agent has ended, starting it again\n");
			sleep(1);
			agent_pid = spawn("/usr/bin/guest-agent", agent);
		} else if (pid == shell_pid) {
			sleep(1);
			shell_pid = spawn("/bin/bash", shell);
		} else if (pid < 0) {
			sleep(1);
		}
	}
}
