/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that is gone before it is asked about has no place, and is not asked about again. A
 * file is asked for at a few more mappings, if the process was too short-lived to answer; and after
 * a while, if the file was too slow.
 */
#include "cmd/places.h"

#include <errno.h>
#include <stdlib.h>

#include <uthash.h>

#include "core/cast.h"
#include "source/procfacts.h"
#include "source/procmaps.h"
#include "source/reader.h"
#include "util/mem.h"

#define MAX_TRIES     4
#define MAX_AGAIN     64
#define ARGUMENTS_MAX 4096 /* bytes */
#define AGAIN_NS      1000000000ULL

/* A file; as many as the object table has. */
struct file_asked {
	const struct object *obj;
	unsigned int nr_tries;
	UT_hash_handle hh;
};

/* Code that a process mapped. */
struct mapped_code {
	uint32_t pid;
	uint64_t start, end;
	const struct object *obj;
};

struct places {
	struct pipeline *pl;
	struct reader *reader;
	uint64_t last_life; /* numbers rise: lives up to this one were asked about */
	struct file_asked *files;
	uint32_t pids[2]; /* to ask about: the event's process, and its child */
	unsigned int nr_pids;
	struct mapped_code *code; /* mapped in the event at hand */
	size_t nr_code, cap;
	struct mapped_code again[MAX_AGAIN]; /* to be asked for at again_ns, as events have it */
	size_t nr_again;
	uint64_t again_ns;
	struct buf room, words;
};

/* ---- questions ---- */

static void want(struct places *p, const struct proc *proc, bool again)
{
	bool is_new = proc->life->nr > p->last_life;

	if (is_new)
		p->last_life = proc->life->nr;
	if (is_new || again)
		p->pids[p->nr_pids++] = proc->pid;
}

static int places_begin(void *priv, const struct event *ev, const struct proc *proc,
			const struct proc *child)
{
	struct places *p = priv;

	if (ev->type == EVENT_PLACE || ev->type == EVENT_BUILD)
		return 0;
	p->nr_pids = 0;
	p->nr_code = 0;
	if (proc && ev->type != EVENT_EXIT)
		want(p, proc, ev->type == EVENT_EXEC);
	if (child)
		want(p, child, true);
	return 0;
}

static int places_change(void *priv, const struct change *ch)
{
	const struct object *obj = ch->after.obj;
	struct places *p = priv;

	if (!(ch->after.flags & VMA_X) || obj->build_id ||
	    (obj->kind != OBJECT_FILE && obj->kind != OBJECT_MEMFD))
		return 0;
	if (p->nr_code == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 16;
		p->code = mem_grow(p->code, p->cap, sizeof(*p->code));
	}
	p->code[p->nr_code++] =
		(struct mapped_code){ .start = ch->start, .end = ch->end, .obj = obj };
	return 0;
}

/* ---- answers ---- */

static struct event event_of(const struct proc *proc, enum event_type type, uint64_t ts_ns)
{
	struct event ev = { .type = type,
			    .ts_ns = ts_ns,
			    .mm = proc->mm->key,
			    .pid = proc->pid,
			    .tid = proc->pid };

	memcpy(ev.comm, proc->comm, sizeof(ev.comm));
	return ev;
}

static int ask_process(struct places *p, uint32_t pid, const struct event *cause)
{
	const struct proc *proc = pipeline_find(p->pl, pid);
	struct event ev, now = { .pid = pid };

	if (!proc)
		return 0;
	ev = event_of(proc, EVENT_PLACE, cause->ts_ns);
	ev.sibling = cause->sibling;
	procfacts_read(pid, ~FACTS_OF_IDENTITY, &p->room, &ev.facts);
	if (!reader_proc(p->reader, READ_CMDLINE, pid, &p->words) && p->words.len)
		facts_set_word(&ev.facts, MPW_FACT_CMDLINE, p->words.data,
			       p->words.len < ARGUMENTS_MAX ? p->words.len : ARGUMENTS_MAX);
	procmaps_identity(pid, &now); /* after it: whose facts these are */
	if (proc->start_ns && now.start_ns && !same_start(proc->start_ns, now.start_ns))
		return 0;
	return ev.facts.has ? pipeline_feed(p->pl, &ev) : 0;
}

/* True if the file may be asked for once more. */
static bool take_try(struct places *p, const struct object *obj)
{
	struct file_asked *f;

	HASH_FIND_PTR(p->files, &obj, f);
	if (!f) {
		f = mem_alloc(sizeof(*f));
		f->obj = obj;
		HASH_ADD_PTR(p->files, obj, f);
	}
	return f->nr_tries++ < MAX_TRIES;
}

static void ask_again(struct places *p, const struct mapped_code *code, const struct event *cause)
{
	if (p->nr_again == MAX_AGAIN)
		return;
	if (!p->nr_again)
		p->again_ns = cause->ts_ns + AGAIN_NS;
	p->again[p->nr_again++] = *code;
}

static int ask_file(struct places *p, const struct mapped_code *code, const struct event *cause)
{
	const struct proc *proc = pipeline_find(p->pl, code->pid);
	struct reader_file from = { .pid = code->pid,
				    .start = code->start,
				    .end = code->end,
				    .obj = code->obj };
	struct event ev;

	if (!proc || code->obj->build_id || !take_try(p, code->obj))
		return 0;
	p->room.len = 0;
	from.uid = facts_number(&proc->facts, MPW_FACT_UID);
	if (reader_build_id(p->reader, &from, &p->room) == -EAGAIN)
		ask_again(p, code, cause);
	if (!p->room.len || p->room.len > BUILD_ID_MAX)
		return 0;
	ev = event_of(proc, EVENT_BUILD, cause->ts_ns);
	ev.sibling = code->pid == cause->pid && cause->sibling;
	ev.build.file = code->obj;
	memcpy(ev.build.id, p->room.data, p->room.len);
	return pipeline_feed(p->pl, &ev);
}

/* Asks once more for the files that did not answer in time. */
static int retry_files(struct places *p, const struct event *cause)
{
	struct mapped_code code[MAX_AGAIN];
	size_t nr = p->nr_again, i;
	int err = 0;

	memcpy(code, p->again, nr * sizeof(*code));
	p->nr_again = 0;
	for (i = 0; i < nr && !err; i++)
		err = ask_file(p, &code[i], cause);
	return err;
}

int places_ask(struct places *p, const struct event *ev)
{
	unsigned int i;
	size_t n;
	int err = 0;

	for (i = 0; i < p->nr_pids && !err; i++)
		err = ask_process(p, p->pids[i], ev);
	for (n = 0; n < p->nr_code && !err; n++) {
		p->code[n].pid = ev->pid;
		err = ask_file(p, &p->code[n], ev);
	}
	p->nr_pids = 0;
	p->nr_code = 0;
	if (!err && p->nr_again && ev->ts_ns >= p->again_ns)
		err = retry_files(p, ev);
	return err;
}

static void places_free(void *priv)
{
	struct places *p = priv;
	struct file_asked *f, *next_f;

	HASH_ITER(hh, p->files, f, next_f) {
		HASH_DEL(p->files, f);
		free(f);
	}
	free(p->code);
	buf_done(&p->room);
	buf_done(&p->words);
	free(p);
}

static void places_forget(void *priv)
{
	struct places *p = priv;
	struct file_asked *f, *next;
	size_t i, nr = 0;

	for (i = 0; i < p->nr_again; i++)
		if (p->again[i].obj->held)
			p->again[nr++] = p->again[i];
	p->nr_again = nr;
	HASH_ITER(hh, p->files, f, next) {
		if (f->obj->held)
			continue;
		HASH_DEL(p->files, f);
		free(f);
	}
}

static const struct sink_ops places_ops = {
	.name = "places",
	.begin_event = places_begin,
	.change = places_change,
	.forget = places_forget,
	.free = places_free,
};

struct places *places_new(struct pipeline *pl, struct reader *r)
{
	struct places *p = mem_alloc(sizeof(*p));

	p->pl = pl;
	p->reader = r;
	pipeline_add_sink(pl, (struct sink){ .ops = &places_ops, .priv = p });
	return p;
}
