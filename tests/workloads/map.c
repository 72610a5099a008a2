/* SPDX-License-Identifier: BSD-2-Clause */
/* mmap of each kind, over others, refused; munmap with splits, over holes, of nothing. */
#include "expect.h"

static void anonymous(void)
{
	char *p = seen_pages(8, PROT_READ | PROT_WRITE);
	char *shared;

	SEEN_OK("mmap", mmap(p + 2 * PAGE, 3 * PAGE, PROT_READ,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	SEEN_ERR("mmap", EEXIST,
		 mmap(p + 7 * PAGE, 2 * PAGE, PROT_READ,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
	SEEN_OK("munmap", munmap(p + PAGE, PAGE));	   /* splits one */
	SEEN_OK("munmap", munmap(p + 4 * PAGE, 2 * PAGE)); /* cuts two */
	SEEN_OK("munmap", munmap(p, 8 * PAGE));		   /* over the holes */
	SEEN_OK("munmap", munmap(p, 8 * PAGE));		   /* nothing there */
	SEEN_ERR("munmap", EINVAL, munmap(p + 1, PAGE));
	shared = (char *)SEEN_OK("mmap", mmap(NULL, 100, PROT_READ | PROT_WRITE,
					      MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	SEEN_OK("munmap", munmap(shared, 1));
	SEEN_OK("mmap", mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static void files(void)
{
	int fd = file_make("mapped file", 8), memfd = memfd_create("jit", MFD_CLOEXEC);
	char *p, *room;

	MUST(memfd >= 0 && !ftruncate(memfd, 4 * PAGE));
	p = (char *)SEEN_OK("mmap", mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE));
	SEEN_OK("munmap", munmap(p + PAGE, PAGE)); /* the rest goes on at page 4 of the file */
	SEEN_OK("mmap", mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 3 * PAGE));
	SEEN_OK("mmap", mmap(p + 2 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0));
	SEEN_OK("mmap", mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	SEEN_OK("mmap", mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0));
	SEEN_OK("mmap", mmap(NULL, 4 * PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, memfd, 0));
	SEEN_ERR("mmap", EBADF, mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 1000000, 0));
	MUST(!unlink("mapped file"));
	SEEN_OK("mmap", mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE));
	SEEN_OK("mmap", mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			     open("/dev/zero", O_RDWR | O_CLOEXEC), 0));
	room = seen_pages(4, PROT_READ);
	close(fd);
	seen_settle(room, 4);
	seen_settle(p, 4);
}

int main(void)
{
	anonymous();
	files();
	return 0;
}
