/* SPDX-License-Identifier: BSD-2-Clause */
/* The verdict on one process. */
#include "core/whom.h"

#include <stdlib.h>
#include <string.h>

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

static enum whom_answer answer(bool is_known, bool is_so)
{
	return !is_known ? WHOM_UNKNOWN : is_so ? WHOM_YES : WHOM_NO;
}

/* Is path that of the cgroup, or of one below it? */
static bool is_within(const char *path, const char *cgroup)
{
	size_t len = strlen(cgroup);

	while (len && cgroup[len - 1] == '/')
		len--;
	return !strncmp(path, cgroup, len) && (!path[len] || path[len] == '/');
}

enum whom_answer whom_ask(const struct whom *w, const struct whom_process *p)
{
	const enum whom_answer answers[] = {
		answer(true, !w->pids.nr || id_list_has(&w->pids, p->pid)),
		answer(!w->by_uid || p->has_uid, !w->by_uid || p->uid == w->uid),
		answer(!w->by_comm || p->comm,
		       !w->by_comm || (p->comm && commglob_matches(&w->comm, p->comm))),
		answer(!w->by_cgroup || p->cgroup,
		       !w->by_cgroup || (p->cgroup && is_within(p->cgroup, w->cgroup))),
	};
	enum whom_answer ret = WHOM_YES;
	size_t i;

	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		if (answers[i] == WHOM_NO)
			return WHOM_NO;
		if (answers[i] == WHOM_UNKNOWN)
			ret = WHOM_UNKNOWN;
	}
	return ret;
}

void whom_filter(const struct whom *w, struct mpw_filter *ret)
{
	*ret = (struct mpw_filter){ .by_any = whom_is_some(w),
				    .by_pid = w->pids.nr > 0 && !w->tids.nr,
				    .by_tid = w->tids.nr > 0,
				    .by_uid = w->by_uid,
				    .by_cgroup = w->by_cgroup,
				    .by_comm = w->by_comm,
				    .follow = w->follow,
				    .uid = w->uid,
				    .comm = w->comm };
}

bool whom_is_some(const struct whom *w)
{
	return w->pids.nr || w->by_uid || w->by_comm || w->by_cgroup;
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
	free(w->cgroup);
}
