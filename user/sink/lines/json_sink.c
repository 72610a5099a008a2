/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One JSON object a line, as json_schema.in describes them: "run" first, then the events as they
 * come, "totals" last. Addresses are strings, because numbers above 2^53 do not survive jq and
 * JavaScript.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/stale.h"
#include "core/words.h"
#include "core/effect.h"
#include "sink/json_put.h"
#include "sink/lines/lines.h"
#include "sink/lines/json_parts.h"
#include "sink/lines/line_facts.h"
#include "sink/lines/stack_words.h"
#include "sink/output.h"
#include "util/fmt.h"
#include "util/mem.h"

struct json {
	struct line_config cfg;
	bool run_done; /* set when the line "run" is written */
	bool is_shown; /* set when the event at hand has a line */
	uint64_t nr_shown;
};

static void put_rfc3339(struct buf *b, const char *key, uint64_t wall_ns)
{
	put_key(b, key);
	buf_putc(b, '"');
	fmt_rfc3339(b, wall_ns);
	buf_putc(b, '"');
}

static struct buf *begin_line(struct json *js, const char *type)
{
	struct buf *b = &js->cfg.out->buf;

	buf_putc(b, '{');
	put_word(b, "type", type);
	return b;
}

static int end_line(struct json *js, struct buf *b)
{
	buf_puts(b, "}\n");
	return out_commit(js->cfg.out);
}

static void put_run(struct json *js)
{
	const struct run_info *run = js->cfg.run;
	struct buf *b;

	if (js->run_done)
		return;
	js->run_done = true;
	b = begin_line(js, "run");
	put_word(b, "tool", "mprotwatch");
	put_word(b, "version", MPW_VERSION);
	put_word(b, "boot_id", run->boot_id);
	put_word(b, "tier", run->tier);
	if (run->hook && *run->hook)
		put_word(b, "hook", run->hook);
	put_word(b, "what", run->what);
	put_u64(b, "start_ns", run->start_ns);
	put_rfc3339(b, "start", run->start_ns + run->boot_to_wall_ns);
	end_line(js, b);
}

static void put_when(struct json *js, struct buf *b, uint64_t ts_ns)
{
	put_u64(b, "ts_ns", ts_ns);
	put_rfc3339(b, "time", ts_ns + js->cfg.run->boot_to_wall_ns);
}

/* Pids are those of the initial namespace; the pid that a container sees stands beside. */
static void put_pid(struct buf *b, const struct proc *proc)
{
	uint64_t ns_pid = facts_number(&proc->facts, MPW_FACT_NS_PID);

	put_u64(b, "pid", proc->pid);
	if (ns_pid && ns_pid != proc->pid)
		put_u64(b, "ns_pid", ns_pid);
}

static void put_process(struct buf *b, const struct event *ev, const struct proc *proc)
{
	const char *comm = thread_comm(ev, proc);

	put_pid(b, proc);
	put_u64(b, "start_ns", proc->start_ns);
	put_u64(b, "tid", ev->tid);
	put_string(b, "comm", comm, strnlen(comm, 16));
}

/* Facts that lines have in members of their own. */
#define ON_ALL	(1U << MPW_FACT_NS_PID) /* by put_pid() */
#define ON_EXEC (ON_ALL | 1U << MPW_FACT_UID)

/* Ends the line of an event with its facts. */
static int end_event(struct json *js, struct buf *b, const struct event *ev,
		     const struct proc *proc)
{
	line_facts_json(b, js->cfg.fields, ev->type == EVENT_EXEC ? ON_EXEC : ON_ALL, ev, proc);
	js->is_shown = true;
	return end_line(js, b);
}

static void put_call(struct buf *b, const struct event *ev)
{
	const struct event_call *c = &ev->call;
	unsigned int nargs = call_nr_args(c->id), i;
	char scratch[16];

	put_key(b, "call");
	buf_putc(b, '{');
	put_word(b, "name", call_name(c->id));
	put_key(b, "args");
	for (i = 0; i < nargs; i++) {
		buf_puts(b, i ? ",\"0x" : "[\"0x");
		buf_hex(b, c->arg[i]);
		buf_putc(b, '"');
	}
	buf_putc(b, ']');
	if (ret_is_error(c->ret))
		put_word(b, "errno", fmt_errno(-c->ret, scratch));
	else
		put_hex(b, "ret", c->ret);
	json_put_flags(b, c);
	if (call_is_refused(c))
		put_bool(b, "refused", true);
	if (c->compat)
		put_bool(b, "compat", true);
	if (c->unproven)
		put_bool(b, "unproven", true);
	if (event_is_answered(ev))
		put_word(b, "answered_by", c->tracer_pid ? "tracer" : "seccomp");
	buf_putc(b, '}');
}

static int json_change(void *priv, const struct change *ch)
{
	struct json *js = priv;
	const struct event *ev = ch->ev;
	const struct attr *mapped = attr_is_mapped(&ch->after) ? &ch->after : &ch->before;
	struct buf *b;

	if (!select_wants(&js->cfg.select, ev) || !scope_has_change(&js->cfg.scope, ch) ||
	    ev->type == EVENT_EXEC)
		return 0;
	if (ev->type == EVENT_RANGE && attr_is_unknown(&ch->before))
		return 0; /* a mirror that is filled for the first time */
	b = begin_line(js, "change");
	put_when(js, b, ev->ts_ns);
	put_process(b, ev, ch->proc);
	if (ev->type == EVENT_CALL)
		put_call(b, ev);
	put_word(b, "cause", ev->type == EVENT_CALL ? "call" : ch->differs ? "verify" : "snapshot");
	put_hex(b, "start", ch->start);
	put_hex(b, "end", ch->end);
	put_key(b, "size");
	if (change_has_size(ch))
		buf_dec(b, ch->end - ch->start);
	else
		buf_puts(b, "null");
	json_put_state(b, "before", &ch->before);
	json_put_state(b, "after", &ch->after);
	json_put_object(b, "mapping", change_object(ch));
	if (mapped->obj && object_has_offsets(mapped->obj))
		put_hex(b, "offset", mapped->off);
	json_put_caller(b, &ch->caller);
	stack_json(b, &js->cfg, ev->stack);
	return end_event(js, b, ev, ch->proc);
}

static int json_begin(void *priv, const struct event *ev, const struct proc *proc,
		      const struct proc *child)
{
	struct json *js = priv;
	struct buf *b;

	put_run(js);
	if (!select_wants(&js->cfg.select, ev) || !scope_has_event(&js->cfg.scope, ev, proc))
		return 0;
	if (ev->type == EVENT_LOSS) {
		b = begin_line(js, "loss");
		put_when(js, b, ev->ts_ns);
		put_u64(b, "lost", ev->lost);
		if (ev->given_up)
			put_u64(b, "given_up", ev->given_up);
		if (ev->pid)
			put_u64(b, "pid", ev->pid);
		if (facts_have(&ev->facts, MPW_FACT_OVER_SHARE))
			put_u64(b, "over_share", facts_number(&ev->facts, MPW_FACT_OVER_SHARE));
		return end_line(js, b);
	}
	if (ev->type == EVENT_FORK) {
		b = begin_line(js, "fork");
		put_when(js, b, ev->ts_ns);
		put_process(b, ev, proc);
		put_key(b, "child");
		buf_putc(b, '{');
		put_pid(b, child);
		put_u64(b, "start_ns", child->start_ns);
		put_bool(b, "shares_memory", child->mm == proc->mm);
		buf_putc(b, '}');
	} else if (ev->type == EVENT_EXIT) {
		b = begin_line(js, "exit");
		put_when(js, b, ev->ts_ns);
		put_process(b, ev, proc);
		if (ev->exit_code == EXIT_UNSEEN) {
			put_bool(b, "unseen", true);
		} else if (WIFSIGNALED(ev->exit_code)) {
			put_key(b, "signal");
			buf_putc(b, '"');
			word_signal(b, WTERMSIG(ev->exit_code));
			buf_putc(b, '"');
		} else {
			put_u64(b, "status", WEXITSTATUS(ev->exit_code));
		}
	} else {
		return 0;
	}
	return end_event(js, b, ev, proc);
}

static int put_fault(struct json *js, const struct event *ev, const struct proc *proc)
{
	struct buf *b = begin_line(js, "fault");

	put_when(js, b, ev->ts_ns);
	put_process(b, ev, proc);
	json_put_fault(b, ev, proc);
	stack_json(b, &js->cfg, ev->stack);
	return end_event(js, b, ev, proc);
}

static int put_write(struct json *js, const struct event *ev, const struct proc *proc)
{
	const struct attr at = stale_written(proc, ev);
	struct buf *b = begin_line(js, "write");

	put_when(js, b, ev->ts_ns);
	put_process(b, ev, proc);
	json_put_write(b, ev, &at);
	return end_event(js, b, ev, proc);
}

static int put_exec(struct json *js, const struct event *ev, const struct proc *proc)
{
	struct buf *b = begin_line(js, "exec");

	put_when(js, b, ev->ts_ns);
	put_process(b, ev, proc);
	put_u64(b, "ppid", proc->ppid);
	put_u64(b, "uid", facts_number(&proc->facts, MPW_FACT_UID));
	json_put_object(b, "exe", proc->exe);
	put_u64(b, "mappings", aspace_nr_vmas(proc->mm->as));
	return end_event(js, b, ev, proc);
}

static int put_place(struct json *js, const struct event *ev, const struct proc *proc)
{
	struct buf *b = begin_line(js, "place");

	put_when(js, b, ev->ts_ns);
	put_process(b, ev, proc);
	line_facts_json(b, ev->facts.has, ON_ALL, ev, proc);
	js->is_shown = true;
	return end_line(js, b);
}

static int put_build(struct json *js, const struct event *ev, const struct proc *proc)
{
	struct buf *b = begin_line(js, "build");

	put_when(js, b, ev->ts_ns);
	put_process(b, ev, proc);
	json_put_object(b, "file", ev->build.file);
	put_word(b, "build_id", ev->build.id);
	js->is_shown = true;
	return end_line(js, b);
}

static int json_end(void *priv, const struct event *ev, const struct proc *proc,
		    unsigned int nr_changes)
{
	struct json *js = priv;
	struct buf *b;
	bool is_in;
	int err = 0;

	if (!select_wants(&js->cfg.select, ev))
		return 0;
	is_in = scope_has_event(&js->cfg.scope, ev, proc);
	if (is_in && (ev->type == EVENT_PLACE || ev->type == EVENT_BUILD))
		err = ev->type == EVENT_PLACE ? put_place(js, ev, proc) : put_build(js, ev, proc);
	if (is_in && (ev->type == EVENT_EXEC || ev->type == EVENT_FAULT))
		err = ev->type == EVENT_EXEC ? put_exec(js, ev, proc) : put_fault(js, ev, proc);
	if (is_in && ev->type == EVENT_WRITE)
		err = put_write(js, ev, proc);
	if (is_in && (event_is_vain(ev) || event_is_undecided(ev))) {
		struct caller caller = caller_of(proc->mm, ev);

		b = begin_line(js, "call");
		put_when(js, b, ev->ts_ns);
		put_process(b, ev, proc);
		put_call(b, ev);
		put_u64(b, "changes", nr_changes);
		json_put_refusal(b, ev, proc->mm);
		json_put_caller(b, &caller);
		stack_json(b, &js->cfg, ev->stack);
		err = end_event(js, b, ev, proc);
	}
	if (err || !js->is_shown)
		return err;
	js->is_shown = false;
	js->nr_shown++;
	return js->cfg.max_events && js->nr_shown >= js->cfg.max_events ? -ECANCELED : 0;
}

static void put_evidence(struct buf *b, const struct finding *f)
{
	unsigned int i;

	put_key(b, "first_changes");
	buf_putc(b, '[');
	for (i = 0; i < f->nr_kept; i++) {
		const struct finding_change *c = &f->changes[i];

		buf_puts(b, i ? ",{" : "{");
		put_u64(b, "ts_ns", c->ts_ns);
		put_hex(b, "start", c->start);
		put_hex(b, "end", c->end);
		json_put_side(b, "before", &c->before);
		json_put_side(b, "after", &c->after);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static int json_finding(void *priv, const struct finding *f)
{
	static const char *const states[] = { "new", "worse", "over" };
	struct json *js = priv;
	struct buf *b;

	if (f->severity < js->cfg.min_severity || !scope_has_finding(&js->cfg.scope, f))
		return 0;
	b = begin_line(js, "finding");
	put_when(js, b, f->last_ns);
	put_u64(b, "id", f->id);
	put_word(b, "state", states[f->state]);
	put_word(b, "rule", f->rule->id);
	put_word(b, "severity", severity_name(f->severity));
	put_string(b, "why", f->why.data, f->why.len);
	if (f->rule->technique)
		put_word(b, "technique", f->rule->technique);
	put_u64(b, "pid", f->pid);
	put_u64(b, "start_ns", f->start_ns);
	put_string(b, "comm", f->comm, strnlen(f->comm, sizeof(f->comm)));
	json_put_object(b, "exe", f->exe);
	put_hex(b, "start", f->start);
	put_hex(b, "end", f->end);
	json_put_object(b, "mapping", f->mapping);
	json_put_caller(b, &f->caller);
	put_u64(b, "regions", f->nr_regions);
	put_u64(b, "first_ns", f->first_ns);
	put_u64(b, "changes", f->nr_changes);
	put_evidence(b, f);
	stack_json(b, &js->cfg, f->stack);
	if (js->cfg.select.findings_only && f->state == FINDING_NEW &&
	    ++js->nr_shown == js->cfg.max_events) {
		end_line(js, b);
		return -ECANCELED;
	}
	return end_line(js, b);
}

static int json_flush(void *priv)
{
	struct json *js = priv;

	put_run(js);
	return out_flush(js->cfg.out);
}

static void put_calls(struct buf *b, const struct totals *t)
{
	int id;

	put_key(b, "calls");
	buf_putc(b, '{');
	for (id = 0; id < MPW_NR_CALLS; id++)
		if (t->calls[id])
			put_u64(b, call_name(id), t->calls[id]);
	buf_putc(b, '}');
}

static int json_finish(void *priv, const struct totals *t)
{
	struct json *js = priv;
	struct buf *b;

	put_run(js);
	b = begin_line(js, "totals");
	put_when(js, b, t->end_ns);
	put_u64(b, "events", t->events);
	put_u64(b, "changes", t->changes);
	put_u64(b, "failed", t->failed);
	if (t->writes)
		put_u64(b, "writes", t->writes);
	put_calls(b, t);
	put_u64(b, "processes", t->nr_procs);
	put_u64(b, "lost", t->lost);
	if (t->over_share)
		put_u64(b, "over_share", t->over_share);
	put_u64(b, "repairs", t->repairs);
	put_u64(b, "compared", t->compared);
	put_u64(b, "equal", t->compared - t->differing);
	put_u64(b, "differing", t->differing);
	put_u64(b, "differences", t->differences);
	put_doubts(b, t);
	return end_line(js, b);
}

static void json_free(void *priv)
{
	free(priv);
}

static const struct sink_ops json_ops = {
	.name = "json",
	.begin_event = json_begin,
	.change = json_change,
	.finding = json_finding,
	.end_event = json_end,
	.flush = json_flush,
	.finish = json_finish,
	.free = json_free,
};

struct sink json_sink_new(const struct line_config *cfg)
{
	struct json *js = mem_alloc(sizeof(*js));

	js->cfg = *cfg;
	return (struct sink){ .ops = &json_ops, .priv = js };
}

static const struct opt json_rows[] = {
	{ 'j', "json", NULL, "write one JSON object per line", output_choose, 0, 0 },
	{ 0 },
};

static int json_open(const struct output_env *env, void *options, struct sink *ret)
{
	const struct line_config cfg = output_line_config(env);

	(void)options;
	*ret = json_sink_new(&cfg);
	return 0;
}

const struct output json_output = {
	.name = "json",
	.kind = OUTPUT_LINES,
	.heading = "How to show it",
	.rows = json_rows,
	.options_bytes = sizeof(struct output_choice),
	.open = json_open,
	.tells_places = true,
};
