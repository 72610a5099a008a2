/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sharer [chain]: a process that shares its memory with another one (CLONE_VM without CLONE_THREAD),
 * which has another name and user. Prints "READY pid pid", its own and the other's. For each line
 * on stdin the other one makes a page writable and executable, or takes X away; then it prints
 * "STEP n". At the end of stdin both end.
 *
 * chain: the other one changes the page once, makes another like itself, and ends; and so on until a
 * line comes on stdin. Then all is at rest, which is told by "AT REST", until the end of stdin.
 */
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_STACKS   2 /* a link and the one that made it, which is on its way out */
#define STACK_BYTES 16384

static char *page;
static char stacks[NR_STACKS][STACK_BYTES] __attribute__((aligned(16)));
static volatile int nr_steps, is_over, is_last;
static pid_t first;

static void turn(void)
{
	const int with_x = nr_steps++ & 1 ? 0 : PROT_EXEC;

	syscall(SYS_mprotect, page, getpagesize(), PROT_READ | PROT_WRITE | with_x);
}

static int other(void *arg)
{
	char c;

	(void)arg;
	prctl(PR_SET_NAME, "other");
	syscall(SYS_setresuid, 65534, 65534, 65534);
	while (read(0, &c, 1) == 1) {
		turn();
		dprintf(1, "STEP %d\n", nr_steps);
	}
	return 0;
}

/*
 * The next link's stack is that of this one's maker, which must have left it. The maker is init's
 * child then, which may be slow to reap: so links take their time, and try again.
 */
static int link_of_chain(void *maker)
{
	while (maker != (void *)(uintptr_t)first && syscall(SYS_getppid) == (long)(uintptr_t)maker)
		usleep(10);
	turn();
	usleep(500);
	is_last = is_over;
	while (!is_last && clone(link_of_chain, stacks[nr_steps % NR_STACKS] + STACK_BYTES,
				 CLONE_VM | SIGCHLD, (void *)(uintptr_t)syscall(SYS_getpid)) < 0)
		usleep(10000);
	return 0;
}

int main(int argc, char **argv)
{
	const bool chain = argc > 1 && !strcmp(argv[1], "chain");
	pid_t pid;
	char c;

	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	first = getpid();
	pid = clone(chain ? link_of_chain : other, stacks[0] + STACK_BYTES, CLONE_VM | SIGCHLD,
		    (void *)(uintptr_t)first);
	if (page == MAP_FAILED || pid < 0)
		return 1;
	dprintf(1, "READY %d %d\n", getpid(), pid);
	if (chain && read(0, &c, 1) == 1) {
		is_over = true;
		while (!is_last)
			usleep(1000);
		dprintf(1, "AT REST\n");
		while (read(0, &c, 1) == 1)
			;
	}
	return waitpid(pid, NULL, 0) != pid;
}
