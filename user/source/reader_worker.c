/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening, or even looking at, a file that a traced process chose may never come back: FUSE lets
 * any user be a file system that does not answer, and not even SIGKILL ends such a wait. So it is
 * done here, by processes that nobody waits for. The keeper makes them: it is forked early, while
 * it is small and has no descriptors of the trace, and opens nothing.
 */
#include "source/reader_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/stack.h"
#include "source/buildid.h"
#include "source/demangle.h"
#include "source/elfcopy.h"
#include "source/elffile.h"
#include "source/mapfile.h"
#include "source/perfmap.h"
#include "source/procguards.h"
#include "source/reader_jail.h"
#include "util/buf.h"
#include "util/packet.h"

#define PROC_BYTES (1ULL << 30)
#define END_TRIES  100 /* milliseconds */
#define MAX_ENDING 32  /* workers that were killed and are not dead; then none are made */

/* ---- answers ---- */

static int open_mapped(const struct reader_question *q)
{
	const struct object obj = { .kind = OBJECT_FILE,
				    .dev = q->dev,
				    .ino = q->ino,
				    .name = q->name,
				    .name_len = q->name_len };

	return mapfile_open(q->pid, q->start, q->end, &obj);
}

static int answer_build_id(int fd, struct reader_answer *a)
{
	char begin[BUILDID_FILE_BYTES];
	struct buf id = { 0 };
	ssize_t n = pread(fd, begin, sizeof(begin), 0);

	if (n < 0)
		return -errno;
	buildid_parse(begin, n, &id);
	if (id.len <= sizeof(a->text)) {
		memcpy(a->text, buf_str(&id), id.len);
		a->text_len = id.len;
	}
	buf_done(&id);
	return 0;
}

static int answer_elf(int fd, const struct reader_question *q, struct reader_answer *a)
{
	struct elf_facts elf;
	int err = elffile_read(fd, q->start, q->off, &elf);

	if (err)
		return err;
	a->elf_flags = (elf.wants_exec_stack ? READER_ELF_EXEC_STACK : 0) |
		       (elf.has_text_relocs ? READER_ELF_TEXT_RELOCS : 0) |
		       (elf.has_relro ? READER_ELF_RELRO : 0);
	a->relro_start = elf.relro_start;
	a->relro_end = elf.relro_end;
	return 0;
}

static int answer_name(const struct reader_question *q, struct reader_answer *a)
{
	struct buf name = { 0 };

	if (!demangle(q->name, &name, STACK_SYMBOL_MAX))
		return -ENOENT;
	memcpy(a->text, name.data, name.len);
	a->text_len = name.len;
	buf_done(&name);
	return 0;
}

static int answer_perf_map(const struct reader_question *q, struct reader_answer *a, int out)
{
	struct stat st;
	int fd = perfmap_open(q->pid, q->ns_pid), err;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st)) {
		err = -errno;
	} else if (!S_ISREG(st.st_mode) || st.st_uid != q->uid) {
		err = -EACCES;
	} else {
		a->map_ino = st.st_ino;
		a->map_dev = st.st_dev;
		a->from = st.st_ino == q->map_ino && st.st_dev == q->map_dev &&
					  (uint64_t)st.st_size >= q->from ?
				  q->from :
				  0;
		err = elfcopy_bytes(fd, a->from, a->from + PERFMAP_PIECE_BYTES, out, 0);
	}
	close(fd);
	return err;
}

/*
 * These need the process's mmap lock, or its memory: it may hold that lock for ever, in mmap(2) of
 * a file whose file system does not answer.
 */
static int answer_proc(const struct reader_question *q, int out)
{
	const char *name = q->kind == READER_MAPS  ? "maps" :
			   q->kind == READER_SMAPS ? "smaps" :
						     "cmdline";
	char path[64];
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/%s", q->pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = elfcopy_bytes(fd, 0, PROC_BYTES, out, 0);
	close(fd);
	return err;
}

static int answer_guards(const struct reader_question *q, int out)
{
	struct seen_list l = { 0 };
	int err = procguards_scan(&l, q->pid);
	size_t i;

	for (i = 0; i < l.nr && !err; i++) {
		const uint64_t pair[2] = { l.v[i].start, l.v[i].end };

		if (pwrite(out, pair, sizeof(pair), i * sizeof(pair)) != sizeof(pair))
			err = -EIO;
	}
	seen_list_done(&l);
	return err;
}

static int answer_mapped(const struct reader_question *q, struct reader_answer *a, int out)
{
	int fd = open_mapped(q), err = -EINVAL;

	if (fd < 0)
		return -ENOENT;
	if (q->kind == READER_BUILD_ID)
		err = answer_build_id(fd, a);
	else if (q->kind == READER_ELF)
		err = answer_elf(fd, q, a);
	else if (q->kind == READER_MODULE)
		err = elfcopy(fd, out);
	close(fd);
	return err;
}

static int answer(const struct reader_question *q, struct reader_answer *a, int out)
{
	if (q->kind == READER_DEMANGLE)
		return answer_name(q, a);
	if (q->kind == READER_PERF_MAP)
		return answer_perf_map(q, a, out);
	if (q->kind == READER_GUARDS)
		return answer_guards(q, out);
	if (q->kind == READER_MAPS || q->kind == READER_SMAPS || q->kind == READER_CMDLINE)
		return answer_proc(q, out);
	return answer_mapped(q, a, out);
}

/* ---- packets ---- */

/* A file in memory for the answer; nobody can change it once it is sealed. */
static int make_file(uint32_t kind)
{
	return kind != READER_BUILD_ID && kind != READER_ELF && kind != READER_DEMANGLE ?
		       memfd_create("mprotwatch-copy", MFD_CLOEXEC | MFD_ALLOW_SEALING) :
		       -1;
}

static bool serve(int fd)
{
	static struct reader_question q;
	static struct reader_answer a;
	ssize_t n = recv(fd, &q, sizeof(q), 0);
	size_t head = offsetof(struct reader_question, name);
	bool ok;
	int file;

	if (n < (ssize_t)head || q.name_len >= sizeof(q.name) || n != (ssize_t)(head + q.name_len))
		return n < 0 && errno == EINTR;
	q.name[q.name_len] = '\0';
	memset(&a, 0, sizeof(a));
	file = make_file(q.kind);
	a.err = answer(&q, &a, file);
	if (file >= 0 && fcntl(file, F_ADD_SEALS, READER_SEALS))
		a.err = -errno;
	ok = packet_send(fd, &a, offsetof(struct reader_answer, text) + a.text_len,
			 a.err ? -1 : file, 0);
	if (file >= 0)
		close(file);
	return ok;
}

void reader_work(int fd)
{
	reader_jail_lock();
	while (serve(fd))
		;
	_exit(0);
}

/* ---- the keeper ---- */

struct reader_keep {
	pid_t worker[READER_WORKERS];
	pid_t ending[MAX_ENDING]; /* 0: none */
};

/* Ends a worker, without waiting. False if too many do not end. */
static bool keep_end(struct reader_keep *k, uint32_t slot)
{
	int i, room = -1;

	for (i = 0; i < MAX_ENDING; i++) {
		if (k->ending[i] && waitpid(k->ending[i], NULL, WNOHANG))
			k->ending[i] = 0;
		if (!k->ending[i])
			room = i;
	}
	if (!k->worker[slot])
		return room >= 0;
	if (room < 0)
		return false;
	kill(k->worker[slot], SIGKILL);
	k->ending[room] = k->worker[slot];
	k->worker[slot] = 0;
	return true;
}

/* Takes an order with the socket of the new worker. False: nobody gives any more. */
static bool keep_order(int ctl, struct reader_order *ret, int *ret_fd)
{
	ssize_t n;

	do
		n = packet_take(ctl, ret, sizeof(*ret), 0, ret_fd);
	while (n == -EINTR);
	return n == sizeof(*ret) && ret->slot < READER_WORKERS && *ret_fd >= 0;
}

/* Ends all workers, and waits for those that can end: not every init(1) does. */
static void keep_close(struct reader_keep *k)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int i, tries;

	for (i = 0; i < READER_WORKERS; i++)
		if (k->worker[i])
			kill(k->worker[i], SIGKILL);
	for (tries = 0; tries < END_TRIES && waitpid(-1, NULL, WNOHANG) >= 0; tries++)
		nanosleep(&pause, NULL);
}

void reader_keep(int ctl)
{
	struct reader_keep k = { 0 };
	struct reader_order order;
	int fd;

	ctl = reader_jail_enter(ctl);
	while (ctl >= 0 && keep_order(ctl, &order, &fd)) {
		if (keep_end(&k, order.slot)) {
			k.worker[order.slot] = fork();
			if (!k.worker[order.slot]) {
				close(ctl);
				reader_work(fd);
			}
			if (k.worker[order.slot] < 0)
				k.worker[order.slot] = 0;
		}
		close(fd); /* with no worker, its other end is found closed */
	}
	keep_close(&k);
	_exit(0);
}
