/* SPDX-License-Identifier: BSD-2-Clause */
/* What world.h says: drives one sink as the pipeline does. */
#include "unit/world.h"

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
	w->sink = timeline_sink_new(&w->cfg);
}

void world_done(struct world *w)
{
	w->sink.ops->free(w->sink.priv);
	buf_done(&w->out.buf);
	free(w->page);
	fclose(w->file);
}

const char *finish(struct world *w)
{
	long len;

	w->totals.end_ns = w->now;
	assert_int_equal(w->sink.ops->finish(w->sink.priv, &w->totals), 0);
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

struct proc *proc_new(struct world *w, uint32_t pid, const char *comm, struct mm *mm)
{
	struct proc *p = calloc(1, sizeof(*p));

	p->pid = pid;
	p->start_ns = 1000 + pid;
	strncpy(p->comm, comm, sizeof(p->comm) - 1);
	if (!mm) {
		mm = calloc(1, sizeof(*mm));
		mm->id = mm->key = ++w->last_id;
		mm->as = aspace_new();
	}
	mm->nr_users++;
	p->mm = mm;
	return p;
}

static void mm_put(struct mm *mm)
{
	if (--mm->nr_users)
		return;
	aspace_free(mm->as);
	free(mm);
}

void proc_free(struct proc *p)
{
	mm_put(p->mm);
	free(p);
}

void begin(struct world *w, enum event_type type, struct proc *p, struct proc *child)
{
	w->ev.type = type;
	w->ev.ts_ns = w->now;
	w->ev.pid = p ? p->pid : 0;
	w->ev.lo = 0;
	w->ev.hi = TOP;
	w->ev.has_range = type == EVENT_RANGE;
	w->acting = p;
	w->nr_changes = 0;
	assert_int_equal(w->sink.ops->begin_event(w->sink.priv, &w->ev, p, child), 0);
}

void end(struct world *w)
{
	assert_int_equal(w->sink.ops->end_event(w->sink.priv, &w->ev, w->acting, w->nr_changes), 0);
	memset(&w->ev, 0, sizeof(w->ev));
}

static void on_diff(void *ctx, uint64_t start, uint64_t stop, const struct attr *before,
		    const struct attr *after)
{
	struct world *w = ctx;
	struct change ch = { .ev = &w->ev,
			     .proc = w->acting,
			     .start = start,
			     .end = stop,
			     .before = *before,
			     .after = *after };

	w->nr_changes++;
	assert_int_equal(w->sink.ops->change(w->sink.priv, &ch), 0);
}

/* obj NULL: unmapped. */
void map(struct world *w, uint64_t start, uint64_t nr_pages, const struct object *obj,
	 uint16_t prot)
{
	struct attr a = { .flags = VMA_MAPPED | prot, .obj = obj };

	aspace_assign(w->acting->mm->as, start, start + PAGES(nr_pages), obj ? &a : NULL, on_diff,
		      w);
}

/* One call that has one effect. */
void call(struct world *w, struct proc *p, uint64_t start, uint64_t nr_pages,
	  const struct object *obj, uint16_t prot)
{
	begin(w, EVENT_CALL, p, NULL);
	map(w, start, nr_pages, obj, prot);
	end(w);
}

static void map_program(struct world *w, struct proc *p, const struct object *exe)
{
	map(w, 0x400000, 10, exe, R);
	map(w, 0x40a000, 200, exe, RX);
	map(w, LIB, 40, &libc, R);
	map(w, LIB + PAGES(40), 300, &libc, RX);
	map(w, LIB + PAGES(340), 4, &libc, RW);
	map(w, HEAP, 33, &heap, RW);
	p->exe = exe;
}

void attach(struct world *w, struct proc *p)
{
	begin(w, EVENT_RANGE, p, NULL);
	map_program(w, p, &node);
	aspace_set_known(p->mm->as, true);
	end(w);
}

/* As the pipeline does it: the new address space is there before sinks are told. */
void exec(struct world *w, struct proc *p, const struct object *exe, const char *comm)
{
	mm_put(p->mm);
	p->mm = calloc(1, sizeof(*p->mm));
	p->mm->id = ++w->last_id;
	p->mm->nr_users = 1;
	p->mm->as = aspace_new();
	aspace_set_known(p->mm->as, true);
	strncpy(p->comm, comm, sizeof(p->comm) - 1);
	begin(w, EVENT_EXEC, p, NULL);
	map_program(w, p, exe);
	end(w);
}

struct proc *fork_from(struct world *w, struct proc *parent, uint32_t pid, bool shared)
{
	struct proc *p = proc_new(w, pid, parent->comm, shared ? parent->mm : NULL);

	p->exe = parent->exe;
	if (!shared) {
		aspace_free(p->mm->as);
		p->mm->as = aspace_clone(parent->mm->as);
	}
	begin(w, EVENT_FORK, parent, p);
	end(w);
	return p;
}

void leave(struct world *w, struct proc *p, uint32_t code)
{
	begin(w, EVENT_EXIT, p, NULL);
	w->ev.exit_code = code;
	end(w);
	proc_free(p);
}

void toggle_jit(struct world *w, struct proc *p, unsigned int n, uint64_t every_ns)
{
	for (unsigned int i = 0; i < n; i++) {
		w->now += every_ns;
		call(w, p, JIT, 16, &v8, i & 1 ? RX : RW);
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
