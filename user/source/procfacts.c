/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads single files of /proc/<pid>; a process that ends meanwhile leaves nothing. */
#include "source/procfacts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The path in the unified hierarchy, of which there may be none. */
static void read_cgroup(uint32_t pid, struct buf *room)
{
	char path[64], *line = NULL;
	size_t cap = 0;
	ssize_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/cgroup", pid);
	f = fopen(path, "re");
	while (f && (len = getline(&line, &cap, f)) > 0) {
		if (strncmp(line, "0::", 3) != 0)
			continue;
		buf_add(room, line + 3, len - 3 - (line[len - 1] == '\n'));
		break;
	}
	if (f)
		fclose(f);
	free(line);
}

/* A namespace is known by its inode; 0: it cannot be read. */
static uint64_t namespace_of(uint32_t pid, const char *kind)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/ns/%s", pid ? pid : (uint32_t)getpid(),
		 kind);
	return stat(path, &st) ? 0 : st.st_ino;
}

uint32_t procfacts_mnt_ns(uint32_t pid)
{
	return namespace_of(pid, "mnt");
}

static bool wants(uint32_t wanted, enum mpw_fact id)
{
	return wanted >> id & 1;
}

void procfacts_read(uint32_t pid, uint32_t wanted, struct buf *room, struct facts *ret)
{
	static const struct {
		enum mpw_fact id;
		const char *kind;
	} namespaces[] = { { MPW_FACT_PID_NS, "pid" },
			   { MPW_FACT_NET_NS, "net" },
			   { MPW_FACT_USER_NS, "user" } };
	uint64_t inode;
	size_t i;

	ret->has = 0;
	room->len = 0;
	if (wants(wanted, MPW_FACT_CGROUP))
		read_cgroup(pid, room);
	if (room->len)
		facts_set_word(ret, MPW_FACT_CGROUP, room->data, room->len);
	for (i = 0; i < sizeof(namespaces) / sizeof(*namespaces); i++) {
		inode = wants(wanted, namespaces[i].id) ? namespace_of(pid, namespaces[i].kind) : 0;
		if (inode)
			facts_set(ret, namespaces[i].id, inode);
	}
}
