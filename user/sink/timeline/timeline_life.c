/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory is bounded: a life that calls exec for ever loses its oldest spaces, which are counted. */
#include "sink/timeline/timeline_life.h"

#include <stdlib.h>

#include "util/mem.h"

#define MAX_SPACES 64 /* of one life */

struct interest timeline_life_interest(const struct timeline_life *tl)
{
	struct interest ret = tl->dropped;

	for (const struct timeline_space *ts = tl->spaces; ts; ts = ts->next) {
		const struct history *h = ts->history;
		int level = h->has_others && !h->nr_changes ? 0 :
			    h->was_wx			    ? 3 :
			    h->was_flipped || ts->nr_writes ? 2 :
			    h->nr_changes		    ? 1 :
							      0;

		if (level > ret.level)
			ret.level = level;
		ret.nr_changes += h->nr_changes;
	}
	if (tl->nr_findings && tl->worst >= SEVERITY_MEDIUM)
		ret.level = 4;
	return ret;
}

int interest_compare(struct interest a, struct interest b)
{
	if (a.level != b.level)
		return a.level < b.level ? -1 : 1;
	return a.nr_changes < b.nr_changes ? -1 : a.nr_changes > b.nr_changes;
}

static void space_free(struct timeline_space *ts)
{
	history_free(ts->history);
	free(ts);
}

/* The oldest that no shown life has goes; none if all are lived in. */
static void drop_oldest(struct timeline_life *tl)
{
	struct timeline_space **at = &tl->spaces, *ts;

	while (*at && (*at)->space)
		at = &(*at)->next;
	ts = *at;
	if (!ts)
		return;
	*at = ts->next;
	ts->next = NULL;
	tl->dropped = timeline_life_interest(
		&(struct timeline_life){ .spaces = ts, .dropped = tl->dropped });
	tl->nr_dropped++;
	tl->nr_spaces--;
	space_free(ts);
}

struct timeline_space *timeline_space_new(struct timeline_life *tl, struct space *sp,
					  struct history_budget *budget, uint64_t ts_ns)
{
	struct timeline_space *ts = mem_alloc(sizeof(*ts)), **tail = &tl->spaces;

	if (tl->nr_spaces >= MAX_SPACES)
		drop_oldest(tl);
	tl->nr_spaces++;
	ts->space = sp;
	ts->owner = tl;
	ts->nr = sp->nr;
	ts->start_ns = ts->end_ns = ts_ns;
	ts->history = history_new(budget, ts_ns, sp->mm->as);
	while (*tail)
		tail = &(*tail)->next;
	*tail = ts;
	return ts;
}

void timeline_spaces_free(struct timeline_life *tl)
{
	struct timeline_space *ts, *next;

	for (ts = tl->spaces; ts; ts = next) {
		next = ts->next;
		space_free(ts);
	}
	tl->spaces = NULL;
}
