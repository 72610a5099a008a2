/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attacks on memory, each for real and without harm: "attack ACT", in a process of that name. The
 * test (tests/live/findings.sh) says what is to be found in each. Status 77: this machine can't do
 * it.
 */
#include <pthread.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "attack_modules.h"
#include "attack_tools.h"
#include "expect.h"
#include "int80.h"

/* A loader of shell code, whose second stage asks for more. */
static void act_shellcode(void)
{
	char *p = map(1, RW, 0);

	put_code(p, stage);
	MUST(!mprotect(p, PAGE, RX));
	call(p, 0);
}

/* Code is written where it runs. */
static void act_rwx(void)
{
	char *p = map(1, RWX, 0);

	put_code(p, add_one);
	MUST(call(p, 1) == 2);
}

/* One memory, written here and run there. */
static void act_alias(void)
{
	int fd = memfd("code", 1);

	put_code(map_fd(fd, RW, MAP_SHARED), add_one);
	MUST(call(map_fd(fd, RX, MAP_SHARED), 1) == 2);
}

/* An alias as above, run by another program: argv[2], which is "reader" there. */
static void act_alias2(char **argv)
{
	int fd = memfd("code", 1), status;
	char name[16];

	put_code(map_fd(fd, RW, MAP_SHARED), add_one);
	snprintf(name, sizeof(name), "%d", fd);
	if (!fork()) {
		execl(argv[2], "other", "reader", name, NULL);
		_exit(99);
	}
	MUST(wait(&status) > 0 && !status);
}

static void act_reader(char **argv)
{
	MUST(call(map_fd(atoi(argv[2]), RX, MAP_PRIVATE), 1) == 2);
}

static void act_stack(void)
{
	char here[CODE_BYTES];

	MUST(!mprotect(page_of(here), PAGE, RWX));
}

static void *stack_thread(void *ctx)
{
	(void)ctx;
	act_stack();
	return NULL;
}

static void in_thread(void *fn(void *))
{
	pthread_t t;

	MUST(!pthread_create(&t, NULL, fn, NULL));
	pthread_join(t, NULL);
}

static void act_thread_stack(void)
{
	in_thread(stack_thread);
}

static void *guard_thread(void *ctx)
{
	pthread_attr_t attr;
	size_t size, guard;
	void *stack;

	(void)ctx;
	MUST(!pthread_getattr_np(pthread_self(), &attr) &&
	     !pthread_attr_getstack(&attr, &stack, &size) &&
	     !pthread_attr_getguardsize(&attr, &guard) && guard);
	MUST(!mprotect((char *)stack - guard, guard, RW));
	return NULL;
}

static void act_guard(void)
{
	in_thread(guard_thread);
}

/* Memory that was written is moved before it is run. */
static void act_moved(void)
{
	char *p = map(1, RW, 0), *q;

	put_code(p, add_one);
	MUST(!mprotect(p, PAGE, PROT_READ));
	q = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | 4 /* MREMAP_DONTUNMAP, Linux 5.7 */, NULL);
	if (q == MAP_FAILED)
		_exit(77);
	MUST(!mprotect(q, PAGE, RX) && call(q, 1) == 2);
}

/* The stack becomes executable by a call that does not ask for it. */
static void act_implied(void)
{
	char here[CODE_BYTES];

	MUST(personality(READ_IMPLIES_EXEC) != -1);
	MUST(!mprotect(page_of(here), PAGE, RW));
	MUST(personality(0) != -1);
}

/* Code comes past all protections to where nobody could write. */
static void act_born(void)
{
	char *p = map(1, RX, 0);
	int fd = open("/proc/self/mem", O_RDWR);

	if (fd < 0 || pwrite(fd, add_one, CODE_BYTES, (off_t)(uintptr_t)p) != CODE_BYTES)
		_exit(77);
	MUST(call(p, 1) == 2);
}

static char bss[1 << 17]; /* has a page, of 64K at most */

static void act_bss(void)
{
	char *p = page_of(bss + PAGE);

	put_code(p, add_one);
	MUST(!mprotect(p, PAGE, RX) && call(p, 1) == 2);
}

/* Written through a mapping that is gone when the file is run. */
static void act_written(void)
{
	int fd = file_make("code", 1);
	char *p = map_fd(fd, RW, MAP_SHARED);

	put_code(p, add_one);
	MUST(!munmap(p, PAGE));
	MUST(call(map_fd(fd, RX, MAP_PRIVATE), 1) == 2);
	unlink("code");
}

/* One call for many pieces. */
static void act_pieces(void)
{
	char *p = map(20, RW, 0);
	size_t i;

	for (i = 0; i < 20; i += 2)
		MUST(!mprotect(p + i * PAGE, PAGE, PROT_WRITE));
	MUST(!mprotect(p, 20 * PAGE, RX));
}

static void act_heap(void)
{
	char *p = sbrk(2 * PAGE);

	MUST(p != (void *)-1 && !mprotect(page_of(p + PAGE), PAGE, RX));
}

/* Unpacks itself, and drops the text that it came in. */
static void act_unpack(void)
{
	char *p = map(64, RW, 0), *text = page_of(add_one);
	void (*leave)(void *, size_t);

	put_code(p, vanish);
	MUST(!mprotect(p, 64 * PAGE, RX));
	memcpy(&leave, &p, sizeof(leave));
	leave(text, PAGE);
}

static void inject(bool seize)
{
#if defined(__x86_64__)
	struct user_regs_struct was, regs;
	char *page = map(1, RW, 0);
	pid_t pid = fork();
	int status;

	if (!pid) {
		map(1, RW, 0); /* a call without a tracer */
		for (;;)
			pause();
	}
	MUST(pid > 0);
	usleep(100000);
	MUST(!ptrace(seize ? PTRACE_SEIZE : PTRACE_ATTACH, pid, 0, 0));
	MUST(!seize || !ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	MUST(waitpid(pid, &status, 0) == pid);
	MUST(!ptrace(PTRACE_GETREGS, pid, 0, &was));
	regs = was;
	regs.rip = (uintptr_t)trap;
	regs.orig_rax = -1;
	regs.rax = SYS_mprotect;
	regs.rdi = (uintptr_t)page;
	regs.rsi = PAGE;
	regs.rdx = RWX;
	MUST(!ptrace(PTRACE_SETREGS, pid, 0, &regs) && !ptrace(PTRACE_CONT, pid, 0, 0));
	MUST(waitpid(pid, &status, 0) == pid && WSTOPSIG(status) == SIGTRAP);
	MUST(!ptrace(PTRACE_GETREGS, pid, 0, &regs) && !regs.rax);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
#else
	_exit(77);
#endif
}

/* A victim that waits, made to call mprotect by who attaches to it. */
static void act_inject(void)
{
	inject(false);
}

static void act_seize(void)
{
	inject(true);
}

/* Code is made by a call that 64-bit tracepoints do not see. Its pointers have 32 bits. */
static void act_int80(void)
{
#if defined(__x86_64__)
	char *p = map(1, RW, MAP_32BIT);
	long ret;

	int80_or_skip();
	put_code(p, add_one);
	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(125 /* mprotect */), "b"(p), "c"(PAGE), "d"(RX)
			 : "r8", "r9", "r10", "r11", "memory");
	MUST(!ret && call(p, 1) == 2);
#else
	_exit(77);
#endif
}

/* More of a past than is remembered. */
static void act_past(void)
{
	size_t n_pages = 10000, i;
	char *p = map(n_pages, RW, MAP_NORESERVE);

	for (i = 0; i < n_pages; i += 2)
		MUST(!mprotect(p + i * PAGE, PAGE, PROT_READ));
	MUST(!mprotect(p, PAGE, RX));
	MUST(!mprotect(p + (n_pages - 2) * PAGE, PAGE, RX));
}

/* MDWE (Linux 6.3) forbids both ways to new code. */
static void act_mdwe(void)
{
	char *p = map(1, RW, 0);

	if (prctl(65 /* PR_SET_MDWE */, 1, 0, 0, 0))
		_exit(77);
	MUST(mmap(NULL, PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
	MUST(mprotect(p, PAGE, RX) && errno == EACCES);
}

/* Sealed memory (mseal, Linux 6.10) stays as it is. */
static void act_seal(void)
{
	char *p = map(1, PROT_READ, 0);

	if (syscall(462, p, PAGE, 0))
		_exit(77);
	MUST(mprotect(p, PAGE, RW) && errno == EPERM);
	MUST(munmap(p, PAGE) && errno == EPERM);
}

static void act_shm(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700);
	char *p = shmat(id, NULL, SHM_EXEC);

	shmctl(id, IPC_RMID, NULL);
	MUST(p != (void *)-1);
	put_code(p, add_one);
	MUST(call(p, 1) == 2);
}

static void copy_file(const char *from, int to)
{
	char data[4096];
	int fd = open(from, O_RDONLY);
	ssize_t n;

	MUST(fd >= 0);
	while ((n = read(fd, data, sizeof(data))) > 0)
		MUST(write(to, data, n) == n);
	close(fd);
}

/* A program that is in no file. */
static void act_memfd(void)
{
	char *argv[] = { "true", NULL }, *env[] = { NULL };
	int fd = memfd_create("program", MFD_CLOEXEC);

	copy_file("/bin/true", fd);
	fexecve(fd, argv, env);
	_exit(99);
}

static void act_deleted(void)
{
	int fd = file_make("code", 1);

	MUST(!unlink("code"));
	map_fd(fd, RX, MAP_PRIVATE);
}

static void act_tmp(void)
{
	map_fd(file_make("code", 1), RX, MAP_PRIVATE);
	unlink("code");
}

static void act_late(void)
{
	usleep(300000);
	act_rwx();
}

/* As many mappings as the kernel allows, and one more. */
static void act_limit(void)
{
	size_t n_pages = 200000, i;
	char *p = map(n_pages, PROT_NONE, MAP_NORESERVE);

	for (i = 0; i < n_pages; i += 2)
		if (mprotect(p + i * PAGE, PAGE, PROT_READ))
			break;
	if (i >= n_pages)
		_exit(77);
	MUST(errno == ENOMEM);
}

static const struct {
	const char *name;
	void (*act)(void);
	void (*act_argv)(char **argv);
} acts[] = {
	{ "shellcode", act_shellcode, NULL },
	{ "rwx", act_rwx, NULL },
	{ "patch", act_patch, NULL },
	{ "patch-libc", act_patch_libc, NULL },
	{ "alias", act_alias, NULL },
	{ "alias2", NULL, act_alias2 },
	{ "reader", NULL, act_reader },
	{ "relro", act_relro, NULL },
	{ "rop", act_rop, NULL },
	{ "stack", act_stack, NULL },
	{ "thread-stack", act_thread_stack, NULL },
	{ "guard", act_guard, NULL },
	{ "moved", act_moved, NULL },
	{ "implied", act_implied, NULL },
	{ "born", act_born, NULL },
	{ "bss", act_bss, NULL },
	{ "written", act_written, NULL },
	{ "pieces", act_pieces, NULL },
	{ "heap", act_heap, NULL },
	{ "unpack", act_unpack, NULL },
	{ "inject", act_inject, NULL },
	{ "seize", act_seize, NULL },
	{ "int80", act_int80, NULL },
	{ "past", act_past, NULL },
	{ "mdwe", act_mdwe, NULL },
	{ "seal", act_seal, NULL },
	{ "shm", act_shm, NULL },
	{ "stomp", act_stomp, NULL },
	{ "stomp2", act_stomp2, NULL },
	{ "memfd", act_memfd, NULL },
	{ "deleted", act_deleted, NULL },
	{ "tmp", act_tmp, NULL },
	{ "late", act_late, NULL },
	{ "limit", act_limit, NULL },
};

int main(int argc, char **argv)
{
	size_t i;

	MUST(argc > 1);
	prctl(PR_SET_NAME, argv[1]); /* so that findings say whose they are */
	for (i = 0; i < sizeof(acts) / sizeof(*acts); i++) {
		if (strcmp(argv[1], acts[i].name) != 0)
			continue;
		if (acts[i].act)
			acts[i].act();
		else
			acts[i].act_argv(argv);
		return 0;
	}
	return 99;
}
