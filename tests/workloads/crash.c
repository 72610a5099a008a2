/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash ACT: ends by a signal that memory has to do with, each act by another cause; or says SKIP,
 * where this machine cannot have it. Files are made where it stands.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "expect.h"

#define GUARD_INSTALL 102 /* MADV_GUARD_INSTALL, Linux 6.13 */
#define BIG	      (1UL << 20)
#define HUGE	      (2UL << 20)

static void touch(volatile char *p)
{
	*p = 2;
}

static char *map(size_t size, int prot, int flags)
{
	char *p = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	MUST(p != MAP_FAILED);
	return p;
}

static void jump(void *at)
{
	void (*f)(void);

	memcpy(&f, &at, sizeof(f));
	f();
	touch(map(PAGE, PROT_READ, 0)); /* no tail call: it would hide who called */
}

static void skip(const char *why)
{
	printf("SKIP %s\n", why);
	exit(0);
}

static void limit(int what, rlim_t max)
{
	const struct rlimit r = { max, RLIM_INFINITY };

	MUST(!setrlimit(what, &r));
}

static int deep(int n)
{
	volatile char frame[4096];

	frame[0] = n;
	return n ? deep(n - 1) + frame[0] : 0;
}

static void *run_deep(void *arg)
{
	deep(1 << 30);
	return arg;
}

/* ---- handlers ---- */

static void on_abort(int sig)
{
	(void)sig;
	abort();
}

static void on_trap(int sig)
{
	(void)sig;
	__builtin_trap();
}

static void on_exit_status(int sig)
{
	(void)sig;
	_exit(2);
}

static void on_raise(int sig)
{
	signal(sig, SIG_DFL);
	raise(sig);
}

static void on_default(int sig)
{
	signal(sig, SIG_DFL);
}

static void caught(void (*handler)(int))
{
	char *p = map(PAGE, PROT_READ | PROT_WRITE, 0);

	MUST(signal(SIGSEGV, handler) != SIG_ERR);
	MUST(!mprotect(p, PAGE, PROT_READ));
	touch(p + 8);
}

static void act_abort(void)
{
	caught(on_abort);
}
static void act_trap(void)
{
	caught(on_trap);
}
static void act_exit(void)
{
	caught(on_exit_status);
}
static void act_raise(void)
{
	caught(on_raise);
}
static void act_default(void)
{
	caught(on_default);
}

/* A handler, and no stack left for it. */
static void act_unhandled(void)
{
	MUST(signal(SIGSEGV, on_exit_status) != SIG_ERR);
	limit(RLIMIT_STACK, BIG);
	deep(1 << 30);
}

/* ---- stacks and guards ---- */

static void act_stack(void)
{
	limit(RLIMIT_STACK, BIG);
	deep(1 << 30);
}

static void act_thread(void)
{
	pthread_attr_t attr;
	pthread_t t;

	MUST(!pthread_attr_init(&attr));
	MUST(!pthread_attr_setstacksize(&attr, BIG));
	MUST(!pthread_create(&t, &attr, run_deep, NULL));
	pthread_join(t, NULL);
}

static void act_guard(void)
{
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, 0);

	if (madvise(p + PAGE, PAGE, GUARD_INSTALL))
		skip("this kernel has no guard regions (6.13)");
	touch(p + 2 * PAGE - 1);
}

static void act_fence(void)
{
	char *p = map(4 * PAGE, PROT_NONE, 0);

	MUST(!mprotect(p, PAGE, PROT_READ | PROT_WRITE));
	touch(p + PAGE + 3);
}

static void act_heap(void)
{
	uintptr_t end = (uintptr_t)sbrk(PAGE) + PAGE;

	touch((char *)((end + PAGE - 1) / PAGE * PAGE) + 5);
}

/* ---- what is not there ---- */

static void act_null(void)
{
	touch((char *)16);
}
static void act_nullcall(void)
{
	jump(NULL);
}
static void act_wild(void)
{
	touch((char *)0x7000000000);
}
static void act_bad(void)
{
	touch((char *)0x4141414141414141);
}
static void act_const(void)
{
	touch((char *)"constant");
}

static void act_free(void)
{
	char *p = malloc(BIG);
	volatile uintptr_t at = (uintptr_t)p + 100;

	touch(p);
	free(p);
	touch((char *)at);
}

static void act_dlclose(void)
{
	void *lib = dlopen("libm.so.6", RTLD_NOW), *f;

	if (!lib)
		skip("there is no libm.so.6");
	f = dlsym(lib, "cbrt");
	MUST(f && !dlclose(lib));
	jump(f);
}

/* Other memory is where this was. */
static void act_reused(void)
{
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, 0), *q;

	MUST(!munmap(p, 4 * PAGE));
	q = mmap(p, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	MUST(q == p);
	touch(q + PAGE);
}

static void act_moved(void)
{
	char *p = map(2 * PAGE, PROT_READ | PROT_WRITE, 0), *to = map(8 * PAGE, PROT_NONE, 0);

	MUST(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	touch(p + PAGE);
}

/* It loses its right, and is moved then. */
static void act_carried(void)
{
	char *p = map(2 * PAGE, PROT_READ | PROT_WRITE, 0), *to = map(8 * PAGE, PROT_NONE, 0);

	MUST(!mprotect(p, 2 * PAGE, PROT_READ));
	MUST(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	touch(to + PAGE);
}

static void act_dontfork(void)
{
	char *p = map(2 * PAGE, PROT_READ | PROT_WRITE, 0);

	MUST(!madvise(p, 2 * PAGE, MADV_DONTFORK));
	if (!fork())
		touch(p + 8);
	wait(NULL);
}

/* ---- files ---- */

static void act_short(void)
{
	int fd = open("shrinks", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *p;

	MUST(fd >= 0 && !ftruncate(fd, BIG));
	p = mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(p != MAP_FAILED);
	touch(p + 16 * PAGE);
	MUST(!ftruncate(fd, 100));
	touch(p + 16 * PAGE);
}

static void act_full(void)
{
	char *p;
	int fd;

	mkdir("full", 0700);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "full", "tmpfs", 0, "size=64k"))
		skip("nothing can be mounted here");
	fd = open("full/file", O_RDWR | O_CREAT, 0600);
	MUST(fd >= 0 && !ftruncate(fd, BIG));
	p = mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(p != MAP_FAILED);
	for (size_t i = 0; i < BIG; i += PAGE)
		touch(p + i);
}

static void act_huge(void)
{
	char *p = mmap(NULL, HUGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		skip("this kernel has no huge pages");
	touch(p);
	skip("there is a huge page");
}

/* ---- refused before, forbidden, taken ---- */

static void act_nomem(void)
{
	char *p;

	limit(RLIMIT_AS, 64 * BIG);
	p = malloc(256 * BIG);
	touch(p);
}

static void act_refused(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	char *p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

	MUST(p != MAP_FAILED);
	MUST(mprotect(p, PAGE, PROT_READ | PROT_WRITE) < 0);
	touch(p);
}

static void act_data(void)
{
	char *p = map(PAGE, PROT_READ | PROT_WRITE, 0);

	touch(p);
	jump(p);
}

static void act_pkey(void)
{
	char *p = map(PAGE, PROT_READ | PROT_WRITE, 0);
	int key = pkey_alloc(0, PKEY_DISABLE_WRITE);

	if (key < 0)
		skip("there are no protection keys here");
	MUST(!pkey_mprotect(p, PAGE, PROT_READ | PROT_WRITE, key));
	touch(p);
}

static void act_execonly(void)
{
	volatile char *p = map(PAGE, PROT_EXEC, 0);

	MUST(*p || 1);
	skip("what may be executed may be read here");
}

static int take(void *p)
{
	_exit(mprotect(p, PAGE, PROT_READ) != 0);
}

/* A process that shares the memory takes the right. */
static void act_shared(void)
{
	char *p = map(PAGE, PROT_READ | PROT_WRITE, 0),
	     *stack = map(16 * PAGE, PROT_READ | PROT_WRITE, 0);

	MUST(clone(take, stack + 16 * PAGE, CLONE_VM | CLONE_VFORK | SIGCHLD, p) > 0);
	wait(NULL);
	touch(p);
}

static void act_parent(void)
{
	char *p = map(PAGE, PROT_READ | PROT_WRITE, 0);

	MUST(!mprotect(p, PAGE, PROT_READ));
	if (!fork())
		touch(p);
	wait(NULL);
}

static void act_killed(void)
{
	pid_t pid = fork();

	while (!pid)
		pause();
	kill(pid, SIGBUS);
	wait(NULL);
}

static void act_assert(void)
{
	abort();
}

static const struct {
	const char *name;
	void (*act)(void);
} acts[] = {
	{ "abort", act_abort },	      { "trap", act_trap },	  { "exit", act_exit },
	{ "raise", act_raise },	      { "default", act_default }, { "unhandled", act_unhandled },
	{ "stack", act_stack },	      { "thread", act_thread },	  { "guard", act_guard },
	{ "fence", act_fence },	      { "heap", act_heap },	  { "null", act_null },
	{ "nullcall", act_nullcall }, { "wild", act_wild },	  { "bad", act_bad },
	{ "const", act_const },	      { "free", act_free },	  { "dlclose", act_dlclose },
	{ "reused", act_reused },     { "moved", act_moved },	  { "carried", act_carried },
	{ "dontfork", act_dontfork }, { "short", act_short },	  { "full", act_full },
	{ "huge", act_huge },	      { "nomem", act_nomem },	  { "refused", act_refused },
	{ "data", act_data },	      { "pkey", act_pkey },	  { "execonly", act_execonly },
	{ "shared", act_shared },     { "parent", act_parent },	  { "killed", act_killed },
	{ "assert", act_assert },
};

int main(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };
	size_t i;

	setrlimit(RLIMIT_CORE, &no_core);
	for (i = 0; argc > 1 && i < sizeof(acts) / sizeof(*acts); i++)
		if (!strcmp(argv[1], acts[i].name))
			acts[i].act();
	return 0;
}
