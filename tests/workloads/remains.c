/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaves mapped what such programs leave: buffers of a pool that gives none back, views of a file,
 * stacks of coroutines with their guards, a thread's stack that nobody joined, an arena of malloc.
 * Says READY, leaves some more for a line on stdin, says MORE, and ends with the next.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>

#include "expect.h"

#define NR_SESSIONS   90
#define SESSION_BYTES (256 << 10)
#define NR_VIEWS      20
#define NR_STACKS     300

static char *map(size_t n_bytes, int prot, int flags, int fd)
{
	char *p = mmap(NULL, n_bytes, prot, flags, fd, 0);

	MUST(p != MAP_FAILED);
	return p;
}

static __attribute__((noinline)) char *buffer(size_t n_bytes)
{
	char *p = map(n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	*p = 1;
	return p;
}

/* Gives back what it takes. */
__attribute__((noinline)) void request(void)
{
	char *p = buffer(1 << 20);

	MUST(!munmap(p, 1 << 20));
}

__attribute__((noinline)) void session(void)
{
	char *p = buffer(SESSION_BYTES);

	*p = 2; /* no tail call */
}

__attribute__((noinline)) void view(void)
{
	int fd = open("view.data", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	MUST(fd >= 0 && !ftruncate(fd, 8 * PAGE));
	map(8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	MUST(!close(fd));
}

__attribute__((noinline)) void coroutine(void)
{
	char *p =
		map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1);

	MUST(!mprotect(p, PAGE, PROT_NONE));
}

/* Not in the arena of the first thread, which is the heap. */
static void *worker(void *arg)
{
	*(volatile char *)malloc(1000) = 1;
	return arg;
}

int main(void)
{
	pthread_t thread;
	int i;

	MUST(!setenv("MPW_STEPS", "1", 1));
	for (i = 0; i < NR_SESSIONS; i++) {
		session();
		request();
	}
	for (i = 0; i < NR_VIEWS; i++)
		view();
	for (i = 0; i < NR_STACKS; i++)
		coroutine();
	MUST(!pthread_create(&thread, NULL, worker, NULL));
	usleep(100000); /* it ends, and is never joined */
	tell("READY %d\n", getpid());
	if (!step())
		return 0;
	for (i = 0; i < 7; i++)
		session();
	tell("MORE\n");
	while (step())
		;
	return 0;
}
