/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads single files of /proc/<pid>; a process that ends meanwhile leaves nothing. */
#include "source/procfacts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BYTES 4096

/* The start of the file, as much as fits. Returns its length, or 0. */
static size_t read_some(uint32_t pid, const char *name, char text[MAX_BYTES])
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, MAX_BYTES);
	close(fd);
	return n > 0 ? n : 0;
}

static void read_cmdline(uint32_t pid, struct buf *room)
{
	char text[MAX_BYTES];

	buf_add(room, text, read_some(pid, "cmdline", text));
}

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
	size_t i, len;

	ret->has = 0;
	room->len = 0;
	if (wants(wanted, MPW_FACT_CMDLINE))
		read_cmdline(pid, room);
	len = room->len;
	if (wants(wanted, MPW_FACT_CGROUP))
		read_cgroup(pid, room);
	if (len)
		facts_set_word(ret, MPW_FACT_CMDLINE, room->data, len);
	if (room->len > len)
		facts_set_word(ret, MPW_FACT_CGROUP, room->data + len, room->len - len);
	for (i = 0; i < sizeof(namespaces) / sizeof(*namespaces); i++) {
		inode = wants(wanted, namespaces[i].id) ? namespace_of(pid, namespaces[i].kind) : 0;
		if (inode)
			facts_set(ret, namespaces[i].id, inode);
	}
}
