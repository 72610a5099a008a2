/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quiet NR: so many children, one after the other, each of which maps one page that can be written
 * to and run: those who write little while others flood. Says "QUIET n".
 */
#include <sys/wait.h>

#include "expect.h"

int main(int argc, char **argv)
{
	int nr = argc > 1 ? atoi(argv[1]) : 20, i;

	for (i = 0; i < nr; i++) {
		if (!fork()) {
			mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			_exit(0);
		}
		wait(NULL);
	}
	printf("QUIET %d\n", i);
	return 0;
}
