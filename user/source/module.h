/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One ELF file of code: the names of its functions, and its table of how to get from
 * one of them back to its caller. Files come from whoever is traced: only native ones
 * of bounded size are looked at, and nothing is mapped, so that no truncation hurts.
 */
#ifndef SOURCE_MODULE_H
#define SOURCE_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

struct module;

/*
 * Reads what is needed; the caller keeps fd, and may close it. NULL: it is no such file. budget is
 * how many bytes may be kept in memory, and is lessened by them.
 */
struct module *module_read(int fd, uint64_t *budget);
void module_free(struct module *m);

/* The address by which the file itself calls its byte at off; false: it has none. */
bool module_address(const struct module *m, uint64_t off, uint64_t *ret);
/* The function at such an address, and where that begins; NULL: none is known. */
const char *module_symbol(const struct module *m, uint64_t addr, uint64_t *ret_start);
/* How to return from there; NULL: not known. Borrowed until the next call for the module. */
Dwarf_Frame *module_frame(struct module *m, uint64_t addr);

#endif
