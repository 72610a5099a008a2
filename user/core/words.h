/* SPDX-License-Identifier: BSD-2-Clause */
/* The words for protections, mappings and callers, for all outputs. */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

#include "core/change.h"
#include "util/buf.h"

/* "rw-"; "   " if unmapped, "???" if unknown. */
void word_prot(struct buf *b, const struct attr *a);
/*
 * A mapping's name as /proc/<pid>/maps shows it, escaped, in at most max_cols columns (0: any
 * number): a path, "[heap]", "[anon]", "[anon:name]", "/memfd:name", with " (deleted)". Returns
 * the columns added.
 */
size_t word_mapping(struct buf *b, const struct object *obj, size_t max_cols);
/*
 * A program's name as word_mapping() has it, with the reason why it may not be what its name says:
 * " [mnt:4026532201]", in the mount namespace with this inode; " [mnt:none]", in no namespace;
 * " [claimed]", by the process itself.
 */
size_t word_program(struct buf *b, const struct object *obj, size_t max_cols);
/* That reason alone; nothing if there is none, or no obj. */
void word_program_mark(struct buf *b, const struct object *obj);
/*
 * "libfoo.so+0x1a2c", "?", in about max_cols columns (0: any); where the function is known, "grow+0x3a
 * (libfoo.so+0x1a2c)", or "grow+0x3a" if not all of it fits. Returns the columns added.
 */
size_t word_caller(struct buf *b, const struct caller *caller, size_t max_cols);
/* A mapping's name as word_mapping() has it, but whole and not escaped, for JSON. */
void word_mapping_raw(struct buf *b, const struct object *obj);
/* A mapping's name for rules: word_mapping_raw(), or "none" if obj is NULL. */
void word_object(struct buf *b, const struct object *obj);
/* "rw-->r-x", "none->rwx", for rules. */
void word_transition(struct buf *b, const struct change *ch);
/* "file", "anon", … */
const char *word_kind(enum object_kind kind);
/* "read of", "write to", … of an enum mpw_access. */
const char *word_access(unsigned int access);
/* "process_vm_writev", "ptrace", "/proc/PID/mem". */
const char *word_write_how(enum mpw_write_how how);
/*
 * Who wrote into whom, and how: "by gdb 77 with ptrace". Names are as the processes chose them, not
 * escaped. is_self: it was the process itself.
 */
void word_writer(struct buf *b, const struct event_write *w, bool is_self);
/*
 * Who wrote into whom, how, with what result, and what is mapped there, if at is not NULL: "by gdb
 * 77 with ptrace: /usr/bin/app (r-x)". Names are as the processes chose them, not escaped.
 */
void word_write(struct buf *b, const struct event *ev, const struct attr *at);
/*
 * A signal of EVENT_FAULT, and why it came: "SIGSEGV, fatal: write to 7f00"; "SIGABRT, fatal: sent by
 * app 77". Names are as the processes chose them, not escaped.
 */
void word_fault(struct buf *b, const struct event *ev);
/* Where it was: " in /usr/bin/app (r--) by libc.so.6+0x1a2c". Not escaped either. */
void word_fault_place(struct buf *b, const struct event *ev, const struct mm *mm);
/* "SIGSEGV"; "SIG40" for numbers without a name. */
void word_signal(struct buf *b, int sig);

/* The object of a change: that of after if mapped, else that of before; NULL if not known. */
const struct object *change_object(const struct change *ch);

#endif
