/* SPDX-License-Identifier: BSD-2-Clause */
/* The slot of a sink is its place in the list. */
#include "core/outputs.h"

#include <assert.h>

void outputs_add(struct outputs *o, struct sink sink)
{
	assert(o->nr < CAST_SLOTS);
	if (sink.slot)
		*sink.slot = o->nr;
	o->sinks[o->nr++] = sink;
}

void outputs_free(struct outputs *o)
{
	for (unsigned int i = 0; i < o->nr; i++)
		if (o->sinks[i].ops->free)
			o->sinks[i].ops->free(o->sinks[i].priv);
}

#define CAST_CALL_AT(o, ts_ns, callback, ...)                                                   \
	do {                                                                                    \
		const struct outputs *o_ = (o);                                                 \
		for (unsigned int i_ = 0; i_ < o_->nr; i_++)                                    \
			if (o_->sinks[i_].ops->callback && sink_sees(&o_->sinks[i_], ts_ns))    \
				o_->sinks[i_].ops->callback(o_->sinks[i_].priv, ##__VA_ARGS__); \
	} while (0)
#define CAST_CALL(o, callback, ...) CAST_CALL_AT(o, UINT64_MAX, callback, ##__VA_ARGS__)

void outputs_forget(const struct outputs *o)
{
	CAST_CALL(o, forget);
}

void outputs_remark(const struct outputs *o, struct buf *b)
{
	CAST_CALL(o, remark, b);
}

static void on_left(void *ctx, struct life *l, struct space *sp, const struct event *ev)
{
	CAST_CALL(ctx, life_left, l, sp, ev);
}

static void on_over(void *ctx, struct life *l)
{
	CAST_CALL(ctx, life_over, l);
}

static void on_lost(void *ctx, struct space *sp, const struct event *ev)
{
	CAST_CALL_AT(ctx, ev->ts_ns, space_lost, sp, ev);
}

static void on_healed(void *ctx, struct space *sp, const struct event *ev)
{
	CAST_CALL_AT(ctx, ev->ts_ns, space_healed, sp, ev);
}

const struct cast_ops outputs_cast_ops = {
	.left = on_left,
	.over = on_over,
	.lost = on_lost,
	.healed = on_healed,
};
