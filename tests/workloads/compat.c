/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 64-bit program that makes its calls by int 0x80, as the i386 has them: numbers
 * of their own, 32 bits of each argument. Status 77: int 0x80 does not work on this machine, and
 * stderr says how. "compat probe" only finds that out.
 */
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>

#include "expect.h"
#include "int80.h"

enum i386 {
	OLD_MMAP = 90,
	MUNMAP = 91,
	IPC = 117,
	MPROTECT = 125,
	MREMAP = 163,
	PRCTL = 172,
	MMAP2 = 192,
	REMAP_FILE_PAGES = 257,
	PKEY_MPROTECT = 380,
	SHMAT = 397,
	SHMDT = 398,
};

#define PR_SET_VMA_	      0x53564d41
#define PR_SET_VMA_ANON_NAME_ 0

static long low(const void *p)
{
	MUST((uintptr_t)p >> 32 == 0);
	return (long)p;
}

static long i386(enum i386 nr, const long arg[6])
{
	register long r12 __asm__("r12") = arg[5];
	long ret;

	/* the red zone of this function may be in use */
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "push %%rbp\n\t"
			 "mov %%r12, %%rbp\n\t"
			 "int $0x80\n\t"
			 "pop %%rbp\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "=a"(ret)
			 : "a"(nr), "b"(arg[0]), "c"(arg[1]), "d"(arg[2]), "S"(arg[3]), "D"(arg[4]),
			   "r"(r12)
			 : "r8", "r9", "r10", "r11", "memory");
	if (ret >= 0 || ret < -4095)
		return ret;
	errno = -ret;
	return -1;
}

#define CALL(nr, ...) i386(nr, (const long[6]){ __VA_ARGS__ })

/* Memory that pointers of 32 bits reach. */
static char *low_page(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
		       -1, 0);

	MUST(p != MAP_FAILED);
	return p;
}

static void anonymous(char *page)
{
	const int rw = PROT_READ | PROT_WRITE, private = MAP_PRIVATE | MAP_ANONYMOUS;
	uint32_t *old = (uint32_t *)page;
	long p, q;

	p = SEEN_OK("mmap", CALL(MMAP2, 0, 8 * PAGE, rw, private, -1, 0));
	SEEN_OK("mprotect", CALL(MPROTECT, p + PAGE, 3 * PAGE, PROT_READ | PROT_EXEC));
	SEEN_OK("munmap", CALL(MUNMAP, p + 2 * PAGE, PAGE));
	SEEN_ERR("mprotect", ENOMEM, CALL(MPROTECT, p, 8 * PAGE, PROT_NONE)); /* half of it */
	SEEN_ERR("mprotect", EINVAL, CALL(MPROTECT, p + 1, PAGE, PROT_NONE));
	SEEN_OK("pkey_mprotect", CALL(PKEY_MPROTECT, p + 4 * PAGE, PAGE, PROT_READ, -1));
	strcpy(page, "named by 0x80");
	if (CALL(PRCTL, PR_SET_VMA_, PR_SET_VMA_ANON_NAME_, p + 5 * PAGE, PAGE, low(page)) == 0)
		SEEN_OK("prctl", CALL(PRCTL, PR_SET_VMA_, PR_SET_VMA_ANON_NAME_, p + 6 * PAGE, PAGE,
				      low(page)));
	SEEN_OK("mmap", CALL(MMAP2, p, 8 * PAGE, rw, private | MAP_FIXED, -1, 0));
	q = SEEN_OK("mremap", CALL(MREMAP, p, 8 * PAGE, 4 * PAGE, 0));
	q = SEEN_OK("mmap", CALL(MMAP2, 0, 16 * PAGE, PROT_NONE, private, -1, 0));
	SEEN_OK("mremap", CALL(MREMAP, p, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q));
	old[0] = 0x30000000; /* no other call is at that place */
	old[1] = 3 * PAGE;
	old[2] = PROT_READ;
	old[3] = private | MAP_FIXED;
	old[4] = -1;
	old[5] = 0;
	p = SEEN_OK("mmap", CALL(OLD_MMAP, low(old)));
	SEEN_OK("munmap", CALL(MUNMAP, p, 3 * PAGE));
}

static void files(void)
{
	int fd = file_make("file of 32 bits", 8);
	long p = SEEN_OK("mmap", CALL(MMAP2, 0, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 2));

	SEEN_OK("mmap", CALL(MMAP2, p + PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 6));
	SEEN_OK("remap_file_pages", CALL(REMAP_FILE_PAGES, p + 2 * PAGE, PAGE, 0, 7, 0));
	SEEN_ERR("mmap", EBADF, CALL(MMAP2, 0, PAGE, PROT_READ, MAP_PRIVATE, 1000000, 0));
	MUST(!unlink("file of 32 bits"));
}

static void shared_memory(char *page)
{
	int id = shmget(IPC_PRIVATE, 4 * PAGE, IPC_CREAT | 0600);
	uint32_t *at = (uint32_t *)page;
	long p;

	MUST(id >= 0);
	p = SEEN_OK("shmat", CALL(SHMAT, id, 0, SHM_RDONLY));
	SEEN_OK("shmdt", CALL(SHMDT, p));
	/* by ipc(), whose result is elsewhere */
	SEEN_OK("shmat", (CALL(IPC, 21, id, 0, low(at)) == 0) ? (long)*at : -1);
	SEEN_OK("shmdt", CALL(IPC, 22 | 1 << 16, 0, 0, 0, *at)); /* with a version */
	MUST(!shmctl(id, IPC_RMID, NULL));
}

int main(int argc, char **argv)
{
	char *page;

	int80_or_skip();
	if (argc > 1 && !strcmp(argv[1], "probe"))
		return 0;
	page = low_page();
	anonymous(page);
	files();
	shared_memory(page);
	return 0;
}
