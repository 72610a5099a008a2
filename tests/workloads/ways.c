/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways to change an address space beside the usual calls. Ends with status 77 and a word where this
 * kernel has no such way.
 *
 *	ways stack-lock|stack-advice	a page in the middle of the stack is split off
 *	ways high|process|uring		MADV_DONTFORK with a high half, by process_madvise, by io_uring;
 *					then a child without the memory maps something there
 *	ways aio			io_setup maps a ring, io_destroy unmaps it
 *	ways vdso			arch_prctl maps another vdso (x86-64)
 *	ways heap			prctl moves the heap, and brk goes on there
 *	ways splits			mappings split by advice, until the kernel refuses more
 *	ways probed			the function probed() again and again, up to a line on stdin
 */
#include "expect.h"

#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>

#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif
#define RW (PROT_READ | PROT_WRITE)

static void lacking(const char *what)
{
	tell("SKIP no %s here (errno %d)\n", what, errno);
	_exit(77);
}

static void split_stack(bool by_lock)
{
	char room[24 * 4096], *p = (char *)(((uintptr_t)room + 65536) & ~(uintptr_t)65535);

	memset(room, 1, sizeof(room));
	if (by_lock)
		MUST(!mlock(p, PAGE));
	else if (madvise(p, PAGE, MADV_NOHUGEPAGE))
		lacking("advice on huge pages");
	MUST(!mprotect(p, PAGE, PROT_READ));
	MUST(!mprotect(p, PAGE, RW));
}

static long madvise_by_uring(void *at, size_t len)
{
	struct io_uring_params p = { 0 };
	int fd = syscall(SYS_io_uring_setup, 4, &p);
	struct io_uring_sqe *s;
	char *sq, *cq;

	if (fd < 0)
		lacking("io_uring");
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * 4, RW, MAP_SHARED | MAP_POPULATE, fd,
		  IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * 16, RW, MAP_SHARED | MAP_POPULATE, fd,
		  IORING_OFF_CQ_RING);
	s = mmap(NULL, p.sq_entries * sizeof(*s), RW, MAP_SHARED | MAP_POPULATE, fd,
		 IORING_OFF_SQES);
	MUST(sq != MAP_FAILED && cq != MAP_FAILED && s != MAP_FAILED);
	memset(s, 0, sizeof(*s));
	s->opcode = IORING_OP_MADVISE;
	s->fd = -1;
	s->addr = (uintptr_t)at;
	s->len = len;
	s->fadvise_advice = MADV_DONTFORK;
	*(uint32_t *)(sq + p.sq_off.array) = 0;
	__atomic_add_fetch((uint32_t *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	MUST(syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) == 1);
	return ((struct io_uring_cqe *)(cq + p.cq_off.cqes))->res;
}

static void keep_from_child(const char *how)
{
	size_t len = 16 * PAGE;
	char *p = mmap(NULL, len, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec iov = { p, len };
	int fd, status;
	pid_t pid;

	MUST(p != MAP_FAILED);
	if (!strcmp(how, "high")) {
		MUST(!syscall(SYS_madvise, p, len, 1UL << 32 | MADV_DONTFORK));
	} else if (!strcmp(how, "process")) {
		fd = syscall(SYS_pidfd_open, getpid(), 0);
		if (fd < 0 || syscall(SYS_process_madvise, fd, &iov, 1, MADV_DONTFORK, 0) < 0)
			lacking("process_madvise on oneself");
	} else if (madvise_by_uring(p, len)) {
		lacking("madvise by io_uring");
	}
	pid = fork();
	if (!pid) {
		MUST(mmap(p + PAGE, PAGE, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == p + PAGE);
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0) == pid && !status);
}

static void aio(void)
{
	aio_context_t ring = 0;

	if (syscall(SYS_io_setup, 64, &ring))
		lacking("io_setup");
	MUST(!mprotect((void *)ring, PAGE, PROT_READ));
	MUST(!syscall(SYS_io_destroy, ring));
}

/* The kernel maps another one where there is none, nor its data. */
static void vdso(void)
{
#ifdef __x86_64__
	size_t i;

	maps_read(&maps_before);
	for (i = 0; i < maps_before.nr; i++) {
		const struct map *m = &maps_before.v[i];

		if (m->name_len > 2 &&
		    (!memcmp(m->name, "[vdso", 5) || !memcmp(m->name, "[vvar", 5)))
			MUST(!munmap((void *)m->start, m->end - m->start));
	}
	if (syscall(SYS_arch_prctl, 0x2003 /* ARCH_MAP_VDSO_64 */, 0) < 0)
		lacking("ARCH_MAP_VDSO");
#else
	lacking("arch_prctl");
#endif
}

/* The new heap begins in a mapping, as the kernel wants it (prctl(2)). */
static void move_heap(void)
{
	char *p = mmap(NULL, 64 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(p != MAP_FAILED && !munmap(p + 8 * PAGE, 56 * PAGE));
	if (prctl(PR_SET_MM, PR_SET_MM_START_BRK, p + 8 * PAGE, 0, 0) ||
	    prctl(PR_SET_MM, PR_SET_MM_BRK, p + 8 * PAGE, 0, 0))
		lacking("PR_SET_MM");
	MUST(syscall(SYS_brk, p + 16 * PAGE) == (long)(p + 16 * PAGE));
	MUST(!mprotect(p + 9 * PAGE, PAGE, PROT_READ));
	MUST(syscall(SYS_brk, p + 12 * PAGE) == (long)(p + 12 * PAGE));
}

static void split_all(void)
{
	size_t n = 1UL << 30, i;
	char *p = mmap(NULL, n, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	MUST(p != MAP_FAILED);
	for (i = 0; i < n && !madvise(p + i, PAGE, MADV_DONTDUMP); i += 2 * PAGE)
		;
	if (i >= n)
		lacking("such a low limit of mappings");
	MUST(mprotect(p + n - 3 * PAGE, PAGE, PROT_READ) && errno == ENOMEM);
}

__attribute__((noinline)) int probed(int x)
{
	__asm__ volatile("" ::: "memory");
	return x + 1;
}

static void wait_for_line(void)
{
	struct pollfd in = { .fd = 0, .events = POLLIN };
	int n = 0;

	tell("AT REST %d\n", getpid());
	while (poll(&in, 1, 10) == 0)
		n = probed(n);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	if (!strcmp(how, "stack-lock") || !strcmp(how, "stack-advice"))
		split_stack(!strcmp(how, "stack-lock"));
	else if (!strcmp(how, "high") || !strcmp(how, "process") || !strcmp(how, "uring"))
		keep_from_child(how);
	else if (!strcmp(how, "aio"))
		aio();
	else if (!strcmp(how, "vdso"))
		vdso();
	else if (!strcmp(how, "heap"))
		move_heap();
	else if (!strcmp(how, "splits"))
		split_all();
	else if (!strcmp(how, "probed"))
		wait_for_line();
	else
		return 2;
	return 0;
}
