/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A filter that goes through the rules one by one: the kernel keeps a table of calls that it always
 * allows (Linux 5.11), so that most calls never meet it.
 */
#include "util/allow.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>
#include <unistd.h>

#include "util/mem.h"

#define DATA(field)   offsetof(struct seccomp_data, field)
#define FAILS(number) (SECCOMP_RET_ERRNO | (number))
#define RULE_INSNS    5 /* at most */
#define FRAME_INSNS   8 /* around the rules */
/*
 * Numbers rise, and are of one call on all machines from 424 on. Beyond is what Linux 7.0 lacks: a
 * newer library tries it, and has another way.
 */
#define FIRST_UNKNOWN 480

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1 /* of si_code: glibc has no name for it */
#endif

#ifdef __x86_64__
#define OUR_ARCH AUDIT_ARCH_X86_64
#else
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

static volatile sig_atomic_t nr_refused, last_refused;

/*
 * The call was not made; it returns what this leaves in the register of results. A signal that a
 * process sent has interrupted no call, and is ignored.
 */
static void on_refused(int sig, siginfo_t *info, void *context)
{
	mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;

	(void)sig;
	if (info->si_code != SYS_SECCOMP)
		return;
	nr_refused++;
	last_refused = info->si_syscall;
#ifdef __x86_64__
	m->gregs[REG_RAX] = -EPERM;
#else
	m->regs[0] = -EPERM;
#endif
}

static int count_refused(void)
{
	struct sigaction sa = { .sa_sigaction = on_refused, .sa_flags = SA_SIGINFO | SA_RESTART };
	sigset_t only;

	sigemptyset(&only);
	sigaddset(&only, SIGSYS);
	if (sigaction(SIGSYS, &sa, NULL) || sigprocmask(SIG_UNBLOCK, &only, NULL))
		return -errno;
	return 0;
}

struct allow_refused allow_refused(void)
{
	return (struct allow_refused){ nr_refused, last_refused };
}

struct program {
	struct sock_filter *insns;
	unsigned short nr;
};

static void add(struct program *p, uint16_t code, uint32_t k)
{
	p->insns[p->nr++] = (struct sock_filter)BPF_STMT(code, k);
}

/* Jumps over so many instructions if k compares, or else over others. */
static void add_jump(struct program *p, uint16_t compare, uint32_t k, uint8_t yes, uint8_t no)
{
	p->insns[p->nr++] = (struct sock_filter)BPF_JUMP(BPF_JMP | compare | BPF_K, k, yes, no);
}

static void add_load(struct program *p, uint32_t at)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, at);
}

static void add_return(struct program *p, uint32_t action)
{
	add(p, BPF_RET | BPF_K, action);
}

/* The number of the call is loaded before and behind it. */
static void add_rule(struct program *p, const struct allow_rule *r)
{
	/* Arguments have their low half first, and no rule is of the other. */
	uint32_t arg = DATA(args) + r->arg * sizeof(uint64_t);

	switch (r->when) {
	case ALLOW_ALWAYS:
	case ALLOW_NEVER:
		add_jump(p, BPF_JEQ, r->nr, 0, 1);
		add_return(p, r->when == ALLOW_ALWAYS ? SECCOMP_RET_ALLOW : FAILS(ENOSYS));
		break;
	case ALLOW_WITHOUT:
	case ALLOW_EQUAL:
		add_jump(p, BPF_JEQ, r->nr, 0, 4);
		add_load(p, arg);
		if (r->when == ALLOW_EQUAL)
			add_jump(p, BPF_JEQ, r->bits, 0, 1);
		else
			add_jump(p, BPF_JSET, r->bits, 1, 0);
		add_return(p, SECCOMP_RET_ALLOW);
		add_load(p, DATA(nr));
		break;
	}
}

int allow_only(const struct allow_list *lists, size_t nr, enum allow_rest rest)
{
	size_t nr_rules = 0, i, k;
	struct sock_fprog filter;
	struct program p = { 0 };
	int err;

	for (i = 0; i < nr; i++)
		nr_rules += lists[i].nr;
	p.insns = mem_array(nr_rules * RULE_INSNS + FRAME_INSNS, sizeof(*p.insns));
	add_load(&p, DATA(arch));
	add_jump(&p, BPF_JEQ, OUR_ARCH, 1, 0);
	add_return(&p, FAILS(EPERM));
	add_load(&p, DATA(nr));
	for (i = 0; i < nr; i++)
		for (k = 0; k < lists[i].nr; k++)
			add_rule(&p, &lists[i].rules[k]);
	add_jump(&p, BPF_JGE, FIRST_UNKNOWN, 0, 1); /* the x32 entry's are higher */
	add_return(&p, FAILS(ENOSYS));
	add_return(&p, rest == REST_COUNTED ? SECCOMP_RET_TRAP : FAILS(EPERM));
	filter = (struct sock_fprog){ p.nr, p.insns };
	err = rest == REST_COUNTED ? count_refused() : 0;
	/* Nobody's code is run here: before Linux 5.16 a filter would slow down loads behind stores. */
	if (!err &&
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter))
		err = -errno;
	free(p.insns);
	return err;
}
