/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of a workload on its stdout, for the checker (tests/live/check.py). Truth is
 * /proc/self/maps: SEEN() reads it before and after a call and prints how the two
 * differ, so that no expectation is written by hand:
 *
 *	CALL pid name result        result: 0x… or the errno's number with a minus
 *	CHANGE start end before after name
 *
 * before and after are as in maps ("rw-p"), "-" for unmapped; name is that of
 * what is mapped after (or was before), as maps writes it. Nothing here allocates
 * memory, nor maps any.
 */
#ifndef WORKLOADS_EXPECT_H
#define WORKLOADS_EXPECT_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE	 ((unsigned long)getpagesize())
#define MAPS_MAX 4096

struct map {
	uint64_t start, end, off, ino;
	char perms[5];
	const char *name; /* up to the end of the line */
	size_t name_len;
};

struct maps {
	char text[1 << 20];
	struct map v[MAPS_MAX];
	size_t nr;
};

static struct maps maps_before, maps_after;

/* Something that a test rests on did not hold. */
#define MUST(cond)                                                                \
	do {                                                                      \
		if (!(cond)) {                                                    \
			dprintf(2, "%s:%d: %s: %m\n", __FILE__, __LINE__, #cond); \
			_exit(99);                                                \
		}                                                                 \
	} while (0)

/* printf to stdout, at once. (dprintf would allocate.) */
__attribute__((format(printf, 1, 2))) static inline void tell(const char *fmt, ...)
{
	static char text[8192];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	MUST(n < (int)sizeof(text) && write(1, text, n) == n);
}

static inline void maps_parse_line(struct maps *m, const char *line, size_t len)
{
	struct map *v = &m->v[m->nr];
	unsigned int dev[2];
	int at = 0;

	MUST(m->nr < MAPS_MAX);
	MUST(sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %n", &v->start, &v->end, v->perms, &v->off,
		    &dev[0], &dev[1], &v->ino, &at) == 7);
	if ((size_t)at > len) /* sscanf went on into the next line */
		at = len;
	v->name = line + at;
	v->name_len = len - at;
	if (v->name_len == 10 && !memcmp(v->name, "[vsyscall]", 10))
		return;
	m->nr++;
}

static inline void maps_read(struct maps *m)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	char *line, *end;
	size_t len = 0;
	ssize_t n;

	MUST(fd >= 0);
	while ((n = read(fd, m->text + len, sizeof(m->text) - 1 - len)) > 0)
		len += n;
	MUST(n == 0);
	close(fd);
	m->text[len] = '\0';
	m->nr = 0;
	for (line = m->text; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0'; /* a long text would cost sscanf a strlen of all of it */
		maps_parse_line(m, line, end - line);
	}
}

/* The mapping that holds addr; *next is lowered to where that answer ends. */
static inline const struct map *maps_at(const struct maps *m, size_t *i, uint64_t addr,
					uint64_t *next)
{
	while (*i < m->nr && m->v[*i].end <= addr)
		++*i;
	if (*i == m->nr)
		return NULL;
	if (m->v[*i].start > addr) {
		if (m->v[*i].start < *next)
			*next = m->v[*i].start;
		return NULL;
	}
	if (m->v[*i].end < *next)
		*next = m->v[*i].end;
	return &m->v[*i];
}

/* Do both say the same of addr? */
static inline bool map_equal(const struct map *a, const struct map *b, uint64_t addr)
{
	if (!a || !b)
		return a == b;
	return !strcmp(a->perms, b->perms) && a->ino == b->ino && a->name_len == b->name_len &&
	       !memcmp(a->name, b->name, a->name_len) &&
	       (!a->ino || addr - a->start + a->off == addr - b->start + b->off);
}

static inline void maps_tell_changes(void)
{
	const uint64_t top = UINT64_MAX;
	uint64_t addr = 0, next;
	size_t i = 0, j = 0;

	for (; addr < top; addr = next) {
		const struct map *a, *b, *named;

		next = top;
		a = maps_at(&maps_before, &i, addr, &next);
		b = maps_at(&maps_after, &j, addr, &next);
		named = b ? b : a;
		if (map_equal(a, b, addr) ||
		    (named->name_len == 7 && !memcmp(named->name, "[stack]", 7)))
			continue;
		tell("CHANGE %#lx %#lx %s %s %.*s\n", addr, next, a ? a->perms : "-",
		     b ? b->perms : "-", (int)named->name_len, named->name);
	}
}

/* Make a call and tell what it did. */
#define SEEN(name, call)                                                 \
	({                                                               \
		long ret_;                                               \
		int err_;                                                \
		maps_read(&maps_before);                                 \
		errno = 0;                                               \
		ret_ = (long)(call);                                     \
		err_ = errno;                                            \
		maps_read(&maps_after);                                  \
		if (ret_ == -1)                                          \
			tell("CALL %d %s -%d\n", getpid(), name, err_);  \
		else                                                     \
			tell("CALL %d %s %#lx\n", getpid(), name, ret_); \
		maps_tell_changes();                                     \
		errno = err_;                                            \
		ret_;                                                    \
	})

/* SEEN() for a call that must do. */
#define SEEN_OK(name, call)                  \
	({                                   \
		long ok_ = SEEN(name, call); \
		MUST(ok_ != -1);             \
		ok_;                         \
	})

/* SEEN() for a call that must fail. */
#define SEEN_ERR(name, err, call)             \
	do {                                  \
		MUST(SEEN(name, call) == -1); \
		MUST(errno == (err));         \
	} while (0)

/* Map n_pages of private memory, at a place with nothing beside it, and tell of it. */
static inline char *seen_pages(unsigned long n_pages, int prot)
{
	char *room =
		mmap(NULL, (n_pages + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(room != MAP_FAILED);
	return (char *)SEEN_OK("mmap", mmap(room + PAGE, n_pages * PAGE, prot,
					    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

/*
 * Replace a whole range: the checker compares what the mirror had there before with
 * what was there, whichever way it came about.
 */
static inline void seen_settle(void *addr, unsigned long n_pages)
{
	SEEN_OK("mmap", mmap(addr, n_pages * PAGE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0));
}

/* A file of n_pages in the directory for the test; open, still linked. */
static inline int file_make(const char *name, unsigned long n_pages)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	MUST(fd >= 0);
	MUST(!ftruncate(fd, n_pages * PAGE));
	return fd;
}

/* Wait for a line on stdin, if the test steers this run (MPW_STEPS is set). False at its end. */
static inline bool step(void)
{
	char c = 0;

	if (!getenv("MPW_STEPS"))
		return true;
	while (read(0, &c, 1) == 1)
		if (c == '\n')
			return true;
	return false;
}

#endif
