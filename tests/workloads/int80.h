/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether int 0x80 works on this machine, for workloads that call by it. */
#ifndef WORKLOADS_INT80_H
#define WORKLOADS_INT80_H

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef __x86_64__

static void int80_raised(int sig)
{
	dprintf(2, "int 0x80 raises SIG%s on this machine\n", sigabbrev_np(sig));
	_exit(77);
}

/*
 * Ends the program with status 77 where it does not, and says on stderr how that was. Without a
 * child, which a tracer would see; a filter that kills is left to whoever reads our status.
 */
static inline void int80_or_skip(void)
{
	const struct sigaction raised = { .sa_handler = int80_raised };
	struct sigaction before[2];
	long ret = 20; /* getpid, as the i386 numbers it */

	sigaction(SIGSEGV, &raised, &before[0]);
	sigaction(SIGSYS, &raised, &before[1]);
	__asm__ volatile("int $0x80" : "+a"(ret) : : "r8", "r9", "r10", "r11", "memory");
	sigaction(SIGSEGV, &before[0], NULL);
	sigaction(SIGSYS, &before[1], NULL);
	if (ret == getpid())
		return;
	dprintf(2, "int 0x80 fails with %s on this machine\n", strerrorname_np(-ret) ?: "nonsense");
	_exit(77);
}

#endif
#endif
