/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings: changes that detectors raise are folded into findings, by rule and region. */
#include "core/judge_private.h"

#include <assert.h>
#include <string.h>

#include "util/mem.h"

static bool finding_takes(const struct finding *f, const struct change *ch, enum fold fold)
{
	if (f->is_single || fold == FOLD_NEVER)
		return false;
	return fold == FOLD_PROCESS || (f->start <= ch->end && ch->start <= f->end);
}

static struct finding *find_fold(struct suspect *s, const struct rule *rule,
				 const struct change *ch, enum fold fold, bool *ret_other)
{
	struct finding *last = NULL;
	unsigned int nr = 0;
	size_t i;

	*ret_other = false;
	if (s->last && s->last->rule == rule && finding_takes(s->last, ch, fold))
		return s->last;
	for (i = 0; i < s->nr_findings; i++) {
		struct finding *f = s->findings[i];

		if (f->rule != rule)
			continue;
		if (finding_takes(f, ch, fold))
			return f;
		last = f;
		nr++;
	}
	if (nr < FINDINGS_MAX)
		return NULL;
	*ret_other = true;
	return last;
}

static struct finding *finding_add(struct view *v, struct suspect *s, const struct rule *rule,
				   enum severity severity, enum fold fold)
{
	struct finding *f = mem_alloc(sizeof(*f));
	const struct change *ch = v->ch;

	f->id = ++v->judge->nr_findings;
	f->rule = rule;
	f->severity = severity;
	f->is_single = fold == FOLD_NEVER;
	f->pid = v->proc->pid;
	f->start_ns = v->proc->start_ns;
	memcpy(f->comm, v->proc->comm, sizeof(f->comm));
	f->exe = v->proc->exe;
	f->start = ch->start;
	f->end = ch->end;
	f->mapping = attr_is_mapped(&ch->after) ? ch->after.obj : ch->before.obj;
	f->nr_regions = 1;
	f->caller = ch->caller;
	f->first_ns = v->ev->ts_ns;
	s->findings = mem_grow(s->findings, s->nr_findings + 1, sizeof(*s->findings));
	s->findings[s->nr_findings++] = f;
	v->judge->verdicts.nr[severity]++;
	return f;
}

static void finding_count(struct finding *f, const struct view *v, bool other_region)
{
	const struct change *ch = v->ch;

	f->nr_calls += f->last_event != v->event_nr;
	f->last_event = v->event_nr;
	f->last_ns = ch->ev->ts_ns > f->last_ns ? ch->ev->ts_ns : f->last_ns;
	f->nr_changes++;
	if (other_region) {
		f->nr_regions += ch->start > f->other_end || ch->end < f->other_start;
		f->other_start = ch->start;
		f->other_end = ch->end;
	} else if (ch->end) { /* a write may have no place that is known */
		f->start = ch->start < f->start || !f->end ? ch->start : f->start;
		f->end = ch->end > f->end ? ch->end : f->end;
	}
	if (f->nr_kept < FINDING_CHANGES)
		f->changes[f->nr_kept++] = (struct finding_change){ ch->ev->ts_ns, ch->start,
								    ch->end,	   ch->before,
								    ch->after,	   ch->number };
}

/* True if the user wants the finding; sets the user's severity. */
static bool is_wanted(struct view *v, const struct rule *rule, enum severity *severity)
{
	struct judge *j = v->judge;
	struct rule_setting *set = rules_setting(j->rules, rule->id);

	if (v->ev->sibling)
		return false;
	if (set) {
		set->seen = true;
		if (set->disabled)
			return false;
		if (set->severity >= 0)
			*severity = set->severity;
	}
	if (rules_suppress(j->rules, rule, v->ch)) {
		j->verdicts.nr_suppressed++;
		return false;
	}
	if (j->rules->met)
		j->rules->met(j->rules->met_ctx, rule, v->ch);
	return true;
}

struct finding *view_raise(struct view *v, const struct rule *rule, enum severity severity,
			   enum fold fold)
{
	struct judge *j = v->judge;
	struct suspect *s = v->proc->mm->suspect;
	struct finding *f;
	bool other;

	if (v->is_late && severity > SEVERITY_MEDIUM)
		severity = SEVERITY_MEDIUM;
	if (!is_wanted(v, rule, &severity))
		return NULL;
	f = find_fold(s, rule, v->ch, fold, &other);
	if (!f) {
		f = finding_add(v, s, rule, severity, fold);
	} else if (severity > f->severity) {
		j->verdicts.nr[f->severity]--;
		j->verdicts.nr[severity]++;
		f->severity = severity;
		f->state = FINDING_WORSE;
		f->why.len = 0;
	} else {
		s->last = f;
		finding_count(f, v, other);
		return NULL;
	}
	s->last = f;
	finding_count(f, v, other);
	assert(j->nr_pending < PENDING_MAX);
	j->pending[j->nr_pending++] = f;
	return f;
}

void view_count_elsewhere(struct view *v, const struct rule *rule)
{
	bool other;
	struct finding *f = find_fold(v->proc->mm->suspect, rule, v->ch, FOLD_REGION, &other);

	if (!f || other || f->last_event == v->event_nr)
		return;
	f->nr_elsewhere++;
	f->last_event = v->event_nr;
}

bool view_is_off(const struct view *v, const struct rule *rule)
{
	const struct rule_setting *set = rules_setting(v->judge->rules, rule->id);

	return set && set->disabled;
}
