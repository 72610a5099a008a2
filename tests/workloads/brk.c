/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * brk MODE: what brk(2) does beside growing.
 *
 *	met	refused three times: something is mapped right behind the empty heap
 *	grown	the same behind a heap that has grown
 *	limit	refused three times by RLIMIT_DATA
 *	below	refused: below the start of the heap
 *	pieces N [threads]
 *		2,000 pages of growth, behind a heap that lies in N + 1 pieces; then back to where it was.
 *		With threads, another one cuts the heap's end and moves the break, too.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE ((unsigned long)getpagesize())

/* The raw call: what the library makes of a refusal is its own affair. */
static char *raw_brk(char *to)
{
	return (char *)syscall(SYS_brk, to);
}

static char *heap_end(void)
{
	return (char *)(((uintptr_t)raw_brk(NULL) + PAGE - 1) & ~(PAGE - 1));
}

static int be_refused(const char *mode)
{
	char *start = heap_end(), *to = start + (8 << 20);
	int i, nr = 0;

	if (!strcmp(mode, "grown") && raw_brk(start + 4 * PAGE) != start + 4 * PAGE)
		return 1;
	if (!strcmp(mode, "below"))
		to = start - 64 * PAGE;
	else if (!strcmp(mode, "limit"))
		setrlimit(RLIMIT_DATA, &(struct rlimit){ 1 << 20, 1 << 20 });
	else if (mmap(heap_end(), 64 << 10, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED)
		return 1;
	for (i = 0; i < 3; i++)
		nr += raw_brk(to) != to;
	return nr != 3;
}

static volatile int is_over;

static void *cut(void *start)
{
	unsigned int i;

	for (i = 0; !is_over; i++) {
		char *end = heap_end();

		switch (i % 4) {
		case 0:
			mprotect(end - 3 * PAGE, PAGE, PROT_READ);
			break;
		case 1:
			raw_brk(end + PAGE);
			break;
		case 2:
			raw_brk(end - 2 * PAGE);
			break;
		case 3:
			mmap(end - 2 * PAGE, PAGE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
			break;
		}
	}
	return start;
}

static int in_pieces(size_t nr, int with_threads)
{
	char *start = heap_end(), *end = start + (2 * nr + 64) * PAGE;
	pthread_t other;
	size_t i;

	if (raw_brk(end) != end)
		return 1;
	for (i = 0; i < nr; i++)
		munmap(start + (2 * i + 1) * PAGE, PAGE);
	if (with_threads && pthread_create(&other, NULL, cut, NULL))
		return 1;
	for (i = 0; i < 2000; i++)
		raw_brk((with_threads ? heap_end() : end + i * PAGE) + PAGE);
	is_over = 1;
	if (with_threads) /* the heap stays, to be compared */
		return pthread_join(other, NULL);
	raw_brk(end);
	raw_brk(start);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	if (!strcmp(argv[1], "pieces") && argc > 2)
		return in_pieces(strtoul(argv[2], NULL, 10), argc > 3);
	return be_refused(argv[1]);
}
