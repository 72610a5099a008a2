/* SPDX-License-Identifier: BSD-2-Clause */
/* Allocation that never returns NULL: without memory it complains on stderr and aborts. */
#ifndef UTIL_MEM_H
#define UTIL_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n_bytes);		   /* zeroed */
void *mem_array(size_t n, size_t n_bytes);	   /* zeroed; checks the product */
void *mem_grow(void *p, size_t n, size_t n_bytes); /* realloc; checks the product */
char *mem_strdup(const char *s);

#endif
