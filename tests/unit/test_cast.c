/* SPDX-License-Identifier: BSD-2-Clause */
/* Lives and spaces, from when to when, as a sink with a slot sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/cast.h"
#include "core/pipeline.h"
#include "util/mem.h"
#include "wire.h"

/* A sink that writes down what the cast tells: "left 100 1 at 5; over 100; lost 1; healed 1; ". */
struct probe {
	struct object_table *objects;
	struct pipeline *pl;
	unsigned int slot;
	struct life *held; /* kept beyond its end */
	struct totals totals;
	struct buf said;
};

static void probe_left(void *priv, struct life *l, struct space *sp, const struct event *ev)
{
	struct probe *p = priv;

	buf_printf(&p->said, "left %u %llu%s at %llu; ", l->pid, (unsigned long long)sp->nr,
		   sp->nr_users ? "" :
		   ev		? " last" :
				  " in the end",
		   (unsigned long long)sp->end_ns);
}

static void probe_over(void *priv, struct life *l)
{
	struct probe *p = priv;

	buf_printf(&p->said, "over %u; ", l->pid);
	if (!p->held) {
		p->held = l;
		l->slots[p->slot] = p;
	}
}

static void probe_lost(void *priv, struct space *sp, const struct event *ev)
{
	(void)ev;
	buf_printf(&((struct probe *)priv)->said, "lost %llu; ", (unsigned long long)sp->nr);
}

static void probe_healed(void *priv, struct space *sp, const struct event *ev)
{
	(void)ev;
	buf_printf(&((struct probe *)priv)->said, "healed %llu%s; ", (unsigned long long)sp->nr,
		   space_is_lost(sp) ? " of a loss" : "");
}

static int probe_finish(void *priv, const struct totals *totals)
{
	((struct probe *)priv)->totals = *totals;
	return 0;
}

static void probe_free(void *priv)
{
	struct probe *p = priv;

	if (p->held)
		life_release(p->held, p->slot);
}

static const struct sink_ops probe_ops = {
	.name = "probe",
	.life_left = probe_left,
	.life_over = probe_over,
	.space_lost = probe_lost,
	.space_healed = probe_healed,
	.finish = probe_finish,
	.free = probe_free,
};

static struct probe *probe_new(void)
{
	struct probe *p = mem_alloc(sizeof(*p));

	p->objects = object_table_new();
	p->pl = pipeline_new(p->objects);
	pipeline_add_sink(p->pl, (struct sink){ .ops = &probe_ops, .priv = p, .slot = &p->slot });
	return p;
}

static void done(struct probe *p)
{
	pipeline_free(p->pl);
	object_table_free(p->objects);
	buf_done(&p->said);
	free(p);
}

/* At the end of the stream, at end_ns, is that all that was told? */
static void assert_told(struct probe *p, uint64_t end_ns, const char *wanted)
{
	assert_int_equal(pipeline_finish(p->pl, end_ns, NULL), 0);
	assert_string_equal(buf_str(&p->said), wanted);
}

static void feed(struct probe *p, struct event ev)
{
	ev.tid = ev.pid;
	assert_int_equal(pipeline_feed(p->pl, &ev), 0);
}

static struct life *life_of(struct probe *p, uint32_t pid)
{
	return pipeline_find(p->pl, pid)->life;
}

static struct event snapshot(uint64_t ts_ns, uint32_t pid, uint64_t mm, uint64_t start_ns)
{
	return (struct event){ .type = EVENT_RANGE,
			       .ts_ns = ts_ns,
			       .pid = pid,
			       .mm = mm,
			       .start_ns = start_ns,
			       .has_range = true,
			       .hi = MPW_TASK_MAX };
}

static struct event forked(uint64_t ts_ns, uint32_t pid, uint64_t mm, uint32_t child,
			   uint64_t child_mm)
{
	return (struct event){ .type = EVENT_FORK,
			       .ts_ns = ts_ns,
			       .pid = pid,
			       .mm = mm,
			       .child = { .pid = child, .mm = child_mm } };
}

static struct event lost(uint64_t ts_ns, uint32_t pid, uint64_t mm)
{
	return (struct event){ .type = EVENT_LOSS,
			       .ts_ns = ts_ns,
			       .pid = pid,
			       .mm = mm,
			       .lost = 1,
			       .lost_until_ns = ts_ns };
}

static struct event of(enum event_type type, uint64_t ts_ns, uint32_t pid, uint64_t mm)
{
	return (struct event){ .type = type, .ts_ns = ts_ns, .pid = pid, .mm = mm };
}

#define SEC 1000000000ULL

/* Its exit was lost: another start, so another life, in an address space of its own. */
static void test_reused_pid(void **state)
{
	struct probe *p = probe_new();

	(void)state;
	feed(p, snapshot(1, 100, 7, SEC));
	assert_int_equal(life_of(p, 100)->nr, 1);
	feed(p, snapshot(2, 100, 7, SEC + 5000000)); /* in clock ticks it is the same */
	assert_int_equal(life_of(p, 100)->nr, 1);
	feed(p, snapshot(3, 100, 7, 3 * SEC));
	assert_int_equal(life_of(p, 100)->nr, 2);
	assert_int_equal(life_of(p, 100)->space->nr, 2);
	assert_int_equal(p->held->end_ns, 3);
	assert_false(p->held->has_exited);
	assert_told(p, 4,
		    "healed 1; healed 1; left 100 1 last at 3; over 100; healed 2; "
		    "left 100 2 in the end at 4; over 100; ");
	assert_int_equal(p->totals.nr_procs, 2);
	done(p);
}

/* A fork's record comes after a snapshot of the child: one life. After its lost exit: two. */
static void test_fork_of_known(void **state)
{
	struct probe *p = probe_new();
	struct event ev;

	(void)state;
	feed(p, snapshot(1, 100, 7, SEC));
	feed(p, snapshot(2, 101, 8, 2 * SEC));
	ev = forked(3, 100, 7, 101, 8);
	ev.start_ns = 2 * SEC;
	feed(p, ev);
	assert_int_equal(life_of(p, 101)->nr, 2);
	ev.ts_ns = 4;
	ev.start_ns = 4 * SEC;
	feed(p, ev);
	assert_int_equal(life_of(p, 101)->nr, 3);
	assert_int_equal(life_of(p, 101)->start_ns, 4);
	done(p);
}

static void test_vfork_child_outlives_parent(void **state)
{
	struct probe *p = probe_new();

	(void)state;
	feed(p, snapshot(1, 100, 7, SEC));
	feed(p, forked(2, 100, 7, 101, 7));
	assert_ptr_equal(life_of(p, 101)->space, life_of(p, 100)->space);
	feed(p, of(EVENT_EXIT, 3, 100, 7));
	assert_int_equal(life_of(p, 101)->space->nr_users, 1);
	feed(p, of(EVENT_EXEC, 4, 101, 8));
	feed(p, of(EVENT_EXIT, 5, 101, 8));
	assert_told(p, 6,
		    "healed 1; left 100 1 at 3; over 100; left 101 1 last at 4; "
		    "left 101 2 last at 5; over 101; ");
	done(p);
}

/* A sibling is known completely, but not shown until it has an event of its own. */
static void test_sibling(void **state)
{
	struct probe *p = probe_new();
	struct event ev;

	(void)state;
	feed(p, snapshot(1, 100, 7, SEC));
	ev = forked(2, 100, 7, 101, 7);
	ev.sibling = true;
	feed(p, ev);
	assert_false(life_of(p, 101)->is_shown);
	assert_int_equal(life_of(p, 101)->space->nr_users, 2);
	assert_int_equal(life_of(p, 101)->space->nr_shown, 1);
	feed(p, of(EVENT_EXIT, 3, 100, 7));
	assert_int_equal(life_of(p, 101)->space->nr_shown, 0);
	feed(p, lost(4, 101, 7)); /* that tells of nobody */
	assert_false(life_of(p, 101)->is_shown);
	feed(p, of(EVENT_CALL, 5, 101, 7));
	assert_true(life_of(p, 101)->is_shown);
	assert_int_equal(life_of(p, 101)->start_ns, 5);
	assert_int_equal(life_of(p, 101)->space->nr_shown, 1);
	done(p);
}

/* The second half of a snapshot, after another loss, is not all of it. */
static void test_loss_while_partly_healed(void **state)
{
	struct probe *p = probe_new();
	struct event low, high;

	(void)state;
	feed(p, snapshot(1, 100, 7, SEC));
	feed(p, lost(2, 100, 7));
	low = snapshot(3, 100, 7, SEC);
	low.hi = 1 << 20;
	feed(p, low);
	feed(p, lost(4, 0, 0));
	high = snapshot(5, 100, 7, SEC);
	high.lo = low.hi;
	feed(p, high);
	assert_true(space_is_lost(life_of(p, 100)->space));
	low.ts_ns = 3; /* older than the loss */
	feed(p, low);
	low.ts_ns = 6;
	feed(p, low);
	assert_true(space_is_lost(life_of(p, 100)->space));
	feed(p, high);
	assert_false(space_is_lost(life_of(p, 100)->space));
	assert_told(
		p, 7,
		"healed 1; lost 1; healed 1 of a loss; lost 1; healed 1 of a loss; "
		"healed 1 of a loss; healed 1 of a loss; left 100 1 in the end at 7; over 100; ");
	done(p);
}

/* Time may run backwards in a recording. */
static void test_ends_not_before_start(void **state)
{
	struct probe *p = probe_new();

	(void)state;
	feed(p, snapshot(50, 100, 7, SEC));
	feed(p, snapshot(60, 101, 8, SEC));
	feed(p, of(EVENT_EXIT, 20, 100, 7));
	assert_int_equal(p->held->end_ns, 50);
	assert_told(p, 10,
		    "healed 1; healed 2; left 100 1 last at 50; over 100; "
		    "left 101 2 in the end at 60; over 101; ");
	done(p);
}

/*
 * As -p 100 does: what the others do is fed as a sibling's, but for their calls on the memory of a
 * wanted process; a new life is asked about anew.
 */
static void test_chosen(void **state)
{
	const struct whom whom = { .pids = { .id = (uint32_t[]){ 100 }, .nr = 1 } };
	struct whom followed = whom;
	struct probe *p = probe_new();
	struct event ev;

	(void)state;
	pipeline_choose(p->pl, &whom);
	feed(p, snapshot(1, 100, 7, SEC));
	feed(p, snapshot(2, 101, 7, SEC));
	feed(p, of(EVENT_CALL, 3, 104, 8));
	assert_true(life_of(p, 100)->is_shown);
	assert_false(life_of(p, 101)->is_shown);
	assert_false(life_of(p, 104)->is_shown);
	feed(p, lost(4, 101, 7));
	feed(p, snapshot(5, 101, 7, SEC));
	assert_string_equal(buf_str(&p->said), "healed 1; healed 1; lost 1; healed 1 of a loss; ");
	ev = snapshot(5, 103, 7,
		      SEC); /* a check of shared memory counts for nothing, nor shows anyone */
	ev.check = true;
	feed(p, ev);
	assert_null(life_of(p, 103));
	feed(p, of(EVENT_CALL, 5, 103, 7));
	assert_true(life_of(p, 103)->is_shown);
	assert_false(life_of(p, 103)->member.is_wanted);
	feed(p, of(EVENT_EXEC, 5, 103,
		   9)); /* what it does to memory of its own is nobody's business */
	feed(p, of(EVENT_CALL, 5, 103, 9));
	assert_int_equal(life_of(p, 103)->space->nr_wanted, 0);
	followed.follow = true;
	pipeline_choose(p->pl, &followed);
	feed(p, forked(6, 100, 7, 102, 9));
	assert_true(life_of(p, 102)->member.is_born);
	feed(p, of(EVENT_EXEC, 7, 102, 10));
	assert_true(life_of(p, 102)->member.is_wanted);
	feed(p, snapshot(8, 102, 10, SEC));
	feed(p, snapshot(9, 102, 10, 9 * SEC)); /* another: nobody's child */
	assert_false(life_of(p, 102)->member.is_wanted);
	assert_false(life_of(p, 102)->is_shown);
	done(p);
}

/* As -n app: a loss has no name, so it says nothing about its process, whose it may have been. */
static void test_chosen_by_name(void **state)
{
	struct whom whom = { .by_comm = true };
	struct probe *p = probe_new();
	struct event ev;

	(void)state;
	assert_int_equal(commglob_add(&whom.comm, "app"), 0);
	pipeline_choose(p->pl, &whom);
	feed(p, lost(1, 100, 7));
	assert_false(life_of(p, 100)->member.is_known);
	ev = of(EVENT_CALL, 2, 100, 7);
	strcpy(ev.comm, "app");
	feed(p, ev);
	assert_true(life_of(p, 100)->is_shown);
	feed(p, lost(3, 101, 8));
	ev = of(EVENT_CALL, 4, 101, 8);
	strcpy(ev.comm, "other");
	feed(p, ev);
	feed(p, lost(5, 101, 8)); /* of one who is known to be unwanted */
	assert_false(life_of(p, 101)->is_shown);
	pipeline_finish(p->pl, 6, NULL);
	assert_int_equal(p->totals.lost, 2);
	done(p);
}

/* As -c /a: the cgroup of the dead is not that of the one who has the pid now. */
static void test_chosen_by_cgroup(void **state)
{
	const struct whom whom = { .by_cgroup = true, .cgroup = "/a" };
	struct probe *p = probe_new();
	struct event ev;

	(void)state;
	pipeline_choose(p->pl, &whom);
	feed(p, snapshot(1, 100, 7, SEC));
	ev = of(EVENT_PLACE, 2, 100, 7);
	facts_set_word(&ev.facts, MPW_FACT_CGROUP, "/a/b", 4);
	feed(p, ev);
	assert_true(life_of(p, 100)->member.is_wanted);
	ev = of(EVENT_EXEC, 3, 100, 8); /* its exit was lost */
	ev.start_ns = 3 * SEC;
	feed(p, ev);
	assert_false(life_of(p, 100)->member.is_wanted);
	assert_false(life_of(p, 100)->member.is_known);
	done(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reused_pid),
		cmocka_unit_test(test_fork_of_known),
		cmocka_unit_test(test_vfork_child_outlives_parent),
		cmocka_unit_test(test_sibling),
		cmocka_unit_test(test_loss_while_partly_healed),
		cmocka_unit_test(test_ends_not_before_start),
		cmocka_unit_test(test_chosen),
		cmocka_unit_test(test_chosen_by_name),
		cmocka_unit_test(test_chosen_by_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
