/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A read of smaps or numa_maps holds the process's mmap_lock while it fills one page of text, so that
 * the longest read is as long as anybody in the process can have waited.
 */
#include "source/procpages.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/procguards.h"
#include "source/procmaps.h"
#include "util/clock.h"
#include "util/mem.h"

/* ---- files ---- */

static int read_timed(uint32_t pid, const char *name, struct buf *text, struct page_rows *rows)
{
	char path[64];
	uint64_t from_ns, took_ns;
	ssize_t n;
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	text->len = 0;
	do {
		from_ns = clock_ns(CLOCK_MONOTONIC);
		n = read(fd, buf_reserve(text, 65536), 65536);
		took_ns = clock_ns(CLOCK_MONOTONIC) - from_ns;
		rows->nr_reads++;
		rows->all_ns += took_ns;
		rows->longest_ns = took_ns > rows->longest_ns ? took_ns : rows->longest_ns;
		text->len += n > 0 ? n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		err = -errno;
	close(fd);
	return err;
}

/* ---- smaps ---- */

static struct page_row *add_row(struct page_rows *rows, const struct vma_seen *v)
{
	struct page_row *row;

	if (rows->nr == rows->cap) {
		rows->cap = rows->cap ? 2 * rows->cap : 64;
		rows->v = mem_grow(rows->v, rows->cap, sizeof(*rows->v));
	}
	row = &rows->v[rows->nr++];
	*row = (struct page_row){ .start = v->start, .end = v->end, .attr = v->attr };
	return row;
}

/* "Rss:    12 kB" */
static void take_field(struct page_row *row, const char *line, size_t len)
{
	static const char *const fields[] = {
#define PAGE_FIELD(ID, name, field, about) field,
		PAGE_SUMS(PAGE_FIELD)
#undef PAGE_FIELD
	};
	static const char page_size[] = "KernelPageSize:";
	size_t i, n;

	if (len > strlen(page_size) && !memcmp(line, page_size, strlen(page_size)))
		row->page_bytes = strtoull(line + strlen(page_size), NULL, 10) << 10;
	for (i = 0; i < NR_PAGE_SUMS; i++) {
		n = strlen(fields[i]);
		if (len > n && !memcmp(line, fields[i], n)) {
			row->sum[i] = strtoull(line + n, NULL, 10) << 10; /* ended by a newline */
			return;
		}
	}
}

int procpages_parse_smaps(struct object_table *objects, const char *text, size_t len,
			  struct page_rows *ret)
{
	const char *p, *end = text + len, *eol;
	struct page_row *row = NULL;
	struct vma_seen v;
	int err;

	for (p = text; p < end; p = eol + 1) {
		eol = memchr(p, '\n', end - p);
		if (!eol)
			return -EINVAL;
		/* Fields begin with capital letters, mappings with digits up to f. */
		if (*p >= 'A' && *p <= 'Z') {
			if (row)
				take_field(row, p, eol - p);
			continue;
		}
		row = NULL;
		err = procmaps_parse_line(objects, 0, p, eol - p, &v);
		if (err && err != -EAGAIN)
			return err;
		/* mappings that changed between two reads may come twice */
		if (!err && (!ret->nr || v.start >= ret->v[ret->nr - 1].end))
			row = add_row(ret, &v);
	}
	return 0;
}

/* ---- numa_maps ---- */

/* "N0=12" of pages, or "kernelpagesize_kB=4". */
static void take_node(struct page_row *row, const char *word, struct page_rows *rows)
{
	char *end;
	unsigned long node;
	uint64_t nr;

	if (word[0] != 'N' || word[1] < '0' || word[1] > '9')
		return;
	node = strtoul(word + 1, &end, 10);
	if (*end != '=')
		return;
	nr = strtoull(end + 1, NULL, 10);
	node = node < PAGE_NODES ? node : PAGE_NODES - 1;
	row->node[node] += nr * (row->page_bytes ? row->page_bytes : page_bytes);
	if (node >= rows->nr_nodes)
		rows->nr_nodes = node + 1;
}

static void take_numa_line(char *line, struct page_rows *rows, size_t *at)
{
	uint64_t start = strtoull(line, &line, 16);
	char *word;

	while (*at < rows->nr && rows->v[*at].start < start)
		++*at;
	if (*at == rows->nr || rows->v[*at].start != start || *line != ' ')
		return;
	line++;
	word = strsep(&line, " ");
	snprintf(rows->v[*at].policy, sizeof(rows->v[*at].policy), "%s", word);
	while ((word = strsep(&line, " "))) /* the kernel escapes spaces in names */
		take_node(&rows->v[*at], word, rows);
}

void procpages_parse_numa(const char *text, size_t len, struct page_rows *rows)
{
	const char *p, *end = text + len, *eol;
	struct buf line = { 0 };
	size_t at = 0;

	for (p = text; p < end; p = eol + 1) {
		eol = memchr(p, '\n', end - p);
		if (!eol)
			break;
		line.len = 0;
		buf_add(&line, p, eol - p);
		buf_putc(&line, '\0');
		take_numa_line(line.data, rows, &at);
	}
	buf_done(&line);
}

/* ---- guard regions ---- */

static void take_guards(struct reader *r, uint32_t pid, struct page_rows *rows)
{
	struct seen_list guards = { 0 };
	struct event ev;
	size_t i, at = 0;

	rows->has_guards = !procguards_event(&guards, r, pid, &ev);
	for (i = 0; i < guards.nr && rows->has_guards; i++) {
		const struct vma_seen *g = &guards.v[i];

		while (at < rows->nr && rows->v[at].end <= g->start)
			at++;
		for (size_t k = at; k < rows->nr && rows->v[k].start < g->end; k++) {
			struct page_row *row = &rows->v[k];
			uint64_t from = g->start > row->start ? g->start : row->start;

			row->guards += (g->end < row->end ? g->end : row->end) - from;
		}
	}
	seen_list_done(&guards);
}

int procpages_read(struct object_table *objects, struct reader *r, uint32_t pid,
		   struct page_rows *ret)
{
	struct buf text = { 0 };
	int err;

	*ret = (struct page_rows){ 0 };
	err = read_timed(pid, "smaps", &text, ret);
	if (!err)
		err = procpages_parse_smaps(objects, text.data, text.len, ret);
	if (!err && !ret->nr)
		err = -ENOENT;
	if (!err && !read_timed(pid, "numa_maps", &text, ret))
		procpages_parse_numa(text.data, text.len, ret);
	if (!err)
		take_guards(r, pid, ret);
	buf_done(&text);
	return err;
}

void procpages_done(struct page_rows *rows)
{
	free(rows->v);
	*rows = (struct page_rows){ 0 };
}
