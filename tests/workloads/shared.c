/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One memfd in two processes: the child takes the right to write from its mapping, and the parent
 * writes on, which the child sees; then the parent maps it a second time, to run it. It says its
 * own and its child's pid, then holds still until its standard input ends.
 */
#include <sys/wait.h>

#include "expect.h"

static void wait_for(pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0) == pid);
	MUST(WIFEXITED(status) && !WEXITSTATUS(status));
}

static void be_child(volatile char *p, int told, int asked)
{
	char c;

	SEEN_OK("mprotect", mprotect((void *)p, 2 * PAGE, PROT_READ));
	MUST(write(told, "", 1) == 1);
	MUST(read(asked, &c, 1) == 1);
	MUST(*p == 'x');
	MUST(write(told, "", 1) == 1);
	MUST(read(asked, &c, 1) == 0);
	_exit(0);
}

int main(void)
{
	int fd = memfd_create("ring", MFD_CLOEXEC), up[2], down[2];
	volatile char *p;
	pid_t child;
	char c;

	MUST(fd >= 0 && !ftruncate(fd, 2 * PAGE) && !pipe(up) && !pipe(down));
	p = (char *)SEEN_OK("mmap",
			    mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	child = fork();
	if (!child) {
		close(down[1]);
		be_child(p, up[1], down[0]);
	}
	MUST(read(up[0], &c, 1) == 1);
	*p = 'x';
	MUST(write(down[1], "", 1) == 1);
	MUST(read(up[0], &c, 1) == 1);
	SEEN_OK("mmap", mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, PAGE));
	printf("PIDS %d %d\n", getpid(), child);
	fflush(stdout);
	MUST(read(0, &c, 1) == 0);
	close(down[1]);
	wait_for(child);
	return 0;
}
