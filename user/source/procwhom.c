/* SPDX-License-Identifier: BSD-2-Clause */
/* Only the files of /proc/PID that the question needs are read. */
#include "source/procwhom.h"

#include <stdio.h>
#include <string.h>

#include "source/procfacts.h"

/* A name may hold newlines; the one behind it is cut. */
static bool read_comm(uint32_t pid, char name[32])
{
	char path[64];
	size_t len = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	f = fopen(path, "re");
	if (f) {
		len = fread(name, 1, 31, f);
		fclose(f);
	}
	name[len ? len - 1 : 0] = '\0';
	return len;
}

bool procwhom_wants(const struct whom *w, uint32_t pid)
{
	struct facts facts;
	struct whom_process p = { .pid = pid, .facts = &facts };
	struct buf room = { 0 };
	enum whom_answer answer;
	char comm[32];

	procfacts_read(pid, whom_facts(w), &room, &facts);
	if (w->by_comm && read_comm(pid, comm))
		p.comm = comm;
	answer = whom_ask(w, &p);
	buf_done(&room);
	return answer == WHOM_YES;
}
