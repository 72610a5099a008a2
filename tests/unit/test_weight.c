/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that a stream of events can make us keep is bounded: forks that copy a mirror for some
 * bytes each, processes out of nothing. Whatever ends makes room again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/object.h"
#include "core/proctab.h"
#include "core/weight.h"

#define MAX	 20000
#define MAPPINGS 500

struct world {
	struct object_table *objects;
	struct proctab *procs;
	struct weight weight;
	struct proc *parent;
};

static void setup(struct world *w)
{
	struct attr a = { .flags = VMA_MAPPED | VMA_R };
	unsigned int i;

	w->objects = object_table_new();
	w->procs = proctab_new();
	w->weight = (struct weight){ 0 };
	w->parent = proctab_add(w->procs, 1);
	proctab_give_new(w->procs, w->parent, 1);
	a.obj = object_simple(w->objects, OBJECT_ANON);
	for (i = 1; i <= MAPPINGS; i++)
		aspace_assign(w->parent->mm->as, 2 * i * page_bytes, (2 * i + 1) * page_bytes, &a,
			      NULL, NULL);
}

static void teardown(struct world *w)
{
	proctab_free(w->procs);
	object_table_free(w->objects);
}

static bool fork_one(struct world *w, uint32_t pid, bool shared)
{
	struct event ev = { .type = EVENT_FORK, .pid = 1, .child = { .pid = pid, .mm = pid } };
	struct proc *child = proctab_add(w->procs, pid);

	if (shared)
		proctab_give_shared(w->procs, child, w->parent->mm);
	else
		proctab_give_copy(w->procs, child, pid, w->parent->mm);
	return weight_fits(&w->weight, &ev, 0, w->procs, NULL, MAX);
}

static void stops_forks(void **state)
{
	struct world w;
	uint32_t pid = 2;

	(void)state;
	setup(&w);
	while (fork_one(&w, pid, false))
		assert_true(++pid * MAPPINGS < MAX);
	assert_true(pid * MAPPINGS > MAX / 2); /* and not before there is need */
	teardown(&w);
}

static void stops_processes(void **state)
{
	struct event ev = { .type = EVENT_CALL };
	struct world w;
	uint32_t pid = 2;

	(void)state;
	setup(&w);
	do {
		assert_true(pid < MAX);
		proctab_give_new(w.procs, proctab_add(w.procs, pid), pid);
		pid++;
	} while (weight_fits(&w.weight, &ev, 0, w.procs, NULL, MAX));
	teardown(&w);
}

/* A shell lives for ever, and so can a mirror that many share. */
static void lets_others_live(void **state)
{
	struct world w;
	uint32_t pid;

	(void)state;
	setup(&w);
	for (pid = 2; pid < 2000; pid++) {
		assert_true(fork_one(&w, pid, false));
		proctab_remove(w.procs, proctab_find(w.procs, pid));
	}
	for (pid = 2; pid < 100; pid++)
		assert_true(fork_one(&w, pid, true));
	teardown(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stops_forks),
		cmocka_unit_test(stops_processes),
		cmocka_unit_test(lets_others_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
