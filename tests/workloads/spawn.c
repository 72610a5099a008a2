/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spawn: after a line on stdin, starts programs by posix_spawn(3), which share its memory until
 * their exec, and goes on to change its own. At the end of stdin it ends them, and itself.
 */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define NR_CHILDREN 4

int main(void)
{
	char *argv[] = { "sleep", "60", NULL }, *page;
	pid_t pid[NR_CHILDREN];
	int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	page = mmap(NULL, 3 * getpagesize(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	puts("READY");
	getchar();
	for (i = 0; i < NR_CHILDREN; i++) {
		if (posix_spawnp(&pid[i], "sleep", NULL, NULL, argv, NULL))
			return 1;
		mprotect(page + getpagesize(), getpagesize(),
			 i % 2 ? PROT_READ : PROT_READ | PROT_WRITE);
	}
	puts("DONE");
	while (getchar() != EOF)
		;
	for (i = 0; i < NR_CHILDREN; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	return 0;
}
