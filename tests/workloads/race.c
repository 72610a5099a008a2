/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads which change one range at the same time. Who was last is not known: the end is settled. */
#include <pthread.h>

#include "expect.h"

#define NR_THREADS 4
#define NR_PAGES   16
#define NR_ROUNDS  4000

static char *range;

static void *race(void *arg)
{
	const int prots[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC };
	unsigned int seed = (uintptr_t)arg, i;

	for (i = 0; i < NR_ROUNDS; i++) {
		unsigned int at = rand_r(&seed) % NR_PAGES, n = rand_r(&seed) % (NR_PAGES - at) + 1;
		int prot = prots[rand_r(&seed) % 4];

		switch (rand_r(&seed) % 4) {
		case 0:
			munmap(range + at * PAGE, n * PAGE);
			break;
		case 1:
			mmap(range + at * PAGE, n * PAGE, prot,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
			break;
		default:
			mprotect(range + at * PAGE, n * PAGE, prot);
		}
	}
	return NULL;
}

int main(void)
{
	pthread_t thread[NR_THREADS];
	uintptr_t i;

	range = seen_pages(NR_PAGES, PROT_READ);
	for (i = 0; i < NR_THREADS; i++)
		MUST(!pthread_create(&thread[i], NULL, race, (void *)(i + 1)));
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(thread[i], NULL);
	seen_settle(range, NR_PAGES);
	return 0;
}
