/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * write ACT: a process writes into its child, or into itself, by a process's number. "data" is memory
 * that may be written, "code" its program's text, "wx" memory with all rights. It prints "target PID",
 * and waits for a line on its input before it writes, if there is a second argument.
 *
 *	vm-data, vm-wx   process_vm_writev
 *	vm-many          process_vm_writev, data in a hundred ranges and the last in wx
 *	vm-code          process_vm_writev into code, which is refused
 *	peek             ptrace, but only to read
 *	poke             PTRACE_POKEDATA into code, by a tracer that came later
 *	poke-born        PTRACE_POKETEXT into code, of a child that asked to be traced
 *	mem              pwrite to /proc/PID/mem, code
 *	mem-read         reads /proc/PID/mem
 *	mem-thread       opens /proc/PID/task/PID/mem by openat2, code
 *	self             /proc/self/mem, own code
 *	filtered         as vm-wx, under a seccomp filter
 *	vm-shared        as vm-wx, with the list of ranges where another process could change it
 *	vm-80, mem-80    as vm-wx, and as mem, by the 32-bit entry of x86-64
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "expect.h"
#include "filter.h"
#include "int80.h"

#ifndef MAP_32BIT
#define MAP_32BIT 0 /* of x86 alone */
#endif

#define RANGES 101

static char data[RANGES * 16] = { 1 };

__attribute__((noinline)) static int code(void)
{
	return getpid() == 1 ? 2 : 3;
}

static void *place(void *f)
{
	return (void *)((uintptr_t)f & ~7UL);
}

static char *map_wx(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	MUST(p != MAP_FAILED);
	return p;
}

/* Bytes that are there already are written: nothing breaks. */
static ssize_t vm_write(pid_t pid, void *at, size_t len)
{
	struct iovec local = { at, len }, remote = { at, len };

	return process_vm_writev(pid, &local, 1, &remote, 1, 0);
}

static void vm_many(pid_t pid, char *wx)
{
	struct iovec local = { data, sizeof(data) }, remote[RANGES];
	int i;

	for (i = 0; i < RANGES; i++)
		remote[i] = (struct iovec){ i < RANGES - 1 ? data + 16L * i : wx, 16 };
	MUST(process_vm_writev(pid, &local, 1, remote, RANGES, 0) == sizeof(data));
}

static void vm_shared(pid_t pid, char *wx)
{
	struct iovec local = { wx, 64 }, *remote;

	remote = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(remote != MAP_FAILED);
	*remote = local;
	MUST(process_vm_writev(pid, &local, 1, remote, 1, 0) == 64);
}

static void mem_write(int fd, void *at)
{
	long word;

	MUST(fd >= 0);
	memcpy(&word, at, sizeof(word));
	MUST(pwrite(fd, &word, sizeof(word), (off_t)(uintptr_t)at) == sizeof(word));
	close(fd);
}

static int mem_open(pid_t pid, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	return open(path, flags);
}

static int mem_open_thread(pid_t pid)
{
	struct open_how how = { .flags = O_WRONLY };
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/mem", pid, pid);
	return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

static void poke(pid_t pid, bool born, bool peek)
{
	void *at = place((void *)code);
	int status;
	long word;

	if (!born)
		MUST(!ptrace(PTRACE_ATTACH, pid, NULL, NULL));
	MUST(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	word = ptrace(PTRACE_PEEKTEXT, pid, at, NULL);
	if (!peek)
		MUST(!ptrace(born ? PTRACE_POKETEXT : PTRACE_POKEDATA, pid, at, (void *)word));
	MUST(!ptrace(PTRACE_DETACH, pid, NULL, NULL));
}

/* The child that is written to: it makes a call, so that it is known, and waits for its end. */
static pid_t target(bool born, int *ret_end, char **ret_wx)
{
	int ready[2], end[2];
	char *wx = map_wx(), c;
	pid_t pid;

	MUST(!pipe(ready) && !pipe(end));
	pid = fork();
	if (!pid) {
		close(end[1]);
		MUST(!mprotect(wx, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
		if (born) {
			MUST(!ptrace(PTRACE_TRACEME, 0, NULL, NULL));
			raise(SIGSTOP);
		}
		MUST(write(ready[1], "r", 1) == 1);
		_exit(read(end[0], &c, 1) ? 1 : 0);
	}
	if (!born)
		MUST(read(ready[0], &c, 1) == 1);
	*ret_end = end[1];
	*ret_wx = wx;
	return pid;
}

#ifdef __x86_64__

static long int80(long nr, long a, long b, long c, long d, long e)
{
	/* the sixth argument is in the register of frames; below the stack pointer is a red zone */
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "push %%rbp\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "int $0x80\n\t"
			 "pop %%rbp\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "+a"(nr)
			 : "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "r8", "r9", "r10", "r11", "memory");
	return nr;
}

/* wx has an address that 32 bits hold; pointers are put there, too. */
static void act_by_80(const char *act, pid_t pid, char *wx)
{
	uint32_t *iov = (uint32_t *)(wx + 128);
	char *path = wx + 256;
	int fd;

	int80_or_skip();
	if (!strcmp(act, "vm-80")) {
		iov[0] = (uint32_t)(uintptr_t)wx;
		iov[1] = 64;
		MUST(int80(348, pid, (long)iov, 1, (long)iov, 1) == 64);
		return;
	}
	snprintf(path, 64, "/proc/%d/mem", pid);
	fd = int80(5, (long)path, O_RDWR, 0, 0, 0);
	mem_write(fd, place((void *)code));
}

#else

static void act_by_80(const char *act, pid_t pid, char *wx)
{
	(void)act, (void)pid, (void)wx;
	exit(77);
}

#endif

static void act_on(const char *act, pid_t pid, char *wx)
{
	void *at = place((void *)code);
	long word;
	int fd;

	if (!strcmp(act, "vm-data")) {
		MUST(vm_write(pid, data, 64) == 64);
	} else if (!strcmp(act, "vm-wx")) {
		MUST(vm_write(pid, wx, 64) == 64);
	} else if (!strcmp(act, "vm-many")) {
		vm_many(pid, wx);
	} else if (!strcmp(act, "vm-code")) {
		MUST(vm_write(pid, at, 8) < 0 && errno == EFAULT);
	} else if (!strcmp(act, "peek")) {
		poke(pid, false, true);
	} else if (!strcmp(act, "poke")) {
		poke(pid, false, false);
	} else if (!strcmp(act, "poke-born")) {
		poke(pid, true, false);
	} else if (!strcmp(act, "mem")) {
		mem_write(mem_open(pid, O_RDWR), at);
	} else if (!strcmp(act, "mem-thread")) {
		mem_write(mem_open_thread(pid), at);
	} else if (!strcmp(act, "mem-read")) {
		fd = mem_open(pid, O_RDONLY);
		MUST(pread(fd, &word, sizeof(word), (off_t)(uintptr_t)at) == sizeof(word));
	} else if (!strcmp(act, "self")) {
		mem_write(open("/proc/self/mem", O_RDWR), at);
	} else if (!strcmp(act, "filtered")) {
		MUST(!filter_nothing()); /* the call still runs */
		MUST(vm_write(pid, wx, 64) == 64);
	} else if (!strcmp(act, "vm-shared")) {
		vm_shared(pid, wx);
	} else if (strstr(act, "-80")) {
		act_by_80(act, pid, wx);
	} else {
		exit(2);
	}
}

int main(int argc, char **argv)
{
	const char *act = argc > 1 ? argv[1] : "";
	int status, end;
	char *wx, c;
	pid_t pid = target(!strcmp(act, "poke-born"), &end, &wx);

	if (argc > 2) {
		printf("target %d\n", pid);
		fflush(stdout);
		MUST(read(0, &c, 1) == 1);
	}
	act_on(act, pid, wx);
	close(end);
	MUST(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
