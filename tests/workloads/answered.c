/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that somebody answers in the kernel's place: they return, and did nothing. Real ones come
 * between, so that a mirror that believes too little is wrong, too.
 *
 *	answered errno0|errno|trap|listener	by a seccomp filter, which looks at an argument
 *	answered allow				by none: a filter that allows every call there is
 *	answered service			as errno0, in a service that systemd hardens; waits at its end
 *	answered sysemu				by a tracer (x86-64)
 *	answered leaving			one of them, by a tracer that is gone when it returns
 */
#include "expect.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "filter.h"

#define MARK 0x666 /* in an argument that the call does not have, or does not look at */

static void on_trap(int sig)
{
	(void)sig;
}

/* Give the action to calls with the mark: in the fd of an mmap, else in the sixth argument. */
static int filter_marked(uint32_t action, unsigned int flags)
{
	const struct sock_filter f[] = {
		FILTER_WORD(nr),
		FILTER_IS(SYS_mmap, 0, 2),
		FILTER_WORD(args[4]),
		FILTER_GO(8),
		FILTER_IS(SYS_mprotect, 6, 0),
		FILTER_IS(SYS_munmap, 5, 0),
		FILTER_IS(SYS_mremap, 4, 0),
		FILTER_IS(SYS_madvise, 3, 0),
		FILTER_IS(SYS_brk, 2, 0),
		FILTER_IS(SYS_pkey_mprotect, 1, 0),
		FILTER_RET(SECCOMP_RET_ALLOW),
		FILTER_WORD(args[5]),
		FILTER_IS(MARK, 0, 1),
		FILTER_RET(action),
		FILTER_RET(SECCOMP_RET_ALLOW),
	};
	int ret = FILTER_SET(f, flags);

	MUST(ret >= 0);
	return ret;
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

/* An mmap is answered with a place where a mapping is that no new one would be like. */
static void answered_with(char *known)
{
	if (!is_answered)
		return;
	SEEN("mmap", syscall(SYS_mmap, known, PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, MARK, 0));
	SEEN("mmap", syscall(SYS_mmap, known, PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, MARK, 0));
}

static void known_places(void)
{
	char *p = seen_pages(5, PROT_READ | PROT_WRITE);
	int key = pkey_alloc(0, 0);

	SEEN_OK("mprotect", mprotect(p + PAGE, PAGE, PROT_READ));
	SEEN_OK("mprotect", mprotect(p + 3 * PAGE, PAGE, PROT_READ));
	SEEN_OK("madvise", madvise(p, PAGE, MADV_DONTFORK));
	answered_with(p);
	if (key > 0) {
		SEEN_OK("pkey_mprotect",
			pkey_mprotect(p + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE, key));
		answered_with(p + 2 * PAGE);
	}
	if (!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p + 4 * PAGE, PAGE, "kept"))
		answered_with(p + 4 * PAGE);
}

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
	SEEN("mprotect", mprotect(p + 4 * PAGE, PAGE, PROT_READ | PROT_EXEC));
	SEEN_OK("madvise", madvise(p + 5 * PAGE, PAGE, MADV_DONTFORK));
	SEEN_OK("munmap", munmap(p + 6 * PAGE, PAGE));
	q = (char *)SEEN_OK("mremap", mremap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE));
	FAKE("munmap", SYS_munmap, q, 4 * PAGE, 0, 0, 0);
	SEEN_OK("mprotect", mprotect(q, 4 * PAGE, PROT_READ | PROT_WRITE));
	SEEN_OK("munmap", munmap(q, 4 * PAGE));
	FAKE("mprotect", SYS_mprotect, q, 4 * PAGE, PROT_READ, 0, 0); /* of nothing */
	seen_settle(p, 8);
}

/* Calls that the filters of a hardened service refuse, and others that run. */
static void refused_and_allowed(const char *program)
{
	int fd = open(program, O_RDONLY), shm = shmget(IPC_PRIVATE, PAGE, 0600);
	char *p = seen_pages(4, PROT_READ | PROT_WRITE), *q;
	int key = pkey_alloc(0, 0);

	MUST(fd >= 0 && shm >= 0);
	SEEN_ERR("mmap", EPERM,
		 mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0));
	SEEN_ERR("mprotect", EPERM, mprotect(p, PAGE, PROT_READ | PROT_EXEC));
	SEEN_ERR("pkey_mprotect", EPERM, syscall(SYS_pkey_mprotect, p, PAGE, PROT_EXEC, -1));
	SEEN_ERR("shmat", EPERM, shmat(shm, NULL, SHM_EXEC));
	SEEN_ERR("mprotect", EINVAL, mprotect(p + 1, PAGE, PROT_READ)); /* by the kernel */
	SEEN_ERR("remap_file_pages", EINVAL, remap_file_pages(p + 1, PAGE, PROT_READ, 0, 0));
	q = (char *)SEEN_OK("mmap", mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0));
	SEEN_OK("munmap", munmap(q, PAGE));
	q = (char *)SEEN_OK("shmat", shmat(shm, NULL, 0));
	SEEN_OK("shmdt", shmdt(q));
	SEEN_OK("mprotect", mprotect(p + PAGE, PAGE, PROT_READ));
	seen_settle(p, 4);
	if (key > 0) { /* the list of mappings does not show it */
		q = seen_pages(2, PROT_READ);
		SEEN_OK("pkey_mprotect", pkey_mprotect(q, PAGE, PROT_NONE, key));
	}
	MUST(!shmctl(shm, IPC_RMID, NULL));
	close(fd);
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
	else if (!strcmp(how, "service"))
		MUST(!filter_service() && filter_marked(SECCOMP_RET_ERRNO, 0) == 0);
	else
		MUST(!filter_nothing());
	if (strcmp(how, "service") != 0)
		known_places();
	both_kinds();
	if (!strcmp(how, "service")) {
		refused_and_allowed(argv[0]);
		tell("AT REST %d\n", getpid());
		pause();
	}
	if (listener > 0)
		kill(listener, SIGKILL);
	return 0;
}
