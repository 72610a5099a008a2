/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A baseline: suppressions of exactly those changes that made findings, in the form that
 * rules_file.h reads. Usual findings are looked through once, and are silent then.
 */
#ifndef CMD_LEARN_H
#define CMD_LEARN_H

#include "core/rules.h"
#include "core/sink.h"

struct learner;

/* A learner of all changes that meet rules from now on; freed by learner_free(). */
struct learner *learner_new(struct rules *rules);
void learner_free(struct learner *l);
/* Writes the file, after the run. where names the source of the findings, for the reasons. */
void learner_write(const struct learner *l, struct buf *b, const char *where,
		   const struct run_info *run);
/* Reports on stderr how much was learned, unless quiet, and how much was left out. */
void learner_report(const struct learner *l, bool quiet);

#endif
