/* SPDX-License-Identifier: BSD-2-Clause */
/* leave N: so many children, each of two threads, which leave at the same time. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_barrier_t both;

static void *leave(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&both);
	syscall(SYS_exit, 0);
	return NULL;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 100;
	pthread_t t;

	while (n--) {
		pid_t pid = fork();

		if (!pid) {
			pthread_barrier_init(&both, NULL, 2);
			pthread_create(&t, NULL, leave, NULL);
			leave(NULL);
		}
		waitpid(pid, NULL, 0);
	}
	return 0;
}
