/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The HTML timeline: every change of every process, kept until the run ends, then one page that
 * draws them (html_page.c). Memory is bounded: where there is no more room, what is dense gets
 * coarser (html_thin.c).
 */
#include "sink/html/html.h"

#include <stdlib.h>

#include "sink/html/html_sink.h"
#include "sink/output.h"
#include "util/mem.h"
#include "wire.h"

#define MAX_PROCS    20000
#define MAX_SPACES   40000
#define MAX_FINDINGS 20000
#define MAX_LOSSES   20000
#define MAX_FACTS    (32u << 20) /* bytes of processes' facts */

#define ULL(v) ((unsigned long long)(v))

static const struct attr unmapped, unknown = { .flags = VMA_UNKNOWN };

/* Makes room for one element behind nr; arrays grow by doubling. */
static void *room_for_one(void *v, size_t nr, size_t n_bytes)
{
	return nr & (nr - 1) ? v : mem_grow(v, nr ? 2 * nr : 1, n_bytes);
}

/* ---- address spaces ---- */

static struct html_space *space_of(const struct html *h, const struct space *sp)
{
	return sp->slots[h->slot];
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

/* The space begins with rows of the mappings that it has already. */
static struct html_space *space_new(struct html *h, const struct html_proc *p, struct space *sp,
				    const struct event *ev)
{
	const struct aspace *as = sp->mm->as;
	struct html_space *hs = mem_alloc(sizeof(*hs));

	hs->nr = h->nr_spaces;
	hs->owner = p->nr;
	hs->start_ns = hs->end_ns = ev->ts_ns;
	hs->was_known = aspace_is_known(as);
	h->spaces = room_for_one(h->spaces, h->nr_spaces, sizeof(*h->spaces));
	h->spaces[h->nr_spaces++] = hs;
	sp->slots[h->slot] = hs;
	for (const struct vma *v = aspace_find(as, 0); v; v = aspace_next(as, v))
		add_row(h, hs, ev, v);
	return hs;
}

static void html_lost(void *priv, struct space *sp, const struct event *ev)
{
	struct html_space *hs = space_of(priv, sp);

	if (hs && !space_is_lost(sp))
		add_row(priv, hs, ev, &(struct vma){ 0, MPW_TASK_MAX, unknown });
}

/*
 * A space of which records were lost gets rows for the whole range; any other only for its stacks,
 * which grow without a change.
 */
static void html_healed(void *priv, struct space *sp, const struct event *ev)
{
	const struct html_space *hs = space_of(priv, sp);
	bool is_lost = space_is_lost(sp);
	uint64_t at = ev->lo;

	if (!hs)
		return;
	for (const struct vma *v = aspace_find(sp->mm->as, ev->lo); v && v->start < ev->hi;
	     v = aspace_next(sp->mm->as, v)) {
		if (is_lost && at < v->start)
			add_row(priv, hs, ev, &(struct vma){ at, v->start, unmapped });
		if (is_lost || v->attr.flags & VMA_GROWSDOWN)
			add_row(priv, hs, ev, v);
		at = v->end;
	}
	if (is_lost && at < ev->hi)
		add_row(priv, hs, ev, &(struct vma){ at, ev->hi, unmapped });
}

static void html_left(void *priv, struct life *l, struct space *sp, const struct event *ev)
{
	struct html *h = priv;
	struct html_space *hs = space_of(h, sp);

	(void)l;
	(void)ev;
	if (!hs || sp->nr_shown)
		return;
	hs->end_ns = sp->end_ns;
	sp->slots[h->slot] = NULL;
}

/* ---- processes ---- */

/* Ends the period of another address space, if the life has this one only from now on. */
static void proc_set_space(struct html *h, struct html_proc *p, const struct event *ev)
{
	struct space *sp = p->life->space;
	struct html_space *hs = space_of(h, sp);

	if (hs && p->nr_periods && p->periods[p->nr_periods - 1].space == hs->nr)
		return;
	if (!hs && h->nr_spaces == MAX_SPACES) {
		h->nr_spaces_dropped++;
		return;
	}
	if (!hs)
		hs = space_new(h, p, sp, ev);
	p->periods = room_for_one(p->periods, p->nr_periods, sizeof(*p->periods));
	p->periods[p->nr_periods++] =
		(struct html_period){ .space = hs->nr, .exe = p->life->exe, .from_ns = ev->ts_ns };
}

/* The process of l, in the address space that l has now; NULL if there are too many. */
static struct html_proc *proc_at(struct html *h, struct life *l, const struct event *ev)
{
	struct html_proc *p = l->slots[h->slot];

	if (!p && h->nr_procs == MAX_PROCS)
		return NULL;
	if (!p) {
		p = l->slots[h->slot] = mem_alloc(sizeof(*p));
		p->life = l;
		p->nr = h->nr_procs;
		h->procs = room_for_one(h->procs, h->nr_procs, sizeof(*h->procs));
		h->procs[h->nr_procs++] = p;
	}
	proc_set_space(h, p, ev);
	return p;
}

/* The latest facts replace those before them, unless they find no room. */
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

/* ---- the sink ---- */

static void note_loss(struct html *h, const struct event *ev, const struct proc *proc)
{
	const struct html_space *hs = proc ? space_of(h, proc->mm->space) : NULL;

	if (ev->given_up || h->nr_losses == MAX_LOSSES || (ev->sibling && !hs))
		return;
	h->losses = room_for_one(h->losses, h->nr_losses, sizeof(*h->losses));
	h->losses[h->nr_losses++] =
		(struct html_loss){ ev->ts_ns, ev->lost, hs ? (int64_t)hs->nr : -1 };
}

static int html_begin(void *priv, const struct event *ev, const struct proc *proc,
		      const struct proc *child)
{
	struct html *h = priv;
	const struct html_space *hs;
	struct html_proc *p;

	/* Lives that are watched for the sake of their address space only are not shown. */
	if (proc && proc->life->is_shown) {
		p = proc_at(h, proc->life, ev);
		if (p)
			p->nr_failed += event_is_failed(ev) && !ev->sibling;
	}
	if (child && child->life->is_shown) {
		p = proc_at(h, child->life, ev);
		if (p)
			proc_take_facts(h, p, child);
	}
	if (ev->type == EVENT_LOSS)
		note_loss(h, ev, proc);
	hs = proc ? space_of(h, proc->mm->space) : NULL;
	if (hs && ev->type == EVENT_WRITE)
		writes_add(&h->writes, hs->nr, ev);
	return 0;
}

static int html_change(void *priv, const struct change *ch)
{
	struct html *h = priv;
	struct html_space *hs = space_of(h, ch->proc->mm->space);
	bool by_call = ch->ev->type == EVENT_CALL;
	struct html_row row = { .ts_ns = ch->ev->ts_ns,
				.start = ch->start,
				.end = ch->end,
				.attr = &ch->after,
				.event = event_name(ch->ev),
				.tid = by_call ? ch->ev->tid : 0,
				.caller = by_call ? &ch->caller : NULL,
				.facts = &ch->ev->facts };

	if (!hs)
		return 0;
	row.space = hs->nr;
	hs->nr_changes += by_call;
	html_rows_add(&h->rows, &row);
	return 0;
}

/* A finding that is worse has another sentence. */
static void finding_set_why(struct html_finding *mine, const struct finding *f)
{
	mine->why = mem_grow(mine->why, f->why.len + 1, 1);
	mine->why_len = f->why.len;
	memcpy(mine->why, f->why.data, f->why.len);
}

/*
 * Adds a finding that is new, or that has no place yet and is worse now. The worse it is, the more of
 * the room is for it: lesser ones, of which a program can make any number, keep out no worse one.
 */
static struct html_finding *finding_place(struct html *h, const struct finding *f)
{
	const struct html_proc *p = f->life ? f->life->slots[h->slot] : NULL;
	const struct html_space *hs = p ? space_of(h, f->life->space) : NULL;
	size_t room = MAX_FINDINGS / NR_SEVERITIES * (f->severity + 1);
	struct html_finding *mine;

	if (!hs || h->nr_findings >= room) {
		h->nr_findings_dropped += f->state == FINDING_NEW;
		return NULL;
	}
	h->nr_findings_dropped -= f->state == FINDING_WORSE && h->nr_findings_dropped;
	h->findings = room_for_one(h->findings, h->nr_findings, sizeof(*h->findings));
	for (mine = &h->findings[h->nr_findings++]; mine > h->findings; mine--) {
		if (mine[-1].id < f->id)
			break;
		*mine = mine[-1];
	}
	*mine = (struct html_finding){ .id = f->id,
				       .first_ns = f->first_ns,
				       .rule = f->rule,
				       .start = f->start,
				       .end = f->end,
				       .proc = p->nr,
				       .space = hs->nr };
	return mine;
}

/* Findings stand in the order of their ids. */
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
	struct html_finding *mine = finding_find(h, f->id);

	if (!mine && f->state != FINDING_OVER)
		mine = finding_place(h, f);
	if (!mine)
		return 0;
	if (f->state != FINDING_OVER)
		finding_set_why(mine, f);
	mine->severity = f->severity;
	mine->nr_changes = f->nr_changes;
	mine->last_ns = f->last_ns;
	return 0;
}

static int html_end(void *priv, const struct event *ev, const struct proc *proc,
		    unsigned int nr_changes)
{
	struct html *h = priv;
	struct html_proc *p = proc ? proc->life->slots[h->slot] : NULL;

	(void)nr_changes;
	if (!p || !p->nr_periods || ev->type == EVENT_CALL || ev->type == EVENT_LOSS)
		return 0;
	p->periods[p->nr_periods - 1].by_exec |= ev->type == EVENT_EXEC;
	p->periods[p->nr_periods - 1].exe = p->life->exe;
	proc_take_facts(h, p, proc);
	return 0;
}

static int html_finish(void *priv, const struct totals *totals)
{
	struct html *h = priv;

	h->nr_procs_dropped = totals->nr_procs > h->nr_procs ? totals->nr_procs - h->nr_procs : 0;
	return html_page(h, totals);
}

static void html_remark(void *priv, struct buf *b)
{
	const struct html *h = priv;
	const struct html_rows *rows = &h->rows;

	if (rows->nr_dropped)
		buf_printf(b,
			   "the page knows nothing from %.3f s on: %llu states of ranges found no "
			   "room in it%s",
			   (rows->full_ns - rows->start_ns) / 1e9, ULL(rows->nr_dropped),
			   rows->nr_added > rows->nr ? ", though all before are merged" : "");
	else if (rows->nr_added > rows->nr)
		buf_printf(
			b,
			"the page has less detail where places changed often: %llu of %llu states "
			"of ranges are merged, over the whole time",
			ULL(rows->nr_added - rows->nr), ULL(rows->nr_added));
	if (rows->nr_unnamed)
		buf_printf(b,
			   "%sthe page has no room for the names of %llu mappings: they show as "
			   "(too many mappings)",
			   b->len ? "; " : "", ULL(rows->nr_unnamed));
	if (h->nr_procs_dropped || h->nr_spaces_dropped || h->nr_findings_dropped ||
	    h->writes.nr_dropped)
		buf_printf(b,
			   "%s %llu processes, %llu address spaces, %llu findings and %llu writes",
			   b->len ? "; nor has it room for" : "the page has no room for",
			   ULL(h->nr_procs_dropped), ULL(h->nr_spaces_dropped),
			   ULL(h->nr_findings_dropped), ULL(h->writes.nr_dropped));
}

static void html_free(void *priv)
{
	struct html *h = priv;
	size_t i;

	for (i = 0; i < h->nr_procs; i++) {
		life_release(h->procs[i]->life, h->slot);
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
	writes_done(&h->writes);
	free(h);
}

static const struct sink_ops html_ops = {
	.name = "html",
	.keeps_objects = true,
	.begin_event = html_begin,
	.change = html_change,
	.finding = html_finding,
	.life_left = html_left,
	.space_lost = html_lost,
	.space_healed = html_healed,
	.end_event = html_end,
	.finish = html_finish,
	.remark = html_remark,
	.free = html_free,
};

struct sink html_sink_new(const struct html_config *cfg)
{
	struct html *h = mem_alloc(sizeof(*h));

	h->cfg = *cfg;
	html_rows_init(&h->rows, cfg->run->start_ns);
	return (struct sink){ .ops = &html_ops, .priv = h, .slot = &h->slot };
}

static const struct opt html_options[] = {
	{ 0, "html", "FILE", "as a page to explore in a browser", output_choose_file, 0, 0 },
	{ 0 },
};

static int html_open(const struct output_env *env, void *options, struct sink *ret)
{
	const struct html_config cfg = { .out = env->out, .run = env->run, .utc = env->show->utc };

	(void)options;
	*ret = html_sink_new(&cfg);
	return 0;
}

const struct output html_output = {
	.name = "html",
	.kind = OUTPUT_TIMELINE,
	.heading = "As a file",
	.rows = html_options,
	.options_bytes = sizeof(struct output_choice),
	.shows_all = true,
	.open = html_open,
	.tells_places = true,
};
