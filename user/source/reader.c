/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker has one question at a time. One that is late keeps its place until it answers or is
 * given up; the others serve on. An attacker has many processes and mounts many file systems, but
 * one user's identity: so it is the user who is refused.
 */
#include "source/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/stack.h"
#include "source/procmaps.h"
#include "source/reader_wire.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/packet.h"

#define MAX_LATE     2	/* workers with questions of one user */
#define MAX_USERS    64 /* who keep us waiting; the one who may be asked soonest goes first */
#define MAX_DEVICES  64 /* file systems that did not answer; the oldest goes first */
#define FIRST_BAN_NS 1000000000ULL
#define MAX_DOUBLED  12
#define NAME_BYTES   256
#define UID_UNKNOWN  UINT32_MAX
#define NS_PER_MS    1000000ULL

struct reader_worker {
	int fd; /* -1: none */
	/* the question that it is late with; asked_ns is 0: none */
	uint64_t asked_ns;
	uint32_t kind, pid, uid, dev;
	char name[NAME_BYTES]; /* of the file, cut: objects may not live as long */
};

struct reader_user {
	uint32_t uid;
	unsigned int nr_times;
	uint64_t until_ns; /* CLOCK_MONOTONIC */
};

struct reader {
	uint64_t wait_ns;
	reader_report_fn *report;
	void *ctx;
	int ctl; /* -1: no keeper */
	pid_t keeper;
	struct reader_worker worker[READER_WORKERS];
	struct reader_user users[MAX_USERS];
	uint32_t devices[MAX_DEVICES];
	unsigned int nr_users, nr_devices;
	struct reader_question question;
	struct reader_answer answer;
};

/* ---- who is refused ---- */

/* Asked for only while somebody is refused or late. */
static uint32_t uid_of(const struct reader *r, uint32_t pid)
{
	struct event ev = { 0 };
	unsigned int i, nr_late = 0;

	for (i = 0; i < READER_WORKERS; i++)
		nr_late += r->worker[i].asked_ns != 0;
	if (!r->nr_users && !nr_late)
		return UID_UNKNOWN;
	procmaps_identity(pid, &ev);
	return facts_have(&ev.facts, MPW_FACT_UID) ? facts_number(&ev.facts, MPW_FACT_UID) :
						     UID_UNKNOWN;
}

static struct reader_user *user_find(struct reader *r, uint32_t uid)
{
	unsigned int i;

	for (i = 0; i < r->nr_users; i++)
		if (r->users[i].uid == uid)
			return &r->users[i];
	return NULL;
}

static void user_ban(struct reader *r, uint32_t uid, uint64_t now_ns)
{
	struct reader_user *u = user_find(r, uid);
	unsigned int i;

	if (!u && r->nr_users < MAX_USERS) {
		u = &r->users[r->nr_users++];
		*u = (struct reader_user){ .uid = uid };
	} else if (!u) {
		for (u = r->users, i = 1; i < MAX_USERS; i++)
			if (r->users[i].until_ns < u->until_ns)
				u = &r->users[i];
		*u = (struct reader_user){ .uid = uid };
	}
	u->until_ns = now_ns + (FIRST_BAN_NS << u->nr_times);
	if (u->nr_times < MAX_DOUBLED)
		u->nr_times++;
}

/* True if w is late with something that this question would meet, too. */
static bool is_late_with(const struct reader_worker *w, const struct reader_question *q)
{
	return w->asked_ns && w->dev == q->dev && (q->dev || w->pid == q->pid);
}

static bool is_refused(struct reader *r, uint32_t uid, uint64_t now_ns)
{
	const struct reader_question *q = &r->question;
	const struct reader_user *u = user_find(r, uid);
	unsigned int i, nr_late = 0;

	if (u && now_ns < u->until_ns)
		return true;
	for (i = 0; i < READER_WORKERS; i++) {
		if (is_late_with(&r->worker[i], q))
			return true;
		nr_late += r->worker[i].asked_ns && r->worker[i].uid == uid;
	}
	if (nr_late >= MAX_LATE)
		return true;
	for (i = 0; q->dev && i < r->nr_devices && i < MAX_DEVICES; i++)
		if (r->devices[i] == q->dev)
			return true;
	return false;
}

/* ---- workers ---- */

static void worker_drop(struct reader_worker *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	w->asked_ns = 0;
}

/* Its file system may answer next year. */
static void worker_give_up(struct reader *r, struct reader_worker *w, int err)
{
	if (w->uid == UID_UNKNOWN)
		w->uid = uid_of(r, w->pid);
	user_ban(r, w->uid, clock_ns(CLOCK_MONOTONIC));
	if (w->dev && err == -ETIMEDOUT)
		r->devices[r->nr_devices++ % MAX_DEVICES] = w->dev;
	worker_drop(w);
	if (r->report)
		r->report(r->ctx, w->pid, w->name,
			  w->kind == READER_DEMANGLE ? -ENAMETOOLONG : err);
}

/* An order to the keeper, which ends the one that had the slot. */
static void worker_start(struct reader *r, struct reader_worker *w)
{
	struct reader_order order = { .slot = w - r->worker };
	int ends[2];

	if (r->ctl < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return;
	if (packet_send(r->ctl, &order, sizeof(order), ends[1], MSG_DONTWAIT))
		w->fd = ends[0];
	else
		close(ends[0]);
	close(ends[1]);
}

/* Takes the packet that waits, if any: its length, 0 if the worker is gone, or -errno. */
static ssize_t worker_take(const struct reader_worker *w, struct reader_answer *a, int *ret_file)
{
	return packet_take(w->fd, a, sizeof(*a), MSG_DONTWAIT, ret_file);
}

/* Looks after those that are late. */
static void workers_look(struct reader *r, uint64_t now_ns)
{
	struct reader_worker *w;
	ssize_t n;
	int file;

	for (w = r->worker; w < r->worker + READER_WORKERS; w++) {
		if (!w->asked_ns)
			continue;
		n = worker_take(w, &r->answer, &file);
		if (file >= 0)
			close(file);
		if (n > 0)
			w->asked_ns = 0;
		else if (n != -EAGAIN)
			worker_give_up(r, w, -EIO);
		else if (now_ns - w->asked_ns > READER_DEADLINE_NS)
			worker_give_up(r, w, -ETIMEDOUT);
	}
}

static struct reader_worker *worker_idle(struct reader *r)
{
	struct reader_worker *w, *ret = NULL;

	for (w = r->worker; w < r->worker + READER_WORKERS; w++)
		if (!w->asked_ns && (!ret || (ret->fd < 0 && w->fd >= 0)))
			ret = w;
	if (ret && ret->fd < 0)
		worker_start(r, ret);
	return ret && ret->fd >= 0 ? ret : NULL;
}

/* Waits until there is something to take, or until the time is up: false. */
static bool worker_wait(const struct reader_worker *w, uint64_t wait_ns)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	uint64_t end = w->asked_ns + wait_ns, now;
	int n;

	do {
		now = clock_ns(CLOCK_MONOTONIC);
		n = now < end ? poll(&p, 1, (end - now) / NS_PER_MS + 1) : 0;
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/* ---- questions ---- */

/* True if nothing in the answer is longer, and its file no other thing, than was asked for. */
static bool is_sane(const struct reader_answer *a, size_t len, int file, bool wants_file)
{
	const size_t head = offsetof(struct reader_answer, text);

	if (len < head || a->text_len > sizeof(a->text) || len != head + a->text_len || a->err > 0)
		return false;
	if (a->err || !wants_file)
		return file < 0;
	/* Only files of memory have seals: reading one waits for nobody. */
	return file >= 0 && fcntl(file, F_GET_SEALS) == READER_SEALS;
}

/*
 * Asks r->question; its answer is in r->answer, and *ret_file, if wanted, is the caller's. 0, or
 * -errno.
 */
static int ask(struct reader *r, uint32_t uid, int *ret_file)
{
	struct reader_question *q = &r->question;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	size_t len = offsetof(struct reader_question, name) + q->name_len;
	struct reader_worker *w;
	ssize_t n;
	int file;

	workers_look(r, now);
	w = is_refused(r, uid, now) ? NULL : worker_idle(r);
	if (!w)
		return -EAGAIN;
	w->kind = q->kind;
	w->pid = q->pid;
	w->uid = uid;
	memcpy(w->name, q->name, sizeof(w->name) - 1); /* the last byte stays 0 */
	w->dev = q->dev;
	w->asked_ns = now;
	if (!packet_send(w->fd, q, len, -1, MSG_DONTWAIT)) {
		worker_drop(w);
		return -EAGAIN;
	}
	if (!worker_wait(w, q->kind >= READER_MAPS ? READER_PATIENT_NS : r->wait_ns)) {
		if (uid == UID_UNKNOWN)
			w->uid = uid_of(r, q->pid);
		return -EAGAIN;
	}
	n = worker_take(w, &r->answer, &file);
	if (n > 0 && is_sane(&r->answer, n, file, ret_file)) {
		w->asked_ns = 0;
		if (ret_file)
			*ret_file = file;
		return r->answer.err;
	}
	if (file >= 0)
		close(file);
	worker_give_up(r, w, -EIO); /* it broke down, or is not itself any more */
	return -EIO;
}

static void question_of_file(struct reader *r, enum reader_kind kind, const struct reader_file *f)
{
	const struct object *obj = f->obj;
	struct reader_question *q = &r->question;

	memset(q, 0, offsetof(struct reader_question, name) + 1);
	q->kind = kind;
	q->pid = f->pid;
	q->start = f->start;
	q->end = f->end;
	q->off = f->off;
	q->ino = obj->ino;
	q->dev = obj->dev;
	if (obj->name_len < sizeof(q->name)) {
		q->name_len = obj->name_len;
		memcpy(q->name, obj->name, obj->name_len);
		q->name[q->name_len] = '\0';
	}
}

int reader_build_id(struct reader *r, const struct reader_file *f, struct buf *ret)
{
	const struct reader_answer *a = &r->answer;
	uint32_t i;
	int err;

	question_of_file(r, READER_BUILD_ID, f);
	err = ask(r, f->uid, NULL);
	for (i = 0; !err && i < a->text_len; i++)
		if (!strchr("0123456789abcdef", a->text[i]) || !a->text[i])
			return -EIO;
	if (!err)
		buf_add(ret, a->text, a->text_len);
	return err;
}

int reader_elf(struct reader *r, const struct reader_file *f, struct elf_facts *ret)
{
	const struct reader_answer *a = &r->answer;
	int err;

	question_of_file(r, READER_ELF, f);
	err = ask(r, f->uid, NULL);
	if (!err)
		*ret = (struct elf_facts){
			.wants_exec_stack = a->elf_flags & READER_ELF_EXEC_STACK,
			.has_text_relocs = a->elf_flags & READER_ELF_TEXT_RELOCS,
			.has_relro = a->elf_flags & READER_ELF_RELRO,
			.relro_start = a->relro_start,
			.relro_end = a->relro_end,
		};
	return err;
}

int reader_module(struct reader *r, const struct reader_file *f)
{
	int file, err;

	question_of_file(r, READER_MODULE, f);
	err = ask(r, f->uid, &file);
	return err ? err : file;
}

int reader_demangle(struct reader *r, uint32_t pid, uint32_t uid, const char *name, struct buf *ret)
{
	const struct reader_answer *a = &r->answer;
	struct reader_question *q = &r->question;
	size_t len = strlen(name);
	int err;

	if (len >= sizeof(q->name))
		return -ENOENT;
	memset(q, 0, offsetof(struct reader_question, name) + 1);
	q->kind = READER_DEMANGLE;
	q->pid = pid;
	q->name_len = len;
	memcpy(q->name, name, len + 1);
	err = ask(r, uid, NULL);
	if (!err && (a->text_len > STACK_SYMBOL_MAX || memchr(a->text, '\0', a->text_len)))
		return -EIO;
	if (!err)
		buf_add(ret, a->text, a->text_len);
	return err;
}

int reader_proc(struct reader *r, enum reader_proc what, uint32_t pid, struct buf *ret)
{
	static const enum reader_kind kinds[] = { [READ_MAPS] = READER_MAPS,
						  [READ_SMAPS] = READER_SMAPS,
						  [READ_CMDLINE] = READER_CMDLINE,
						  [READ_GUARDS] = READER_GUARDS };
	struct reader_question *q = &r->question;
	struct stat st;
	int file, err;
	ssize_t n = 0;

	memset(q, 0, offsetof(struct reader_question, name) + 1);
	q->kind = kinds[what];
	q->pid = pid;
	err = ask(r, uid_of(r, pid), &file);
	if (err)
		return err == -ENOENT ? -ESRCH : err == -EAGAIN ? -EACCES : err;
	ret->len = 0;
	if (!fstat(file, &st) && st.st_size)
		n = pread(file, buf_reserve(ret, st.st_size), st.st_size, 0);
	close(file);
	ret->len = n > 0 ? n : 0;
	return 0;
}

int reader_perf_map(struct reader *r, uint32_t pid, uint32_t ns_pid, uint32_t uid,
		    struct reader_map *map)
{
	const struct reader_answer *a = &r->answer;
	struct reader_question *q = &r->question;
	int file, err;

	memset(q, 0, offsetof(struct reader_question, name) + 1);
	q->kind = READER_PERF_MAP;
	q->pid = pid;
	q->ns_pid = ns_pid;
	q->uid = uid;
	q->map_ino = map->ino;
	q->map_dev = map->dev;
	q->from = map->done;
	err = ask(r, uid, &file);
	if (err)
		return err;
	*map = (struct reader_map){ a->map_ino, a->map_dev, a->from == map->done ? a->from : 0 };
	return file;
}

/* ---- the whole ---- */

struct reader *reader_new(uint64_t wait_ns, reader_report_fn *report, void *ctx)
{
	struct reader *r = mem_alloc(sizeof(*r));
	int ends[2], i;

	r->wait_ns = wait_ns;
	r->report = report;
	r->ctx = ctx;
	r->ctl = -1;
	for (i = 0; i < READER_WORKERS; i++)
		r->worker[i].fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return r;
	r->keeper = fork();
	if (!r->keeper)
		reader_keep(ends[1]); /* which closes all other descriptors */
	close(ends[1]);
	r->ctl = ends[0];
	worker_start(r, &r->worker[0]); /* while nobody waits */
	return r;
}

void reader_free(struct reader *r)
{
	int i;

	if (!r)
		return;
	for (i = 0; i < READER_WORKERS; i++) {
		if (r->worker[i].asked_ns)
			worker_give_up(r, &r->worker[i], -ETIMEDOUT);
		worker_drop(&r->worker[i]);
	}
	if (r->ctl >= 0)
		close(r->ctl);
	if (r->keeper > 0) /* it opens nothing, so it ends at once */
		waitpid(r->keeper, NULL, 0);
	free(r);
}
