/* SPDX-License-Identifier: BSD-2-Clause */
/* Code made at run time: a function with a frame pointer, which calls its argument. */
#ifndef WORKLOADS_MADE_H
#define WORKLOADS_MADE_H

#include <string.h>

static const unsigned int made[] = {
#ifdef __x86_64__
	0xe5894855, 0xc35dd7ff /* push %rbp; mov %rsp, %rbp; call *%rdi; pop %rbp; ret */
#else
	0xa9bf7bfd, 0x910003fd, 0xd63f0000, 0xa8c17bfd, 0xd65f03c0
#endif
};

/* Puts it where memory is writable and executable. */
static inline void make(void *code)
{
	memcpy(code, made, sizeof(made));
	__builtin___clear_cache((char *)code, (char *)code + sizeof(made));
}

#endif
