/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes are looked at one after the other; the first that can't be ends it. */
#include "cmd/look.h"

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/reading.h"
#include "cmd/rights.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "cmd/trace.h"
#include "core/whom.h"
#include "source/reader.h"
#include "source/scan.h"
#include "util/clock.h"

/* The process after those of which something is known: it is the one that could not be read. */
static uint32_t failed_pid(const struct session *s, const struct id_list *pids)
{
	size_t i;

	for (i = 0; i + 1 < pids->nr && pipeline_find(s->pipeline, pids->id[i]); i++)
		;
	return pids->id[i];
}

static int look_once(struct session *s, struct source source, const struct id_list *pids)
{
	const char *const nothing[] = { NULL };
	struct totals totals = { 0 };
	struct run run;
	int err;

	run_init(&run, s->pipeline, source);
	if (session_open_outputs(s))
		return EXIT_FAILED;
	rights_scan(s->req, nothing, &s->out);
	err = run_go(&run);
	if (err && !s->out.err) {
		complain_process("cannot look at", failed_pid(s, pids), err);
		return EXIT_FAILED;
	}
	return session_finish(s, err, clock_ns(CLOCK_BOOTTIME), "cannot go on looking", &totals);
}

int look_now(struct request *req)
{
	const struct whom *whom = &req->target.whom;
	struct reading rd = { 0 };
	struct buf what = { 0 };
	struct source source;
	struct session s;
	int status = session_open(&s, req);

	if (status)
		return status;
	reading_begin(&rd, READER_PATIENT_NS);
	source = scan_source(&whom->pids, s.objects, rd.reader);
	source.ops->info(source.priv, &s.run);
	whom_describe(&what, whom);
	s.run.what = buf_str(&what);
	status = look_once(&s, source, &whom->pids);
	source.ops->close(source.priv);
	reading_end(&rd);
	status = session_close(&s, status);
	buf_done(&what);
	return status;
}

int look_run(struct request *req)
{
	if (!req->about.verbose)
		req->about.quiet = true;
	if (req->input)
		return trace_recording(req);
	return req->duration_ns ? trace_live(req) : look_now(req);
}
