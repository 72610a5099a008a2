/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads /proc/<pid>/maps whole, then takes it apart line by line. */
#include "source/procmaps.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/procfacts.h"
#include "source/reader.h"
#include "util/clock.h"
#include "util/mem.h"
#include "wire.h"

void seen_list_done(struct seen_list *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}

void seen_list_add(struct seen_list *l, const struct vma_seen *v)
{
	if (l->nr == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 64;
		l->v = mem_grow(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->nr++] = *v;
}

/* The rest of a line. */
struct line_rest {
	const char *p, *end;
};

static int take_number(struct line_rest *l, unsigned int base, uint64_t *ret)
{
	uint64_t v = 0;
	const char *start = l->p;

	for (; l->p < l->end && isxdigit((unsigned char)*l->p); l->p++) {
		unsigned int digit = isdigit((unsigned char)*l->p) ? *l->p - '0' :
								     (*l->p | 0x20) - 'a' + 10;

		if (digit >= base || v > (UINT64_MAX - digit) / base)
			return -EINVAL;
		v = v * base + digit;
	}
	*ret = v;
	return l->p == start ? -EINVAL : 0;
}

static int take_char(struct line_rest *l, char c)
{
	return l->p < l->end && *l->p++ == c ? 0 : -EINVAL;
}

static int take_prot(struct line_rest *l, uint16_t *ret_flags)
{
	static const char on[] = "rwx";
	uint16_t flags = VMA_MAPPED;
	int i;

	if (l->end - l->p < 4)
		return -EINVAL;
	for (i = 0; i < 3; i++) {
		if (l->p[i] == on[i])
			flags |= 1 << i; /* VMA_R, VMA_W, VMA_X */
		else if (l->p[i] != '-')
			return -EINVAL;
	}
	if (l->p[3] == 's')
		flags |= VMA_SHARED;
	else if (l->p[3] != 'p')
		return -EINVAL;
	l->p += 4;
	*ret_flags = flags;
	return 0;
}

/* The name with \012 turned back into newlines, in a buffer of at least its length. */
static size_t unescape(const char *p, const char *end, char *to)
{
	size_t n = 0;

	while (p < end) {
		if (end - p >= 4 && !memcmp(p, "\\012", 4)) {
			to[n++] = '\n';
			p += 4;
		} else {
			to[n++] = *p++;
		}
	}
	return n;
}

int procmaps_parse_line(struct object_table *objects, uint32_t mnt_ns, const char *line, size_t len,
			struct vma_seen *ret)
{
	struct line_rest l = { line, line + len };
	uint64_t start, end, off, major, minor, ino;
	uint16_t flags;
	size_t name_len;
	char *name;

	if (take_number(&l, 16, &start) || take_char(&l, '-') || take_number(&l, 16, &end) ||
	    take_char(&l, ' ') || take_prot(&l, &flags) || take_char(&l, ' ') ||
	    take_number(&l, 16, &off) || take_char(&l, ' ') || take_number(&l, 16, &major) ||
	    take_char(&l, ':') || take_number(&l, 16, &minor) || take_char(&l, ' ') ||
	    take_number(&l, 10, &ino))
		return -EINVAL;
	if (start >= end || (start | end) % page_bytes || major > 0xfff || minor > 0xfffff)
		return -EINVAL;
	while (l.p < l.end && *l.p == ' ')
		l.p++;
	if (l.end - l.p == 10 && !memcmp(l.p, "[vsyscall]", 10))
		return -EAGAIN;
	name = mem_alloc(l.end - l.p + 1);
	name_len = unescape(l.p, l.end, name);
	memset(ret, 0, sizeof(*ret));
	ret->start = start;
	ret->end = end;
	ret->attr.obj =
		object_from_maps(objects, name, name_len, dev_make(major, minor), ino, mnt_ns);
	ret->attr.flags = flags;
	if (ret->attr.obj->kind == OBJECT_STACK)
		ret->attr.flags |= VMA_GROWSDOWN;
	if (object_has_offsets(ret->attr.obj))
		ret->attr.off = off;
	free(name);
	return 0;
}

int procfile_read(const char *path, struct buf *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	text->len = 0;
	do {
		n = read(fd, buf_reserve(text, 65536), 65536);
		if (n > 0)
			text->len += n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		err = -errno;
	close(fd);
	return err;
}

int procmaps_parse(struct object_table *objects, uint32_t mnt_ns, const char *text, size_t len,
		   struct seen_list *ret)
{
	const char *p, *end = text + len, *eol;
	struct vma_seen v;
	uint64_t above = 0;
	int err;

	for (p = text; p < end; p = eol + 1) {
		eol = memchr(p, '\n', end - p);
		if (!eol)
			return -EINVAL;
		err = procmaps_parse_line(objects, mnt_ns, p, eol - p, &v);
		if (err == -EAGAIN)
			continue;
		if (err)
			return err;
		if (v.end <= above)
			continue;
		if (v.start < above) { /* the mappings changed between two reads of the file */
			v.attr = attr_advance(v.attr, above - v.start);
			v.start = above;
		}
		above = v.end;
		seen_list_add(ret, &v);
	}
	return 0;
}

/* True if the object's name, as /proc shows it, is text. */
static bool has_name(const struct object *o, const char *text, size_t len)
{
	static const char deleted[] = " (deleted)";
	size_t rest = len - o->name_len;

	if (o->kind < OBJECT_FILE || len < o->name_len || memcmp(text, o->name, o->name_len) != 0)
		return false;
	return o->deleted ? rest == strlen(deleted) && !memcmp(text + o->name_len, deleted, rest) :
			    !rest;
}

/*
 * The program of pid. The link /proc/<pid>/exe is read, and its file never opened: that may be on a
 * file system that never answers, which is not asked for the inode either.
 */
static const struct object *read_exe(struct object_table *objects, uint32_t pid, uint32_t mnt_ns,
				     const struct seen_list *maps)
{
	char path[32], name[PATH_MAX];
	struct statx st;
	ssize_t len;
	size_t i;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/exe", pid);
	len = readlink(path, name, sizeof(name));
	if (len <= 0 || len == sizeof(name))
		return NULL;
	for (i = 0; i < maps->nr; i++)
		if (has_name(maps->v[i].attr.obj, name, len))
			return maps->v[i].attr.obj;
	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO, &st))
		memset(&st, 0, sizeof(st));
	return object_from_maps(objects, name, len, dev_make(st.stx_dev_major, st.stx_dev_minor),
				st.stx_ino, mnt_ns);
}

uint32_t procmaps_thread(uint32_t pid)
{
	const struct dirent *d;
	char path[32], byte;
	uint32_t ret = 0, tid;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/task", pid);
	dir = opendir(path);
	while (dir && !ret && (d = readdir(dir))) {
		tid = strtoul(d->d_name, NULL, 10);
		snprintf(path, sizeof(path), "/proc/%" PRIu32 "/exe", tid);
		if (tid && tid != pid && readlink(path, &byte, 1) == 1)
			ret = tid;
	}
	if (dir)
		closedir(dir);
	return ret;
}

/* procmaps_event() by the files of one thread. */
static int event_by(struct procmaps *m, struct object_table *objects, uint32_t tid,
		    struct event *ret)
{
	uint32_t mnt_ns = procfacts_mnt_ns(tid), home = procfacts_mnt_ns(0);
	char path[32];
	uint64_t ts_ns;
	int err;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/maps", tid);
	err = m->reader ? reader_proc(m->reader, READ_MAPS, tid, &m->text) :
			  procfile_read(path, &m->text);
	ts_ns = clock_ns(CLOCK_BOOTTIME);
	m->seen.nr = 0;
	if (!err)
		err = procmaps_parse(objects, mnt_ns == home ? 0 : mnt_ns, m->text.data,
				     m->text.len, &m->seen);
	if (err)
		return err;
	if (!m->seen.nr)
		return -ENOENT;
	*ret = (struct event){ .type = EVENT_RANGE,
			       .ts_ns = ts_ns,
			       .has_range = true,
			       .from_maps = true,
			       .hi = MPW_TASK_MAX,
			       .seen = m->seen.v,
			       .nr_seen = m->seen.nr,
			       .exe = read_exe(objects, tid, mnt_ns == home ? 0 : mnt_ns,
					       &m->seen) };
	if (mnt_ns)
		facts_set(&ret->facts, MPW_FACT_MNT_NS, mnt_ns);
	return 0;
}

int procmaps_event(struct procmaps *m, struct object_table *objects, uint32_t pid,
		   struct event *ret)
{
	int err = event_by(m, objects, pid, ret);
	uint32_t tid = err == -ENOENT ? procmaps_thread(pid) : 0;

	if (tid)
		err = event_by(m, objects, tid, ret);
	if (!err)
		ret->pid = ret->tid = pid;
	return err;
}

void procmaps_done(struct procmaps *m)
{
	buf_done(&m->text);
	seen_list_done(&m->seen);
}

/* Fields 4 (ppid), 22 (starttime) and 47 (start_brk) of /proc/<pid>/stat, proc(5). */
static void identity_from_stat(const char *after_comm, struct event *ev)
{
	uint64_t ticks = sysconf(_SC_CLK_TCK);
	char *copy = mem_strdup(after_comm), *save = NULL, *word = strtok_r(copy, " ", &save);
	int field;

	for (field = 3; word; field++, word = strtok_r(NULL, " ", &save)) {
		if (field == 4)
			ev->ppid = strtoul(word, NULL, 10);
		else if (field == 22)
			ev->start_ns = strtoull(word, NULL, 10) * (1000000000 / ticks);
		else if (field == 47)
			ev->start_brk = strtoull(word, NULL, 10);
	}
	free(copy);
}

/* The last number of "NSpid: 4242 17 1", if there are several. */
static uint32_t ns_pid_of(const char *status)
{
	const char *line = strstr(status, "\nNSpid:"), *last;

	if (!line)
		return 0;
	line += strlen("\nNSpid:");
	last = memrchr(line, '\t', strcspn(line, "\n"));
	return last && last != line ? strtoul(last + 1, NULL, 10) : 0;
}

void procmaps_parse_stat(const char *text, struct event *ev)
{
	const char *comm = strchr(text, '('), *end = comm ? strrchr(comm, ')') : NULL;

	if (!end)
		return;
	if (end - comm <= 16) {
		memcpy(ev->comm, comm + 1, end - comm - 1);
		ev->comm[end - comm - 1] = '\0';
	}
	identity_from_stat(end + 1, ev);
}

void procmaps_parse_status(const char *text, struct event *ev)
{
	const char *uid = strstr(text, "\nUid:");
	uint32_t ns_pid = ns_pid_of(text);

	if (uid)
		facts_set(&ev->facts, MPW_FACT_UID, strtoul(uid + 5, NULL, 10));
	if (ns_pid)
		facts_set(&ev->facts, MPW_FACT_NS_PID, ns_pid);
}

void procmaps_identity(uint32_t pid, struct event *ev)
{
	struct buf text = { 0 };
	char path[32];

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	if (!procfile_read(path, &text))
		procmaps_parse_stat(buf_str(&text), ev);
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", pid);
	if (!procfile_read(path, &text))
		procmaps_parse_status(buf_str(&text), ev);
	buf_done(&text);
}
