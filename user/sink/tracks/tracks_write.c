/* SPDX-License-Identifier: BSD-2-Clause */
/* Tracks and their events in words. All text from outside is escaped here. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/stale.h"
#include "core/words.h"
#include "sink/tracks/tracks_private.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

/* Cap for all living address spaces together: some 30 MB. */
#define MAX_REGIONS (1u << 18)

static void notes_done(struct track_notes *n)
{
	while (n->nr)
		buf_done(&n->text[--n->nr]);
}

/* A new note's text, to be filled. */
static struct buf *note(struct track_notes *n, const char *key)
{
	n->key[n->nr] = key;
	n->text[n->nr] = (struct buf){ 0 };
	return &n->text[n->nr++];
}

/* ---- tracks, written when they are needed ---- */

void tracks_write_begin(struct tracks *t)
{
	struct track all = { .name = "mprotwatch" };

	if (t->begun)
		return;
	t->begun = true;
	t->w->begin(t->cfg.out, t->cfg.run);
	all.uuid = t->main_uuid = ++t->last_uuid;
	t->w->group(t->cfg.out, &all);
}

/* The process's name: now, or its last. */
static const char *life_comm(const struct tracks_life *tl)
{
	return tl->life->proc ? tl->life->proc->comm : tl->life->comm;
}

static uint64_t life_uuid(struct tracks *t, struct tracks_life *tl)
{
	struct track track = { .pid = tl->life->pid, .start_ns = tl->life->id_ns };
	struct buf name = { 0 };

	if (tl->uuid)
		return tl->uuid;
	tl->uuid = track.uuid = ++t->last_uuid;
	escape_text(&name, life_comm(tl), strlen(life_comm(tl)));
	track.name = buf_str(&name);
	t->w->process(t->cfg.out, &track);
	buf_done(&name);
	return tl->uuid;
}

static uint64_t space_uuid(struct tracks *t, struct tracks_space *s)
{
	struct track track = { .pid = s->owner->life->pid };
	struct buf name = { 0 };

	if (s->uuid)
		return s->uuid;
	track.parent = life_uuid(t, s->owner);
	s->uuid = track.uuid = ++t->last_uuid;
	buf_puts(&name, "memory of ");
	if (s->exe)
		word_program(&name, s->exe, 0);
	else
		escape_text(&name, life_comm(s->owner), strlen(life_comm(s->owner)));
	track.name = buf_str(&name);
	t->w->group(t->cfg.out, &track);
	buf_done(&name);
	return s->uuid;
}

static struct region *region_find(const struct tracks_space *s, uint64_t start)
{
	struct region *r;

	HASH_FIND(hh, s->regions, &start, sizeof(start), r);
	return r;
}

/* A region's name begins with its address, so that names sort as addresses do. */
static struct region *region_new(struct tracks *t, struct tracks_space *s, const struct piece *p)
{
	struct track track = { .pid = s->owner->life->pid, .parent = space_uuid(t, s) };
	struct region *r = mem_alloc(sizeof(*r));
	struct buf name = { 0 };

	r->start = p->start;
	r->uuid = track.uuid = ++t->last_uuid;
	HASH_ADD(hh, s->regions, start, sizeof(r->start), r);
	t->nr_regions++;
	buf_printf(&name, "%012llx ", (unsigned long long)p->start);
	if (p->attr.obj)
		word_mapping(&name, p->attr.obj, 0);
	track.name = buf_str(&name);
	t->w->region(t->cfg.out, &track);
	buf_done(&name);
	return r;
}

/* ---- slices ---- */

static void put_state(struct buf *b, const struct attr *a)
{
	if (attr_is_unknown(a)) {
		buf_puts(b, "unknown");
		return;
	}
	word_prot(b, a);
	if (a->flags & VMA_SHARED)
		buf_puts(b, " shared");
}

static void put_range(struct buf *b, uint64_t start, uint64_t end)
{
	buf_hex(b, start);
	buf_putc(b, '-');
	buf_hex(b, end);
}

static void write_state_slice(struct tracks *t, const struct track *track, const struct piece *p,
			      uint64_t end_ns)
{
	struct track_notes n = { .nr = 0 };
	struct buf name = { 0 };
	struct track_event e = { .track = track,
				 .ts_ns = p->since_ns,
				 .end_ns = end_ns,
				 .category = "protection",
				 .notes = &n };

	put_state(&name, &p->attr);
	e.name = buf_str(&name);
	put_range(note(&n, "range"), p->start, p->end);
	if (!attr_is_unknown(&p->attr))
		fmt_size(note(&n, "size"), p->end - p->start);
	if (p->attr.obj)
		word_mapping(note(&n, "mapping"), p->attr.obj, 0);
	buf_puts(note(&n, "by"), p->what);
	if (p->by_call) {
		buf_dec(note(&n, "thread"), p->tid);
		word_caller(note(&n, "caller"), &p->caller, 0);
	}
	t->w->slice(t->cfg.out, &e);
	notes_done(&n);
	buf_done(&name);
}

/* A region that no call ever touched is not worth a track. */
void tracks_write_slice(void *ctx, const struct piece *p, uint64_t ts_ns)
{
	struct over *o = ctx;
	struct tracks *t = o->t;
	struct region *r = region_find(o->space, p->start);
	struct track track = { .pid = o->space->owner->life->pid };

	if (!r && !p->by_call && !o->by_call && !t->cfg.all)
		return;
	if (ts_ns == p->since_ns) /* one event made several changes of it */
		return;
	if (!r && t->nr_regions >= MAX_REGIONS) {
		t->nr_dropped++;
		return;
	}
	if (!r)
		r = region_new(t, o->space, p);
	track.uuid = r->uuid;
	write_state_slice(t, &track, p, ts_ns);
}

/* ---- sizes ---- */

static void size_track(struct tracks *t, struct tracks_life *tl, int size, struct track *ret)
{
	static const char *const names[] = { "heap", "mapped", "writable and executable" };

	*ret = (struct track){ .uuid = tl->size_uuid[size],
			       .pid = tl->life->pid,
			       .parent = life_uuid(t, tl),
			       .name = names[size] };
	if (ret->uuid)
		return;
	ret->uuid = tl->size_uuid[size] = ++t->last_uuid;
	t->w->size(t->cfg.out, ret);
}

void tracks_write_sizes(struct tracks *t, struct tracks_space *s)
{
	const uint64_t now[] = { s->pieces.heap_bytes, s->pieces.mapped_bytes, s->pieces.wx_bytes };
	struct track track;
	int i;

	for (i = 0; i < NR_TRACK_SIZES; i++) {
		if (s->has_sizes && now[i] == s->sizes[i])
			continue;
		s->sizes[i] = now[i];
		size_track(t, s->owner, i, &track);
		t->w->value(t->cfg.out, &track, s->last_ns, now[i]);
	}
	s->has_sizes = true;
}

/* ---- moments ---- */

/* tl NULL: of the whole trace. */
static void write_moment(struct tracks *t, struct tracks_life *tl, uint64_t ts_ns,
			 const char *category, const char *name, struct track_notes *n)
{
	struct track track = { .pid = tl ? tl->life->pid : 0,
			       .uuid = tl ? life_uuid(t, tl) : t->main_uuid };
	struct track_event e = { .track = &track,
				 .ts_ns = ts_ns,
				 .category = category,
				 .name = name,
				 .notes = n };

	t->w->moment(t->cfg.out, &e);
	notes_done(n);
}

void tracks_write_loss(struct tracks *t, struct tracks_life *tl, const struct event *ev)
{
	struct track_notes n = { .nr = 0 };

	buf_dec(note(&n, ev->given_up ? "mappings" : "records"),
		ev->given_up ? ev->given_up : ev->lost);
	write_moment(t, tl, ev->ts_ns, "loss",
		     ev->given_up ? "its memory is given up" : "events were lost", &n);
}

void tracks_write_exit(struct tracks *t, struct tracks_life *tl, const struct event *ev)
{
	struct track_notes n = { .nr = 0 };

	if (ev->exit_code == EXIT_UNSEEN)
		buf_puts(note(&n, "status"), "not seen");
	else if (WIFSIGNALED(ev->exit_code))
		word_signal(note(&n, "signal"), WTERMSIG(ev->exit_code));
	else
		buf_dec(note(&n, "status"), WEXITSTATUS(ev->exit_code));
	write_moment(t, tl, ev->ts_ns, "process", "exit", &n);
}

void tracks_write_exec(struct tracks *t, struct tracks_life *tl, const struct event *ev,
		       const struct proc *proc)
{
	struct track_notes n = { .nr = 0 };

	if (proc->exe)
		word_program(note(&n, "exe"), proc->exe, 0);
	write_moment(t, tl, ev->ts_ns, "process", "exec", &n);
}

void tracks_write_fault(struct tracks *t, struct tracks_life *tl, const struct event *ev,
			const struct proc *proc)
{
	struct attr at = aspace_at(proc->mm->as, ev->fault.addr);
	struct buf signal = { 0 }, raw = { 0 }, *b;
	struct track_notes n = { .nr = 0 };

	word_fault(&raw, ev);
	b = note(&n, "why");
	escape_text(b, raw.data, raw.len);
	buf_done(&raw);
	if (fault_has_addr(&ev->fault) && attr_is_mapped(&at))
		put_state(note(&n, "state"), &at);
	word_signal(&signal, event_signal(ev));
	write_moment(t, tl, ev->ts_ns, "process", buf_str(&signal), &n);
	buf_done(&signal);
}

void tracks_write_write(struct tracks *t, struct tracks_life *tl, const struct event *ev,
			const struct proc *proc)
{
	struct attr at = stale_written(proc, ev);
	struct track_notes n = { .nr = 0 };
	struct buf raw = { 0 }, *b;

	word_write(&raw, ev, NULL);
	b = note(&n, "by");
	escape_text(b, raw.data, raw.len);
	buf_done(&raw);
	if (ev->write.len)
		put_range(note(&n, "range"), ev->write.addr, ev->write.addr + ev->write.len);
	if (attr_is_mapped(&at))
		put_state(note(&n, "state"), &at);
	write_moment(t, tl, ev->ts_ns, "process", "written to", &n);
}

void tracks_write_finding(struct tracks *t, struct tracks_life *tl, const struct finding *f)
{
	struct track_notes n = { .nr = 0 };

	buf_puts(note(&n, "severity"), severity_name(f->severity));
	buf_add(note(&n, "why"), f->why.data, f->why.len);
	put_range(note(&n, "range"), f->start, f->end);
	if (f->mapping)
		word_mapping(note(&n, "mapping"), f->mapping, 0);
	word_caller(note(&n, "caller"), &f->caller, 0);
	if (f->rule->technique)
		buf_puts(note(&n, "technique"), f->rule->technique);
	write_moment(t, tl, f->last_ns, "finding", f->rule->id, &n);
}

void tracks_write_dropped(struct tracks *t, uint64_t ts_ns)
{
	struct track_notes n = { .nr = 0 };

	if (!t->nr_dropped)
		return;
	buf_dec(note(&n, "slices"), t->nr_dropped);
	write_moment(t, NULL, ts_ns, "loss", "too many regions", &n);
}
