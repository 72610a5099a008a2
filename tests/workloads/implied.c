/* SPDX-License-Identifier: BSD-2-Clause */
/* READ_IMPLIES_EXEC: asked for is r, given is r-x. Also set and cleared while running. */
#include <sys/personality.h>

#include "expect.h"

int main(void)
{
	char *p, *q;

	p = seen_pages(4, PROT_NONE);
	MUST(personality(READ_IMPLIES_EXEC) != -1);
	SEEN_OK("mprotect", mprotect(p, 2 * PAGE, PROT_READ));
	q = (char *)SEEN_OK("mmap", mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	SEEN_OK("mprotect", mprotect(q, PAGE, PROT_WRITE));
	SEEN_OK("brk", syscall(SYS_brk, syscall(SYS_brk, 0) + 4 * PAGE));
	MUST(personality(0) != -1);
	SEEN_OK("mprotect", mprotect(p, 4 * PAGE, PROT_READ));
	seen_settle(p, 4);
	return 0;
}
