/* SPDX-License-Identifier: BSD-2-Clause */
/* The user's settings: look-up, and matching of suppressions. */
#include "core/rules.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "core/words.h"

#define NS_PER_S 1000000000ULL

void rules_init(struct rules *r)
{
	memset(r, 0, sizeof(*r));
	r->thresholds = (struct thresholds){
		.anon_exec_after_ns = 10 * NS_PER_S,
		.jit_changes = 8,
		.unpack_bytes = 64 << 10,
		.max_map_count = 65530, /* the kernel's default */
	};
}

void rules_done(struct rules *r)
{
	size_t i;

	for (i = 0; i < r->nr_settings; i++)
		free(r->settings[i].id);
	for (i = 0; i < r->nr_suppressions; i++) {
		struct suppression *s = &r->suppressions[i];

		free(s->name);
		free(s->reason);
		free(s->rule);
		free(s->exe);
		free(s->path);
		free(s->caller);
		free(s->transition);
	}
	free(r->settings);
	free(r->suppressions);
}

struct rule_setting *rules_setting(const struct rules *r, const char *id)
{
	size_t i;

	for (i = 0; i < r->nr_settings; i++)
		if (!strcmp(r->settings[i].id, id))
			return &r->settings[i];
	return NULL;
}

static bool glob_matches(const char *glob, const struct object *obj)
{
	struct buf name = { 0 };
	bool yes;

	if (!glob)
		return true;
	word_object(&name, obj);
	yes = !fnmatch(glob, buf_str(&name), 0);
	buf_done(&name);
	return yes;
}

static bool transition_matches(const char *glob, const struct change *ch)
{
	struct buf text = { 0 };
	bool yes;

	if (!glob)
		return true;
	word_transition(&text, ch);
	yes = !fnmatch(glob, buf_str(&text), 0);
	buf_done(&text);
	return yes;
}

bool rules_suppress(struct rules *r, const struct rule *rule, const struct change *ch)
{
	size_t i;

	for (i = 0; i < r->nr_suppressions; i++) {
		struct suppression *s = &r->suppressions[i];

		if (s->rule && strcmp(s->rule, rule->id) != 0)
			continue;
		if (!glob_matches(s->exe, ch->proc->exe) ||
		    !glob_matches(s->path, change_object(ch)) ||
		    !glob_matches(s->caller, ch->caller.obj) ||
		    !transition_matches(s->transition, ch))
			continue;
		s->count++;
		return true;
	}
	return false;
}
