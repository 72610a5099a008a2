/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One ELF file of code: the names of its functions, and its table of how to get from one of them
 * back to its caller. A traced process may have made the file: only native ones of bounded size are
 * read, and nothing is mapped, so that no truncation hurts.
 */
#ifndef SOURCE_MODULE_H
#define SOURCE_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

struct errand;
struct module;

/*
 * Reads all that is needed from fd, which stays the caller's and may be closed then. NULL: it is no
 * such file. *budget is how many bytes may be kept in memory; those kept are taken off. servers:
 * whom to ask for a debug file (debuginfod.h); NULL: nobody.
 */
struct module *module_read(int fd, uint64_t *budget, struct errand *servers);
void module_free(struct module *m);

/* The file's own address of its byte at off; false: it has none. */
bool module_address(const struct module *m, uint64_t off, uint64_t *ret);
/* The function at such an address (borrowed), with its start in *ret_start; NULL: none is known. */
const char *module_symbol(const struct module *m, uint64_t addr, uint64_t *ret_start);
/*
 * The rule for returning from there; NULL: not known. Borrowed until the next call for the module.
 */
Dwarf_Frame *module_frame(struct module *m, uint64_t addr);

#endif
