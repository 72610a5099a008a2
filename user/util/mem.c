/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running out of memory is not recovered from: one sentence goes to stderr, and the process aborts.
 */
#include "util/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *p)
{
	if (p)
		return p;
	fputs("mprotwatch: out of memory\n", stderr);
	abort();
}

void *mem_alloc(size_t n_bytes)
{
	return mem_array(1, n_bytes);
}

void *mem_array(size_t n, size_t n_bytes)
{
	return checked(calloc(n ? n : 1, n_bytes ? n_bytes : 1));
}

void *mem_grow(void *p, size_t n, size_t n_bytes)
{
	if (n_bytes && n > SIZE_MAX / n_bytes)
		checked(NULL);
	n_bytes *= n;
	return checked(realloc(p, n_bytes ? n_bytes : 1));
}

char *mem_strdup(const char *s)
{
	return checked(strdup(s));
}
