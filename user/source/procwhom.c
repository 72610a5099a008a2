/* SPDX-License-Identifier: BSD-2-Clause */
/* Only the files of /proc/PID that the question needs are read. */
#include "source/procwhom.h"

#include <stdio.h>
#include <string.h>

#include "source/procfacts.h"

static bool read_uid(uint32_t pid, uint32_t *ret)
{
	char path[64], line[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "Uid: %u", ret) == 1;
	if (f)
		fclose(f);
	return found;
}

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
	struct whom_process p = { .pid = pid };
	struct buf cgroup = { 0 };
	enum whom_answer answer;
	char comm[32];

	if (w->by_uid)
		p.has_uid = read_uid(pid, &p.uid);
	if (w->by_comm && read_comm(pid, comm))
		p.comm = comm;
	if (w->by_cgroup)
		procfacts_cgroup(pid, &cgroup);
	if (cgroup.len)
		p.cgroup = buf_str(&cgroup);
	answer = whom_ask(w, &p);
	buf_done(&cgroup);
	return answer == WHOM_YES;
}
