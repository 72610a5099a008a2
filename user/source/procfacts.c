/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads single files of /proc/<pid>; a process that ends meanwhile leaves nothing. */
#include "source/procfacts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/escape.h"

#define MAX_BYTES 4096

/* As much of the file as fits. Returns its length, or 0. */
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

void procfacts_cmdline(uint32_t pid, struct buf *ret)
{
	char text[MAX_BYTES];
	size_t len = read_some(pid, "cmdline", text), at, n;

	if (!len)
		return;
	buf_putc(ret, '[');
	for (at = 0; at < len; at += n + 1) {
		n = strnlen(text + at, len - at);
		if (at)
			buf_putc(ret, ',');
		escape_json(ret, text + at, n);
	}
	buf_putc(ret, ']');
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

uint64_t procfacts_namespace(uint32_t pid, const char *kind)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/ns/%s", pid, kind);
	return stat(path, &st) ? 0 : st.st_ino;
}
