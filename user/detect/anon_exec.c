/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * anon-exec: memory without a file becomes executable in a process that had none such for long.
 * Programs that make code do so soon after they start, or were forked; those that do so late, for a
 * query or a regular expression, ask a library for it.
 *
 * born-exec: private memory without a file becomes executable, and was never writable: no code can
 * be in it that came there by a right of the mapping.
 */
#include "detect/detectors.h"

#include <string.h>

#include "util/fmt.h"

enum { ANON_EXEC, BORN_EXEC };
static const struct rule rules[] = {
	[ANON_EXEC] = { .id = "anon-exec", .technique = "T1055" },
	[BORN_EXEC] = { .id = "born-exec", .technique = "T1055" },
	{ 0 },
};

/* Libraries that make code for whoever uses them: how the names of their files begin. */
static const char *const makers[] = {
	"libLLVM",   "libffi.",	   "libgccjit.", "libgallium",	      "libjavascriptcore",
	"libluajit", "libmono",	   "libmozjs",	 "liborc-",	      "libpcre",
	"libpypy",   "libQt5Qml.", "libQt6Qml.", "libvk_swiftshader", "libwasmtime",
};

struct anon_exec {
	bool had; /* set once such memory was seen */
};

static bool is_anon(const struct view *v)
{
	enum object_kind kind = v->ch->after.obj->kind;

	return kind != OBJECT_FILE && kind != OBJECT_SPECIAL && !view_is_heap(v) &&
	       !view_is_stack(v);
}

/* The name is on the stack, where the program can put another: files that it may have made count not. */
static bool called_by_maker(const struct view *v)
{
	const struct object *by = v->ch->caller.obj;
	const char *name;
	size_t i;

	if (!by || v->ch->caller.is_copy || by->kind != OBJECT_FILE || by->deleted ||
	    by->marks & (OBJECT_OPEN | OBJECT_CUT | OBJECT_FOLDED))
		return false;
	name = strrchr(by->name, '/');
	for (i = 0; name && i < sizeof(makers) / sizeof(*makers); i++)
		if (!strncmp(name + 1, makers[i], strlen(makers[i])))
			return true;
	return false;
}

static void find_late(struct view *v)
{
	struct anon_exec *state = v->state;
	bool maker = called_by_maker(v);
	uint64_t age;
	struct finding *f;

	if (state->had)
		return;
	state->had = true;
	if (v->turns & TURN_SEEN || v->ev->type != EVENT_CALL || !v->past->begun_ns)
		return;
	age = view_since(v, v->past->begun_ns);
	if (age < v->thresholds->anon_exec_after_ns)
		return;
	f = view_raise(v, &rules[ANON_EXEC], maker ? SEVERITY_INFO : SEVERITY_MEDIUM, FOLD_REGION);
	if (!f)
		return;
	why_range(&f->why, v->ch);
	buf_puts(&f->why, " became executable");
	why_caller(&f->why, v->ch);
	if (maker)
		buf_puts(&f->why, ", by its name a library that makes code");
	buf_puts(&f->why, ", the first memory of no file to do so in the ");
	fmt_duration(&f->why, age);
	buf_puts(&f->why, " since the program started, or was forked");
}

/* True if nobody could have written code there, but past all protections. */
static bool is_born(const struct view *v)
{
	const struct event_call *c = &v->ev->call;
	const struct attr *b = &v->ch->before, *a = &v->ch->after;

	if (v->ev->type != EVENT_CALL || !(v->turns & TURN_GETS_X) ||
	    a->flags & (VMA_W | VMA_SHARED) || a->obj->kind != OBJECT_ANON ||
	    !(call_prot(c) & ABI_PROT_EXEC))
		return false;
	if (v->turns & TURN_MAPS)
		return c->id == MPW_CALL_MMAP && !(v->marks & PAST_TEXT_GONE);
	return view_is_whole(v) && attr_is_mapped(b) && !(b->flags & VMA_W) &&
	       !(v->marks & (PAST_W | PAST_X | PAST_BSS | PAST_TEXT_GONE));
}

static void find_born(struct view *v)
{
	struct finding *f = view_raise(v, &rules[BORN_EXEC], SEVERITY_MEDIUM, FOLD_REGION);

	if (!f)
		return;
	why_range(&f->why, v->ch);
	buf_puts(&f->why, v->turns & TURN_MAPS ? " was mapped executable" : " was made executable");
	why_rights(&f->why, v->ch);
	why_caller(&f->why, v->ch);
	buf_puts(&f->why, ", and was never writable: what is to run there?");
}

static void change(struct view *v)
{
	if (!(v->ch->after.flags & VMA_X) || !is_anon(v))
		return;
	find_late(v);
	if (is_born(v))
		find_born(v);
}

const struct detector detector_anon_exec = {
	.name = "anon-exec",
	.rules = rules,
	.turns = TURN_GETS_X | TURN_SEEN,
	.state_bytes = sizeof(struct anon_exec),
	.change = change,
};
