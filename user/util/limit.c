/* SPDX-License-Identifier: BSD-2-Clause */
/* RLIMIT_AS counts what there is already. */
#include "util/limit.h"

#include <stdio.h>
#include <unistd.h>

/* Address space of this process, in bytes; 0: not known. */
static uint64_t our_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long long pages;
	uint64_t ret = 0;

	if (f && fscanf(f, "%llu", &pages) == 1)
		ret = pages * sysconf(_SC_PAGESIZE);
	if (f)
		fclose(f);
	return ret;
}

bool limit_memory(uint64_t more_bytes, struct rlimit *ret_was)
{
	uint64_t bytes = our_bytes();
	struct rlimit was, now;

	if (!bytes || getrlimit(RLIMIT_AS, &was))
		return false;
	now = was;
	now.rlim_cur = bytes + more_bytes;
	if (now.rlim_cur >= was.rlim_cur || setrlimit(RLIMIT_AS, &now))
		return false;
	if (ret_was)
		*ret_was = was;
	return true;
}
