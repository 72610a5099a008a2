/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes, failed calls, processes and findings as rows that people query. Threads, states of a
 * range and places in code repeat: each is written once, and named by number (record_things.h).
 */
#include <stdlib.h>
#include <string.h>

#include "core/cast.h"
#include "core/effect.h"
#include "core/refusal.h"
#include "core/stale.h"
#include "core/words.h"
#include "sink/record/record_private.h"
#include "sink/record/record_things.h"
#include "util/mem.h"

#define MAX_THINGS (1u << 18) /* of each sort */

struct record_rows {
	struct record_db *db;
	uint64_t start_ns;
	struct record_objects *objects;
	struct record_stacks *stacks;
	struct things states, sites, threads;
	uint64_t last_life;    /* numbers of lives rise: lives above this one are not written yet */
	uint32_t thread, site; /* of the event at hand; site 0: not written yet */
};

void record_rows_forget(struct record_rows *r)
{
	record_objects_forget(r->objects);
}

uint32_t record_rows_object(struct record_rows *r, const struct object *obj)
{
	return record_objects_number(r->objects, obj);
}

bool record_rows_build_is_new(struct record_rows *r, const struct object *obj)
{
	return record_objects_build_is_new(r->objects, obj);
}

uint32_t record_rows_stack(struct record_rows *r, const struct stack *stack)
{
	return record_stacks_number(r->stacks, stack);
}

/* The object's number as record_db_row() takes it. */
static uint64_t object_number(const struct record_rows *r, const struct object *obj)
{
	return record_objects_number(r->objects, obj);
}

static void state_text(const struct attr *a, char text[16])
{
	if (attr_is_unknown(a) || !attr_is_mapped(a)) {
		strcpy(text, attr_is_unknown(a) ? "unknown" : "unmapped");
		return;
	}
	text[0] = a->flags & VMA_R ? 'r' : '-';
	text[1] = a->flags & VMA_W ? 'w' : '-';
	text[2] = a->flags & VMA_X ? 'x' : '-';
	text[3] = a->flags & VMA_SHARED ? 's' : 'p';
	text[4] = '\0';
}

static uint32_t state_number(struct record_rows *r, const struct attr *a)
{
	const uint64_t key[] = { (uintptr_t)a->obj, a->flags, a->pkey };
	char text[16];
	struct thing *t;
	bool new;

	t = things_find(&r->states, key, sizeof(key), &new);
	if (new) {
		state_text(a, text);
		record_db_row(r->db, STMT_STATE, "isiiI", (uint64_t)t->number, text,
			      (uint64_t)a->flags, (uint64_t)a->pkey, object_number(r, a->obj));
	}
	return t->number;
}

/* A site is a call, the code that made it, and its stack. */
static uint32_t site_number(struct record_rows *r, const struct event *ev,
			    const struct caller *caller)
{
	uint64_t call = ev->type == EVENT_CALL ? (uint64_t)ev->call.id :
						 RECORD_EVENT_CALL + (uint64_t)ev->type;
	uint64_t stack = ev->stack ? record_stacks_number(r->stacks, ev->stack) : 0;
	const uint64_t key[] = { call, caller->addr, (uintptr_t)caller->obj, caller->off, stack };
	struct thing *t;
	bool new;

	t = things_find(&r->sites, key, sizeof(key), &new);
	if (new)
		record_db_row(r->db, STMT_SITE, "iiiIiI", (uint64_t)t->number, call, caller->addr,
			      object_number(r, caller->obj), caller->off, stack);
	return t->number;
}

/* ---- processes ---- */

static uint64_t time_of(const struct record_rows *r, const struct event *ev)
{
	return ev->ts_ns - r->start_ns;
}

static void update_process(struct record_rows *r, const struct proc *p)
{
	record_db_row(r->db, STMT_PROCESS_UPDATE, "IitIpi", p->start_ns, (uint64_t)p->ppid, p->comm,
		      object_number(r, p->exe), &p->facts, p->life->nr);
}

static void put_process(struct record_rows *r, const struct proc *p, uint64_t ts_ns)
{
	record_db_row(r->db, STMT_PROCESS, "iii", p->life->nr, (uint64_t)p->pid, ts_ns);
	if (p->life->nr > r->last_life)
		r->last_life = p->life->nr;
}

static void note_process(struct record_rows *r, const struct proc *p, uint64_t ts_ns)
{
	if (p->life->nr > r->last_life)
		put_process(r, p, ts_ns);
}

static uint32_t thread_number(struct record_rows *r, const struct event *ev, const struct proc *p)
{
	const char *comm = thread_comm(ev, p);
	uint64_t key[4] = { p->life->nr, ev->tid };
	struct thing *t;
	bool new;

	memcpy(&key[2], comm, 16);
	t = things_find(&r->threads, key, sizeof(key), &new);
	if (new)
		record_db_row(r->db, STMT_THREAD, "iiit", (uint64_t)t->number, p->life->nr,
			      (uint64_t)ev->tid, comm);
	return t->number;
}

static void begin_fork(struct record_rows *r, const struct event *ev, const struct proc *parent,
		       const struct proc *child)
{
	note_process(r, child, ev->ts_ns);
	update_process(r, child);
	record_db_row(r->db, STMT_LIFE, "iisIIIe", time_of(r, ev), parent->life->nr, "fork",
		      child->life->nr, 0ULL, 0ULL, &ev->facts);
}

void record_rows_begin(struct record_rows *r, const struct event *ev, const struct proc *proc,
		       const struct proc *child)
{
	if (proc)
		note_process(r, proc, ev->ts_ns);
	r->thread = r->site = 0;
	if (ev->type == EVENT_LOSS && !ev->given_up)
		record_db_row(r->db, STMT_LOSS, "iIi", time_of(r, ev), (uint64_t)ev->pid, ev->lost);
	if (!proc)
		return;
	r->thread = thread_number(r, ev, proc);
	if (ev->type == EVENT_FORK && child)
		begin_fork(r, ev, proc, child);
}

void record_rows_change(struct record_rows *r, const struct change *ch, uint64_t number)
{
	const struct attr *mapped = attr_is_mapped(&ch->after) ? &ch->after : &ch->before;
	bool has_off = mapped->obj && object_has_offsets(mapped->obj);

	if (!r->site)
		r->site = site_number(r, ch->ev, &ch->caller);
	record_db_row(r->db, STMT_CHANGE, has_off ? "iiiiiiiiie" : "iiiiiiiiIe", number,
		      time_of(r, ch->ev), (uint64_t)r->thread, (uint64_t)r->site, ch->start,
		      ch->end - ch->start, (uint64_t)state_number(r, &ch->before),
		      (uint64_t)state_number(r, &ch->after), has_off ? mapped->off : 0,
		      &ch->ev->facts);
}

static void put_failure(struct record_rows *r, const struct event *ev, const struct proc *proc,
			unsigned int nr_changes)
{
	struct caller caller = caller_of(proc->mm, ev);
	const struct attr place = failed_place(&ev->call, proc->mm);
	const uint64_t *a = ev->call.arg;
	struct refusal why = { 0 };
	const struct reason *c = &why.cause[0];
	struct buf text = { 0 };

	if (event_is_failed(ev))
		refusal_find(proc->mm, ev, &why);
	word_refusal(&text, ev, &why);
	record_db_row(r->db, STMT_FAILURE, "iiiIiiiiiiiIsIIIse", time_of(r, ev),
		      (uint64_t)r->thread, (uint64_t)site_number(r, ev, &caller),
		      ret_is_error(ev->call.ret) ? -(uint64_t)ev->call.ret : 0,
		      (uint64_t)nr_changes, a[0], a[1], a[2], a[3], a[4], a[5],
		      attr_is_mapped(&place) ? (uint64_t)state_number(r, &place) : 0,
		      why.nr ? refusal_word(c->id) : NULL, c->allowed, c->used, c->asked,
		      why.nr ? buf_str(&text) : NULL, &ev->facts);
	buf_done(&text);
}

static void put_writing(struct record_rows *r, const struct event *ev, const struct proc *proc)
{
	const struct event_write *w = &ev->write;
	struct attr at = stale_written(proc, ev);
	bool has_off = attr_is_mapped(&at) && object_has_offsets(at.obj);
	uint64_t off = at.off;

	at.off = 0; /* states are numbered without it */
	record_db_row(r->db, STMT_WRITING, has_off ? "iiiiIIiiiiiite" : "iiiiIIiiIiiite",
		      time_of(r, ev), (uint64_t)r->thread, (uint64_t)w->how, (uint64_t)w->flags,
		      ret_is_error(w->ret) ? -(uint64_t)w->ret : 0, w->addr, w->len,
		      (uint64_t)state_number(r, &at), has_off ? off : 0, (uint64_t)w->pid,
		      (uint64_t)w->tid, (uint64_t)w->uid, w->comm, &ev->facts);
}

static void put_fault(struct record_rows *r, const struct event *ev, const struct proc *proc)
{
	const struct caller caller = caller_of_fault(proc->mm, ev);
	const struct event_fault *f = &ev->fault;
	bool has_addr = fault_has_addr(f), has_off;
	struct buf signal = { 0 };
	struct attr at = { 0 };
	uint64_t off;

	if (has_addr)
		at = aspace_at(proc->mm->as, f->addr);
	has_off = attr_is_mapped(&at) && object_has_offsets(at.obj);
	off = at.off;
	at.off = 0; /* states are numbered without it */
	word_signal(&signal, event_signal(ev));
	record_db_row(r->db, STMT_FAULT,
		      !has_addr ? "iiisIiiiiiIe" :
		      has_off	? "iiisiiiiiiie" :
				  "iiisiiiiiiIe",
		      time_of(r, ev), (uint64_t)r->thread, (uint64_t)site_number(r, ev, &caller),
		      buf_str(&signal), has_addr ? f->addr : 0, f->ip, (uint64_t)f->access,
		      (uint64_t)f->code, (uint64_t)f->handled, (uint64_t)state_number(r, &at),
		      has_off ? off : 0, &ev->facts);
	buf_done(&signal);
}

static void put_build(struct record_rows *r, const struct object *file)
{
	record_db_row(r->db, STMT_OBJECT_BUILD, "is", object_number(r, file), file->build_id);
	record_objects_build_is_new(r->objects, file);
}

/* Set for events after which more is known of their process. */
static bool identifies_process(enum event_type type)
{
	return type == EVENT_EXEC || type == EVENT_EXIT || type == EVENT_RANGE ||
	       type == EVENT_PLACE;
}

void record_rows_end(struct record_rows *r, const struct event *ev, const struct proc *proc,
		     unsigned int nr_changes)
{
	if (event_is_vain(ev))
		put_failure(r, ev, proc, nr_changes);
	if (ev->type == EVENT_WRITE)
		put_writing(r, ev, proc);
	if (ev->type == EVENT_FAULT)
		put_fault(r, ev, proc);
	if (ev->type == EVENT_BUILD)
		put_build(r, ev->build.file);
	if (!proc || !identifies_process(ev->type))
		return;
	update_process(r, proc);
	if (ev->type == EVENT_EXEC)
		record_db_row(r->db, STMT_LIFE, "iisIIIe", time_of(r, ev), proc->life->nr, "exec",
			      0ULL, object_number(r, proc->exe), 0ULL, &ev->facts);
	if (ev->type != EVENT_EXIT)
		return;
	record_db_row(r->db, STMT_PROCESS_EXIT, "iii", proc->life->nr, ev->ts_ns,
		      (uint64_t)ev->exit_code);
	record_db_row(r->db, STMT_LIFE, "iisIIie", time_of(r, ev), proc->life->nr, "exit", 0ULL,
		      0ULL, (uint64_t)ev->exit_code, &ev->facts);
}

void record_rows_finding(struct record_rows *r, const struct finding *f, uint64_t nr_before)
{
	struct buf why = { 0 };
	unsigned int i;

	buf_add(&why, f->why.data, f->why.len);
	record_db_row(r->db, STMT_FINDING, "isissIitIiiIiIiiiiii", f->id, f->rule->id,
		      (uint64_t)f->severity, f->rule->technique, buf_str(&why),
		      f->life ? f->life->nr : 0, (uint64_t)f->pid, f->comm,
		      object_number(r, f->exe), f->start, f->end, object_number(r, f->mapping),
		      f->caller.addr, object_number(r, f->caller.obj), f->caller.off, f->first_ns,
		      f->last_ns, f->nr_changes, f->nr_regions,
		      (uint64_t)(f->state == FINDING_OVER));
	for (i = 0; i < f->nr_kept; i++)
		if (f->changes[i].number > nr_before)
			record_db_row(r->db, STMT_EVIDENCE, "ii", f->id,
				      f->changes[i].number - nr_before);
	buf_done(&why);
}

void record_rows_process(struct record_rows *r, const struct proc *p, uint64_t ts_ns)
{
	if (!p->life) /* without an event yet: its first one writes it */
		return;
	put_process(r, p, ts_ns);
	update_process(r, p);
}

struct record_rows *record_rows_new(struct record_db *db, uint64_t start_ns)
{
	struct record_rows *r = mem_alloc(sizeof(*r));

	r->db = db;
	r->start_ns = start_ns;
	r->objects = record_objects_new(db);
	r->stacks = record_stacks_new(db, r->objects);
	r->states.max = r->sites.max = r->threads.max = MAX_THINGS;
	return r;
}

void record_rows_free(struct record_rows *r)
{
	if (!r)
		return;
	record_stacks_free(r->stacks);
	record_objects_free(r->objects);
	things_done(&r->states);
	things_done(&r->sites);
	things_done(&r->threads);
	free(r);
}
