/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of a run, whatever its source: a pipeline between the source and the outputs that the
 * options ask for, and the report at the end.
 */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include "cmd/learn.h"
#include "cmd/request.h"
#include "core/judge.h"
#include "core/pipeline.h"

struct session {
	const struct request *req; /* borrowed; NULL: nothing but a pipeline */
	struct object_table *objects;
	struct pipeline *pipeline;
	struct rules rules;
	struct judge *judge;	 /* the pipeline's */
	struct learner *learner; /* NULL: nothing is to be learned */
	struct out out;
	struct run_info run; /* the owner fills it before the sinks are added */
	bool was_cut; /* set by the owner if the stream did not come to an end: more may have happened */
};

/* EXIT_FINE, or another exit status after a sentence on stderr: nothing to close then. */
int session_open(struct session *s, const struct request *req);
/*
 * Opens a session for a verb that adds a sink of its own: no judge, and no words at its end.
 * objects is borrowed.
 */
void session_open_bare(struct session *s, struct object_table *objects);
/* Adds the sinks that the options ask for. EXIT_FINE, or EXIT_FAILED after a sentence. */
int session_open_outputs(struct session *s);
/*
 * Ends the run, whose stream ended at end_ns with err, of the pipeline or of a source
 * ("SOURCE_VERB: …"). Reports the totals and findings, or complains. Returns the exit status:
 * EXIT_FOUND if there is what --fail-on names, else EXIT_LOST if findings are asked for and may be
 * missing.
 */
int session_finish(struct session *s, int err, uint64_t end_ns, const char *source_verb,
		   struct totals *ret_totals);
/* Returns status, or EXIT_FAILED after a sentence if the last output can't be written. */
int session_close(struct session *s, int status);

#endif
