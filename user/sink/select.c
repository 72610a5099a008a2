/* SPDX-License-Identifier: BSD-2-Clause */
/* The choice of events that become lines; see struct select. */
#include <errno.h>
#include <string.h>

#include "sink/line_config.h"

#include "core/effect.h"

static const struct {
	const char *name;
	enum event_type type;
} lifecycle[] = { { "exec", EVENT_EXEC },   { "fork", EVENT_FORK },   { "exit", EVENT_EXIT },
		  { "fault", EVENT_FAULT }, { "place", EVENT_PLACE }, { "build", EVENT_BUILD },
		  { "write", EVENT_WRITE } };

void select_all(struct select *sel)
{
	sel->calls = ~0ULL;
	sel->types = ~0U;
	sel->failed_only = false;
	sel->findings_only = false;
}

/* Adds the event with that name, or takes it out (!on). 0, or -ENOENT. */
static int select_one(struct select *sel, const char *word, size_t len, bool on)
{
	char name[32];
	size_t i;
	int id;

	if (len >= sizeof(name))
		return -ENOENT;
	memcpy(name, word, len);
	name[len] = '\0';
	for (i = 0; i < sizeof(lifecycle) / sizeof(*lifecycle); i++)
		if (!strcmp(name, lifecycle[i].name)) {
			uint32_t bit = 1U << lifecycle[i].type;

			sel->types = on ? sel->types | bit : sel->types & ~bit;
			return 0;
		}
	id = call_find(name);
	if (id < 0)
		return -ENOENT;
	sel->calls = on ? sel->calls | 1ULL << id : sel->calls & ~(1ULL << id);
	return 0;
}

int select_parse(struct select *sel, const char *set, const char **ret_word)
{
	const char *p = set;

	if (*p != '!') {
		sel->calls = 0;
		sel->types = 0;
	}
	do {
		bool on = *p != '!';
		size_t len;

		p += !on;
		len = strcspn(p, ",");
		if (select_one(sel, p, len, on)) {
			*ret_word = p;
			return -ENOENT;
		}
		p += len;
	} while (*p++ == ',');
	return 0;
}

bool select_wants(const struct select *sel, const struct event *ev)
{
	if (ev->sibling)
		return false;
	if (ev->type == EVENT_LOSS)
		return true;
	if (sel->findings_only)
		return false;
	if (event_is_snapshot(ev))
		return true;
	if (sel->failed_only && !event_is_vain(ev))
		return false;
	if (ev->type == EVENT_CALL)
		return sel->calls >> ev->call.id & 1;
	return sel->types >> ev->type & 1;
}
