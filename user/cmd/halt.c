/* SPDX-License-Identifier: BSD-2-Clause */
/* A place is a time, or the number of a change; key frames are no part of the stream. */
#include "cmd/halt.h"

#include <errno.h>

#include "core/change.h"

static int stop_at_place(void *priv, const struct event *ev)
{
	struct halt *h = priv;
	bool is_behind = h->place.change ? h->nr_changes >= h->place.change :
					   ev->ts_ns > h->place.ts_ns;

	if (is_behind && !replay_in_key(h->r))
		return -ECANCELED;
	h->last_ns = ev->ts_ns;
	return 0;
}

static int count_change(void *priv, const struct change *ch)
{
	struct halt *h = priv;

	if (!replay_in_key(h->r))
		h->nr_changes += change_is_counted(ch);
	return 0;
}

static const struct sink_ops halt_ops = { .name = "halt",
					  .event = stop_at_place,
					  .change = count_change };

struct sink halt_sink(struct halt *h)
{
	return (struct sink){ .ops = &halt_ops, .priv = h };
}

bool halt_was_missed(const struct halt *h)
{
	return h->nr_changes < h->place.change;
}

uint64_t halt_end_ns(const struct halt *h)
{
	return h->place.change ? h->last_ns : h->place.ts_ns;
}
