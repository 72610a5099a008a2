/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A finding stands under the lane where it began, with the time since its process began. Findings
 * that began in lanes that are not shown come last.
 */
#include "sink/timeline/timeline_notes.h"

#include <stdlib.h>

#include "sink/finding_line.h"
#include "util/fmt.h"
#include "util/mem.h"

#define INDENT 6

/* ---- kept ---- */

static void note_close(struct timeline *t, struct note *n)
{
	if (n->is_open)
		HASH_DEL(t->open_notes, n);
	n->is_open = false;
}

static void note_free(struct timeline *t, struct note *n)
{
	note_close(t, n);
	buf_done(&n->finding.why);
	free(n);
}

/* The least severe note is dropped. False if none is less severe than severity. */
static bool make_room(struct timeline *t, struct timeline_life *tl, enum severity severity)
{
	struct note **at, **least = NULL, *n;

	for (at = &tl->notes; *at; at = &(*at)->next)
		if (!least || (*at)->finding.severity < (*least)->finding.severity)
			least = at;
	n = *least;
	if (n->finding.severity >= severity)
		return false;
	*least = n->next;
	tl->nr_no_room += n->finding.severity >= t->cfg.min_severity;
	note_free(t, n);
	return true;
}

static struct note *note_add(struct timeline *t, struct timeline_life *tl, const struct finding *f)
{
	struct note **tail, *n;
	size_t nr = 0;

	for (n = tl->notes; n; n = n->next)
		nr++;
	if (nr >= NOTES_MAX && !make_room(t, tl, f->severity)) {
		tl->nr_no_room += f->state == FINDING_NEW && f->severity >= t->cfg.min_severity;
		return NULL;
	}
	/* A finding that got worse and has no note was among those without room. */
	tl->nr_no_room -= f->state == FINDING_WORSE && tl->nr_no_room;
	for (tail = &tl->notes; *tail; tail = &(*tail)->next)
		;
	n = *tail = mem_alloc(sizeof(*n));
	n->finding.id = f->id;
	n->is_open = true;
	HASH_ADD(hh, t->open_notes, finding.id, sizeof(f->id), n);
	return n;
}

void note_take(struct timeline *t, struct timeline_life *tl, const struct finding *f)
{
	struct buf why;
	struct note *n;

	HASH_FIND(hh, t->open_notes, &f->id, sizeof(f->id), n);
	if (!n && tl && f->state != FINDING_OVER)
		n = note_add(t, tl, f);
	if (!n)
		return;
	why = n->finding.why;
	n->finding = *f;
	n->finding.why = why;
	n->finding.why.len = 0;
	buf_add(&n->finding.why, f->why.data, f->why.len);
	if (f->state == FINDING_OVER)
		note_close(t, n);
}

void notes_free(struct timeline *t, struct timeline_life *tl)
{
	struct note *n, *next;

	for (n = tl->notes; n; n = next) {
		next = n->next;
		note_free(t, n);
	}
	tl->notes = NULL;
}

/* ---- shown ---- */

void notes_choose(struct note_list *list, const struct timeline_config *cfg,
		  const struct timeline_life *tl)
{
	size_t max = cfg->all ? NOTES_MAX : NOTES_SHOWN, nr = 0, i;
	bool chosen[NOTES_MAX] = { false };
	const struct note *n;
	int severity;

	*list = (struct note_list){ .nr_no_room = tl->nr_no_room };
	for (severity = NR_SEVERITIES - 1; severity >= (int)cfg->min_severity; severity--) {
		for (n = tl->notes, i = 0; n; n = n->next, i++) {
			if ((int)n->finding.severity != severity)
				continue;
			chosen[i] = nr < max;
			list->nr_hidden += nr++ >= max;
		}
	}
	for (n = tl->notes, i = 0; n; n = n->next, i++)
		if (chosen[i])
			list->v[list->nr++] = n;
}

static void print_note(const struct timeline_layout *l, int width, const struct note *n,
		       bool with_place)
{
	static const char *const colors[NR_SEVERITIES] = { NULL, NULL, "33", "1;31" };
	const struct finding *f = &n->finding;
	struct buf text = { 0 };

	buf_putc(&text, '+');
	fmt_duration(&text, f->first_ns > l->t0_ns ? f->first_ns - l->t0_ns : 0);
	buf_putc(&text, ' ');
	if (with_place) {
		buf_hex(&text, f->changes[0].start);
		buf_putc(&text, ' ');
	}
	finding_text_put(&text, f);
	buf_fill(l->out, ' ', INDENT);
	if (colors[f->severity])
		paint_begin(l, colors[f->severity]);
	text_wrap(l->out, text.data, text.len, INDENT, width);
	if (colors[f->severity])
		paint_end(l);
	buf_putc(l->out, '\n');
	buf_done(&text);
}

/* True if the first change of f was in row: later ones may have been in many lanes. */
static bool is_in(const struct finding *f, const struct row *row)
{
	uint64_t at = f->changes[0].start;

	return row->lane->start <= at && at < row->end && row->space->start_ns <= f->first_ns &&
	       f->first_ns <= row->space->end_ns;
}

void notes_print(struct note_list *list, const struct timeline_layout *l, int width,
		 const struct row *row)
{
	size_t i, nr = 0;

	for (i = 0; i < list->nr; i++) {
		if (is_in(&list->v[i]->finding, row))
			print_note(l, width, list->v[i], false);
		else
			list->v[nr++] = list->v[i];
	}
	list->nr = nr;
}

static void print_count(const struct timeline_layout *l, uint64_t nr, const char *why)
{
	if (!nr)
		return;
	buf_fill(l->out, ' ', INDENT);
	buf_puts(l->out, "... and ");
	fmt_count(l->out, nr, "more finding");
	buf_puts(l->out, why);
}

void notes_print_rest(struct note_list *list, const struct timeline_layout *l, int width)
{
	size_t i;

	for (i = 0; i < list->nr; i++)
		print_note(l, width, list->v[i], true);
	list->nr = 0;
	print_count(l, list->nr_hidden, " (--all shows them)\n");
	print_count(l, list->nr_no_room, " that found no room\n");
}
