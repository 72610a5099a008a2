/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/<pid>/maps as mappings. The kernel escapes newlines in paths as \012 and
 * nothing else (proc(5)); the rest of the line is what a hostile process chose.
 */
#ifndef SOURCE_PROCMAPS_H
#define SOURCE_PROCMAPS_H

#include "core/aspace.h"
#include "core/event.h"
#include "core/object.h"
#include "util/buf.h"

/* A growing array of mappings; all zero is empty. */
struct seen_list {
	struct vma_seen *v;
	size_t nr, cap;
};

void seen_list_done(struct seen_list *l);
void seen_list_add(struct seen_list *l, const struct vma_seen *v);

/*
 * Parses one line (without its newline), of a process whose mount namespace is mnt_ns, or the
 * tracer's (0). 0, or -EINVAL. [vsyscall], which is no mapping of the
 * process, gives -EAGAIN, and is to be skipped.
 */
int procmaps_parse_line(struct object_table *objects, uint32_t mnt_ns, const char *line, size_t len,
			struct vma_seen *ret);

/* All lines of text, appended to ret; overlaps, which torn reads have, are cut. 0, or -EINVAL. */
int procmaps_parse(struct object_table *objects, uint32_t mnt_ns, const char *text, size_t len,
		   struct seen_list *ret);

struct reader;

/* Mappings of a process, and scratch to read them; all zero is empty. */
struct procmaps {
	struct reader *reader; /* reads them, and is borrowed; NULL: they are read here */
	struct buf text;
	struct seen_list seen;
};

/*
 * Mappings of pid as they are now, and its program, in an EVENT_RANGE that borrows them from m; its time is when
 * they had been read. 0, -ENOENT if there are none (a kernel thread, a zombie), -ESRCH, -EACCES, or
 * another -errno.
 */
int procmaps_event(struct procmaps *m, struct object_table *objects, uint32_t pid,
		   struct event *ret);
void procmaps_done(struct procmaps *m);
/* A thread of pid that has memory, where the first has left the others behind; 0: there is none. */
uint32_t procmaps_thread(uint32_t pid);

/* All of one file of /proc/<pid>, replacing what text holds. 0, -ESRCH, or another -errno. */
int procfile_read(const char *path, struct buf *text);

/*
 * Identity of pid for ev: start_ns (with clock ticks' precision), start_brk, uid, ppid, ns_pid and
 * comm. Fields that /proc does not give stay as they are.
 */
void procmaps_identity(uint32_t pid, struct event *ev);
/* Parts of that, from the texts of /proc/<pid>/stat and status. */
void procmaps_parse_stat(const char *text, struct event *ev);
void procmaps_parse_status(const char *text, struct event *ev);

/* ProtectionKey, dontcopy and sealed flags come from smaps only; this reader leaves them 0. */

#endif
