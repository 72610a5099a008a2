/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer for one process. */
#include "core/whom.h"

#include <stdlib.h>
#include <string.h>

#include "util/glob.h"
#include "util/mem.h"

bool id_list_has(const struct id_list *list, uint32_t id)
{
	size_t i;

	for (i = 0; i < list->nr && list->id[i] != id; i++)
		;
	return i < list->nr;
}

void id_list_add(struct id_list *list, uint32_t id)
{
	list->id = mem_grow(list->id, list->nr + 1, sizeof(*list->id));
	list->id[list->nr++] = id;
}

/* True if path is the cgroup, or one below it. */
static bool is_within(const struct fact_value *path, const char *cgroup)
{
	size_t len = strlen(cgroup);

	while (len && cgroup[len - 1] == '/')
		len--;
	return path->number >= len && !memcmp(path->word, cgroup, len) &&
	       (path->number == len || path->word[len] == '/');
}

uint32_t whom_facts(const struct whom *w)
{
	return (w->uids.nr ? 1U << MPW_FACT_UID : 0) | (w->by_cgroup ? 1U << MPW_FACT_CGROUP : 0);
}

/* True if a known property breaks a condition. */
static bool is_unwanted(const struct whom *w, const struct whom_process *p)
{
	const struct facts *f = p->facts;

	if (w->pids.nr && !id_list_has(&w->pids, p->pid))
		return true;
	if (w->by_comm && p->comm && !commglob_matches(&w->comm, p->comm))
		return true;
	if (w->exe && p->exe && !glob_matches_path(w->exe, p->exe->name, p->exe->name_len))
		return true;
	if (w->uids.nr && facts_have(f, MPW_FACT_UID) &&
	    !id_list_has(&w->uids, f->value[MPW_FACT_UID].number))
		return true;
	return w->by_cgroup && facts_have(f, MPW_FACT_CGROUP) &&
	       !is_within(&f->value[MPW_FACT_CGROUP], w->cgroup);
}

enum whom_answer whom_ask(const struct whom *w, const struct whom_process *p)
{
	if (is_unwanted(w, p))
		return WHOM_NO;
	if ((w->by_comm && !p->comm) || (w->exe && !p->exe) || whom_facts(w) & ~p->facts->has)
		return WHOM_UNKNOWN;
	return WHOM_YES;
}

void whom_filter(const struct whom *w, struct mpw_filter *ret)
{
	size_t i;

	*ret = (struct mpw_filter){ .by_any = whom_asks_kernel(w),
				    .by_pid = w->pids.nr > 0 && !w->tids.nr,
				    .by_tid = w->tids.nr > 0,
				    .nr_uids = w->uids.nr,
				    .by_cgroup = w->by_cgroup,
				    .by_comm = w->by_comm,
				    .follow = w->follow,
				    .comm = w->comm };
	for (i = 0; i < w->uids.nr; i++)
		ret->uid[i] = w->uids.id[i];
}

bool whom_asks_kernel(const struct whom *w)
{
	return w->pids.nr || w->uids.nr || w->by_comm || w->by_cgroup;
}

bool whom_is_some(const struct whom *w)
{
	return whom_asks_kernel(w) || w->exe;
}

void whom_describe(struct buf *b, const struct whom *w)
{
	const struct id_list *ids = w->tids.nr ? &w->tids : &w->pids;
	size_t i;

	if (!ids->nr) {
		buf_puts(b, whom_is_some(w) ? "all processes that match" : "the whole machine");
		return;
	}
	buf_puts(b, w->tids.nr ? "thread" : "process");
	for (i = 0; i < ids->nr; i++)
		buf_printf(b, "%s %u", i ? "," : "", ids->id[i]);
}

void whom_done(struct whom *w)
{
	free(w->pids.id);
	free(w->tids.id);
	free(w->uids.id);
	free(w->cgroup);
}
