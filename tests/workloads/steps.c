/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process to attach to: makes mappings of many kinds first, says "READY pid", and
 * for each line on stdin changes some. What is told about them shows whether a
 * tracer that came later knew them.
 */
#include <sys/prctl.h>

#include "expect.h"

#define NR_PAGES 32

int main(void)
{
	char *p = seen_pages(NR_PAGES, PROT_READ | PROT_WRITE), *f;
	int fd = file_make("earlier file", 8), i;

	prctl(PR_SET_NAME, "mpw-steps");
	MUST(!setenv("MPW_STEPS", "1", 1));
	for (i = 0; i < NR_PAGES; i += 2)
		MUST(!mprotect(p + i * PAGE, PAGE, PROT_READ));
	MUST(!munmap(p + 9 * PAGE, PAGE));
	f = mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	MUST(f != MAP_FAILED);
	tell("READY %d\n", getpid());
	for (i = 0; step(); i++) {
		SEEN_OK("mprotect", mprotect(p + (10 + i) * PAGE, 3 * PAGE, PROT_READ | PROT_EXEC));
		SEEN_OK("mprotect", mprotect(f + 2 * PAGE, PAGE, i & 1 ? PROT_READ : PROT_NONE));
		seen_settle(p + i * PAGE, 2);
		tell("STEP %d\n", i + 1);
	}
	unlink("earlier file");
	return 0;
}
