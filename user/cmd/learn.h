/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A baseline: suppressions of exactly those changes that made findings, in the form that
 * rules_file.h reads. So what is usual somewhere is looked through once, and silent then.
 */
#ifndef CMD_LEARN_H
#define CMD_LEARN_H

#include "core/rules.h"
#include "core/sink.h"

struct learner;

/* Learns from what meets rules from now on. */
struct learner *learner_new(struct rules *rules);
void learner_free(struct learner *l);
/* The file, after the run. where: what it was learned from, for the reasons. */
void learner_write(const struct learner *l, struct buf *b, const char *where,
		   const struct run_info *run);
/* How much was learned, and how much could not be, on stderr. */
void learner_report(const struct learner *l, bool quiet);

#endif
