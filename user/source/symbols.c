/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two tables: files of code by object, and maps of code made at run time by process. A file is held
 * open when it is first seen, and read when an address in it is first asked for. Both tables are
 * bounded; code that finds no room stays without names.
 */
#include "source/symbols.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uthash.h>

#include "core/change.h"
#include "core/copies.h"
#include "source/mapfile.h"
#include "source/module.h"
#include "source/perfmap.h"
#include "source/unwind.h"
#include "util/mem.h"

#define MAX_FILES     8192
#define MAX_OPEN      256 /* files held open */
#define MAX_TRIES     4
#define MAX_MAPS      1024
#define MODULES_BYTES (512ULL << 20) /* of all modules */
#define MAPS_BYTES    (512ULL << 20) /* of all maps; the last may exceed it */

struct file {
	const struct object *obj;
	unsigned int nr_tries;
	int fd;	      /* -1: not open */
	bool is_read; /* set once read: module is the result, or NULL */
	struct module *module;
	UT_hash_handle hh;
};

/* A process with code of its own making. */
struct jit_code {
	uint32_t pid;
	struct perfmap *map;
	UT_hash_handle hh;
};

struct symbols {
	struct file *files;
	unsigned int nr_open;
	uint64_t budget;
	struct jit_code *jits;
	uint64_t jits_bytes;
	/* the call at hand */
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
}

static void file_read(struct symbols *s, struct file *f)
{
	if (f->is_read || f->fd < 0)
		return;
	f->is_read = true;
	f->module = module_read(f->fd, &s->budget);
	file_close(s, f);
}

/*
 * The file behind a mapping of code, opened if need be and if possible. NULL: there is none, or no
 * room.
 */
static struct file *file_of(struct symbols *s, uint32_t pid, uint64_t start, uint64_t end,
			    const struct object *obj)
{
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
	if (f->is_read || f->fd >= 0 || f->nr_tries >= MAX_TRIES)
		return f;
	f->nr_tries++;
	f->fd = mapfile_open(pid, start, end, obj);
	s->nr_open += f->fd >= 0;
	if (s->nr_open > MAX_OPEN)
		file_read(s, f);
	return f;
}

/* Files that come with an event, mapped as code. */
static void see_files(struct symbols *s, const struct event *ev)
{
	const struct event_call *c = &ev->call;
	size_t i;

	for (i = 0; i < ev->nr_seen; i++)
		if (ev->seen[i].attr.flags & VMA_X)
			file_of(s, ev->pid, ev->seen[i].start, ev->seen[i].end,
				ev->seen[i].attr.obj);
	if (ev->type == EVENT_CALL && c->id == MPW_CALL_MMAP && c->file &&
	    call_prot(c) & ABI_PROT_EXEC)
		file_of(s, ev->pid, c->ret, c->ret + call_len(c), c->file);
}

/* ---- code made at run time ---- */

static void jit_drop(struct symbols *s, uint32_t pid)
{
	struct jit_code *j;

	HASH_FIND(hh, s->jits, &pid, sizeof(pid), j);
	if (!j)
		return;
	HASH_DEL(s->jits, j);
	s->jits_bytes -= perfmap_bytes(j->map);
	perfmap_free(j->map);
	free(j);
}

static const char *name_copy(char room[STACK_SYMBOL_MAX + 1], const char *name, size_t len)
{
	len = len > STACK_SYMBOL_MAX ? STACK_SYMBOL_MAX : len;
	memcpy(room, name, len);
	room[len] = '\0';
	return room;
}

static const char *jit_symbol(struct symbols *s, uint64_t addr, uint64_t *ret_start,
			      char room[STACK_SYMBOL_MAX + 1])
{
	const struct proc *p = s->proc;
	const char *name;
	struct jit_code *j;
	size_t len;

	HASH_FIND(hh, s->jits, &p->pid, sizeof(p->pid), j);
	if (!j) {
		if (HASH_COUNT(s->jits) >= MAX_MAPS)
			return NULL;
		j = mem_alloc(sizeof(*j));
		j->pid = p->pid;
		j->map = perfmap_new();
		HASH_ADD(hh, s->jits, pid, sizeof(j->pid), j);
	}
	name = perfmap_find(j->map, addr, ret_start, &len);
	if (!name && s->jits_bytes < MAPS_BYTES) {
		s->jits_bytes -= perfmap_bytes(j->map);
		perfmap_refresh(j->map, p->pid, facts_number(&p->facts, MPW_FACT_NS_PID),
				facts_number(&p->facts, MPW_FACT_UID));
		s->jits_bytes += perfmap_bytes(j->map);
		name = perfmap_find(j->map, addr, ret_start, &len);
	}
	if (!name)
		return NULL;
	return name_copy(room, name, len);
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
	f = file_of(s, s->proc->pid, v->start, v->end, at.obj);
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

/* back: 1 if addr is behind a call, which may be the last instruction of its function. */
static void frame_fill(struct symbols *s, struct frame *f, uint64_t addr, unsigned int back,
		       char *room)
{
	struct caller at = caller_at(s->proc->mm, addr - back);
	struct module *m = NULL;
	uint64_t start = 0, own = 0;
	const char *name;

	*f = (struct frame){ .addr = addr, .obj = at.obj, .off = at.obj ? at.off + back : 0 };
	if (!code_at(s, addr - back, &m, &own))
		return;
	name = m ? module_symbol(m, own, &start) : NULL;
	if (name) /* without the version behind it, "@@GLIBC_2.34" */
		f->symbol = name_copy(room, name, strcspn(name, "@"));
	if (!f->symbol && is_made(at.obj)) {
		own = addr - back;
		f->symbol = jit_symbol(s, own, &start, room);
	}
	if (f->symbol)
		f->symbol_off = own + back - start;
}

static void give_stack(struct symbols *s, struct event_call *c)
{
	struct unwound *u = &s->unwound;
	size_t i;

	unwind(c->raw, code_at, s, u);
	for (i = 0; i < u->nr; i++)
		frame_fill(s, &s->frames[i], u->addr[i], !u->is_exact[i], s->names[i]);
	if (u->is_cut)
		s->frames[i++] = (struct frame){ 0 };
	s->stack = (struct stack){ s->frames, i };
	c->stack = &s->stack;
}

void symbols_event(struct symbols *s, const struct proc *p, struct event *ev)
{
	see_files(s, ev);
	if (ev->type == EVENT_EXEC || ev->type == EVENT_EXIT)
		jit_drop(s, ev->pid);
	s->proc = p;
	if (ev->type == EVENT_CALL && ev->call.raw && p && p->mm)
		give_stack(s, &ev->call);
}

struct symbols *symbols_new(void)
{
	struct symbols *s = mem_alloc(sizeof(*s));

	s->budget = MODULES_BYTES;
	return s;
}

void symbols_free(struct symbols *s)
{
	struct file *f, *next;

	if (!s)
		return;
	HASH_ITER(hh, s->files, f, next) {
		HASH_DEL(s->files, f);
		file_close(s, f);
		module_free(f->module);
		free(f);
	}
	while (s->jits)
		jit_drop(s, s->jits->pid);
	free(s);
}
