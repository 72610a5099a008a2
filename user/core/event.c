/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of events and calls, both ways. */
#include "core/event.h"

#include <errno.h>
#include <string.h>

static const char *const call_names[MPW_NR_CALLS] = {
#define CALL_NAME(ID, name, nargs) [MPW_CALL_##ID] = #name,
	MPW_CALLS(CALL_NAME)
#undef CALL_NAME
};

static const uint8_t call_arg_counts[MPW_NR_CALLS] = {
#define CALL_NARGS(ID, name, nargs) [MPW_CALL_##ID] = nargs,
	MPW_CALLS(CALL_NARGS)
#undef CALL_NARGS
};

const char *event_name(const struct event *ev)
{
	switch (ev->type) {
	case EVENT_CALL:
		return call_name(ev->call.id);
	case EVENT_EXEC:
		return "exec";
	case EVENT_FORK:
		return "fork";
	case EVENT_EXIT:
		return "exit";
	case EVENT_RANGE:
		return "snapshot";
	case EVENT_LOSS:
		return "lost";
	case EVENT_FAULT:
		return "fault";
	case EVENT_PLACE:
		return "place";
	case EVENT_BUILD:
		return "build";
	}
	return "?";
}

const char *call_name(enum mpw_call id)
{
	return id < MPW_NR_CALLS ? call_names[id] : "?";
}

unsigned int call_nr_args(enum mpw_call id)
{
	return id < MPW_NR_CALLS ? call_arg_counts[id] : 0;
}

int call_find(const char *name)
{
	int i;

	for (i = 0; i < MPW_NR_CALLS; i++)
		if (!strcmp(name, call_names[i]))
			return i;
	return -ENOENT;
}

void event_keep_unseen(struct attr *attr, const struct attr *was, const struct event *ev)
{
	attr->flags |= was->flags & VMA_SEALED;
	if (!ev->from_maps)
		return;
	attr->flags |= was->flags & VMA_DONTCOPY;
	attr->pkey = was->pkey;
}
