/* SPDX-License-Identifier: BSD-2-Clause */
/* mseal (6.10) and what it forbids; map_shadow_stack (6.6). Absent calls fail, and are seen failing. */
#include "expect.h"

#ifndef SYS_mseal
#define SYS_mseal 462
#endif
#ifndef SYS_map_shadow_stack
#define SYS_map_shadow_stack 453
#endif

static void sealed(void)
{
	char *p = seen_pages(6, PROT_READ);

	if (SEEN("mseal", syscall(SYS_mseal, p + 2 * PAGE, 2 * PAGE, 0)) == -1)
		return;
	SEEN_ERR("mprotect", EPERM, mprotect(p + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE));
	SEEN("mprotect", mprotect(p, 6 * PAGE, PROT_READ | PROT_WRITE));
	SEEN_ERR("munmap", EPERM, munmap(p, 6 * PAGE));
	SEEN_ERR("mmap", EPERM,
		 mmap(p + 3 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		      0));
	SEEN_ERR("mremap", EPERM, mremap(p + 2 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	SEEN_OK("munmap", munmap(p, 2 * PAGE));
	SEEN_ERR("mseal", EINVAL, syscall(SYS_mseal, p + 1, PAGE, 0));
}

int main(void)
{
	sealed();
	SEEN("map_shadow_stack", syscall(SYS_map_shadow_stack, NULL, 4 * PAGE, 1));
	SEEN("map_shadow_stack", syscall(SYS_map_shadow_stack, (void *)(1UL << 40), 100, 8));
	return 0;
}
