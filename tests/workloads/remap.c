/* SPDX-License-Identifier: BSD-2-Clause */
/* mremap in all its ways, and remap_file_pages. */
#include "expect.h"

#define RW (PROT_READ | PROT_WRITE)

static void in_place(void)
{
	char *p = seen_pages(16, RW);

	SEEN_OK("mprotect", mprotect(p, 4 * PAGE, PROT_READ));
	SEEN_OK("munmap", munmap(p + 4 * PAGE, 12 * PAGE));
	SEEN_OK("mremap", mremap(p, 4 * PAGE, 4 * PAGE, 0));
	SEEN_OK("mremap", mremap(p, 4 * PAGE, 10 * PAGE, 0));
	SEEN_OK("mremap", mremap(p, 10 * PAGE, 5 * PAGE, 0));
	SEEN_ERR("mremap", ENOMEM, mremap(p, 5 * PAGE, 4096 * PAGE, 0));
	SEEN_ERR("mremap", EFAULT, mremap(p + 8 * PAGE, PAGE, 2 * PAGE, 0));
	seen_settle(p, 5);
}

static void moved(void)
{
	int fd = file_make("moved file", 16);
	char *p = seen_pages(4, RW), *to = seen_pages(20, PROT_NONE), *f;

	SEEN_OK("mremap", mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + PAGE));
	SEEN_OK("mremap",
		mremap(to + PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
	SEEN_OK("mremap", mremap(to + 3 * PAGE, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE));
	f = (char *)SEEN_OK("mmap", mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, fd, 4 * PAGE));
	SEEN_OK("mremap", mremap(f + 3 * PAGE, 3 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
				 to + 10 * PAGE));
	SEEN_OK("mremap", mremap(f, 0, 2 * PAGE, MREMAP_MAYMOVE)); /* maps it a second time */
	SEEN_ERR("mremap", EINVAL, mremap(f, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, f + 100));
	/* Nothing is at the old place: the target may be gone all the same. */
	SEEN_ERR("mremap", EFAULT,
		 mremap((void *)(1UL << 30), PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			to + 10 * PAGE));
	seen_settle(to, 20);
	seen_settle(f, 8);
	unlink("moved file");
}

int main(void)
{
	int fd = file_make("shuffled file", 4);
	char *p;

	in_place();
	moved();
	p = (char *)SEEN_OK("mmap", mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0));
	SEEN("remap_file_pages", remap_file_pages(p, PAGE, 0, 3, 0));
	seen_settle(p, 4);
	unlink("shuffled file");
	return 0;
}
