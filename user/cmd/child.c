/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A traced command. The process is forked before tracing begins, waits on a pipe, and execs when
 * everything is attached, so that the program's first instruction is seen.
 */
#include "cmd/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"

/* The child's part: wait for the gate and exec, or report why not. No mapping is changed here. */
static void child_run(char **argv, int gate, int report, pid_t parent)
{
	char go;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* until the exec */
	if (getppid() != parent || read(gate, &go, 1) != 1)
		_exit(EXIT_COMMAND_OURS);
	prctl(PR_SET_PDEATHSIG, 0);
	execvp(argv[0], argv);
	err = errno;
	if (write(report, &err, sizeof(err)) != sizeof(err))
		_exit(EXIT_COMMAND_OURS);
	_exit(err == ENOENT ? EXIT_COMMAND_NOTFOUND : EXIT_COMMAND_NOEXEC);
}

int child_make(struct child *c, char **argv)
{
	int gate[2], report[2], err;
	pid_t parent = getpid();

	if (pipe2(gate, O_CLOEXEC))
		return -errno;
	if (pipe2(report, O_CLOEXEC)) {
		err = -errno;
		close(gate[0]);
		close(gate[1]);
		return err;
	}
	c->pid = fork();
	if (c->pid == 0) {
		close(gate[1]);
		child_run(argv, gate[0], report[1], parent);
	}
	err = c->pid < 0 ? -errno : 0;
	close(gate[0]);
	close(report[1]);
	c->gate = gate[1];
	c->report = report[0];
	if (err) {
		c->pid = 0;
		close(c->gate);
		close(c->report);
		return err;
	}
	c->pidfd = syscall(SYS_pidfd_open, c->pid, 0);
	return 0;
}

int child_go(struct child *c)
{
	ssize_t n = write(c->gate, "g", 1);

	(void)n; /* a child that was killed meanwhile is found by child_is_over() */
	close(c->gate);
	c->gate = -1;
	/* The exec closes the child's end of the pipe. */
	do
		n = read(c->report, &c->exec_err, sizeof(c->exec_err));
	while (n < 0 && errno == EINTR);
	if (n != sizeof(c->exec_err)) {
		c->exec_err = 0;
		return 0;
	}
	c->over = waitpid(c->pid, &c->status, 0) == c->pid;
	return -c->exec_err;
}

bool child_is_over(struct child *c)
{
	if (c->over || !c->pid)
		return c->over;
	if (waitpid(c->pid, &c->status, WNOHANG) != c->pid)
		return false;
	c->over = true;
	return true;
}

bool child_ends(struct child *c)
{
	struct pollfd p = { .fd = c->pidfd, .events = POLLIN };

	if (!child_is_over(c) && c->pid && c->pidfd >= 0)
		poll(&p, 1, CHILD_END_MS);
	return child_is_over(c);
}

void child_done(struct child *c)
{
	if (!c->pid)
		return;
	if (c->gate >= 0) {
		close(c->gate); /* the child reads the end of the file, and leaves */
		waitpid(c->pid, NULL, 0);
	}
	close(c->report);
	if (c->pidfd >= 0)
		close(c->pidfd);
	c->pid = 0;
}

int child_exit_status(const struct child *c)
{
	if (WIFSIGNALED(c->status))
		return 128 + WTERMSIG(c->status);
	return WEXITSTATUS(c->status);
}
