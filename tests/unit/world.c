/* SPDX-License-Identifier: BSD-2-Clause */
/* See world.h. */
#include "unit/world.h"

#include "wire.h"

#define OBJECT(k, i, n)                                                                          \
	{                                                                                        \
		.kind = (k), .dev = (i) != 0, .ino = (i), .name = (n), .name_len = sizeof(n) - 1 \
	}
const struct object node = OBJECT(OBJECT_FILE, 1, "/usr/bin/node");
const struct object libc = OBJECT(OBJECT_FILE, 2, "/usr/lib/x86_64-linux-gnu/libc.so.6");
const struct object bash = OBJECT(OBJECT_FILE, 3, "/bin/bash");
const struct object hostile = OBJECT(OBJECT_FILE, 4, "/tmp/\033[2J\033]0;x\007\n\xff\xfe|evil");
const struct object anon = OBJECT(OBJECT_ANON, 0, "");
const struct object v8 = OBJECT(OBJECT_ANON, 0, "v8");
const struct object heap = OBJECT(OBJECT_HEAP, 0, "[heap]");

void world_init(struct world *w, int width)
{
	memset(w, 0, sizeof(*w));
	w->run = (struct run_info){ .what = "pid 4242",
				    .tier = "truth",
				    .boot_to_wall_ns = 1795521784ULL * 1000 * MS };
	w->file = tmpfile();
	assert_non_null(w->file);
	w->out.fd = fileno(w->file);
	w->cfg = (struct timeline_config){ .out = &w->out,
					   .run = &w->run,
					   .width = width,
					   .utc = true };
}

void world_start(struct world *w)
{
	w->objects = object_table_new();
	w->pl = pipeline_new(w->objects);
	w->sink = timeline_sink_new(&w->cfg);
	pipeline_add_sink(w->pl, w->sink);
}

void world_done(struct world *w)
{
	pipeline_free(w->pl);
	object_table_free(w->objects);
	buf_done(&w->out.buf);
	free(w->page);
	fclose(w->file);
}

const char *finish(struct world *w)
{
	long len;

	assert_int_equal(pipeline_finish(w->pl, w->now, NULL), 0);
	assert_int_equal(out_flush(&w->out), 0);
	fseek(w->file, 0, SEEK_END);
	len = ftell(w->file);
	rewind(w->file);
	w->page = calloc(1, len + 1);
	assert_int_equal(fread(w->page, 1, len, w->file), len);
	if (getenv("SHOW_PAGES"))
		printf("%s", w->page);
	return w->page;
}

struct task task_new(struct world *w, uint32_t pid, const char *comm)
{
	struct task t = { .pid = pid, .mm = ++w->last_mm, .start_ns = 1000 + pid };

	snprintf(t.comm, sizeof(t.comm), "%s", comm);
	return t;
}

/* t NULL: nobody's. */
static struct event event_of(const struct world *w, enum event_type type, const struct task *t)
{
	struct event ev = { .type = type, .ts_ns = w->now };

	if (!t)
		return ev;
	ev.pid = ev.tid = t->pid;
	ev.mm = t->mm;
	memcpy(ev.comm, t->comm, sizeof(ev.comm));
	return ev;
}

static void feed(struct world *w, const struct event *ev)
{
	assert_int_equal(pipeline_feed(w->pl, ev), 0);
}

void call(struct world *w, const struct task *t, uint64_t start, uint64_t nr_pages,
	  const struct object *obj, uint16_t prot)
{
	struct event ev = event_of(w, EVENT_CALL, t);
	const struct vma_seen seen = { start,
				       start + PAGES(nr_pages),
				       { .flags = VMA_MAPPED | prot, .obj = obj } };

	ev.call.id = MPW_CALL_MPROTECT;
	ev.has_range = true;
	ev.lo = seen.start;
	ev.hi = seen.end;
	ev.seen = &seen;
	ev.nr_seen = obj != NULL;
	feed(w, &ev);
}

void wrote(struct world *w, const struct task *t, uint64_t addr, uint32_t pid, const char *comm)
{
	struct event ev = event_of(w, EVENT_WRITE, t);

	ev.write.how = MPW_WRITE_VM;
	ev.write.addr = addr;
	ev.write.len = ev.write.ret = 8;
	ev.write.pid = ev.write.tid = pid;
	snprintf(ev.write.comm, sizeof(ev.write.comm), "%s", comm);
	feed(w, &ev);
}

void refused(struct world *w, const struct task *t)
{
	struct event ev = event_of(w, EVENT_CALL, t);

	ev.call.id = MPW_CALL_MPROTECT;
	ev.call.ret = -13;
	feed(w, &ev);
}

/* All that is mapped; and who it is. */
static void feed_all(struct world *w, enum event_type type, const struct task *t,
		     const struct vma_seen *seen, size_t nr)
{
	struct event ev = event_of(w, type, t);

	ev.start_ns = t->start_ns;
	ev.has_range = true;
	ev.hi = MPW_TASK_MAX;
	ev.seen = seen;
	ev.nr_seen = nr;
	feed(w, &ev);
}

static void feed_program(struct world *w, enum event_type type, const struct task *t,
			 const struct object *exe)
{
#define SEEN(start, nr_pages, object, prot)                           \
	{                                                             \
		(start), (start) + PAGES(nr_pages),                   \
		{                                                     \
			.flags = VMA_MAPPED | (prot), .obj = (object) \
		}                                                     \
	}
	const struct vma_seen seen[] = {
		SEEN(0x400000, 10, exe, R),
		SEEN(0x40a000, 200, exe, RX),
		SEEN(HEAP, 33, &heap, RW),
		SEEN(LIB, 40, &libc, R),
		SEEN(LIB + PAGES(40), 300, &libc, RX),
		SEEN(LIB + PAGES(340), 4, &libc, RW),
	};

	feed_all(w, type, t, seen, sizeof(seen) / sizeof(*seen));
}

void attach(struct world *w, const struct task *t)
{
	feed_program(w, EVENT_RANGE, t, &node);
}

void lose(struct world *w, const struct task *t, uint64_t nr)
{
	struct event ev = event_of(w, EVENT_LOSS, t);

	ev.lost = nr;
	ev.lost_until_ns = w->now;
	feed(w, &ev);
}

void heal(struct world *w, const struct task *t)
{
	const struct aspace *as = pipeline_find(w->pl, t->pid)->mm->as;
	struct vma_seen *seen = calloc(aspace_nr_vmas(as) + 1, sizeof(*seen));
	size_t nr = 0;

	for (const struct vma *v = aspace_find(as, 0); v; v = aspace_next(as, v))
		seen[nr++] = (struct vma_seen){ v->start, v->end, v->attr };
	feed_all(w, EVENT_RANGE, t, seen, nr);
	free(seen);
}

void exec(struct world *w, struct task *t, const struct object *exe, const char *comm)
{
	t->mm = ++w->last_mm;
	snprintf(t->comm, sizeof(t->comm), "%s", comm);
	feed_program(w, EVENT_EXEC, t, exe);
}

struct task fork_from(struct world *w, const struct task *parent, uint32_t pid, bool shared)
{
	struct task t = task_new(w, pid, parent->comm);
	struct event ev = event_of(w, EVENT_FORK, parent);

	if (shared)
		t.mm = parent->mm;
	ev.start_ns = t.start_ns;
	ev.ppid = parent->pid;
	ev.child.pid = pid;
	ev.child.mm = t.mm;
	feed(w, &ev);
	return t;
}

void leave(struct world *w, const struct task *t, uint32_t code)
{
	struct event ev = event_of(w, EVENT_EXIT, t);

	ev.exit_code = code;
	feed(w, &ev);
}

void toggle_jit(struct world *w, const struct task *t, unsigned int n, uint64_t every_ns)
{
	for (unsigned int i = 0; i < n; i++) {
		w->now += every_ns;
		call(w, t, JIT, 16, &v8, i & 1 ? RX : RW);
	}
}

unsigned int nr_lines(const char *page)
{
	unsigned int n = 0;

	for (; (page = strchr(page, '\n')); page++)
		n++;
	return n;
}

/* Columns of the widest line; all that these pages print is one column wide. */
unsigned int widest(const char *page)
{
	unsigned int cols = 0, most = 0;

	for (; *page; page++) {
		if (*page == '\n')
			cols = 0;
		else if (((unsigned char)*page & 0xc0) != 0x80)
			cols++;
		most = cols > most ? cols : most;
	}
	return most;
}

/* The line that holds needle, copied. */
const char *line_with(const char *page, const char *needle)
{
	static char line[2048];
	const char *at = strstr(page, needle), *start = at;

	if (!at)
		fail_msg("no \"%s\" on the page:\n%s", needle, page);
	while (start > page && start[-1] != '\n')
		start--;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(start, "\n"), start);
	return line;
}

/* The columns of the lane whose line holds needle. */
const char *chart_of(const char *page, const char *needle)
{
	const char *bar = strchr(line_with(page, needle), '|');

	assert_non_null(bar);
	return bar;
}

void assert_has(const char *page, const char *needle)
{
	if (!strstr(page, needle))
		fail_msg("no \"%s\" on the page:\n%s", needle, page);
}

void assert_has_not(const char *page, const char *needle)
{
	if (strstr(page, needle))
		fail_msg("\"%s\" is on the page:\n%s", needle, page);
}
