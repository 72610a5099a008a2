/* SPDX-License-Identifier: BSD-2-Clause */
/* From /proc/PID/status, comm and cgroup (proc(5)). */
#include "cmd/match.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cgroup.h"
#include "source/commglob.h"

/* The first line of /proc/PID/file that starts with start, without its newline. */
static bool find_line(uint32_t pid, const char *file, const char *start, char *line, size_t size)
{
	char path[64];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, file);
	f = fopen(path, "re");
	while (f && !found && fgets(line, size, f))
		found = !strncmp(line, start, strlen(start));
	if (f)
		fclose(f);
	if (found)
		line[strcspn(line, "\n")] = '\0';
	return found;
}

static bool match_user(const struct user_ref *user, uint32_t pid)
{
	char line[256];
	unsigned int uid;

	return find_line(pid, "status", "Uid:", line, sizeof(line)) &&
	       sscanf(line, "Uid: %u", &uid) == 1 && uid == user->uid;
}

/* A name may have newlines in it, and one stands behind it. */
static bool match_comm(const struct comm_ref *comm, uint32_t pid)
{
	char path[64], name[32];
	size_t len = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	f = fopen(path, "re");
	if (f) {
		len = fread(name, 1, sizeof(name) - 1, f);
		fclose(f);
	}
	name[len ? len - 1 : 0] = '\0';
	return len && commglob_matches(&comm->glob, name);
}

/* "/a/b/c" is below the cgroup of level 2 if that is "/a/b". */
static bool match_cgroup(const struct cgroup_ref *cgroup, uint32_t pid)
{
	char line[PATH_MAX];
	uint32_t level = 0;
	uint64_t id;
	char *path = line + strlen("0::"), *p;

	if (!find_line(pid, "cgroup", "0::/", line, sizeof(line)))
		return false;
	for (p = path; *p && level <= cgroup->level; p++)
		level += p[0] == '/' && p[1];
	if (level > cgroup->level)
		p[-1] = '\0';
	return !cgroup_find(*path ? path : "/", &id, &level) && id == cgroup->id;
}

bool match_process(const struct trace_options *o, uint32_t pid)
{
	return (!o->user.set || match_user(&o->user, pid)) &&
	       (!o->comm.set || match_comm(&o->comm, pid)) &&
	       (!o->cgroup.set || match_cgroup(&o->cgroup, pid));
}
