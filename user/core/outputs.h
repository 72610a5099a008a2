/* SPDX-License-Identifier: BSD-2-Clause */
/* The outputs of a pipeline: a list of sinks that are called one after the other. */
#ifndef CORE_OUTPUTS_H
#define CORE_OUTPUTS_H

#include "core/cast.h"
#include "core/sink.h"

struct outputs {
	struct sink sinks[CAST_SLOTS];
	unsigned int nr;
	int err; /* first error of a sink, -errno: after it only the cast calls sinks */
};

/* Takes sink over. */
void outputs_add(struct outputs *o, struct sink sink);
void outputs_free(struct outputs *o);
void outputs_forget(const struct outputs *o);
void outputs_remark(const struct outputs *o, struct buf *b);

/* True if a sink is called for what happened at ts_ns. */
static inline bool sink_sees(const struct sink *s, uint64_t ts_ns)
{
	return !s->since_ns || ts_ns > s->since_ns;
}

/*
 * Call one callback of all sinks for what happened at ts_ns, until one fails; those that a sink has not
 * are skipped, and sinks that begin later.
 */
#define OUTPUTS_CALL_AT(o, ts_ns, callback, ...)                                      \
	do {                                                                          \
		struct outputs *o_ = (o);                                             \
		for (unsigned int i_ = 0; i_ < o_->nr && !o_->err; i_++) {            \
			const struct sink *s_ = &o_->sinks[i_];                       \
			if (s_->ops->callback && sink_sees(s_, ts_ns))                \
				o_->err = s_->ops->callback(s_->priv, ##__VA_ARGS__); \
		}                                                                     \
	} while (0)
/* Likewise for what has no time. */
#define OUTPUTS_CALL(o, callback, ...) OUTPUTS_CALL_AT(o, UINT64_MAX, callback, ##__VA_ARGS__)

/* Pass the cast's callbacks on to all sinks; the context is a struct outputs. */
extern const struct cast_ops outputs_cast_ops;

#endif
