/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes that make others: fork with MADV_DONTFORK, vfork, clone(CLONE_VM), exec.
 * Each settles ranges, which shows what the mirror thought was there.
 */
#include <sched.h>
#include <sys/wait.h>

#include "expect.h"

#define RW (PROT_READ | PROT_WRITE)

static char *range;
static char stack[64 << 10] __attribute__((aligned(16)));

static void wait_for(pid_t pid, int want)
{
	int status;

	MUST(waitpid(pid, &status, __WALL) == pid);
	MUST(WIFEXITED(status) && WEXITSTATUS(status) == want);
}

static void forked(void)
{
	pid_t pid;

	SEEN_OK("madvise", madvise(range + 2 * PAGE, 2 * PAGE, MADV_DONTFORK));
	SEEN_OK("madvise", madvise(range + 3 * PAGE, PAGE, MADV_DOFORK));
	pid = fork();
	if (pid == 0) {
		SEEN_OK("mprotect", mprotect(range, PAGE, PROT_READ | PROT_EXEC));
		seen_settle(range, 8); /* page 2 is a hole here */
		_exit(7);
	}
	wait_for(pid, 7);
	SEEN_OK("mprotect", mprotect(range + 6 * PAGE, PAGE, PROT_READ)); /* ours is as it was */
}

static int shared_main(void *arg)
{
	(void)arg;
	SEEN_OK("mprotect", mprotect(range + 4 * PAGE, PAGE, PROT_READ | PROT_EXEC));
	return 5;
}

/* The child's call changes the parent's memory. */
static void shared(void)
{
	pid_t pid = clone(shared_main, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);

	MUST(pid > 0);
	wait_for(pid, 5);
	SEEN_OK("mprotect", mprotect(range + 3 * PAGE, 3 * PAGE, PROT_NONE));
}

static void vforked(char *self)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execl(self, self, "again", NULL);
		_exit(99);
	}
	wait_for(pid, 3);
	seen_settle(range, 8);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		range = seen_pages(3, RW);
		SEEN_OK("munmap", munmap(range, PAGE));
		return 3;
	}
	range = seen_pages(8, RW);
	forked();
	shared();
	vforked(argv[0]);
	return 0;
}
