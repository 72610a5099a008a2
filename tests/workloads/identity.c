/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is who: a thread that is not the first one execs, and so takes the process's id;
 * a vforked child works in its parent's memory; and a process gets the id of another
 * that has just ended (clone3(2) with set_tid: Linux 5.5, root).
 */
#include <linux/sched.h>
#include <pthread.h>
#include <sys/wait.h>

#include "expect.h"

#define RW (PROT_READ | PROT_WRITE)

static char *self, *range;

static void *exec_again(void *arg)
{
	(void)arg;
	SEEN_OK("mprotect", mprotect(range, PAGE, PROT_READ));
	execl(self, self, "again", NULL);
	_exit(99);
}

static void *sleep_on(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static void wait_for(pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0) == pid);
	MUST(WIFEXITED(status) && !WEXITSTATUS(status));
}

static void vforked(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		SEEN_OK("mprotect", mprotect(range + PAGE, PAGE, PROT_READ | PROT_EXEC));
		_exit(0);
	}
	wait_for(pid);
	SEEN_OK("mprotect", mprotect(range, 3 * PAGE, PROT_READ)); /* over what the child did */
}

/* A child that differs from the next in what it has mapped. */
static void be_child(int prot)
{
	SEEN_OK("mprotect", mprotect(range + 4 * PAGE, 2 * PAGE, prot));
	SEEN_OK("munmap", munmap(range + 5 * PAGE, PAGE));
	seen_settle(range, 8);
	_exit(0);
}

/* Twice: the second gets the first one's id, in the innermost namespace. */
static void reused(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD, .set_tid_size = 1 };
	pid_t pid = fork(), again;

	if (pid == 0)
		be_child(PROT_NONE);
	MUST(pid > 0);
	wait_for(pid);
	args.set_tid = (uintptr_t)&pid;
	again = syscall(SYS_clone3, &args, sizeof(args));
	if (again == 0)
		be_child(PROT_READ | PROT_EXEC);
	MUST(again == pid);
	wait_for(pid);
	tell("REUSED %d\n", pid);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	self = argv[0];
	range = seen_pages(8, RW);
	if (argc == 1) {
		MUST(!pthread_create(&thread, NULL, sleep_on, NULL));
		MUST(!pthread_create(&thread, NULL, exec_again, NULL));
		sleep_on(NULL);
	}
	vforked();
	reused();
	seen_settle(range, 8);
	return 0;
}
