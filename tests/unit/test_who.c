/* SPDX-License-Identifier: BSD-2-Clause */
/* Who a process is, and which file a name means: names, programs, mounts, and what rules believe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/object.h"
#include "core/pipeline.h"
#include "core/rules.h"
#include "core/words.h"
#include "wire.h"

#define OTHER_NS 4026532201u

struct world {
	struct object_table *objects;
	struct pipeline *pl;
	uint64_t now;
};

static void world_init(struct world *w)
{
	w->objects = object_table_new();
	w->pl = pipeline_new(w->objects);
	w->now = 0;
}

static void world_done(struct world *w)
{
	pipeline_free(w->pl);
	object_table_free(w->objects);
}

static const struct object *file(struct world *w, const char *name, uint64_t ino, uint32_t mnt_ns)
{
	return object_from_maps(w->objects, name, strlen(name), dev_make(8, 1), ino, mnt_ns);
}

static const struct proc *feed(struct world *w, struct event ev)
{
	ev.ts_ns = ++w->now;
	ev.pid = ev.mm = 100;
	ev.tid = ev.tid ? ev.tid : ev.pid;
	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
	return pipeline_find(w->pl, 100);
}

static const struct proc *call(struct world *w, uint32_t tid, const char *comm)
{
	struct event ev = { .type = EVENT_CALL, .tid = tid };

	ev.call.id = MPW_CALL_MUNMAP;
	strcpy(ev.comm, comm);
	return feed(w, ev);
}

static const struct proc *exec(struct world *w, const struct object *exe)
{
	const struct vma_seen seen = { 0x1000,
				       0x2000,
				       { .flags = VMA_MAPPED | VMA_R,
					 .obj = file(w, "/usr/lib/LC_CTYPE", 99, 0) } };

	return feed(w, (struct event){ .type = EVENT_EXEC,
				       .comm = "java",
				       .start_ns = 5,
				       .has_range = true,
				       .hi = MPW_TASK_MAX,
				       .seen = &seen,
				       .nr_seen = 1,
				       .exe = exe });
}

static const struct proc *snapshot(struct world *w, const struct object *exe)
{
	return feed(w, (struct event){ .type = EVENT_RANGE, .start_ns = 5, .exe = exe });
}

static const struct proc *say(struct world *w, const char *comm, const struct object *exe)
{
	struct event ev = { .type = EVENT_PLACE, .start_ns = 5, .exe = exe };

	strcpy(ev.comm, comm);
	return feed(w, ev);
}

static void first_thread_names_the_process(void **state)
{
	const struct proc *p;
	struct world w;

	(void)state;
	world_init(&w);
	p = call(&w, 101, "worker");
	assert_string_equal(p->comm, "worker"); /* nothing better is known */
	call(&w, 100, "java");
	call(&w, 101, "worker");
	assert_string_equal(p->comm, "java");
	feed(&w, (struct event){ .type = EVENT_FORK,
				 .tid = 101,
				 .comm = "worker",
				 .child = { .pid = 200, .mm = 200 } });
	assert_string_equal(p->comm, "java");
	assert_string_equal(pipeline_find(w.pl, 200)->comm, "worker");
	say(&w, "renamed", NULL);
	call(&w, 101, "worker");
	assert_string_equal(p->comm, "renamed");
	world_done(&w);
}

static void program_is_what_exec_ran(void **state)
{
	const struct object *java, *guess;
	const struct proc *p;
	struct world w;

	(void)state;
	world_init(&w);
	java = file(&w, "/usr/bin/java", 11, 0);
	guess = file(&w, "/usr/lib/LC_CTYPE", 99, 0);
	p = exec(&w, NULL);
	assert_ptr_equal(p->exe, guess);
	snapshot(&w, NULL);
	assert_ptr_equal(p->exe, guess);
	snapshot(&w, java);
	assert_ptr_equal(p->exe, java);
	assert_int_equal(p->exe->marks, 0);
	exec(&w, java);
	assert_ptr_equal(p->exe, java);
	snapshot(&w, NULL); /* a later piece, or an old recording */
	assert_ptr_equal(p->exe, java);
	snapshot(&w, file(&w, "/usr/bin/java (deleted)", 11, 0));
	assert_true(p->exe->deleted);
	assert_int_equal(p->exe->marks, 0);
	snapshot(&w, file(&w, "/usr/bin/java", 7777, 0)); /* the same on another file system */
	assert_int_equal(p->exe->marks, 0);
	world_done(&w);
}

/* A process that chooses its program is believed that it says so. */
static void program_is_claimed(void **state)
{
	const struct object *evil, *python;
	const struct proc *p;
	struct world w;
	struct buf b = { 0 };

	(void)state;
	world_init(&w);
	evil = file(&w, "/home/me/evil", 66, 0);
	python = file(&w, "/usr/bin/python3", 12, 0);
	p = exec(&w, evil);
	say(&w, "evil", python);
	assert_int_equal(p->exe->marks, OBJECT_CLAIM);
	assert_int_equal(p->exe->ino, 12);
	snapshot(&w, python);
	assert_int_equal(p->exe->marks, OBJECT_CLAIM);
	word_program(&b, p->exe, 0);
	assert_string_equal(buf_str(&b), "/usr/bin/python3 [claimed]");
	exec(&w, python);
	assert_int_equal(p->exe->marks, 0);
	buf_done(&b);
	world_done(&w);
}

static bool suppresses(struct suppression *s, const struct object *exe)
{
	static const struct rule rule = { .id = "wx" };
	struct proc proc = { .exe = exe };
	struct event ev = { .type = EVENT_CALL };
	struct change ch = { .ev = &ev, .proc = &proc };
	struct rules r = { .suppressions = s, .nr_suppressions = 1 };

	return rules_suppress(&r, &rule, &ch);
}

static void rules_believe_no_other_mounts(void **state)
{
	struct suppression s = { .exe = "/usr/bin/python3*" };
	const struct object *here, *there, *nowhere;
	struct world w;

	(void)state;
	world_init(&w);
	here = file(&w, "/usr/bin/python3.11", 12, 0);
	there = file(&w, "/usr/bin/python3.11", 12, OTHER_NS);
	nowhere = file(&w, "/usr/bin/python3.11", 12, MPW_MNT_NS_NONE);
	assert_true(suppresses(&s, here));
	assert_false(suppresses(&s, there));
	assert_false(suppresses(&s, nowhere));
	assert_false(suppresses(&s, object_claim(w.objects, here)));
	s.any_mount = true;
	assert_true(suppresses(&s, there));
	assert_false(suppresses(&s, object_claim(w.objects, there)));
	s = (struct suppression){ .exe = "08:01 12" };
	assert_true(suppresses(&s, here));
	assert_true(suppresses(&s, there));
	assert_false(suppresses(&s, file(&w, "/usr/bin/python3.11", 13, 0)));
	assert_false(suppresses(&s, object_claim(w.objects, here)));
	assert_false(suppresses(&s, NULL));
	world_done(&w);
}

/* Names that find no room: the inode stays at first, and all that rules look at for ever. */
static void facts_survive_names(void **state)
{
	struct suppression s = { .exe = "*" };
	const struct object *o;
	char name[256];
	struct world w;
	uint64_t n;
	uint32_t pid;

	(void)state;
	world_init(&w);
	memset(name, 'x', sizeof(name));
	for (n = 0; !object_table_dropped(w.objects, &pid); n++) {
		snprintf(name, sizeof(name), "/memfd:%08llu", (unsigned long long)n);
		name[15] = 'x';
		strcpy(name + sizeof(name) - 11, " (deleted)");
		object_from_maps(w.objects, name, strlen(name), 1, n + 1, 0);
	}
	o = file(&w, "/usr/lib/new.so (deleted)", 5, OTHER_NS);
	assert_string_equal(o->name, "(too many names)");
	assert_true(o->deleted && o->ino == 5 && o->dev == dev_make(8, 1) && o->mnt_ns == OTHER_NS);
	assert_int_equal(o->marks, OBJECT_FOLDED);
	assert_false(suppresses(&s, o));
	assert_string_equal(file(&w, "/dev/shm/x.so", 6, 0)->name, "/dev/shm/(too many names)");
	assert_string_equal(object_simple(w.objects, OBJECT_HEAP)->name, "[heap]");
	for (n = 0; n < 400000; n++)
		o = object_from_maps(w.objects, "/memfd:y (deleted)", 18, 1, 1u << 30 | n, 0);
	assert_true(o->kind == OBJECT_MEMFD && o->inode_unknown && !o->ino);
	assert_ptr_equal(o, object_from_maps(w.objects, "/memfd:z (deleted)", 18, 1, 2u << 30, 0));
	o = file(&w, "/tmp/lib.so (deleted)", 7, OTHER_NS);
	assert_string_equal(o->name, "/tmp/(too many names)");
	assert_true(o->deleted && o->mnt_ns == MPW_MNT_NS_NONE);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_thread_names_the_process),
		cmocka_unit_test(program_is_what_exec_ran),
		cmocka_unit_test(program_is_claimed),
		cmocka_unit_test(rules_believe_no_other_mounts),
		cmocka_unit_test(facts_survive_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
