/* SPDX-License-Identifier: BSD-2-Clause */
/* brk: growth and shrinking by bytes, refusal, a heap that mprotect split. */
#include "expect.h"

/* The raw call: what the library's sbrk() does is its own affair. */
static long raw_brk(char *to)
{
	return syscall(SYS_brk, to);
}

int main(void)
{
	char *base = (char *)raw_brk(NULL);

	base = (char *)((uintptr_t)(base + PAGE - 1) & ~(PAGE - 1));
	SEEN_OK("brk", raw_brk(base + 100)); /* a page */
	SEEN_OK("brk", raw_brk(base + 200)); /* still that page */
	SEEN_OK("brk", raw_brk(base + 10 * PAGE));
	SEEN_OK("mprotect", mprotect(base + 4 * PAGE, PAGE, PROT_READ));
	SEEN_OK("brk", raw_brk(base + 12 * PAGE + 1));
	SEEN_OK("brk", raw_brk(base + 3 * PAGE));     /* below what was split off */
	SEEN_OK("brk", raw_brk((char *)(1UL << 60))); /* refused: the break stays */
	SEEN_OK("brk", raw_brk(base + 1));
	SEEN_OK("brk", raw_brk(base));
	return 0;
}
