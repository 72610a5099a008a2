/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that fail because their ranges wrap around: nobody is to make a loss of them. */
#include <stdint.h>
#include <sys/mman.h>

#include "expect.h"

int main(void)
{
	char *at = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const size_t wraps[] = { SIZE_MAX - PAGE + 1, 0xffffffffff000000 };
	int i;

	MUST(at != MAP_FAILED);
	for (i = 0; i < 2; i++) {
		mremap(at, wraps[i], PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at + 2 * PAGE);
		mremap(at, PAGE, wraps[i], MREMAP_MAYMOVE | MREMAP_FIXED, at + 2 * PAGE);
		mprotect(at, wraps[i], PROT_READ);
		munmap(at, wraps[i]);
		madvise(at, wraps[i], MADV_DONTFORK);
		mmap(at, wraps[i], PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	}
	return 0;
}
