/* SPDX-License-Identifier: BSD-2-Clause */
/* Hardening of a running process and of the files it runs, at one moment. Values only. */
#ifndef CORE_HARDENING_H
#define CORE_HARDENING_H

#include <stddef.h>

#include "core/event.h"

enum relro {
	RELRO_UNKNOWN, /* the file could not be read, or is no ELF file */
	RELRO_NONE,    /* the file asks for none */
	RELRO_DONE,    /* read-only now */
	RELRO_OPEN,    /* writable now, though the file asks for it */
};

/* A file whose code is mapped. */
struct proc_module {
	const struct object *obj;
	uint64_t start, end; /* its first mapping, the file's name below /proc/<pid>/map_files */
	uint64_t off;	     /* of the first mapping in the file, bytes */
	uint64_t dirty_text_bytes; /* executable private pages that were written since mapped */
	enum relro relro;
	bool wants_exec_stack; /* set when PT_GNU_STACK has X */
	bool has_text_relocs;  /* set when the file has relocations in its code (DT_TEXTREL) */
};

struct proc_state {
	uint32_t pid;
	char comm[17];
	int seccomp;	       /* 0: none, 1: strict, 2: filters; -1: the kernel does not say */
	int nr_filters;	       /* -1: the kernel does not say (before 5.9) */
	int no_new_privs;      /* -1: the kernel does not say */
	uint64_t sealed_bytes; /* always 0 before Linux 6.10 */
	uint16_t stack_flags;  /* enum vma_flags of [stack]; 0: there is none */
	/* executable mappings but a file's code: of no file, of a deleted one, or writable */
	struct vma_seen *code;
	size_t nr_code;
	struct proc_module *modules;
	size_t nr_modules;
};

#endif
