/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that traced processes chose, read by processes of their own, which can do nothing else
 * (reader_jail.h). Their file system may never answer: a question is waited for no longer than the
 * reader's wait_ns, its worker is given up after READER_DEADLINE_NS, and the user whose process it
 * was is refused for a while, which doubles each time. An answer that is late is not kept: the
 * question may be asked again.
 */
#ifndef SOURCE_READER_H
#define SOURCE_READER_H

#include <stdint.h>

#include "core/object.h"
#include "source/elffile.h"
#include "util/buf.h"

#define READER_WAIT_NS	   150000000ULL	 /* while a trace runs */
#define READER_PATIENT_NS  1000000000ULL /* while none does */
#define READER_DEADLINE_NS 2000000000ULL

struct reader;

/*
 * Called when a worker is given up, whom a process kept: with the start of the name of its file, or
 * "" for what is not mapped; -ETIMEDOUT, or -EIO if the worker broke down. With -ENAMETOOLONG the name
 * is that of a function, which took too long, or broke the worker down.
 */
typedef void reader_report_fn(void *ctx, uint32_t pid, const char *name, int err);

/*
 * Forks; so it is due while there is little to copy, and before secrets. report may be NULL. Never
 * NULL: where nothing can be forked, no question has an answer.
 */
struct reader *reader_new(uint64_t wait_ns, reader_report_fn *report, void *ctx);
/* Questions that are late still are given up, and reported. */
void reader_free(struct reader *r);

/* A mapping of a file, and whose it is. */
struct reader_file {
	uint32_t pid, uid;
	uint64_t start, end, off;
	const struct object *obj;
};

/*
 * All return 0, or a descriptor, or -errno; -EAGAIN is for no answer yet: later there may be one.
 * For files -ENOENT says that it can't be had, or is another file than obj by now.
 */

/* Adds the file's build-id, in hexadecimal; nothing if it has none. */
int reader_build_id(struct reader *r, const struct reader_file *f, struct buf *ret);
/* As elffile_read(). */
int reader_elf(struct reader *r, const struct reader_file *f, struct elf_facts *ret);
/* A copy for module_read(), which the caller closes. */
int reader_module(struct reader *r, const struct reader_file *f);

/*
 * Adds what the name of a function of process pid of user uid stands for (demangle.h), up to
 * STACK_SYMBOL_MAX bytes without a NUL; -ENOENT: it is no such name.
 */
int reader_demangle(struct reader *r, uint32_t pid, uint32_t uid, const char *name,
		    struct buf *ret);

/* Files of /proc that may wait for what the process does. */
enum reader_proc { READ_MAPS, READ_SMAPS, READ_CMDLINE, READ_GUARDS };

/*
 * Such a file of pid, replacing what ret holds; READ_GUARDS: pairs of 64-bit addresses. -ESRCH: it is
 * gone; -EACCES also if it does not answer.
 */
int reader_proc(struct reader *r, enum reader_proc what, uint32_t pid, struct buf *ret);

/* How far a perf map was read. */
struct reader_map {
	uint64_t ino, dev, done;
};

/*
 * The perf map of process pid of user uid, by its number ns_pid there, in a file of memory from
 * map->done on, which the caller closes. Another file than before begins anew, with map->done 0.
 */
int reader_perf_map(struct reader *r, uint32_t pid, uint32_t ns_pid, uint32_t uid,
		    struct reader_map *map);

#endif
