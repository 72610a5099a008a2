/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads single files of /proc/<pid>; a process that ends meanwhile leaves nothing. */
#include "source/procfacts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
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

void procfacts_cgroup(uint32_t pid, struct buf *ret)
{
	char text[MAX_BYTES], *line, *end;
	size_t len = read_some(pid, "cgroup", text);

	if (!len)
		return;
	text[len - 1] = '\0'; /* in place of the last newline */
	line = !strncmp(text, "0::", 3) ? text : strstr(text, "\n0::");
	if (!line)
		return;
	line = strstr(line, "::") + 2;
	end = strchrnul(line, '\n');
	buf_add(ret, line, end - line);
}

/* A namespace is known by its inode. */
static void read_namespace(uint32_t pid, const char *kind, struct facts *ret, enum mpw_fact id)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/ns/%s", pid, kind);
	if (!stat(path, &st))
		facts_set(ret, id, st.st_ino);
}

void procfacts_read(uint32_t pid, struct buf *room, struct facts *ret)
{
	char text[MAX_BYTES];
	size_t len = read_some(pid, "cmdline", text);

	ret->has = 0;
	room->len = 0;
	buf_add(room, text, len);
	procfacts_cgroup(pid, room);
	if (len)
		facts_set_word(ret, MPW_FACT_CMDLINE, room->data, len);
	if (room->len > len)
		facts_set_word(ret, MPW_FACT_CGROUP, room->data + len, room->len - len);
	read_namespace(pid, "pid", ret, MPW_FACT_PID_NS);
	read_namespace(pid, "mnt", ret, MPW_FACT_MNT_NS);
	read_namespace(pid, "net", ret, MPW_FACT_NET_NS);
	read_namespace(pid, "user", ret, MPW_FACT_USER_NS);
}
