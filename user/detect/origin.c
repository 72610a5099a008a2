/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memfd-exec, deleted-exec, tmp-exec: code from places where no package installs it. A JIT may map
 * a memfd of its own; a program or a library in a memfd leaves no file to be looked at. Each rule
 * makes one finding for a process.
 */
#include "detect/detectors.h"

#include <string.h>

#include "core/object.h"

enum { MEMFD_EXEC, DELETED_EXEC, TMP_EXEC };
static const struct rule rules[] = {
	[MEMFD_EXEC] = { .id = "memfd-exec", .technique = "T1620" },
	[DELETED_EXEC] = { .id = "deleted-exec", .technique = "T1620" },
	[TMP_EXEC] = { .id = "tmp-exec" },
	{ 0 },
};

/* True if the kernel or the loader mapped the code, as a program or as a library. */
static bool is_module(const struct view *v)
{
	return v->ev->type == EVENT_EXEC || loading_is_loader(&v->past->loading, v->ch->caller.obj);
}

static const struct rule *rule_of(const struct view *v, enum severity *ret_severity)
{
	const struct object *obj = v->ch->after.obj;
	const char *dir = object_open_dir(obj);

	*ret_severity = SEVERITY_MEDIUM;
	if (obj->kind == OBJECT_MEMFD) {
		if (!is_module(v) && !view_called_by_stray(v))
			*ret_severity = SEVERITY_LOW;
		return &rules[MEMFD_EXEC];
	}
	if (obj->kind != OBJECT_FILE)
		return NULL;
	if (obj->deleted)
		return &rules[DELETED_EXEC];
	if (!dir && !(obj->marks & (OBJECT_OPEN | OBJECT_CUT)))
		return NULL;
	if (!dir || strcmp(dir, "/dev/shm/") != 0)
		*ret_severity = SEVERITY_LOW;
	return &rules[TMP_EXEC];
}

static void change(struct view *v)
{
	enum severity severity;
	bool again = v->marks & PAST_X && !(v->turns & TURN_MAPS);
	const struct rule *rule = again ? NULL : rule_of(v, &severity);
	const struct object *obj = v->ch->after.obj;
	struct finding *f = rule ? view_raise(v, rule, severity, FOLD_PROCESS) : NULL;

	if (!f)
		return;
	buf_puts(&f->why, v->ev->type == EVENT_EXEC ? "the program is " :
			  is_module(v)		    ? "the library is " :
						      "it runs code of ");
	why_name(&f->why, obj);
	if (rule == &rules[MEMFD_EXEC])
		buf_puts(&f->why, ", memory without a file");
	else if (rule == &rules[DELETED_EXEC])
		buf_puts(&f->why, ", a file that has no name any more");
	else if (object_open_dir(obj) || obj->marks & OBJECT_OPEN)
		buf_puts(&f->why, ", where anybody may write");
	else
		buf_puts(&f->why, ", whose path is too long to be known");
	if (v->ev->type != EVENT_EXEC) {
		buf_puts(&f->why, ", mapped executable");
		why_caller(&f->why, v->ch);
	}
}

const struct detector detector_origin = {
	.name = "origin",
	.rules = rules,
	.turns = TURN_GETS_X,
	.change = change,
};
