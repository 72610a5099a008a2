/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each change that a finding counts becomes conditions that only its like meet: names are quoted as
 * globs. Names that could not be read back, or that nobody should take for usual without a look
 * (control characters, invalid UTF-8), are left out, and counted.
 */
#include "cmd/learn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "cmd/complain.h"
#include "core/words.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

#define LESSONS_MAX  4096
#define LINE_MAX_INI 190 /* bytes; inih cuts lines of 200 */
#define WHERE_COLS   36

struct lesson {
	char *conditions; /* lines of the file */
	const struct rule *rule;
	uint64_t nr_changes;
	UT_hash_handle hh;
};

struct learner {
	struct lesson *lessons;
	struct lesson *last; /* the one of the last change */
	struct buf text;     /* scratch */
	uint64_t nr_left_out;
};

/* A name quoted for inih and fnmatch(3), which takes it literally then. */
static void put_quoted(struct buf *b, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		bool blank = s[i] == ' ' && (i == 0 || i == len - 1);

		if (blank || strchr("*?[;", s[i])) {
			buf_putc(b, '[');
			buf_putc(b, s[i]);
			buf_putc(b, ']');
			continue;
		}
		if (s[i] == '\\')
			buf_putc(b, '\\');
		buf_putc(b, s[i]);
	}
}

/* True if the name reaches a terminal as it is. Backslashes alone do no harm. */
static bool is_plain(const struct buf *name)
{
	struct buf b = { 0 };
	size_t i, nr_slashes = 0;
	bool plain;

	escape_text(&b, name->data, name->len);
	for (i = 0; i < name->len; i++)
		nr_slashes += name->data[i] == '\\';
	plain = b.len == name->len + nr_slashes;
	buf_done(&b);
	return plain;
}

/* A file whose name says nothing, by its inode: "exe = 08:01 131076"; false: that is not known. */
static bool put_inode(struct buf *b, const char *key, const struct object *obj)
{
	buf_printf(b, "%s = %02x:%02x %" PRIu64 "\n", key, dev_major(obj->dev), dev_minor(obj->dev),
		   obj->ino);
	return object_has_offsets(obj) && !obj->inode_unknown && obj->ino;
}

/* "exe = /usr/bin/app"; false: a rules file can't hold the name. */
static bool put_name(struct buf *b, const char *key, const struct object *obj)
{
	struct buf name = { 0 };
	size_t line = b->len;
	bool plain;

	if (obj && obj->marks & OBJECT_CLAIM)
		return false;
	if (obj && (obj->mnt_ns || obj->marks & OBJECT_FOLDED))
		return put_inode(b, key, obj);
	word_object(&name, obj);
	plain = is_plain(&name);
	buf_puts(b, key);
	buf_puts(b, " = ");
	put_quoted(b, name.data, name.len);
	buf_putc(b, '\n');
	buf_done(&name);
	return plain && b->len - line <= LINE_MAX_INI;
}

static bool put_conditions(struct buf *b, const struct rule *rule, const struct change *ch)
{
	bool ok;

	buf_printf(b, "rule = %s\n", rule->id);
	ok = put_name(b, "exe", ch->proc->exe);
	ok = put_name(b, "path", change_object(ch)) && ok;
	ok = put_name(b, "caller", ch->caller.obj) && ok;
	buf_puts(b, "transition = ");
	word_transition(b, ch);
	buf_putc(b, '\n');
	return ok;
}

static struct lesson *lesson_of(struct learner *l, const struct rule *rule)
{
	const char *conditions = buf_str(&l->text);
	struct lesson *lesson = l->last;

	if (lesson && !strcmp(lesson->conditions, conditions))
		return lesson;
	HASH_FIND_STR(l->lessons, conditions, lesson);
	if (lesson || HASH_COUNT(l->lessons) >= LESSONS_MAX)
		return lesson;
	lesson = mem_alloc(sizeof(*lesson));
	lesson->conditions = mem_strdup(conditions);
	lesson->rule = rule;
	HASH_ADD_KEYPTR(hh, l->lessons, lesson->conditions, strlen(lesson->conditions), lesson);
	return lesson;
}

static void met(void *ctx, const struct rule *rule, const struct change *ch)
{
	struct learner *l = ctx;
	struct lesson *lesson = NULL;

	l->text.len = 0;
	if (put_conditions(&l->text, rule, ch))
		lesson = lesson_of(l, rule);
	if (!lesson) {
		l->nr_left_out++;
		return;
	}
	lesson->nr_changes++;
	l->last = lesson;
}

struct learner *learner_new(struct rules *rules)
{
	struct learner *l = mem_alloc(sizeof(*l));

	rules->met = met;
	rules->met_ctx = l;
	return l;
}

void learner_free(struct learner *l)
{
	struct lesson *lesson, *next;

	if (!l)
		return;
	HASH_ITER(hh, l->lessons, lesson, next) {
		HASH_DEL(l->lessons, lesson);
		free(lesson->conditions);
		free(lesson);
	}
	buf_done(&l->text);
	free(l);
}

/* Place and date, without the characters that would begin a comment. */
static void put_occasion(struct buf *b, const char *where, const struct run_info *run)
{
	struct buf time = { 0 };
	size_t i, from = b->len;

	escape_text_cut(b, where, strlen(where), WHERE_COLS);
	for (i = from; i < b->len; i++)
		if (b->data[i] == ';')
			b->data[i] = ',';
	buf_puts(b, ", ");
	fmt_rfc3339(&time, run->start_ns + run->boot_to_wall_ns);
	buf_add(b, time.data, strcspn(buf_str(&time), "T"));
	buf_done(&time);
}

void learner_write(const struct learner *l, struct buf *b, const char *where,
		   const struct run_info *run)
{
	struct buf occasion = { 0 };
	const struct lesson *lesson;
	unsigned int nr = 0;

	put_occasion(&occasion, where, run);
	buf_printf(b, "# What was found in %s, taken for usual: look it through.\n",
		   buf_str(&occasion));
	for (lesson = l->lessons; lesson; lesson = lesson->hh.next) {
		buf_printf(b, "\n[suppress %s %u]\n", lesson->rule->id, ++nr);
		buf_puts(b, lesson->conditions);
		buf_puts(b, "reason = seen ");
		fmt_count(b, lesson->nr_changes, "time");
		buf_printf(b, " in %s\n", buf_str(&occasion));
	}
	buf_done(&occasion);
}

void learner_report(const struct learner *l, bool quiet)
{
	struct buf b = { 0 };

	fmt_count(&b, HASH_COUNT(l->lessons), "suppression");
	if (!quiet)
		complain("learned %s", buf_str(&b));
	b.len = 0;
	fmt_count(&b, l->nr_left_out, "change");
	if (l->nr_left_out)
		complain("%s left out: names that are too long, hold control characters, are "
			 "claimed or of files that are not known, or too many of them",
			 buf_str(&b));
	buf_done(&b);
}
