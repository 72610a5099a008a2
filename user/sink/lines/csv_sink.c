/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comma-separated values for spreadsheets and data frames: a row for each change, failed call,
 * finding and loss, and for fork, exec, exit, fault and write. Columns have the names and values that JSON
 * has for them; a cell without a value is empty.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/refusal.h"
#include "core/stale.h"
#include "core/words.h"
#include "core/effect.h"
#include "sink/csv.h"
#include "sink/lines/line_facts.h"
#include "sink/lines/text_note.h"
#include "sink/output.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

struct csv {
	struct line_config cfg;
	bool has_header; /* set when the header is written */
	bool is_shown;	 /* set when the event at hand has a row */
	uint64_t nr_shown;
	struct buf cell;
};

/* A row; cells of zero or NULL are empty. */
struct csv_row {
	uint64_t ts_ns;
	uint32_t pid, tid;
	const char *type; /* as in JSON */
	const char *comm;
	const char *call; /* NULL: it was none */
	bool has_range, has_size;
	uint64_t start, end;
	const struct attr *before, *after;
	const struct object *mapping;
	const uint64_t *off;
	const struct caller *caller;
	const struct buf *note; /* escaped */
	const struct event *ev; /* whose facts are shown, with proc's */
	const struct proc *proc;
};

static void put_cell(struct csv *c)
{
	struct buf *b = &c->cfg.out->buf;

	csv_put(b, c->cell.data, c->cell.len);
	c->cell.len = 0;
	buf_putc(b, ',');
}

static void put_number(struct csv *c, bool is_there, uint64_t v)
{
	struct buf *b = &c->cfg.out->buf;

	if (is_there)
		buf_dec(b, v);
	buf_putc(b, ',');
}

static void put_address(struct csv *c, bool is_there, uint64_t v)
{
	if (is_there) {
		buf_puts(&c->cell, "0x");
		buf_hex(&c->cell, v);
	}
	put_cell(c);
}

static void put_state(struct csv *c, const struct attr *a)
{
	if (a && !attr_is_mapped(a)) {
		buf_puts(&c->cell, attr_is_unknown(a) ? "unknown" : "unmapped");
	} else if (a) {
		word_prot(&c->cell, a);
		buf_putc(&c->cell, a->flags & VMA_SHARED ? 's' : 'p');
	}
	put_cell(c);
}

static void put_caller(struct csv *c, const struct caller *caller)
{
	if (caller && caller->symbol) {
		word_caller(&c->cell, caller, 0);
	} else if (caller && caller->obj) {
		word_mapping(&c->cell, caller->obj, 0);
		buf_puts(&c->cell, "+0x");
		buf_hex(&c->cell, caller->off);
	} else if (caller && caller->addr) {
		buf_puts(&c->cell, "0x");
		buf_hex(&c->cell, caller->addr);
	}
	put_cell(c);
}

static void put_header(struct csv *c)
{
	if (c->has_header || !c->cfg.header)
		return;
	c->has_header = true;
	buf_puts(&c->cfg.out->buf, "ts_ns,time,type,pid,tid,comm,call,start,end,size,before,after,"
				   "mapping,offset,caller,note");
	line_facts_csv_names(&c->cfg.out->buf, c->cfg.fields);
	buf_puts(&c->cfg.out->buf, "\r\n");
}

static int put_row(struct csv *c, const struct csv_row *r)
{
	struct buf *b = &c->cfg.out->buf;

	put_header(c);
	put_number(c, true, r->ts_ns);
	fmt_rfc3339(&c->cell, r->ts_ns + c->cfg.run->boot_to_wall_ns);
	put_cell(c);
	buf_puts(&c->cell, r->type);
	put_cell(c);
	put_number(c, r->pid, r->pid);
	put_number(c, r->tid, r->tid);
	escape_text(&c->cell, r->comm, strnlen(r->comm, 16));
	put_cell(c);
	if (r->call)
		buf_puts(&c->cell, r->call);
	put_cell(c);
	put_address(c, r->has_range, r->start);
	put_address(c, r->has_range, r->end);
	put_number(c, r->has_size, r->end - r->start);
	put_state(c, r->before);
	put_state(c, r->after);
	if (r->mapping)
		word_mapping(&c->cell, r->mapping, 0);
	put_cell(c);
	put_address(c, r->off, r->off ? *r->off : 0);
	put_caller(c, r->caller);
	if (r->note)
		csv_put(b, r->note->data, r->note->len);
	line_facts_csv(b, c->cfg.fields, r->ev, r->proc);
	buf_puts(b, "\r\n");
	c->is_shown = true;
	return out_commit(c->cfg.out);
}

static int csv_change(void *priv, const struct change *ch)
{
	struct csv *c = priv;
	const struct event *ev = ch->ev;
	const struct attr *mapped = attr_is_mapped(&ch->after) ? &ch->after : &ch->before;
	bool has_off = mapped->obj && object_has_offsets(mapped->obj);
	bool by_call = ev->type == EVENT_CALL;
	struct buf note = { 0 };
	int err;

	if (!select_wants(&c->cfg.select, ev) || !scope_has_change(&c->cfg.scope, ch) ||
	    ev->type == EVENT_EXEC || (ev->type == EVENT_RANGE && attr_is_unknown(&ch->before)))
		return 0;
	if (event_is_failed(ev))
		word_failure(&note, ch->proc->mm, ev);
	else if (!by_call)
		buf_puts(&note, note_late_word(ch));
	err = put_row(c, &(struct csv_row){ .ts_ns = ev->ts_ns,
					    .type = "change",
					    .pid = ev->pid,
					    .tid = ev->tid,
					    .comm = thread_comm(ev, ch->proc),
					    .call = by_call ? event_name(ev) : NULL,
					    .has_range = true,
					    .has_size = change_has_size(ch),
					    .start = ch->start,
					    .end = ch->end,
					    .before = &ch->before,
					    .after = &ch->after,
					    .mapping = change_object(ch),
					    .off = has_off ? &mapped->off : NULL,
					    .caller = by_call ? &ch->caller : NULL,
					    .note = &note,
					    .ev = ev,
					    .proc = ch->proc });
	buf_done(&note);
	return err;
}

/* A row without a range, with words in the column note; frees note. */
static int put_words(struct csv *c, const struct event *ev, const struct proc *p,
		     const struct caller *caller, struct buf *note)
{
	int err = put_row(c,
			  &(struct csv_row){ .ts_ns = ev->ts_ns,
					     .pid = ev->pid,
					     .tid = p ? ev->tid : 0,
					     .comm = p ? thread_comm(ev, p) : "",
					     .type = ev->type == EVENT_CALL ? "call" :
						     ev->type == EVENT_LOSS ? "loss" :
									      event_name(ev),
					     .call = ev->type == EVENT_CALL ? event_name(ev) : NULL,
					     .caller = caller,
					     .note = note,
					     .ev = ev,
					     .proc = p });

	buf_done(note);
	return err;
}

static int csv_begin(void *priv, const struct event *ev, const struct proc *proc,
		     const struct proc *child)
{
	struct csv *c = priv;
	struct buf note = { 0 };

	if (!select_wants(&c->cfg.select, ev) || !scope_has_event(&c->cfg.scope, ev, proc))
		return 0;
	if (ev->type == EVENT_LOSS && ev->given_up)
		buf_printf(&note, "memory given up: %llu mappings",
			   (unsigned long long)ev->given_up);
	else if (ev->type == EVENT_LOSS)
		fmt_count(&note, ev->lost, "event");
	else if (ev->type == EVENT_FORK && child)
		buf_printf(&note, "child %u%s", child->pid,
			   child->mm == proc->mm ? ", shares this address space" : "");
	else if (ev->type == EVENT_EXIT && ev->exit_code == EXIT_UNSEEN)
		buf_puts(&note, "ended unseen");
	else if (ev->type == EVENT_EXIT && WIFSIGNALED(ev->exit_code))
		word_signal(&note, WTERMSIG(ev->exit_code));
	else if (ev->type == EVENT_EXIT)
		buf_printf(&note, "exit status %d", WEXITSTATUS(ev->exit_code));
	else
		return 0;
	return put_words(c, ev, proc, NULL, &note);
}

static int put_fault(struct csv *c, const struct event *ev, const struct proc *proc)
{
	const struct caller caller = caller_of_fault(proc->mm, ev);
	struct attr at = { 0 };
	struct buf raw = { 0 }, note = { 0 };
	int err;

	if (fault_has_addr(&ev->fault))
		at = aspace_at(proc->mm->as, ev->fault.addr);
	word_fault(&raw, ev);
	escape_text(&note, raw.data, raw.len);
	buf_done(&raw);
	err = put_row(c, &(struct csv_row){ .ts_ns = ev->ts_ns,
					    .pid = ev->pid,
					    .tid = ev->tid,
					    .comm = thread_comm(ev, proc),
					    .type = event_name(ev),
					    .before = &at,
					    .after = &at,
					    .mapping = at.obj,
					    .caller = &caller,
					    .note = &note,
					    .ev = ev,
					    .proc = proc });
	buf_done(&note);
	return err;
}

static int put_write(struct csv *c, const struct event *ev, const struct proc *proc)
{
	const struct event_write *w = &ev->write;
	const struct attr at = stale_written(proc, ev);
	struct buf raw = { 0 }, note = { 0 };
	int err;

	word_write(&raw, ev, NULL);
	escape_text(&note, raw.data, raw.len);
	buf_done(&raw);
	err = put_row(c, &(struct csv_row){ .ts_ns = ev->ts_ns,
					    .pid = ev->pid,
					    .tid = ev->tid,
					    .comm = thread_comm(ev, proc),
					    .type = event_name(ev),
					    .has_range = w->len,
					    .has_size = w->len,
					    .start = w->addr,
					    .end = w->addr + w->len,
					    .before = &at,
					    .after = &at,
					    .mapping = attr_is_mapped(&at) ? at.obj : NULL,
					    .note = &note,
					    .ev = ev,
					    .proc = proc });
	buf_done(&note);
	return err;
}

/* Returns -ECANCELED when --max-events events have been shown. */
static int count_shown(struct csv *c)
{
	if (!c->is_shown)
		return 0;
	c->is_shown = false;
	c->nr_shown++;
	return c->cfg.max_events && c->nr_shown >= c->cfg.max_events ? -ECANCELED : 0;
}

static int csv_end(void *priv, const struct event *ev, const struct proc *proc,
		   unsigned int nr_changes)
{
	struct csv *c = priv;
	struct buf note = { 0 };
	struct caller caller;
	int err = 0;

	if (!select_wants(&c->cfg.select, ev))
		return 0;
	if (!scope_has_event(&c->cfg.scope, ev, proc))
		return count_shown(c);
	if ((event_is_vain(ev) || event_is_undecided(ev)) && !nr_changes) {
		caller = caller_of(proc->mm, ev);
		word_failure(&note, proc->mm, ev);
		err = put_words(c, ev, proc, &caller, &note);
	} else if (ev->type == EVENT_EXEC) {
		if (proc->exe)
			word_program(&note, proc->exe, 0);
		err = put_words(c, ev, proc, NULL, &note);
	} else if (ev->type == EVENT_FAULT) {
		err = put_fault(c, ev, proc);
	} else if (ev->type == EVENT_WRITE) {
		err = put_write(c, ev, proc);
	}
	return err ? err : count_shown(c);
}

static int csv_finding(void *priv, const struct finding *f)
{
	struct csv *c = priv;
	struct buf note = { 0 };
	bool was_shown = c->is_shown;
	int err;

	if (f->severity < c->cfg.min_severity || f->state == FINDING_OVER ||
	    !scope_has_finding(&c->cfg.scope, f))
		return 0;
	buf_printf(&note, "%s %s: ", severity_name(f->severity), f->rule->id);
	buf_add(&note, f->why.data, f->why.len);
	err = put_row(c, &(struct csv_row){ .ts_ns = f->last_ns,
					    .pid = f->pid,
					    .comm = f->comm,
					    .type = "finding",
					    .has_range = true,
					    .has_size = true,
					    .start = f->start,
					    .end = f->end,
					    .mapping = f->mapping,
					    .caller = &f->caller,
					    .note = &note });
	buf_done(&note);
	/* Lines of findings count where they are all that is shown, and then once. */
	c->is_shown = c->cfg.select.findings_only ? f->state == FINDING_NEW : was_shown;
	if (err || !c->cfg.select.findings_only)
		return err;
	return count_shown(c);
}

static int csv_flush(void *priv)
{
	struct csv *c = priv;

	put_header(c);
	return out_flush(c->cfg.out);
}

static int csv_finish(void *priv, const struct totals *totals)
{
	struct csv *c = priv;

	(void)totals;
	put_header(c);
	return out_commit(c->cfg.out);
}

static void csv_free(void *priv)
{
	struct csv *c = priv;

	buf_done(&c->cell);
	free(c);
}

static const struct sink_ops csv_ops = {
	.name = "csv",
	.begin_event = csv_begin,
	.change = csv_change,
	.finding = csv_finding,
	.end_event = csv_end,
	.flush = csv_flush,
	.finish = csv_finish,
	.free = csv_free,
};

static const struct opt csv_rows[] = {
	{ 0, "csv", NULL, "write comma-separated values (RFC 4180)", output_choose, 0, 0 },
	{ 0 },
};

static int csv_open(const struct output_env *env, void *options, struct sink *ret)
{
	struct csv *c = mem_alloc(sizeof(*c));

	(void)options;
	c->cfg = output_line_config(env);
	*ret = (struct sink){ .ops = &csv_ops, .priv = c };
	return 0;
}

const struct output csv_output = {
	.name = "csv",
	.kind = OUTPUT_LINES,
	.heading = "How to show it",
	.rows = csv_rows,
	.options_bytes = sizeof(struct output_choice),
	.open = csv_open,
};
