/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memfd-exec, deleted-exec, tmp-exec: code from places where no package installs it. A JIT may map
 * a memfd of its own; a program or a library in a memfd leaves no file to be looked at. Each rule
 * makes one finding for a process.
 */
#include "detect/detectors.h"

#include <string.h>

enum { MEMFD_EXEC, DELETED_EXEC, TMP_EXEC };
static const struct rule rules[] = {
	[MEMFD_EXEC] = { .id = "memfd-exec", .technique = "T1620" },
	[DELETED_EXEC] = { .id = "deleted-exec", .technique = "T1620" },
	[TMP_EXEC] = { .id = "tmp-exec" },
	{ 0 },
};

static const struct {
	const char *dir;
	enum severity severity;
} writable_dirs[] = {
	{ "/dev/shm/", SEVERITY_MEDIUM },
	{ "/tmp/", SEVERITY_LOW },
	{ "/var/tmp/", SEVERITY_LOW },
	{ "/run/user/", SEVERITY_LOW },
};

/* True if the kernel or the loader mapped the code, as a program or as a library. */
static bool is_module(const struct view *v)
{
	return v->ev->type == EVENT_EXEC || loading_is_loader(&v->past->loading, v->ch->caller.obj);
}

static const struct rule *rule_of(const struct view *v, enum severity *ret_severity)
{
	const struct object *obj = v->ch->after.obj;
	size_t i;

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
	for (i = 0; i < sizeof(writable_dirs) / sizeof(*writable_dirs); i++) {
		if (strncmp(obj->name, writable_dirs[i].dir, strlen(writable_dirs[i].dir)) != 0)
			continue;
		*ret_severity = writable_dirs[i].severity;
		return &rules[TMP_EXEC];
	}
	return NULL;
}

static void change(struct view *v)
{
	enum severity severity;
	const struct rule *rule = v->marks & PAST_X ? NULL : rule_of(v, &severity);
	struct finding *f = rule ? view_raise(v, rule, severity, FOLD_PROCESS) : NULL;

	if (!f)
		return;
	buf_puts(&f->why, v->ev->type == EVENT_EXEC ? "the program is " :
			  is_module(v)		    ? "the library is " :
						      "it runs code of ");
	why_name(&f->why, v->ch->after.obj);
	if (rule == &rules[MEMFD_EXEC])
		buf_puts(&f->why, ", memory without a file");
	else if (rule == &rules[DELETED_EXEC])
		buf_puts(&f->why, ", a file that has no name any more");
	else
		buf_puts(&f->why, ", where anybody may write");
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
