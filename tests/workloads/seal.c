/* SPDX-License-Identifier: BSD-2-Clause */
/* mseal (6.10) and what it forbids; map_shadow_stack (6.6). As far as the kernel has them. */
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

	SEEN_OK("mseal", syscall(SYS_mseal, p + 2 * PAGE, 2 * PAGE, 0));
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

/* True if this kernel knows the call. A call that it does not know has no tracepoint either. */
static bool is_there(long nr)
{
	return syscall(nr, 1, 1, 1) == -1 && errno != ENOSYS;
}

int main(void)
{
	if (is_there(SYS_mseal))
		sealed();
	if (!is_there(SYS_map_shadow_stack))
		return 0;
	SEEN("map_shadow_stack", syscall(SYS_map_shadow_stack, NULL, 4 * PAGE, 1));
	SEEN("map_shadow_stack", syscall(SYS_map_shadow_stack, (void *)(1UL << 40), 100, 8));
	return 0;
}
