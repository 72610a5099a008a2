/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that somebody answers in the kernel's place: they return, and did nothing. Real ones come
 * between, so that a mirror that believes too little is wrong, too.
 *
 *	answered errno0|errno|trap|listener	by a seccomp filter, which looks at an argument
 *	answered allow				by none: a filter that allows every call there is
 *	answered sysemu				by a tracer (x86-64)
 *	answered leaving			one of them, by a tracer that is gone when it returns
 */
#include "expect.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#define MARK 0x666 /* in an argument that the call does not have, or does not look at */

static void on_trap(int sig)
{
	(void)sig;
}

static int set_filter(const struct sock_filter *f, unsigned short len, unsigned int flags)
{
	struct sock_fprog prog = { len, (struct sock_filter *)f };
	int ret;

	MUST(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	ret = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	MUST(ret >= 0);
	return ret;
}

/* Give the action to calls with the mark: in the fd of an mmap, else in the sixth argument. */
static int filter_marked(uint32_t action, unsigned int flags)
{
	const struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[4])),
		BPF_JUMP(BPF_JMP | BPF_JA, 8, 0, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 6, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_munmap, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mremap, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_brk, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pkey_mprotect, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return set_filter(f, sizeof(f) / sizeof(*f), flags);
}

static void filter_none(void)
{
	const struct sock_filter f = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	set_filter(&f, 1, 0);
}

/* Answer each call as if it had succeeded: an mmap and a brk get what they asked for. */
static void listen_at(int fd)
{
	struct seccomp_notif n;
	struct seccomp_notif_resp r;

	for (;;) {
		memset(&n, 0, sizeof(n));
		memset(&r, 0, sizeof(r));
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n))
			_exit(0);
		r.id = n.id;
		if (n.data.nr == SYS_mmap || n.data.nr == SYS_brk)
			r.val = n.data.args[0];
		ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r);
	}
}

static pid_t begin_listener(void)
{
	int fd = filter_marked(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		listen_at(fd);
	}
	close(fd);
	return pid;
}

static bool is_answered; /* unset: nobody would answer */

#define FAKE(name, nr, a, b, c, d, e)                                 \
	do {                                                          \
		if (is_answered)                                      \
			SEEN(name, syscall(nr, a, b, c, d, e, MARK)); \
	} while (0)

/* Calls that are answered, on memory that real ones made, and then change. */
static void both_kinds(void)
{
	char *p = seen_pages(8, PROT_READ | PROT_WRITE), *q;
	char *top = sbrk(0);

	FAKE("mprotect", SYS_mprotect, p, 4 * PAGE, PROT_READ | PROT_EXEC, 0, 0);
	FAKE("munmap", SYS_munmap, p, 8 * PAGE, 0, 0, 0);
	if (is_answered)
		SEEN("mmap", syscall(SYS_mmap, p, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, MARK, 0));
	FAKE("madvise", SYS_madvise, p, 4 * PAGE, MADV_DONTFORK, 0, 0);
	FAKE("mremap", SYS_mremap, p, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, 0);
	FAKE("brk", SYS_brk, top + 8 * PAGE, 0, 0, 0, 0);
	FAKE("pkey_mprotect", SYS_pkey_mprotect, p, PAGE, PROT_NONE, -1, 0);

	SEEN_OK("mprotect", mprotect(p, 2 * PAGE, PROT_READ));
	FAKE("mprotect", SYS_mprotect, p, 4 * PAGE, PROT_READ, 0, 0); /* half of it is so already */
	SEEN_OK("mprotect", mprotect(p + 4 * PAGE, PAGE, PROT_READ | PROT_EXEC));
	SEEN_OK("madvise", madvise(p + 5 * PAGE, PAGE, MADV_DONTFORK));
	SEEN_OK("munmap", munmap(p + 6 * PAGE, PAGE));
	q = (char *)SEEN_OK("mremap", mremap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE));
	FAKE("munmap", SYS_munmap, q, 4 * PAGE, 0, 0, 0);
	SEEN_OK("mprotect", mprotect(q, 4 * PAGE, PROT_READ | PROT_WRITE));
	SEEN_OK("munmap", munmap(q, 4 * PAGE));
	FAKE("mprotect", SYS_mprotect, q, 4 * PAGE, PROT_READ, 0, 0); /* of nothing */
	seen_settle(p, 8);
}

#ifdef __x86_64__
/* Let the child go on, up to its next stop. False if there is none: the child is gone. */
static bool go_on(pid_t child, int how, int *ret_status)
{
	MUST(!ptrace(how, child, 0, 0));
	return waitpid(child, ret_status, 0) == child && WIFSTOPPED(*ret_status);
}

static bool is_marked(const struct user_regs_struct *r)
{
	if (r->orig_rax == SYS_mmap)
		return r->r8 == MARK;
	return r->r9 == MARK && (r->orig_rax == SYS_mprotect || r->orig_rax == SYS_munmap ||
				 r->orig_rax == SYS_mremap || r->orig_rax == SYS_madvise ||
				 r->orig_rax == SYS_brk || r->orig_rax == SYS_pkey_mprotect);
}

/*
 * No call of the child is made at first. A marked one gets its result; another is made once more,
 * and stops as it leaves the first time, as it enters the second time, and as it leaves.
 */
static void emulate_marked(pid_t child, bool leaves)
{
	struct user_regs_struct r;
	int status, i;

	MUST(waitpid(child, &status, 0) == child);
	while (go_on(child, PTRACE_SYSEMU, &status)) {
		MUST(!ptrace(PTRACE_GETREGS, child, 0, &r));
		if (is_marked(&r)) {
			r.rax = r.orig_rax == SYS_mmap || r.orig_rax == SYS_brk ? r.rdi : 0;
			MUST(!ptrace(PTRACE_SETREGS, child, 0, &r));
			if (!leaves)
				continue;
			MUST(!ptrace(PTRACE_DETACH, child, 0, 0));
			MUST(waitpid(child, &status, 0) == child);
			break;
		}
		r.rax = r.orig_rax;
		r.rip -= 2;
		MUST(!ptrace(PTRACE_SETREGS, child, 0, &r));
		for (i = 0; i < 3 && go_on(child, PTRACE_SYSCALL, &status); i++)
			;
		if (i < 3)
			break;
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
}
#endif

static void emulated(bool leaves)
{
#ifdef __x86_64__
	pid_t child = fork();

	if (child)
		emulate_marked(child, leaves);
	MUST(!ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	if (leaves) {
		char *p = seen_pages(4, PROT_READ | PROT_WRITE);

		FAKE("mprotect", SYS_mprotect, p, 4 * PAGE, PROT_READ | PROT_EXEC, 0, 0);
		is_answered = false;
		seen_settle(p, 4);
	}
	both_kinds();
#else
	tell("SKIP only x86-64 has PTRACE_SYSEMU with these registers\n");
#endif
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "errno0";
	pid_t listener = 0;

	is_answered = strcmp(how, "allow");
	signal(SIGSYS, on_trap);
	if (!strcmp(how, "sysemu") || !strcmp(how, "leaving")) {
		emulated(!strcmp(how, "leaving"));
		return 0;
	}
	if (!strcmp(how, "errno0"))
		filter_marked(SECCOMP_RET_ERRNO, 0);
	else if (!strcmp(how, "errno"))
		filter_marked(SECCOMP_RET_ERRNO | EPERM, 0);
	else if (!strcmp(how, "trap"))
		filter_marked(SECCOMP_RET_TRAP, 0);
	else if (!strcmp(how, "listener"))
		listener = begin_listener();
	else
		filter_none();
	both_kinds();
	if (listener > 0)
		kill(listener, SIGKILL);
	return 0;
}
