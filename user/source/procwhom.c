/* SPDX-License-Identifier: BSD-2-Clause */
/* Only the files of /proc/PID that the question needs are read. */
#include "source/procwhom.h"

#include "source/procfacts.h"
#include "source/procmaps.h"

bool procwhom_wants(const struct whom *w, uint32_t pid)
{
	struct event ev = { .pid = pid };
	struct whom_process p = { .pid = pid, .facts = &ev.facts };
	struct buf room = { 0 };
	enum whom_answer answer;

	procfacts_read(pid, whom_facts(w) & ~FACTS_OF_IDENTITY, &room, &ev.facts);
	if (w->uids.nr || w->by_comm)
		procmaps_identity(pid, &ev);
	if (facts_have(&ev.facts, MPW_FACT_UID)) /* it lives; its name may be empty */
		p.comm = ev.comm;
	answer = whom_ask(w, &p);
	buf_done(&room);
	return answer == WHOM_YES;
}
