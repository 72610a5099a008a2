/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line for each change and each event of a process. Columns keep their width in a pipe; on a
 * terminal they are as many and as wide as fit.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/effect.h"
#include "core/refusal.h"
#include "core/stale.h"
#include "core/words.h"
#include "sink/finding_line.h"
#include "sink/lines/lines.h"
#include "sink/lines/line_facts.h"
#include "sink/lines/stack_words.h"
#include "sink/lines/text_note.h"
#include "sink/maps_list.h"
#include "sink/output.h"
#include "sink/when.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

/* Widths of the columns that give way on a narrow terminal; 0: the column is left out. */
struct text_layout {
	int digits; /* of the second's fraction */
	size_t comm, call, mapping, caller, note;
	bool cut; /* set on a terminal: text is cut to its column */
};

struct text {
	struct line_config cfg;
	struct text_layout cols;
	bool header_done; /* set when column names are written */
	bool is_shown;	  /* set when the event at hand has a line */
	struct when when;
	uint64_t now_ns; /* the latest time in the stream */
	uint64_t nr_shown;
	struct buf note; /* of the line at hand, until put_line() */
};

/* One line of text; zero or NULL leaves a column empty. */
struct line {
	uint64_t ts_ns;
	const char *comm, *call, *color;
	uint32_t pid;
	bool has_range, has_prot, no_size;
	bool has_before; /* has_prot, but there is nothing after: a call that failed */
	uint64_t start, size;
	struct attr before, after;
	const struct object *obj;
	const struct caller *caller; /* NULL: none */
	struct buf *mapping;	     /* raw text in place of obj and caller; NULL: none */
};

static void put_padded(struct buf *b, size_t cols, size_t width)
{
	if (cols < width)
		buf_fill(b, ' ', width - cols);
	buf_putc(b, ' ');
}

static struct text_layout layout_for(int width)
{
	struct text_layout y = { 6, 15, strlen("pkey_mprotect"), 40, 26, 12, .cut = width };
	int rest;

	if (!width)
		return y;
	if (width < 140) {
		y.digits = 3;
		y.comm = 10;
	}
	if (width < 120) {
		y.comm = width < 90 ? 0 : 8;
		y.call = strlen("mprotect");
		y.note = 4;
	}
	/* hh:mm:ss. COMM PID CALL ADDR SIZE rw- -> r-x _ _NOTE */
	rest = width - (9 + y.digits + 1 + (y.comm ? y.comm + 1 : 0) + 8 + y.call + 1 + 13 + 9 +
			11 + 1 + y.note);
	y.caller = rest < 25 ? 0 : rest < 39 ? rest - 13 : 26;
	rest -= y.caller ? y.caller + 1 : 0;
	y.mapping = rest < 8 ? 8 : rest;
	return y;
}

/* "7f21c0000000     512K rw- -> r-x" */
static void put_range(struct buf *b, const struct line *l)
{
	size_t mark = b->len;

	if (!l->has_range) {
		buf_fill(b, ' ', 33);
		return;
	}
	buf_hex(b, l->start);
	put_padded(b, b->len - mark, 12);
	mark = b->len;
	if (l->no_size)
		buf_putc(b, '?');
	else
		fmt_size(b, l->size);
	align_right(b, mark, 8);
	buf_putc(b, ' ');
	if (l->has_before)
		word_prot(b, &l->before);
	if (!l->has_prot) {
		buf_fill(b, ' ', l->has_before ? 8 : 11);
		return;
	}
	word_prot(b, &l->before);
	buf_puts(b, " -> ");
	word_prot(b, &l->after);
	buf_putc(b, ' ');
}

/* A column's name, padded to width. */
static void put_name(struct buf *b, const char *name, size_t width)
{
	if (!width)
		return;
	buf_puts(b, name);
	put_padded(b, strlen(name), width);
}

static void put_header(struct text *t, struct buf *b)
{
	const struct text_layout *y = &t->cols;

	if (t->header_done || !t->cfg.header || t->cfg.select.findings_only)
		return;
	t->header_done = true;
	put_name(b, "TIME", 9 + y->digits);
	put_name(b, "COMM", y->comm);
	buf_puts(b, "    PID ");
	put_name(b, "CALL", y->call);
	buf_puts(b, "ADDR             SIZE PROT       ");
	put_name(b, "MAPPING", y->mapping);
	put_name(b, "CALLER", y->caller);
	buf_puts(b, "NOTE\n");
}

/* Text of a traced process, escaped; max_cols 0: not cut. Returns its columns. */
static size_t put_text(struct buf *b, const char *s, size_t len, size_t max_cols)
{
	return max_cols ? escape_text_cut(b, s, len, max_cols) : escape_text(b, s, len);
}

/* A sentence, in place of MAPPING and CALLER. Returns the note's columns, at most half of all. */
static size_t put_sentence(const struct text *t, const struct line *l, struct buf *b)
{
	const struct text_layout *y = &t->cols;
	size_t room = y->mapping + 1 + y->caller + y->note, note = t->note.len;

	if (y->cut && note > room / 2)
		note = room / 2;
	put_text(b, l->mapping->data, l->mapping->len, y->cut ? room - note - (note != 0) : 0);
	if (note)
		buf_putc(b, ' ');
	return note;
}

/* MAPPING and CALLER, which give way to a long note. Returns the note's columns. */
static size_t put_where(const struct text *t, const struct line *l, struct buf *b)
{
	const struct text_layout *y = &t->cols;
	size_t over = t->note.len > y->note ? t->note.len - y->note : 0;
	size_t least = l->obj ? 8 : 0, cols, room, caller;

	if (l->mapping)
		return put_sentence(t, l, b);
	caller = y->cut && over && y->caller ? (y->caller > over + 8 ? y->caller - over : 8) :
					       y->caller;
	over -= y->caller - caller < over ? y->caller - caller : over;
	room = y->mapping > over + least ? y->mapping - over : least;
	over -= y->mapping - room < over ? y->mapping - room : over;
	cols = l->obj ? word_mapping(b, l->obj, y->cut ? room : 0) : 0;
	put_padded(b, cols, y->cut ? room : y->mapping);
	if (y->caller) {
		cols = l->caller ? word_caller(b, l->caller, y->cut ? caller : 0) : 0;
		put_padded(b, cols, caller);
	}
	return t->note.len - (y->cut ? over : 0);
}

/* Words of the note that fit in room. */
static void put_note(const struct buf *note, size_t room, struct buf *b)
{
	if (room < note->len)
		while (room && note->data[room] != ' ')
			room--;
	buf_add(b, note->data, room);
}

static void put_line(struct text *t, const struct line *l)
{
	struct buf *b = &t->cfg.out->buf;
	const struct text_layout *y = &t->cols;
	size_t mark, len = strlen(l->call);

	put_header(t, b);
	if (t->cfg.color && l->color)
		buf_puts(b, l->color);
	when_put(&t->when, b, l->ts_ns);
	if (y->comm)
		put_padded(b, put_text(b, l->comm, strnlen(l->comm, 16), y->cut ? y->comm : 0),
			   y->comm);
	mark = b->len;
	buf_dec(b, l->pid);
	align_right(b, mark, 7);
	buf_putc(b, ' ');
	if (y->cut && len > y->call)
		len = y->call;
	buf_add(b, l->call, len);
	put_padded(b, len, y->call);
	put_range(b, l);
	put_note(&t->note, put_where(t, l, b), b);
	while (b->len && b->data[b->len - 1] == ' ')
		b->len--;
	if (t->cfg.color && l->color)
		buf_puts(b, "\033[0m");
	buf_putc(b, '\n');
	t->note.len = 0;
}

static void note_compat(struct text *t, const struct event *ev)
{
	if (ev->type == EVENT_CALL && ev->call.compat)
		note_word(&t->note, "compat");
}

/* Returns -ECANCELED when --max-events events have been shown. */
static int count_shown(struct text *t)
{
	if (!t->is_shown)
		return 0;
	t->is_shown = false;
	t->nr_shown++;
	return t->cfg.max_events && t->nr_shown >= t->cfg.max_events ? -ECANCELED : 0;
}

static int text_change(void *priv, const struct change *ch)
{
	struct text *t = priv;
	const struct event *ev = ch->ev;
	struct line l = { .ts_ns = ev->ts_ns,
			  .comm = thread_comm(ev, ch->proc),
			  .call = event_name(ev),
			  .pid = ev->pid,
			  .has_range = true,
			  .has_prot = true,
			  .start = ch->start,
			  .size = ch->end - ch->start,
			  .no_size = !change_has_size(ch),
			  .before = ch->before,
			  .after = ch->after,
			  .obj = change_object(ch),
			  .caller = &ch->caller };

	if (!select_wants(&t->cfg.select, ev) || !scope_has_change(&t->cfg.scope, ch) ||
	    ev->type == EVENT_EXEC)
		return 0;
	if (event_is_snapshot(ev)) {
		if (attr_is_unknown(&ch->before)) /* a mirror that is filled for the first time */
			return 0;
		note_word(&t->note, note_late_word(ch));
		l.caller = NULL;
	}
	note_failure(&t->note, ev, ch->proc->mm);
	l.color = note_transition(&t->note, &ch->before, &ch->after);
	note_state(&t->note, &ch->before, &ch->after);
	note_flags(&t->note, ev);
	note_compat(t, ev);
	line_facts_text(&t->note, t->cfg.fields, ev, ch->proc);
	put_line(t, &l);
	if (ch->differs)
		maps_change(&t->cfg.out->buf, ch->start, ch->end, &ch->before, &ch->after, true);
	t->is_shown = true;
	return out_commit(t->cfg.out);
}

/* The reason of a failure in lines of its own: that of the call has no room for a sentence. */
static void put_reason(struct text *t, const struct event *ev, const struct proc *proc)
{
	struct buf *b = &t->cfg.out->buf, why = { 0 };
	size_t indent = 9 + t->cols.digits;

	word_reason(&why, proc->mm, ev);
	if (why.len) {
		buf_fill(b, ' ', indent);
		text_wrap(b, why.data + 2, why.len - 2, indent, t->cfg.width);
		buf_putc(b, '\n');
	}
	buf_done(&why);
}

/* The range is the one that the call asked for; for a prctl only the error is shown. */
static void put_failed(struct text *t, const struct event *ev, const struct proc *proc)
{
	const struct event_call *c = &ev->call;
	struct caller caller = caller_of(proc->mm, ev);
	struct line l = { .ts_ns = ev->ts_ns,
			  .comm = thread_comm(ev, proc),
			  .call = event_name(ev),
			  .pid = ev->pid,
			  .caller = &caller };

	l.has_range = call_wanted(c, &l.start, &l.size);
	l.before = failed_place(c, proc->mm);
	l.obj = l.before.obj;
	l.has_before = attr_is_mapped(&l.before);
	if (!l.obj && c->id == MPW_CALL_MMAP)
		l.obj = c->file;
	note_refusal(&t->note, ev, t->cols.cut ? NULL : proc->mm);
	note_compat(t, ev);
	line_facts_text(&t->note, t->cfg.fields, ev, proc);
	put_line(t, &l);
	if (t->cols.cut)
		put_reason(t, ev, proc);
	t->is_shown = true;
}

static int text_begin(void *priv, const struct event *ev, const struct proc *proc,
		      const struct proc *child)
{
	struct text *t = priv;
	struct buf mapping = { 0 };
	struct line l = { .ts_ns = ev->ts_ns,
			  .call = event_name(ev),
			  .pid = ev->pid,
			  .comm = proc ? thread_comm(ev, proc) : "",
			  .mapping = &mapping };

	t->now_ns = ev->ts_ns > t->now_ns ? ev->ts_ns : t->now_ns;
	if (!select_wants(&t->cfg.select, ev) || !scope_has_event(&t->cfg.scope, ev, proc))
		return 0;
	if (ev->type == EVENT_LOSS) {
		struct buf *b = &t->cfg.out->buf;

		put_header(t, b);
		when_put(&t->when, b, ev->ts_ns);
		note_loss_line(b, ev, t->cols.cut);
		return out_commit(t->cfg.out);
	}
	if (ev->type == EVENT_FORK && child) {
		buf_printf(&mapping, "child %u%s", child->pid,
			   child->mm == proc->mm ? ", shares this address space" : "");
	} else if (ev->type == EVENT_EXIT && ev->exit_code == EXIT_UNSEEN) {
		buf_puts(&mapping, "ended unseen");
	} else if (ev->type == EVENT_EXIT && WIFSIGNALED(ev->exit_code)) {
		buf_puts(&mapping, "killed by ");
		word_signal(&mapping, WTERMSIG(ev->exit_code));
	} else if (ev->type == EVENT_EXIT) {
		buf_printf(&mapping, "exit status %d", WEXITSTATUS(ev->exit_code));
	} else if (ev->type == EVENT_FAULT) {
		word_fault(&mapping, ev);
		word_fault_place(&mapping, ev, proc->mm);
	} else if (ev->type == EVENT_WRITE) {
		l.after = stale_written(proc, ev);
		l.has_range = ev->write.len;
		l.start = ev->write.addr;
		l.size = ev->write.len;
		word_write(&mapping, ev, &l.after);
	} else {
		return 0;
	}
	line_facts_text(&t->note, t->cfg.fields, ev, proc);
	put_line(t, &l);
	buf_done(&mapping);
	t->is_shown = true;
	return out_commit(t->cfg.out);
}

static int text_end(void *priv, const struct event *ev, const struct proc *proc, unsigned int nr)
{
	struct text *t = priv;
	bool is_in;

	if (!select_wants(&t->cfg.select, ev))
		return 0;
	is_in = scope_has_event(&t->cfg.scope, ev, proc);
	if ((event_is_vain(ev) || event_is_undecided(ev)) && !nr && is_in)
		put_failed(t, ev, proc);
	if (ev->type == EVENT_EXEC && is_in) {
		size_t nr_vmas = aspace_nr_vmas(proc->mm->as);
		struct buf mapping = { 0 };
		struct line l = { .ts_ns = ev->ts_ns,
				  .comm = thread_comm(ev, proc),
				  .call = "exec",
				  .pid = ev->pid,
				  .mapping = &mapping };

		if (proc->exe)
			word_mapping_raw(&mapping, proc->exe);
		word_program_mark(&mapping, proc->exe);
		if (nr_vmas) {
			buf_puts(&mapping, proc->exe ? ", " : "");
			fmt_count(&mapping, nr_vmas, "mapping");
		}
		line_facts_text(&t->note, t->cfg.fields, ev, proc);
		put_line(t, &l);
		buf_done(&mapping);
		t->is_shown = true;
	}
	if (t->is_shown && ev->stack) {
		stack_text(&t->cfg, ev->stack);
		out_commit(t->cfg.out);
	}
	return t->cfg.out->err ? t->cfg.out->err : count_shown(t);
}

/* "TIME COMM PID HIGH stack-exec: why" */
static int text_finding(void *priv, const struct finding *f)
{
	struct text *t = priv;
	struct buf *b = &t->cfg.out->buf;
	size_t mark, cols;

	if (!finding_line_wanted(&t->cfg, f))
		return 0;
	put_header(t, b);
	/* the last word on a finding comes when its process ends: times of lines do not go back */
	cols = when_put(&t->when, b,
			f->state == FINDING_OVER && t->now_ns > f->last_ns ? t->now_ns :
									     f->last_ns);
	if (t->cols.comm)
		put_padded(b,
			   put_text(b, f->comm, strnlen(f->comm, 16),
				    t->cols.cut ? t->cols.comm : 0),
			   t->cols.comm);
	mark = b->len;
	buf_dec(b, f->pid);
	align_right(b, mark, 7);
	buf_putc(b, ' ');
	finding_line_put(b, f, cols + (t->cols.comm ? t->cols.comm + 1 : 0) + 8, &t->cfg);
	if (t->cfg.select.findings_only) /* else that of the call stands above, or follows */
		stack_text(&t->cfg, f->stack);
	if (t->cfg.select.findings_only && f->state == FINDING_NEW) {
		t->is_shown = true;
		return t->cfg.out->err ? t->cfg.out->err : count_shown(t);
	}
	return out_commit(t->cfg.out);
}

static int text_flush(void *priv)
{
	return out_flush(((struct text *)priv)->cfg.out);
}

static void text_free(void *priv)
{
	struct text *t = priv;

	buf_done(&t->note);
	free(t);
}

static const struct sink_ops text_ops = {
	.name = "text",
	.begin_event = text_begin,
	.change = text_change,
	.finding = text_finding,
	.end_event = text_end,
	.flush = text_flush,
	.free = text_free,
};

struct sink text_sink_new(const struct line_config *cfg)
{
	struct text *t = mem_alloc(sizeof(*t));

	t->cfg = *cfg;
	t->cols = layout_for(cfg->width);
	when_init(&t->when, cfg, t->cols.digits);
	return (struct sink){ .ops = &text_ops, .priv = t };
}

static int text_open(const struct output_env *env, void *options, struct sink *ret)
{
	const struct line_config cfg = output_line_config(env);

	(void)options;
	*ret = text_sink_new(&cfg);
	return 0;
}

const struct output text_output = {
	.name = "text",
	.kind = OUTPUT_LINES,
	.options_bytes = sizeof(struct output_choice),
	.open = text_open,
};
