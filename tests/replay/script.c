/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what script.h describes. */
#include "replay/script.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "source/procmaps.h"
#include "util/fmt.h"
#include "wire.h"

struct script {
	const char *path;
	unsigned int line;
	char *save; /* strtok_r()'s */
	struct event ev;
	bool has_ev, in_range;
	uint32_t mnt_ns, marks; /* of the event's files */
	uint64_t start_ns;	/* when time 0 is */
	struct seen_list seen;
	char words[MPW_NR_FACTS][256];
	struct object_table *objects;
	struct frame frame; /* of the event's stack */
	struct stack stack;
};

static void wrong(const struct script *s, const char *why, const char *word)
{
	fail_msg("%s:%u: %s: %s", s->path, s->line, why, word ? word : "(end of line)");
}

static const char *next_word(struct script *s)
{
	return strtok_r(NULL, " \t\n", &s->save);
}

static const char *need_word(struct script *s)
{
	const char *word = next_word(s);

	if (!word)
		wrong(s, "a word is missing", NULL);
	return word;
}

/* -ENAME, r-x, or a number. */
static uint64_t value_of(const struct script *s, const char *word)
{
	char scratch[16], *end;
	uint64_t v;
	int err;

	if (strlen(word) == 3 && strspn(word, "rwx-") == 3)
		return (word[0] == 'r') | (word[1] == 'w') << 1 | (word[2] == 'x') << 2;
	if (word[0] == '-' && word[1] == 'E') {
		for (err = 1; err < 200; err++)
			if (!strcmp(fmt_errno(err, scratch), word + 1))
				return -(int64_t)err;
	}
	v = strtoull(word, &end, 0);
	if (*end || end == word)
		wrong(s, "not a number", word);
	return v;
}

static uint64_t need_value(struct script *s)
{
	return value_of(s, need_word(s));
}

static uint64_t need_ms(struct script *s, const char *word)
{
	char *end;
	double ms = strtod(word, &end);

	if (*end)
		wrong(s, "not a time", word);
	return ms * 1e6;
}

static void put_comm(char comm[17], const char *word)
{
	size_t n = 0;
	unsigned int c;

	for (; *word && n < 16; n++) {
		if (sscanf(word, "\\x%2x", &c) == 1) {
			comm[n] = c;
			word += 4;
		} else {
			comm[n] = *word++;
		}
	}
}

/* NAME=VALUE; words of a list are ended by commas. */
static void put_fact(struct script *s, const char *word)
{
	size_t len = strcspn(word, "="), n;
	int id = fact_find(word, len);
	char *copy;

	if (id < 0)
		wrong(s, "no such fact", word);
	word += len + 1;
	if (fact_type(id) == FACT_NUMBER) {
		facts_set(&s->ev.facts, id, value_of(s, word));
		return;
	}
	n = strlen(word);
	copy = strcpy(s->words[id], word);
	if (fact_type(id) == FACT_WORDS)
		for (; *copy; copy++)
			*copy = *copy == ',' ? '\0' : *copy;
	facts_set_word(&s->ev.facts, id, s->words[id], n);
}

/* The function behind the library's, as the one frame of a stack. */
static void put_stack(struct script *s)
{
	s->frame = (struct frame){ .addr = s->ev.call.link,
				   .symbol = object_symbol(s->objects, need_word(s)),
				   .symbol_off = need_value(s),
				   .lasts = true };
	s->stack = (struct stack){ &s->frame, 1 };
	s->ev.stack = &s->stack;
}

/* A word that any event may have. */
static void put_word(struct script *s, const char *word)
{
	struct event *ev = &s->ev;

	if (!strcmp(word, "busy")) {
		ev->range_unread = true;
	} else if (!strcmp(word, "racy")) {
		ev->racy = true;
	} else if (!strcmp(word, "until")) {
		ev->lost_until_ns = s->start_ns + need_ms(s, need_word(s));
	} else if (!strcmp(word, "check")) {
		ev->check = true;
	} else if (!strcmp(word, "rie")) {
		ev->call.read_implies_exec = true;
	} else if (!strcmp(word, "unproven")) {
		ev->call.unproven = true;
	} else if (!strcmp(word, "uring")) {
		ev->uring = true;
	} else if (!strcmp(word, "compat")) {
		ev->call.compat = true;
	} else if (!strcmp(word, "maps")) {
		ev->from_maps = true;
	} else if (!strcmp(word, "sibling")) {
		ev->sibling = true;
	} else if (!strcmp(word, "tid")) {
		ev->tid = need_value(s);
	} else if (!strcmp(word, "marks")) {
		s->marks = need_value(s);
	} else if (!strcmp(word, "mnt")) {
		s->mnt_ns = need_value(s);
	} else if (!strcmp(word, "mm")) {
		ev->mm = need_value(s);
	} else if (!strcmp(word, "uid")) {
		facts_set(&ev->facts, MPW_FACT_UID, need_value(s));
	} else if (!strcmp(word, "nspid")) {
		facts_set(&ev->facts, MPW_FACT_NS_PID, need_value(s));
	} else if (!strcmp(word, "ppid")) {
		ev->ppid = need_value(s);
	} else if (!strcmp(word, "started")) {
		ev->start_ns = need_ms(s, need_word(s));
	} else if (!strcmp(word, "heap")) {
		ev->start_brk = need_value(s);
	} else if (!strcmp(word, "at")) {
		ev->call.ip = need_value(s);
		ev->call.link = need_value(s);
	} else if (!strcmp(word, "named")) {
		put_stack(s);
	} else if (!strcmp(word, "tracer")) {
		ev->call.tracer_pid = need_value(s);
		strncpy(ev->call.tracer_comm, need_word(s), sizeof(ev->call.tracer_comm) - 1);
	} else if (strchr(word, '=')) {
		put_fact(s, word);
	} else if (!strcmp(word, "in")) {
		s->in_range = ev->has_range = true;
		word = need_word(s);
		if (sscanf(word, "%" SCNx64 "-%" SCNx64, &ev->lo, &ev->hi) != 2)
			wrong(s, "not a range", word);
	} else {
		wrong(s, "not a word for an event", word);
	}
}

static void put_call(struct script *s, int id)
{
	struct event_call *c = &s->ev.call;
	unsigned int i;

	c->id = id;
	for (i = 0; i < call_nr_args(id); i++)
		c->arg[i] = need_value(s);
	if (strcmp(need_word(s), "="))
		wrong(s, "\"=\" is missing after the arguments of", call_name(id));
	c->ret = need_value(s);
}

static void put_fault(struct script *s, struct event_fault *f)
{
	static const char *const access[] = { "any", "read", "write", "exec" };
	const char *word = need_word(s);

	while (strcmp(word, access[f->access]))
		if (++f->access == sizeof(access) / sizeof(*access))
			wrong(s, "not an access", word);
	f->addr = need_value(s);
	f->ip = need_value(s);
	f->code = need_value(s);
}

static void put_write(struct script *s, struct event_write *w)
{
	static const char *const how[] = { "vm", "ptrace", "mem", "open" };
	const char *word = need_word(s);

	while (strcmp(word, how[w->how]))
		if (++w->how == MPW_NR_WRITE_HOW)
			wrong(s, "not a way to write", word);
	w->addr = need_value(s);
	w->len = need_value(s);
	w->ret = need_value(s);
	w->pid = need_value(s);
	w->tid = need_value(s);
	w->uid = need_value(s);
	put_comm(w->comm, need_word(s));
}

/* True for a word of enum mpw_write_flags. */
static bool put_write_flag(struct event_write *w, const char *word)
{
	static const char *const flags[] = { "outward",	  "unproven", "by-tracer",
					     "by-parent", "foreign",  "rest" };
	unsigned int i;

	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (strcmp(word, flags[i]))
			continue;
		w->flags |= 1U << i;
		return true;
	}
	return false;
}

static void put_name(struct script *s, const char *name)
{
	struct event *ev = &s->ev;
	int id = call_find(name);

	if (id >= 0) {
		ev->type = EVENT_CALL;
		put_call(s, id);
	} else if (!strcmp(name, "range")) {
		ev->type = EVENT_RANGE;
	} else if (!strcmp(name, "who")) {
		ev->type = EVENT_PLACE;
	} else if (!strcmp(name, "exec")) {
		ev->type = EVENT_EXEC;
	} else if (!strcmp(name, "fork")) {
		ev->type = EVENT_FORK;
		ev->child.pid = need_value(s);
		ev->child.mm = ev->child.pid;
	} else if (!strcmp(name, "exit")) {
		ev->type = EVENT_EXIT;
		ev->exit_code = need_value(s);
	} else if (!strcmp(name, "fault")) {
		ev->type = EVENT_FAULT;
		put_fault(s, &ev->fault);
	} else if (!strcmp(name, "write")) {
		ev->type = EVENT_WRITE;
		put_write(s, &ev->write);
	} else if (!strcmp(name, "lost")) {
		ev->type = EVENT_LOSS;
		ev->lost = need_value(s);
		ev->lost_until_ns = ev->ts_ns;
	} else {
		wrong(s, "no such event", name);
	}
}

static void read_event(struct script *s, char *line, uint64_t start_ns)
{
	struct event *ev = &s->ev;
	const char *word = strtok_r(line, " \t\n", &s->save);

	memset(ev, 0, sizeof(*ev));
	s->has_ev = true;
	s->in_range = false;
	s->mnt_ns = s->marks = 0;
	s->seen.nr = 0;
	s->start_ns = start_ns;
	ev->ts_ns = start_ns + need_ms(s, word);
	ev->pid = ev->tid = ev->mm = need_value(s);
	put_comm(s->ev.comm, need_word(s));
	put_name(s, need_word(s));
	while ((word = next_word(s))) {
		if (ev->type == EVENT_FORK && !strcmp(word, "shared"))
			ev->child.mm = ev->mm;
		else if (ev->type == EVENT_FAULT && !strcmp(word, "handled"))
			ev->fault.handled = true;
		else if (ev->type != EVENT_WRITE || !put_write_flag(&ev->write, word))
			put_word(s, word);
	}
}

static void read_mapping(struct script *s, struct object_table *objects, const char *line)
{
	struct vma_seen v = { 0 };
	struct object key;
	bool is_exe;

	line += strspn(line, " \t");
	is_exe = !strncmp(line, "exe ", 4);
	line += is_exe ? 4 : 0;
	if (!s->has_ev || procmaps_parse_line(objects, s->mnt_ns, line, strcspn(line, "\n"), &v))
		wrong(s, "not a mapping", line);
	key = *v.attr.obj;
	key.marks = s->marks;
	v.attr.obj = object_intern(objects, &key);
	if (is_exe)
		s->ev.exe = v.attr.obj;
	else
		seen_list_add(&s->seen, &v);
}

/* The event is whole: its mappings have been read. */
static void finish_event(struct script *s, int (*fn)(void *ctx, const struct event *ev), void *ctx)
{
	struct event *ev = &s->ev;

	if (!s->has_ev)
		return;
	s->has_ev = false;
	if (s->seen.nr && ev->type == EVENT_CALL && !s->in_range) {
		ev->call.file = s->seen.v[0].attr.obj;
	} else if (s->seen.nr && !s->in_range) {
		ev->has_range = true;
		ev->hi = MPW_TASK_MAX;
	}
	if (ev->range_unread)
		ev->has_range = false;
	ev->seen = s->seen.v;
	ev->nr_seen = s->seen.nr;
	assert_int_equal(fn(ctx, ev), 0);
}

void script_set_pages(const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	uint64_t bytes;
	size_t cap = 0;

	if (!f)
		fail_msg("cannot open %s", path);
	page_bytes = PAGE_BYTES_MIN;
	while (getline(&line, &cap, f) > 0)
		if (sscanf(line, "pages %" SCNu64, &bytes) == 1)
			page_bytes = bytes;
	assert_true(page_bytes_can_be(page_bytes));
	free(line);
	fclose(f);
}

uint64_t script_play(const char *path, uint64_t start_ns, struct object_table *objects,
		     int (*fn)(void *ctx, const struct event *ev), void *ctx)
{
	struct script s = { .path = path, .objects = objects };
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;

	if (!f)
		fail_msg("cannot open %s", path);
	script_set_pages(path);
	while (getline(&line, &cap, f) > 0) {
		s.line++;
		if (line[0] == '#' || line[0] == '\n' || !strncmp(line, "pages ", 6))
			continue;
		if (line[0] == ' ' || line[0] == '\t') {
			read_mapping(&s, objects, line);
			continue;
		}
		finish_event(&s, fn, ctx);
		read_event(&s, line, start_ns);
	}
	finish_event(&s, fn, ctx);
	free(line);
	fclose(f);
	seen_list_done(&s.seen);
	return s.ev.ts_ns;
}
