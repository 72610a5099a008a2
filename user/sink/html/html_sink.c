/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The HTML timeline: every change of every process, kept until the run ends, then
 * one page that draws them (html_page.c). This file collects. Memory is bounded:
 * what finds no room is counted, and the page says from when on it knows nothing.
 */
#include "sink/html/html.h"

#include <stdlib.h>

#include "util/mem.h"
#include "wire.h"

#define MAX_PROCS    20000
#define MAX_SPACES   40000
#define MAX_FINDINGS 20000
#define MAX_LOSSES   20000
#define MAX_FACTS    (32u << 20) /* bytes of processes' facts */

static const struct attr unmapped, unknown = { .flags = VMA_UNKNOWN };

/* Room for one more behind nr: arrays grow by doubling. */
static void *room_for_one(void *v, size_t nr, size_t n_bytes)
{
	return nr & (nr - 1) ? v : mem_grow(v, nr ? 2 * nr : 1, n_bytes);
}

/* ---- address spaces ---- */

static struct html_space *space_find(const struct html *h, uint64_t mm_id)
{
	struct html_space *sp;

	HASH_FIND(hh, h->by_mm, &mm_id, sizeof(mm_id), sp);
	return sp;
}

static void add_row(struct html *h, const struct html_space *sp, const struct event *ev,
		    const struct vma *v)
{
	struct html_row row = { .ts_ns = ev->ts_ns,
				.space = sp->nr,
				.start = v->start,
				.end = v->end,
				.attr = &v->attr,
				.event = event_name(ev) };

	html_rows_add(&h->rows, &row);
}

/* Begins with what is mapped already. */
static struct html_space *space_new(struct html *h, const struct html_proc *p, const struct mm *mm,
				    const struct event *ev)
{
	struct html_space *sp = mem_alloc(sizeof(*sp));

	sp->mm_id = mm->id;
	sp->nr = h->nr_spaces;
	sp->owner = p->nr;
	sp->start_ns = sp->end_ns = ev->ts_ns;
	sp->was_known = aspace_is_known(mm->as);
	h->spaces = room_for_one(h->spaces, h->nr_spaces, sizeof(*h->spaces));
	h->spaces[h->nr_spaces++] = sp;
	HASH_ADD(hh, h->by_mm, mm_id, sizeof(sp->mm_id), sp);
	for (const struct vma *v = aspace_find(mm->as, 0); v; v = aspace_next(mm->as, v))
		add_row(h, sp, ev, v);
	return sp;
}

static void space_lose(struct html *h, struct html_space *sp, const struct event *ev)
{
	if (sp->is_lost)
		return;
	sp->is_lost = true;
	add_row(h, sp, ev, &(struct vma){ 0, MPW_TASK_MAX, unknown });
}

/*
 * A snapshot of [lo, hi): all that is there, if records were lost. Else only what grows without
 * a change, stacks.
 */
static void space_heal(struct html *h, struct html_space *sp, const struct aspace *as,
		       const struct event *ev)
{
	uint64_t at = ev->lo;

	for (const struct vma *v = aspace_find(as, ev->lo); v && v->start < ev->hi;
	     v = aspace_next(as, v)) {
		if (sp->is_lost && at < v->start)
			add_row(h, sp, ev, &(struct vma){ at, v->start, unmapped });
		if (sp->is_lost || v->attr.flags & VMA_GROWSDOWN)
			add_row(h, sp, ev, v);
		at = v->end;
	}
	if (sp->is_lost && at < ev->hi)
		add_row(h, sp, ev, &(struct vma){ at, ev->hi, unmapped });
	if (ev->hi == MPW_TASK_MAX)
		sp->is_lost = false;
}

/* ---- processes ---- */

static void proc_leave_space(struct html *h, struct html_proc *p, uint64_t ts_ns)
{
	struct html_space *sp;

	if (!p->nr_periods)
		return;
	sp = h->spaces[p->periods[p->nr_periods - 1].space];
	if (--sp->nr_users)
		return;
	sp->end_ns = ts_ns;
	HASH_DEL(h->by_mm, sp);
}

static struct html_space *proc_space(const struct html *h, const struct html_proc *p)
{
	return p->nr_periods ? h->spaces[p->periods[p->nr_periods - 1].space] : NULL;
}

/* The process has this address space now, whatever it had before. */
static void proc_set_space(struct html *h, struct html_proc *p, const struct mm *mm,
			   const struct event *ev)
{
	struct html_space *sp = proc_space(h, p);

	if (!mm || (sp && sp->mm_id == mm->id))
		return;
	sp = space_find(h, mm->id);
	if (!sp && h->nr_spaces == MAX_SPACES) {
		html_rows_drop(&h->rows, ev->ts_ns);
		return;
	}
	proc_leave_space(h, p, ev->ts_ns);
	if (!sp)
		sp = space_new(h, p, mm, ev);
	sp->nr_users++;
	p->periods = room_for_one(p->periods, p->nr_periods, sizeof(*p->periods));
	p->periods[p->nr_periods++] = (struct html_period){ .space = sp->nr, .from_ns = ev->ts_ns };
}

static void proc_end(struct html *h, struct html_proc *p, uint64_t ts_ns)
{
	proc_leave_space(h, p, ts_ns);
	p->end_ns = ts_ns;
	HASH_DEL(h->by_pid, p);
}

static struct html_proc *proc_find(const struct html *h, uint32_t pid)
{
	struct html_proc *p;

	HASH_FIND(hh, h->by_pid, &pid, sizeof(pid), p);
	return p;
}

/* NULL if too many are told of. */
static struct html_proc *proc_get(struct html *h, const struct proc *proc, uint64_t ts_ns)
{
	struct html_proc *p = proc_find(h, proc->pid);

	if (p && p->id_ns && proc->start_ns && !same_start(p->id_ns, proc->start_ns)) {
		proc_end(h, p, ts_ns); /* its exit was lost */
		p = NULL;
	}
	if (p)
		return p;
	if (h->nr_procs == MAX_PROCS) {
		h->nr_procs_dropped++;
		return NULL;
	}
	p = mem_alloc(sizeof(*p));
	p->pid = proc->pid;
	p->nr = h->nr_procs;
	p->start_ns = ts_ns;
	h->procs = room_for_one(h->procs, h->nr_procs, sizeof(*h->procs));
	h->procs[h->nr_procs++] = p;
	HASH_ADD(hh, h->by_pid, pid, sizeof(p->pid), p);
	return p;
}

/* The latest; where these find no room, those before stay. */
static void proc_take_facts(struct html *h, struct html_proc *p, const struct proc *proc)
{
	struct buf facts = { 0 };

	html_facts_put_process(&proc->facts, &facts);
	if (h->facts_bytes - p->facts.len + facts.len > MAX_FACTS) {
		buf_done(&facts);
		return;
	}
	h->facts_bytes += facts.len - p->facts.len;
	buf_done(&p->facts);
	p->facts = facts;
}

static void proc_identify_as(struct html *h, struct html_proc *p, const struct proc *proc)
{
	proc_take_facts(h, p, proc);
	p->id_ns = proc->start_ns ? proc->start_ns : p->id_ns;
	p->ppid = proc->ppid ? proc->ppid : p->ppid;
	p->exe = proc->exe ? proc->exe : p->exe;
	if (p->nr_periods)
		p->periods[p->nr_periods - 1].exe = p->exe;
	memcpy(p->comm, proc->comm, sizeof(p->comm));
}

/* ---- the sink ---- */

static void note_loss(struct html *h, const struct event *ev, const struct proc *proc)
{
	struct html_space *sp = proc && proc->mm ? space_find(h, proc->mm->id) : NULL, *tmp;

	if (h->nr_losses < MAX_LOSSES) {
		h->losses = room_for_one(h->losses, h->nr_losses, sizeof(*h->losses));
		h->losses[h->nr_losses++] =
			(struct html_loss){ ev->ts_ns, ev->lost, sp ? (int64_t)sp->nr : -1 };
	}
	if (sp) {
		space_lose(h, sp, ev);
	} else if (!ev->pid) {
		HASH_ITER(hh, h->by_mm, sp, tmp)
			space_lose(h, sp, ev);
	}
}

static void begin_child(struct html *h, const struct event *ev, const struct proc *child)
{
	struct html_proc *p = proc_get(h, child, ev->ts_ns);

	if (!p)
		return;
	proc_set_space(h, p, child->mm, ev);
	proc_identify_as(h, p, child);
}

static int html_begin(void *priv, const struct event *ev, const struct proc *proc,
		      const struct proc *child)
{
	struct html *h = priv;
	struct html_proc *p;

	if (ev->type == EVENT_LOSS)
		note_loss(h, ev, proc);
	if (!proc || ev->type == EVENT_LOSS)
		return 0;
	/* What is watched for its address space's sake alone is not told of. */
	p = ev->sibling ? proc_find(h, proc->pid) : proc_get(h, proc, ev->ts_ns);
	if (p) {
		proc_set_space(h, p, proc->mm, ev);
		p->nr_failed += event_is_failed(ev) && !ev->sibling;
	}
	if (ev->type == EVENT_FORK && child && !ev->sibling)
		begin_child(h, ev, child);
	return 0;
}

static int html_change(void *priv, const struct change *ch)
{
	struct html *h = priv;
	struct html_space *sp = space_find(h, ch->proc->mm->id);
	bool by_call = ch->ev->type == EVENT_CALL;
	struct html_row row = { .ts_ns = ch->ev->ts_ns,
				.start = ch->start,
				.end = ch->end,
				.attr = &ch->after,
				.event = event_name(ch->ev),
				.tid = by_call ? ch->ev->tid : 0,
				.caller = by_call ? &ch->caller : NULL,
				.facts = &ch->ev->facts };

	if (!sp)
		return 0;
	row.space = sp->nr;
	sp->nr_changes += by_call;
	html_rows_add(&h->rows, &row);
	return 0;
}

/* Worse, it has another sentence. */
static void finding_say(struct html_finding *mine, const struct finding *f)
{
	mine->why = mem_grow(mine->why, f->why.len + 1, 1);
	mine->why_len = f->why.len;
	memcpy(mine->why, f->why.data, f->why.len);
}

static void finding_begin(struct html *h, const struct finding *f)
{
	const struct html_proc *p = proc_find(h, f->pid);
	const struct html_space *sp = p ? proc_space(h, p) : NULL;
	struct html_finding *mine;

	if (!sp || h->nr_findings == MAX_FINDINGS) {
		h->nr_findings_dropped++;
		return;
	}
	h->findings = room_for_one(h->findings, h->nr_findings, sizeof(*h->findings));
	mine = &h->findings[h->nr_findings++];
	*mine = (struct html_finding){ .id = f->id,
				       .first_ns = f->first_ns,
				       .rule = f->rule,
				       .start = f->start,
				       .end = f->end,
				       .proc = p->nr,
				       .space = sp->nr };
}

/* Numbers of findings rise in the order in which they are made. */
static struct html_finding *finding_find(const struct html *h, uint64_t id)
{
	size_t lo = 0, hi = h->nr_findings, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (h->findings[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < h->nr_findings && h->findings[lo].id == id ? &h->findings[lo] : NULL;
}

static int html_finding(void *priv, const struct finding *f)
{
	struct html *h = priv;
	struct html_finding *mine;

	if (f->state == FINDING_NEW)
		finding_begin(h, f);
	mine = finding_find(h, f->id);
	if (!mine)
		return 0;
	if (f->state != FINDING_OVER)
		finding_say(mine, f);
	mine->severity = f->severity;
	mine->nr_changes = f->nr_changes;
	mine->last_ns = f->last_ns;
	return 0;
}

static int html_end(void *priv, const struct event *ev, const struct proc *proc,
		    unsigned int nr_changes)
{
	struct html *h = priv;
	struct html_proc *p;
	struct html_space *sp;

	(void)nr_changes;
	if (!proc || ev->type == EVENT_CALL || ev->type == EVENT_LOSS)
		return 0;
	sp = space_find(h, proc->mm->id);
	if (sp && ev->type == EVENT_RANGE && ev->has_range && ev->ts_ns >= proc->mm->lost_until_ns)
		space_heal(h, sp, proc->mm->as, ev);
	p = proc_find(h, proc->pid);
	if (!p)
		return 0;
	if (ev->type == EVENT_EXEC && p->nr_periods)
		p->periods[p->nr_periods - 1].by_exec = true;
	proc_identify_as(h, p, proc);
	if (ev->type == EVENT_EXIT) {
		p->is_over = true;
		p->exit_code = ev->exit_code;
		proc_end(h, p, ev->ts_ns);
	}
	return 0;
}

static int html_finish(void *priv, const struct totals *totals)
{
	struct html *h = priv;
	struct html_proc *p, *tmp;

	HASH_ITER(hh, h->by_pid, p, tmp)
		proc_end(h, p, totals->end_ns > p->start_ns ? totals->end_ns : p->start_ns);
	return html_page(h, totals);
}

static void html_free(void *priv)
{
	struct html *h = priv;
	size_t i;

	HASH_CLEAR(hh, h->by_pid);
	HASH_CLEAR(hh, h->by_mm);
	for (i = 0; i < h->nr_procs; i++) {
		free(h->procs[i]->periods);
		buf_done(&h->procs[i]->facts);
		free(h->procs[i]);
	}
	for (i = 0; i < h->nr_spaces; i++)
		free(h->spaces[i]);
	for (i = 0; i < h->nr_findings; i++)
		free(h->findings[i].why);
	free(h->procs);
	free(h->spaces);
	free(h->losses);
	free(h->findings);
	html_rows_done(&h->rows);
	free(h);
}

static const struct sink_ops html_ops = {
	.name = "html",
	.begin_event = html_begin,
	.change = html_change,
	.finding = html_finding,
	.end_event = html_end,
	.finish = html_finish,
	.free = html_free,
};

struct sink html_sink_new(const struct html_config *cfg)
{
	struct html *h = mem_alloc(sizeof(*h));

	h->cfg = *cfg;
	html_rows_init(&h->rows, cfg->run->start_ns);
	return (struct sink){ .ops = &html_ops, .priv = h };
}
