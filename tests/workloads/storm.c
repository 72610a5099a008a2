/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * storm [SECONDS | NR_CALLSx]: mprotect of one page as fast as can be, then a pause in
 * which a tracer that lost something can look again, and the end is settled. Says
 * "STORM n": how many calls it made.
 */
#include <time.h>

#include "expect.h"

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	const char *much = argc > 1 ? argv[1] : "10000x";
	bool by_count = strchr(much, 'x');
	unsigned long max = by_count ? strtoul(much, NULL, 0) : ~0UL, n = 0;
	double end = now() + (by_count ? 1e9 : atof(much));
	char *p = seen_pages(4, PROT_READ);
	int i;

	while (n < max && now() < end)
		for (i = 0; i < 1000 && n < max; i++, n++)
			mprotect(p + PAGE, PAGE, n & 1 ? PROT_READ : PROT_READ | PROT_WRITE);
	tell("STORM %lu\n", n);
	usleep(500000);
	SEEN_OK("mprotect", mprotect(p + 2 * PAGE, PAGE, PROT_READ | PROT_EXEC));
	seen_settle(p, 4);
	return 0;
}
