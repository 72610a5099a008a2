/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Demands of an ELF file on its loader. Anybody may have made the file: nothing in it is believed,
 * and nonsense reads as absent.
 */
#ifndef SOURCE_ELFFILE_H
#define SOURCE_ELFFILE_H

#include <stdbool.h>
#include <stdint.h>

struct elf_facts {
	bool wants_exec_stack;
	bool has_text_relocs;
	bool has_relro;
	uint64_t relro_start, relro_end; /* as mapped in the process; equal if not known */
};

/*
 * Facts about the regular file fd, which is mapped at start from its offset off on. 0; -ENOEXEC if
 * it is no ELF file of this byte order; or another -errno.
 */
int elffile_read(int fd, uint64_t start, uint64_t off, struct elf_facts *ret);

#endif
