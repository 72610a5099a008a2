/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/<pid>/smaps has lines of maps, each followed by lines of facts: how much of a private
 * mapping of a file is no longer the file's ("Anonymous:", "Swap:"), and its flags ("VmFlags:",
 * with "sl" if it is sealed, Linux 6.10). Files behind mappings are read as the process has them,
 * whatever is at their path now.
 */
#include "source/procstate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/procmaps.h"
#include "source/reader.h"
#include "util/mem.h"

#define MODULES_MAX 4096

void procstate_done(struct proc_state *s)
{
	free(s->code);
	free(s->modules);
	memset(s, 0, sizeof(*s));
}

/* True for code that is not as in a file: of none, of a deleted one, or writable too. */
static bool is_odd_code(const struct attr *a)
{
	if (!(a->flags & VMA_X) || a->obj->kind == OBJECT_SPECIAL)
		return false;
	return a->flags & VMA_W || a->obj->kind != OBJECT_FILE || a->obj->deleted;
}

/* The number in a line such as "Seccomp:\t2"; -1 if there is no such line. */
static int status_number(const char *status, const char *key)
{
	const char *line = strstr(status, key);

	return line ? atoi(line + strlen(key)) : -1;
}

static int read_status(uint32_t pid, struct buf *text, struct proc_state *ret)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", pid);
	err = procfile_read(path, text);
	if (err)
		return err;
	ret->seccomp = status_number(buf_str(text), "\nSeccomp:");
	ret->nr_filters = status_number(buf_str(text), "\nSeccomp_filters:");
	ret->no_new_privs = status_number(buf_str(text), "\nNoNewPrivs:");
	return 0;
}

static struct proc_module *module_of(struct proc_state *s, const struct vma_seen *v)
{
	size_t i;

	for (i = s->nr_modules; i--;) /* those of one file stand together */
		if (object_same(s->modules[i].obj, v->attr.obj))
			return &s->modules[i];
	if (s->nr_modules == MODULES_MAX)
		return NULL;
	s->modules = mem_grow(s->modules, s->nr_modules + 1, sizeof(*s->modules));
	s->modules[s->nr_modules] = (struct proc_module){ .obj = v->attr.obj,
							  .start = v->start,
							  .end = v->end,
							  .off = v->attr.off };
	return &s->modules[s->nr_modules++];
}

/* The bytes in a line such as "Swap:    12 kB"; false if the line is of something else. */
static bool take_size(const char *line, size_t len, const char *key, uint64_t *ret)
{
	size_t n = strlen(key);

	if (len <= n || memcmp(line, key, n) != 0)
		return false;
	*ret = strtoull(line + n, NULL, 10) << 10; /* a newline ends it at the latest */
	return true;
}

/* One line of facts about v. */
static void take_fact(struct proc_state *s, const struct vma_seen *v, const char *line, size_t len)
{
	const uint16_t rights = v->attr.flags & (VMA_W | VMA_X | VMA_SHARED);
	struct proc_module *m;
	uint64_t bytes;

	if (len > 8 && !memcmp(line, "VmFlags:", 8) && memmem(line, len, " sl", 3))
		s->sealed_bytes += v->end - v->start;
	if (v->attr.obj->kind != OBJECT_FILE || !(rights & VMA_X))
		return;
	if (!take_size(line, len, "Anonymous:", &bytes) && !take_size(line, len, "Swap:", &bytes))
		return;
	m = module_of(s, v);
	if (m && rights == VMA_X)
		m->dirty_text_bytes += bytes;
}

static int read_smaps(struct object_table *objects, struct reader *r, uint32_t pid,
		      struct buf *text, struct proc_state *ret, struct seen_list *maps)
{
	const char *p, *end, *eol;
	struct vma_seen v = { 0 };
	int err;

	err = reader_proc(r, READ_SMAPS, pid, text);
	if (err)
		return err;
	for (p = text->data, end = p + text->len; p < end; p = eol + 1) {
		eol = memchr(p, '\n', end - p);
		if (!eol)
			return -EINVAL;
		/* Facts begin with capital letters, mappings with digits up to f. */
		if (*p >= 'A' && *p <= 'Z') {
			if (v.attr.obj)
				take_fact(ret, &v, p, eol - p);
			continue;
		}
		v.attr.obj = NULL;
		err = procmaps_parse_line(objects, 0, p, eol - p, &v);
		if (err == -EAGAIN)
			continue;
		if (err)
			return err;
		if (maps->nr && v.start < maps->v[maps->nr - 1].end) {
			v.attr.obj = NULL; /* the mappings changed between two reads */
			continue;
		}
		if (v.attr.obj->kind == OBJECT_STACK)
			ret->stack_flags = v.attr.flags;
		seen_list_add(maps, &v);
	}
	return maps->nr ? 0 : -ENOENT;
}

static void pick_code(struct proc_state *s, const struct seen_list *maps)
{
	struct seen_list code = { 0 };
	size_t i;

	for (i = 0; i < maps->nr; i++)
		if (is_odd_code(&maps->v[i].attr))
			seen_list_add(&code, &maps->v[i]);
	s->code = code.v;
	s->nr_code = code.nr;
}

static enum relro relro_of(const struct elf_facts *elf, const struct seen_list *maps)
{
	bool mapped = false;
	size_t i;

	if (!elf->has_relro)
		return RELRO_NONE;
	for (i = 0; i < maps->nr; i++) {
		const struct vma_seen *v = &maps->v[i];

		if (v->end <= elf->relro_start || v->start >= elf->relro_end)
			continue;
		mapped = true;
		if (v->attr.flags & VMA_W)
			return RELRO_OPEN;
	}
	return mapped ? RELRO_DONE : RELRO_UNKNOWN;
}

static void read_module(struct reader *r, uint32_t pid, uint32_t uid, struct proc_module *m,
			const struct seen_list *maps)
{
	const struct reader_file from = { .pid = pid,
					  .uid = uid,
					  .start = m->start,
					  .end = m->end,
					  .off = m->off,
					  .obj = m->obj };
	struct elf_facts elf;

	if (reader_elf(r, &from, &elf))
		return;
	m->relro = relro_of(&elf, maps);
	m->wants_exec_stack = elf.wants_exec_stack;
	m->has_text_relocs = elf.has_text_relocs;
}

int procstate_read(struct object_table *objects, struct reader *r, uint32_t pid,
		   struct proc_state *ret)
{
	struct event identity = { 0 };
	struct buf text = { 0 };
	struct seen_list maps = { 0 };
	size_t i;
	int err;

	memset(ret, 0, sizeof(*ret));
	ret->pid = pid;
	procmaps_identity(pid, &identity);
	memcpy(ret->comm, identity.comm, sizeof(ret->comm));
	err = read_status(pid, &text, ret);
	if (!err)
		err = read_smaps(objects, r, pid, &text, ret, &maps);
	buf_done(&text);
	if (!err)
		pick_code(ret, &maps);
	for (i = 0; i < ret->nr_modules && !err; i++)
		read_module(r, pid, facts_number(&identity.facts, MPW_FACT_UID), &ret->modules[i],
			    &maps);
	if (err)
		procstate_done(ret);
	seen_list_done(&maps);
	return err;
}
