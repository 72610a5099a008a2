/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotect and pkey_mprotect: over several mappings, of parts, without effect, failing half-way. */
#include "expect.h"

#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)

static void plain(void)
{
	char *p = seen_pages(9, PROT_READ);

	SEEN_OK("mprotect", mprotect(p + 3 * PAGE, 3 * PAGE, RW));
	SEEN_OK("mprotect", mprotect(p, 9 * PAGE, RX)); /* over three mappings */
	SEEN_OK("mprotect", mprotect(p + PAGE, 1, RW)); /* a part of a page is a page */
	SEEN_OK("mprotect", mprotect(p + PAGE, PAGE, RX));
	SEEN_OK("mprotect", mprotect(p, 9 * PAGE, RX)); /* what it is already */
	SEEN_OK("mprotect", mprotect(p, 0, PROT_NONE)); /* nothing */
	SEEN_OK("mprotect", mprotect(p, 4 * PAGE, RW | PROT_EXEC));
	SEEN_OK("mprotect", mprotect(p + 2 * PAGE, 4 * PAGE, PROT_NONE));
	SEEN_ERR("mprotect", EINVAL, mprotect(p + 1, PAGE, RW));
	SEEN_ERR("mprotect", EINVAL, mprotect(p, PAGE, 0x80));
	seen_settle(p, 9);
}

/* Calls that fail may have changed what came before the failure. */
static void half_way(void)
{
	char *p = seen_pages(8, PROT_READ), *q;
	int fd;

	SEEN_OK("mprotect", mprotect(p + PAGE, PAGE, RW));
	SEEN_OK("munmap", munmap(p + 4 * PAGE, PAGE));
	SEEN_ERR("mprotect", ENOMEM, mprotect(p, 8 * PAGE, RX));	    /* up to the hole */
	SEEN_ERR("mprotect", ENOMEM, mprotect(p + 4 * PAGE, 2 * PAGE, RX)); /* begins in it */
	SEEN_ERR("mprotect", ENOMEM, mprotect(p + 2 * PAGE, 3 * PAGE, RW)); /* ends in it */

	close(file_make("read only", 4));
	fd = open("read only", O_RDONLY | O_CLOEXEC);
	q = seen_pages(6, PROT_READ);
	SEEN_OK("mmap", mmap(q + 2 * PAGE, 2 * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0));
	SEEN_ERR("mprotect", EACCES, mprotect(q + 2 * PAGE, PAGE, RW));
	SEEN_ERR("mprotect", EACCES,
		 mprotect(q, 6 * PAGE, RW)); /* the first two pages have changed */
	seen_settle(p, 8);
	seen_settle(q, 6);
	unlink("read only");
}

static void with_keys(void)
{
	char *p = seen_pages(4, PROT_READ);
	int key;

	/* Key -1 is a plain mprotect; the library would call just that. */
	SEEN("pkey_mprotect", syscall(SYS_pkey_mprotect, p, 2 * PAGE, RW, -1));
	SEEN_ERR("pkey_mprotect", EINVAL, pkey_mprotect(p, PAGE, RW, 14));
	key = pkey_alloc(0, 0);
	if (key >= 0)
		SEEN_OK("pkey_mprotect", pkey_mprotect(p + PAGE, 2 * PAGE, RX, key));
	seen_settle(p, 4);
}

/* A mapping that grows down is changed to its edge. */
static void growing(void)
{
	char *room = seen_pages(64, PROT_NONE), *p;

	SEEN_OK("munmap", munmap(room, 64 * PAGE));
	p = (char *)SEEN_OK("mmap",
			    mmap(room + 50 * PAGE, 6 * PAGE, RW,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0));
	SEEN_OK("mprotect", mprotect(p + 4 * PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
	seen_settle(p, 6);
}

int main(void)
{
	plain();
	half_way();
	with_keys();
	growing();
	return 0;
}
