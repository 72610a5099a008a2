/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls that a process may still make: a seccomp filter, seccomp(2), from lists. What it
 * forks has the same. A call by another entry than the machine's own (32-bit, x32) is never allowed.
 */
#ifndef UTIL_ALLOW_H
#define UTIL_ALLOW_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

enum allow_when {
	ALLOW_ALWAYS,
	ALLOW_WITHOUT, /* if the argument has none of the bits */
	ALLOW_EQUAL,   /* if the low half of the argument is equal to bits */
	ALLOW_NEVER,   /* it fails with ENOSYS, which libraries are ready for */
};

struct allow_rule {
	int nr;
	enum allow_when when;
	unsigned int arg; /* from 0 */
	uint32_t bits;
};

#define ALLOW(call)                            \
	{                                      \
		SYS_##call, ALLOW_ALWAYS, 0, 0 \
	}
#define WITHOUT(call, arg, bits)                     \
	{                                            \
		SYS_##call, ALLOW_WITHOUT, arg, bits \
	}
#define EQUAL(call, arg, value)                     \
	{                                           \
		SYS_##call, ALLOW_EQUAL, arg, value \
	}
#define NEVER(call)                           \
	{                                     \
		SYS_##call, ALLOW_NEVER, 0, 0 \
	}

/* Several rules may be of one call: one that allows it is enough. */
struct allow_list {
	const struct allow_rule *rules;
	size_t nr;
};

#define ALLOW_LIST(rules)                               \
	{                                               \
		rules, sizeof(rules) / sizeof(*(rules)) \
	}

/* The fate of a call that no rule allows, beside EPERM. */
enum allow_rest {
	REST_REFUSED, /* nothing */
	REST_COUNTED, /* it is counted, by way of SIGSYS, which must not be blocked */
};

/*
 * Allows the calls in nr lists, and no others from now on; PR_SET_NO_NEW_PRIVS has to be set. 0, or
 * -errno.
 */
int allow_only(const struct allow_list *lists, size_t nr, enum allow_rest rest);

/* Calls that were refused and counted. */
struct allow_refused {
	unsigned long nr_times;
	int last; /* number of the last one */
};
struct allow_refused allow_refused(void);

#endif
