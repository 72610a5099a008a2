/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The audit by unit or by program: sums of their own for each, so that a line says which services could
 * take MemoryDenyWriteExecute=. A unit is the innermost in a process's path of cgroups.
 */
#include <stdlib.h>
#include <string.h>

#include "core/cast.h"
#include "core/words.h"
#include "sink/audit/audit_private.h"
#include "sink/json_put.h"
#include "sink/when.h"
#include "util/escape.h"
#include "util/mem.h"

#define NAME_COLS   40
#define CALLER_COLS 24

static bool ends_unit(const char *name, size_t len)
{
	static const char *const kinds[] = { ".service", ".scope", ".socket", ".mount", ".swap" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (len > strlen(kinds[i]) &&
		    !memcmp(name + len - strlen(kinds[i]), kinds[i], strlen(kinds[i])))
			return true;
	return false;
}

size_t audit_unit_len(const char *path, size_t len)
{
	size_t at;

	for (at = len; at > 0; at--)
		if ((at == len || path[at] == '/') && ends_unit(path, at))
			return at;
	return len;
}

/* The name of p's group; its bytes are p's. */
static struct fact_value name_of(const struct audit_log *log, const struct proc *p)
{
	const struct fact_value *path = &p->facts.value[MPW_FACT_CGROUP];
	struct fact_value ret = { 0 };

	if (log->cfg.by == AUDIT_BY_EXE && p->exe) {
		ret.word = p->exe->name;
		ret.number = p->exe->name_len;
	} else if (log->cfg.by == AUDIT_BY_UNIT && facts_have(&p->facts, MPW_FACT_CGROUP)) {
		ret.word = path->word;
		ret.number = audit_unit_len(path->word, path->number);
	}
	return ret;
}

static bool is_called(const struct audit_group *g, const struct fact_value *name)
{
	return g->name_len == name->number &&
	       (!name->number || !memcmp(g->name, name->word, name->number));
}

static struct audit_group *group_find(struct audit_log *log, const struct fact_value *name)
{
	struct audit_group *g;
	unsigned int i;

	for (i = 0; i < log->nr_groups; i++)
		if (is_called(log->groups[i], name))
			return log->groups[i];
	if (log->nr_groups == GROUPS_MAX)
		return &log->other_groups;
	g = log->groups[log->nr_groups++] = mem_alloc(sizeof(*g));
	g->name_len = name->number;
	g->name = mem_alloc(name->number + 1);
	if (name->number)
		memcpy(g->name, name->word, name->number);
	return g;
}

static void group_add(struct audit_group *g, const struct audit_group *more)
{
	int i;

	if (!g->sums.nr_prctl)
		g->caller = more->caller;
	g->sums.nr_calls += more->sums.nr_calls;
	g->sums.nr_prctl += more->sums.nr_prctl;
	g->sums.nr_unknown += more->sums.nr_unknown;
	g->sums.nr_filter += more->sums.nr_filter;
	g->sums.nr_text_changed += more->sums.nr_text_changed;
	for (i = 0; i < NR_LSM_ASKS; i++) {
		g->sums.asks[i].nr += more->sums.asks[i].nr;
		g->sums.asks[i].nr_maybe += more->sums.asks[i].nr_maybe;
	}
	g->in_doubt |= more->in_doubt;
}

/* The process is in g from now on, and so is what was seen of it before that was known. */
static void life_join(struct audit_life *al, struct audit_group *g)
{
	if (g != al->group)
		g->nr_procs++;
	al->group = g;
	group_add(g, &al->before);
	memset(&al->before, 0, sizeof(al->before));
}

static struct audit_life *life_new(const struct audit_log *log, const struct proc *p)
{
	struct audit_life *al = mem_alloc(sizeof(*al));
	size_t i;

	for (i = 0; i < log->cfg.audit->nr_states; i++)
		if (log->cfg.audit->states[i].pid == p->pid)
			audit_check_modules(&al->before.sums, &log->cfg.audit->states[i]);
	return al;
}

struct audit_group *audit_group_of(struct audit_log *log, const struct proc *p)
{
	struct audit_life *al = p->life->slots[log->slot];
	struct fact_value name;

	if (!log->cfg.by)
		return NULL;
	if (!al)
		al = p->life->slots[log->slot] = life_new(log, p);
	name = name_of(log, p);
	if (!name.number)
		return al->group ? al->group : &al->before;
	if (!al->group || al->group == &log->other_groups || !is_called(al->group, &name))
		life_join(al, group_find(log, &name));
	return al->group;
}

void audit_group_doubt(struct audit_log *log, const struct life *l)
{
	struct audit_life *al = l->slots[log->slot];

	if (al)
		(al->group ? al->group : &al->before)->in_doubt = true;
}

void audit_group_over(struct audit_log *log, struct life *l)
{
	const struct fact_value nobody = { 0 };
	struct audit_life *al = l->slots[log->slot];

	if (!al)
		return;
	if (!al->group)
		life_join(al, group_find(log, &nobody));
	free(al);
	life_release(l, log->slot);
}

/* ---- output ---- */

static int by_verdict(const void *a, const void *b)
{
	const struct audit_group *g = *(struct audit_group *const *)a;
	const struct audit_group *h = *(struct audit_group *const *)b;
	size_t len = g->name_len < h->name_len ? g->name_len : h->name_len;
	int cmp = len ? memcmp(g->name, h->name, len) : 0;

	if (g->sums.prctl != h->sums.prctl)
		return g->sums.prctl < h->sums.prctl ? -1 : 1;
	return cmp ? cmp : (g->name_len > h->name_len) - (g->name_len < h->name_len);
}

void audit_groups_finish(struct audit_log *log, bool certain)
{
	unsigned int i;

	for (i = 0; i < log->nr_groups; i++)
		audit_settle(&log->groups[i]->sums, certain && !log->groups[i]->in_doubt);
	audit_settle(&log->other_groups.sums, certain && !log->other_groups.in_doubt);
	qsort(log->groups, log->nr_groups, sizeof(*log->groups), by_verdict);
}

static void put_number(struct buf *b, uint64_t v, size_t cols)
{
	size_t mark = b->len;

	buf_dec(b, v);
	align_right(b, mark, cols);
}

static void put_line(struct buf *b, const struct audit_group *g, const char *name)
{
	const char *verdict = audit_verdict_word(g->sums.prctl);
	size_t cols = strlen(name);

	buf_puts(b, "  ");
	buf_puts(b, verdict);
	buf_fill(b, ' ', 12 - strlen(verdict));
	put_number(b, g->nr_procs, 9);
	put_number(b, g->sums.nr_calls, 9);
	put_number(b, g->sums.nr_prctl, 9);
	buf_puts(b, "  ");
	if (*name)
		buf_puts(b, name);
	else
		cols = escape_text_cut(b, g->name, g->name_len, NAME_COLS);
	if (g->sums.nr_prctl && (g->caller.obj || g->caller.addr)) {
		buf_fill(b, ' ', cols < NAME_COLS ? NAME_COLS - cols + 1 : 1);
		word_caller(b, &g->caller, CALLER_COLS);
	}
	buf_putc(b, '\n');
}

void audit_groups_text(struct buf *b, const struct audit_log *log)
{
	const char *heading = log->cfg.by == AUDIT_BY_UNIT ? "UNIT" : "PROGRAM";
	unsigned int i;

	if (!log->cfg.by)
		return;
	buf_puts(b, "\n  PR_SET_MDWE PROCESSES    CALLS  REFUSES  ");
	buf_puts(b, heading);
	buf_fill(b, ' ', NAME_COLS + 1 - strlen(heading));
	buf_puts(b, "FIRST CALLER\n");
	for (i = 0; i < log->nr_groups; i++)
		put_line(b, log->groups[i], log->groups[i]->name_len ? "" : "(not known)");
	if (log->other_groups.nr_procs)
		put_line(b, &log->other_groups, "(others)");
}

static void put_object(struct buf *b, const struct audit_group *g, bool is_other)
{
	static const char *const
		words[] = { [MDWE_ALLOWS] = "yes", [MDWE_UNKNOWN] = "unsure", [MDWE_REFUSES] = "no" };

	buf_putc(b, '{');
	put_key(b, "name");
	if (is_other || !g->name_len)
		buf_puts(b, is_other ? "\"(others)\"" : "null");
	else
		escape_json(b, g->name, g->name_len);
	put_word(b, "verdict", words[g->sums.prctl]);
	put_word(b, "filter", words[g->sums.filter]);
	put_u64(b, "processes", g->nr_procs);
	put_u64(b, "calls", g->sums.nr_calls);
	put_u64(b, "refuses", g->sums.nr_prctl);
	put_u64(b, "filter_refuses", g->sums.nr_filter);
	put_u64(b, "unsure", g->sums.nr_unknown);
	if (g->sums.nr_prctl)
		put_site(b, "caller", &g->caller);
	buf_putc(b, '}');
}

void audit_groups_json(struct buf *b, const struct audit_log *log)
{
	unsigned int i;

	if (!log->cfg.by)
		return;
	put_word(b, "by", log->cfg.by == AUDIT_BY_UNIT ? "unit" : "exe");
	put_key(b, "groups");
	buf_putc(b, '[');
	for (i = 0; i < log->nr_groups; i++) {
		if (i)
			buf_putc(b, ',');
		put_object(b, log->groups[i], false);
	}
	if (log->other_groups.nr_procs) {
		if (i)
			buf_putc(b, ',');
		put_object(b, &log->other_groups, true);
	}
	buf_putc(b, ']');
}

void audit_groups_free(struct audit_log *log)
{
	unsigned int i;

	for (i = 0; i < log->nr_groups; i++) {
		free(log->groups[i]->name);
		free(log->groups[i]);
	}
}
