/* SPDX-License-Identifier: BSD-2-Clause */
/* Files in memory take the place of pipes: nobody waits for the other to read. */
#include "util/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX 65536

extern char **environ;

static int memory(const char *text)
{
	int fd = memfd_create("mprotwatch-helper", 0);
	size_t len = strlen(text);

	if (fd < 0)
		return -errno;
	if (write(fd, text, len) == (ssize_t)len && !lseek(fd, 0, SEEK_SET))
		return fd;
	close(fd);
	return -EIO;
}

int helper_file(const char *text, char ret_path[32])
{
	int fd = memory(text);

	snprintf(ret_path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

/* A process group of its own has no terminal to read from, and gets no Ctrl-C. */
static int start(char *const argv[], int in, int out, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int err;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	err = posix_spawnp(ret_pid, argv[0], &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -err;
}

/* Waits for its end, which is brought about when it is late. Its exit status, or -errno. */
static int wait_for(pid_t pid)
{
	struct pollfd p = { .fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int n = 1, status = 0;

	if (p.fd >= 0) {
		do
			n = poll(&p, 1, HELPER_MS);
		while (n < 0 && errno == EINTR);
		close(p.fd);
	}
	if (n == 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return n == 0 ? -ETIMEDOUT : WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int helper_run(char *const argv[], const char *in, struct buf *ret)
{
	int from = memory(in), to = memory(""), status = from < 0 ? from : to < 0 ? to : 0;
	ssize_t n;
	pid_t pid;

	if (!status)
		status = start(argv, from, to, &pid);
	if (!status)
		status = wait_for(pid);
	if (status >= 0) {
		n = pread(to, buf_reserve(ret, OUTPUT_MAX), OUTPUT_MAX, 0);
		ret->len += n > 0 ? n : 0;
	}
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return status;
}
