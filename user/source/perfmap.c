/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file is the traced program's, and anybody may have put something else in its place: nothing
 * but a regular file of the process's user is read, without following links, in the process's own
 * root, and no more of it than fits into bounded memory.
 */
#include "source/perfmap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/stack.h"
#include "source/reader.h"
#include "util/buf.h"
#include "util/mem.h"

#define MAX_READ  (256u << 20) /* in all, of a file that is written anew, or has no lines */
#define MAX_CODES (1u << 20)

struct code {
	uint64_t start, end;
	uint32_t number; /* later ones replace earlier ones */
	uint32_t name_len;
	size_t name_at;
};

struct perfmap {
	struct code *codes;
	size_t nr, cap;
	size_t nr_sorted; /* the first; those behind them were added since */
	struct buf names;
	struct buf text; /* scratch */
	/* progress in the file */
	struct reader_map at;
	uint64_t nr_read; /* bytes, in all */
};

struct perfmap *perfmap_new(void)
{
	return mem_alloc(sizeof(struct perfmap));
}

void perfmap_free(struct perfmap *pm)
{
	if (!pm)
		return;
	free(pm->codes);
	buf_done(&pm->names);
	buf_done(&pm->text);
	free(pm);
}

/* ---- lines ---- */

/* A hexadecimal number and the blank behind it; NULL: there is none. */
static const char *take_hex(const char *at, const char *end, uint64_t *ret)
{
	uint64_t v = 0;
	int nr = 0;

	if (end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
		at += 2;
	for (; at < end && nr < 17; at++, nr++) {
		if (*at >= '0' && *at <= '9')
			v = v << 4 | (*at - '0');
		else if (*at >= 'a' && *at <= 'f')
			v = v << 4 | (*at - 'a' + 10);
		else
			break;
	}
	if (!nr || nr > 16 || at == end || *at != ' ')
		return NULL;
	*ret = v;
	return at + 1;
}

static void take_line(struct perfmap *pm, const char *at, const char *end)
{
	struct code *c;
	uint64_t start, size;

	at = take_hex(at, end, &start);
	if (at)
		at = take_hex(at, end, &size);
	if (!at || at == end || !size || size > UINT64_MAX - start || pm->nr == MAX_CODES)
		return;
	if (pm->nr == pm->cap) {
		pm->cap = pm->cap ? 2 * pm->cap : 256;
		pm->codes = mem_grow(pm->codes, pm->cap, sizeof(*pm->codes));
	}
	c = &pm->codes[pm->nr];
	c->start = start;
	c->end = start + size;
	c->number = pm->nr++;
	c->name_at = pm->names.len;
	c->name_len = end - at > STACK_SYMBOL_MAX ? STACK_SYMBOL_MAX : end - at;
	buf_add(&pm->names, at, c->name_len);
}

size_t perfmap_parse(struct perfmap *pm, const char *text, size_t len)
{
	const char *at = text, *newline;

	while ((newline = memchr(at, '\n', text + len - at))) {
		take_line(pm, at, newline);
		at = newline + 1;
	}
	return at - text;
}

/* ---- the file ---- */

/* Links are followed within the process's own root; the file itself must not be one. */
int perfmap_open(uint32_t pid, uint32_t ns_pid)
{
	struct open_how how = { .flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	char path[64];
	int root, fd;

	snprintf(path, sizeof(path), "/proc/%u/root", pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	snprintf(path, sizeof(path), "tmp/perf-%u.map", ns_pid ? ns_pid : pid);
	fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	fd = fd < 0 ? -errno : fd;
	close(root);
	return fd;
}

/* Takes the lines in, of which the last may be cut. Returns how many bytes they have. */
static size_t take_piece(struct perfmap *pm, int fd)
{
	struct stat st;
	ssize_t n = 0;
	size_t taken;

	if (!fstat(fd, &st) && st.st_size && st.st_size <= PERFMAP_PIECE_BYTES)
		n = pread(fd, buf_reserve(&pm->text, st.st_size), st.st_size, 0);
	taken = n > 0 ? perfmap_parse(pm, pm->text.data, n) : 0;
	buf_done(&pm->text);
	pm->nr_read += n > 0 ? n : 0;
	pm->at.done += taken;
	return taken;
}

void perfmap_refresh(struct perfmap *pm, struct reader *r, uint32_t pid, uint32_t ns_pid,
		     uint32_t uid)
{
	size_t taken = 1;
	int fd;

	while (taken && pm->at.done < PERFMAP_MAX_BYTES && pm->nr_read < MAX_READ) {
		fd = reader_perf_map(r, pid, ns_pid, uid, &pm->at);
		if (fd < 0)
			break;
		if (!pm->at.done) /* the first piece, maybe of another file than before */
			pm->nr = pm->nr_sorted = pm->names.len = 0;
		taken = take_piece(pm, fd);
		close(fd);
	}
}

size_t perfmap_bytes(const struct perfmap *pm)
{
	return pm->cap * sizeof(*pm->codes) + pm->names.cap;
}

/* ---- places ---- */

static int compare_codes(const void *a, const void *b)
{
	const struct code *c = a, *d = b;

	if (c->start != d->start)
		return c->start < d->start ? -1 : 1;
	return c->number < d->number ? -1 : c->number > d->number;
}

/* Sorts what was added, and merges it with what was there: a line more must not cost all of them. */
static void sort(struct perfmap *pm)
{
	size_t old = pm->nr_sorted, nr = pm->nr - old, at = pm->nr;
	struct code *codes = pm->codes, *added;

	if (!nr)
		return;
	added = mem_array(nr, sizeof(*added));
	memcpy(added, codes + old, nr * sizeof(*added));
	qsort(added, nr, sizeof(*added), compare_codes);
	while (nr) /* from the end, where there is room */
		if (old && compare_codes(&codes[old - 1], &added[nr - 1]) > 0)
			codes[--at] = codes[--old];
		else
			codes[--at] = added[--nr];
	free(added);
	pm->nr_sorted = pm->nr;
}

const char *perfmap_find(struct perfmap *pm, uint64_t addr, uint64_t *ret_start, size_t *ret_len)
{
	size_t lo = 0, hi = pm->nr;
	const struct code *c;

	sort(pm);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (pm->codes[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return NULL;
	c = &pm->codes[lo - 1];
	if (addr >= c->end)
		return NULL;
	*ret_start = c->start;
	*ret_len = c->name_len;
	return pm->names.data + c->name_at;
}
