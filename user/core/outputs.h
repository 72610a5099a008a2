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

/* Call one callback of all sinks, until one fails; those that a sink has not are skipped. */
#define OUTPUTS_CALL(o, callback, ...)                                                \
	do {                                                                          \
		struct outputs *o_ = (o);                                             \
		for (unsigned int i_ = 0; i_ < o_->nr && !o_->err; i_++) {            \
			const struct sink *s_ = &o_->sinks[i_];                       \
			if (s_->ops->callback)                                        \
				o_->err = s_->ops->callback(s_->priv, ##__VA_ARGS__); \
		}                                                                     \
	} while (0)

/* Pass the cast's callbacks on to all sinks; the context is a struct outputs. */
extern const struct cast_ops outputs_cast_ops;

#endif
