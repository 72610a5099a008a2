/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * no80 segv|trap|enosys|kill COMMAND...: run a command where int 0x80 does not work, neither for
 * it nor for what it starts: as where a kernel or a hypervisor has no such entry, or a filter.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"
#include "filter.h"

static uint32_t action_of(const char *how)
{
	if (!strcmp(how, "segv"))
		return SECCOMP_RET_TRACE;
	if (!strcmp(how, "trap"))
		return SECCOMP_RET_TRAP;
	if (!strcmp(how, "kill"))
		return SECCOMP_RET_KILL_PROCESS;
	MUST(!strcmp(how, "enosys"));
	return SECCOMP_RET_ERRNO | ENOSYS;
}

static void refuse(uint32_t action)
{
	const struct sock_filter f[] = {
		FILTER_WORD(arch),
		FILTER_IS(AUDIT_ARCH_I386, 0, 1),
		FILTER_RET(action),
		FILTER_RET(SECCOMP_RET_ALLOW),
	};

	MUST(!FILTER_SET(f, 0));
}

/* The call is not made; SIGSEGV waits for the thread when it goes on. */
static void fault(pid_t tid)
{
	MUST(!ptrace(PTRACE_POKEUSER, tid, offsetof(struct user_regs_struct, orig_rax), -1));
	MUST(!syscall(SYS_tkill, tid, SIGSEGV));
}

/* Until the first of them ends; whoever is left then is not held any more. */
static int watch(pid_t first)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL)) > 0) {
		int event = status >> 16, sig = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;

		if (tid == first && WIFEXITED(status))
			return WEXITSTATUS(status);
		if (tid == first && WIFSIGNALED(status))
			return 128 + WTERMSIG(status);
		if (event == PTRACE_EVENT_SECCOMP)
			fault(tid);
		if (sig)
			ptrace(PTRACE_CONT, tid, 0, event ? 0 : sig);
	}
	return 99;
}

int main(int argc, char **argv)
{
	const long follow = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			    PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	uint32_t action;
	int go[2];
	char byte;
	pid_t pid;

	MUST(argc > 2);
	action = action_of(argv[1]);
	MUST(!pipe(go) && (pid = fork()) >= 0);
	if (!pid) {
		close(go[1]);
		MUST(read(go[0], &byte, 1) == 1);
		close(go[0]);
		refuse(action);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	close(go[0]);
	MUST(action != SECCOMP_RET_TRACE || !ptrace(PTRACE_SEIZE, pid, 0, follow));
	MUST(write(go[1], "", 1) == 1);
	close(go[1]);
	return watch(pid);
}
