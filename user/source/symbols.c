/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two tables: files of code by object, and maps of code made at run time by process. A file is
 * copied when it is first seen, and read when an address in it is first asked for. Both tables are
 * bounded; code that finds no room stays without names.
 */
#include "source/symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uthash.h>

#include "core/change.h"
#include "core/copies.h"
#include "source/debuginfod.h"
#include "source/module.h"
#include "source/naming.h"
#include "source/perfmap.h"
#include "source/reader.h"
#include "source/unwind.h"
#include "util/errand.h"
#include "util/mem.h"

#define MAX_FILES     8192
#define MAX_OPEN      256	    /* copies held */
#define OPEN_BYTES    (64ULL << 20) /* of all of them; the last may exceed it */
#define MAX_TRIES     4
#define MAX_JITS      65536
#define REFRESH_NS    1000000000ULL  /* between two looks for what was added to a map */
#define MODULES_BYTES (512ULL << 20) /* of all modules */
#define MAPS_BYTES    (256ULL << 20) /* of all maps */

struct file {
	const struct object *obj;
	unsigned int nr_tries;
	int fd; /* of its copy; -1: there is none */
	uint64_t fd_bytes;
	bool is_read; /* set once read: module is the result, or NULL */
	struct module *module;
	uint64_t bytes; /* of the budget, that the module took */
	UT_hash_handle hh;
};

/* A process with code of its own making. */
struct jit_code {
	uint32_t pid;
	uint32_t uid;
	struct perfmap *map; /* NULL: there was no room for it */
	uint64_t look_ns;    /* not before this time of the stream */
	UT_hash_handle hh;
};

struct symbols {
	struct reader *reader;
	struct naming *naming;
	struct file *files;
	unsigned int nr_open;
	uint64_t open_bytes;
	uint64_t budget;
	struct errand *servers; /* of debug files; NULL: there are none */
	struct jit_code *jits;
	uint64_t jits_bytes;
	/* the call at hand */
	uint64_t now_ns;
	const struct proc *proc;
	struct unwound unwound;
	struct stack stack;
	struct frame frames[STACK_MAX_FRAMES + 1];
	char names[STACK_MAX_FRAMES][STACK_SYMBOL_MAX + 1];
};

/* ---- files ---- */

static void file_close(struct symbols *s, struct file *f)
{
	if (f->fd < 0)
		return;
	close(f->fd);
	f->fd = -1;
	s->nr_open--;
	s->open_bytes -= f->fd_bytes;
}

static void file_read(struct symbols *s, struct file *f)
{
	if (f->is_read || f->fd < 0)
		return;
	f->is_read = true;
	f->bytes = s->budget;
	f->module = module_read(f->fd, &s->budget, s->servers);
	f->bytes -= s->budget;
	file_close(s, f);
}

/* Copies the file, if it is to be had. No answer yet is no answer: it is asked for again. */
static void file_open(struct symbols *s, struct file *f, const struct reader_file *from)
{
	struct stat st;
	int fd = reader_module(s->reader, from);

	if (fd != -EAGAIN)
		f->nr_tries++;
	if (fd < 0)
		return;
	f->fd = fd;
	f->fd_bytes = fstat(fd, &st) ? 0 : st.st_blocks * 512;
	s->nr_open++;
	s->open_bytes += f->fd_bytes;
	if (s->nr_open > MAX_OPEN || s->open_bytes > OPEN_BYTES)
		file_read(s, f);
}

/*
 * The file behind a mapping of code, copied if need be and if possible. NULL: there is none, or no
 * room.
 */
static struct file *file_of(struct symbols *s, const struct reader_file *from)
{
	const struct object *obj = from->obj;
	struct file *f;

	if (!obj || (obj->kind != OBJECT_FILE && obj->kind != OBJECT_MEMFD))
		return NULL;
	HASH_FIND_PTR(s->files, &obj, f);
	if (!f) {
		if (HASH_COUNT(s->files) >= MAX_FILES)
			return NULL;
		f = mem_alloc(sizeof(*f));
		f->obj = obj;
		f->fd = -1;
		HASH_ADD_PTR(s->files, obj, f);
	}
	if (!f->is_read && f->fd < 0 && f->nr_tries < MAX_TRIES)
		file_open(s, f, from);
	return f;
}

static void file_free(struct symbols *s, struct file *f)
{
	HASH_DEL(s->files, f);
	file_close(s, f);
	module_free(f->module);
	s->budget += f->bytes;
	free(f);
}

void symbols_forget(struct symbols *s)
{
	struct file *f, *next;

	HASH_ITER(hh, s->files, f, next)
		if (!f->obj->held)
			file_free(s, f);
}

/* Files that come with an event of p (NULL: not known yet), mapped as code. */
static void see_files(struct symbols *s, const struct proc *p, const struct event *ev)
{
	const struct event_call *c = &ev->call;
	const struct facts *facts = p && !facts_have(&ev->facts, MPW_FACT_UID) ? &p->facts :
										 &ev->facts;
	struct reader_file from = { .pid = ev->pid, .uid = facts_number(facts, MPW_FACT_UID) };
	size_t i;

	for (i = 0; i < ev->nr_seen; i++) {
		from.start = ev->seen[i].start;
		from.end = ev->seen[i].end;
		from.obj = ev->seen[i].attr.obj;
		if (ev->seen[i].attr.flags & VMA_X)
			file_of(s, &from);
	}
	if (ev->type != EVENT_CALL || c->id != MPW_CALL_MMAP || !c->file ||
	    !(call_prot(c) & ABI_PROT_EXEC))
		return;
	from.start = c->ret;
	from.end = c->ret + call_len(c);
	from.obj = c->file;
	file_of(s, &from);
}

/* ---- code made at run time ---- */

static uint32_t uid_of(const struct proc *p)
{
	return facts_number(&p->facts, MPW_FACT_UID);
}

static void jit_empty(struct symbols *s, struct jit_code *j)
{
	if (!j->map)
		return;
	s->jits_bytes -= perfmap_bytes(j->map);
	perfmap_free(j->map);
	j->map = NULL;
}

/* The bytes of a user's maps. */
static uint64_t bytes_of_user(const struct symbols *s, uint32_t uid)
{
	const struct jit_code *j;
	uint64_t bytes = 0;

	for (j = s->jits; j; j = j->hh.next)
		if (j->uid == uid && j->map)
			bytes += perfmap_bytes(j->map);
	return bytes;
}

/*
 * Whoever fills the room for maps pays: of the user with most, the largest map goes, and stays away
 * until its process ends, or execs.
 */
static void jits_make_room(struct symbols *s)
{
	struct jit_code *j, *worst = NULL;
	uint64_t most = 0, bytes;

	for (j = s->jits; j; j = j->hh.next) {
		if (!j->map || (worst && worst->uid == j->uid))
			continue;
		bytes = bytes_of_user(s, j->uid);
		if (!worst || bytes > most) {
			worst = j;
			most = bytes;
		}
	}
	for (j = worst; j; j = j->hh.next)
		if (j->map && j->uid == worst->uid &&
		    perfmap_bytes(j->map) > perfmap_bytes(worst->map))
			worst = j;
	if (worst)
		jit_empty(s, worst);
}

static void jit_drop(struct symbols *s, uint32_t pid)
{
	struct jit_code *j;

	HASH_FIND(hh, s->jits, &pid, sizeof(pid), j);
	if (!j)
		return;
	HASH_DEL(s->jits, j);
	jit_empty(s, j);
	free(j);
}

static void jit_refresh(struct symbols *s, struct jit_code *j)
{
	const struct proc *p = s->proc;

	s->jits_bytes -= perfmap_bytes(j->map);
	perfmap_refresh(j->map, s->reader, p->pid, facts_number(&p->facts, MPW_FACT_NS_PID),
			uid_of(p));
	s->jits_bytes += perfmap_bytes(j->map);
	while (s->jits_bytes > MAPS_BYTES)
		jits_make_room(s);
}

static const char *jit_symbol(struct symbols *s, uint64_t addr, uint64_t *ret_start,
			      size_t *ret_len)
{
	const struct proc *p = s->proc;
	const char *name;
	struct jit_code *j;

	HASH_FIND(hh, s->jits, &p->pid, sizeof(p->pid), j);
	if (!j) {
		if (HASH_COUNT(s->jits) >= MAX_JITS)
			return NULL;
		j = mem_alloc(sizeof(*j));
		j->pid = p->pid;
		j->uid = uid_of(p);
		j->map = perfmap_new();
		HASH_ADD(hh, s->jits, pid, sizeof(j->pid), j);
	}
	name = j->map ? perfmap_find(j->map, addr, ret_start, ret_len) : NULL;
	if (!name && j->map && s->now_ns >= j->look_ns) {
		j->look_ns = s->now_ns + REFRESH_NS;
		jit_refresh(s, j);
		name = j->map ? perfmap_find(j->map, addr, ret_start, ret_len) : NULL;
	}
	return name;
}

/* ---- frames ---- */

static bool code_at(void *ctx, uint64_t addr, struct module **ret_module, uint64_t *ret_addr)
{
	struct symbols *s = ctx;
	const struct vma *v = aspace_find(s->proc->mm->as, addr);
	struct attr at;
	struct file *f;

	*ret_module = NULL;
	if (!v || v->start > addr || !(v->attr.flags & VMA_X))
		return false;
	if (v->attr.obj->kind != OBJECT_ANON || !copies_at(s->proc->mm, addr, &at))
		at = attr_advance(v->attr, addr - v->start);
	f = file_of(s, &(struct reader_file){ .pid = s->proc->pid,
					      .uid = uid_of(s->proc),
					      .start = v->start,
					      .end = v->end,
					      .obj = at.obj });
	if (!f)
		return true;
	file_read(s, f);
	if (f->module && module_address(f->module, at.off, ret_addr))
		*ret_module = f->module;
	return true;
}

static bool is_made(const struct object *obj)
{
	return obj && obj->kind != OBJECT_SPECIAL && obj->kind != OBJECT_FILE;
}

/*
 * back: 1 if addr is behind a call, which may be the last instruction of its function. room: for a
 * name that finds none that lasts.
 */
static void frame_fill(struct symbols *s, struct frame *f, uint64_t addr, unsigned int back,
		       char room[STACK_SYMBOL_MAX + 1])
{
	struct caller at = caller_at(s->proc->mm, addr - back);
	struct module *m = NULL;
	uint64_t start = 0, own = 0;
	const char *name;
	size_t len = 0;

	*f = (struct frame){ .addr = addr, .obj = at.obj, .off = at.obj ? at.off + back : 0 };
	if (!code_at(s, addr - back, &m, &own))
		return;
	name = m ? module_symbol(m, own, &start) : NULL;
	if (name) /* without the version behind it, "@@GLIBC_2.34" */
		len = strcspn(name, "@");
	if (!name && is_made(at.obj)) {
		own = addr - back;
		name = jit_symbol(s, own, &start, &len);
	}
	if (!name)
		return;
	f->symbol = naming_of(s->naming, s->proc, name, len, room);
	f->lasts = f->symbol != room;
	f->symbol_off = own + back - start;
}

static void give_stack(struct symbols *s, struct event *ev)
{
	struct unwound *u = &s->unwound;
	size_t i;

	unwind(ev->raw, code_at, s, u);
	for (i = 0; i < u->nr; i++)
		frame_fill(s, &s->frames[i], u->addr[i], !u->is_exact[i], s->names[i]);
	if (u->is_cut)
		s->frames[i++] = (struct frame){ 0 };
	s->stack = (struct stack){ s->frames, i };
	ev->stack = &s->stack;
}

void symbols_event(struct symbols *s, const struct proc *p, struct event *ev)
{
	see_files(s, p, ev);
	if (ev->type == EVENT_EXEC || ev->type == EVENT_EXIT)
		jit_drop(s, ev->pid);
	s->proc = p;
	s->now_ns = ev->ts_ns;
	if (ev->raw && p && p->mm)
		give_stack(s, ev);
}

struct symbols *symbols_new(struct reader *r, struct object_table *objects)
{
	struct symbols *s = mem_alloc(sizeof(*s));

	s->reader = r;
	s->naming = naming_new(r, objects);
	s->budget = MODULES_BYTES;
	s->servers = debuginfod_new();
	return s;
}

void symbols_free(struct symbols *s)
{
	struct file *f, *next;

	if (!s)
		return;
	HASH_ITER(hh, s->files, f, next)
		file_free(s, f);
	while (s->jits)
		jit_drop(s, s->jits->pid);
	errand_free(s->servers);
	naming_free(s->naming);
	free(s);
}
