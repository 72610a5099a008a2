/* SPDX-License-Identifier: BSD-2-Clause */
/* Events are unpacked as they were packed, of every kind and fact; unknown ones are stepped over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/pack.h"

static const struct object *const objects[] = {
	&(const struct object){ .kind = OBJECT_FILE, .name = "/bin/x", .name_len = 6 },
};

static uint32_t number_of(void *ctx, const struct object *obj)
{
	(void)ctx;
	assert_ptr_equal(obj, objects[0]);
	return 1;
}

static const struct vma_seen guards[] = {
	{ .start = 0x2000, .end = 0x3000 },
	{ .start = 0x3000, .end = 0x5000 },
};

static struct event event_of(enum event_type type)
{
	struct event ev = { .type = type, .ts_ns = 77, .mm = 5, .pid = 9, .tid = 10, .comm = "c" };

	switch (type) {
	case EVENT_CALL:
		ev.call = (struct event_call){ .id = MPW_CALL_MPROTECT,
					       .arg = { 0x1000, 0x2000, 5 },
					       .ret = -13,
					       .ip = 1,
					       .link = 2,
					       .unproven = true };
		break;
	case EVENT_FORK:
		ev.child.pid = 11;
		ev.child.mm = 6;
		break;
	case EVENT_EXIT:
		ev.exit_code = 256;
		break;
	case EVENT_LOSS:
		ev.lost = 3;
		break;
	case EVENT_FAULT:
		ev.fault.addr = 0x1234;
		break;
	case EVENT_WRITE:
		ev.write = (struct event_write){ .how = MPW_WRITE_PTRACE,
						 .flags = MPW_WRITE_FLAGS,
						 .addr = 0x1234,
						 .len = 8,
						 .ret = -5,
						 .pid = 12,
						 .tid = 13,
						 .uid = 14,
						 .comm = "w" };
		break;
	case EVENT_BUILD:
		ev.build.file = objects[0];
		strcpy(ev.build.id, "0123abcd");
		break;
	case EVENT_GUARDS:
		ev.lo = 0x1000;
		ev.hi = MPW_TASK_MAX;
		ev.seen = guards;
		ev.nr_seen = 2;
		break;
	case EVENT_EXEC:
	case EVENT_RANGE:
	case EVENT_PLACE:
		ev.start_ns = 1;
		ev.start_brk = 2;
		ev.ppid = 3;
		ev.exe = objects[0];
		break;
	}
	return ev;
}

/* A value for each fact; of a word, all bytes that there are. */
static void put_all_facts(struct facts *f)
{
	static char word[256];
	int id;

	for (id = 0; id < 256; id++)
		word[id] = id;
	for (id = 0; id < MPW_NR_FACTS; id++) {
		if (fact_type(id) == FACT_NUMBER)
			facts_set(f, id, UINT64_MAX - id);
		else
			facts_set_word(f, id, word, sizeof(word));
	}
}

static void assert_facts_equal(const struct facts *a, const struct facts *b)
{
	int id;

	assert_int_equal(a->has, b->has);
	for (id = 0; id < MPW_NR_FACTS; id++) {
		if (!facts_have(a, id))
			continue;
		assert_true(a->value[id].number == b->value[id].number);
		if (fact_type(id) != FACT_NUMBER)
			assert_memory_equal(a->value[id].word, b->value[id].word,
					    a->value[id].number);
	}
}

static struct unpacker unpacker_of(const struct buf *b)
{
	struct unpacker u = { .version = 4, .objects = objects, .nr_objects = 1 };

	unpack_begin(&u, b->data, b->len);
	return u;
}

/* Each kind, without facts and with all. */
static void gives_back_all(void **state)
{
	struct pack_memory memory = { 0 };
	struct buf b = { 0 };
	struct event ev, again;
	struct unpacker u;
	int i;

	(void)state;
	for (i = 0; i < 2 * NR_EVENT_TYPES; i++) {
		ev = event_of(i / 2);
		if (i % 2)
			put_all_facts(&ev.facts);
		pack_event(&b, &memory, &ev, 0, number_of, NULL);
	}
	u = unpacker_of(&b);
	for (i = 0; i < 2 * NR_EVENT_TYPES; i++) {
		ev = event_of(i / 2);
		if (i % 2)
			put_all_facts(&ev.facts);
		assert_int_equal(unpack_event(&u, &again), 1);
		assert_facts_equal(&ev.facts, &again.facts);
		again.facts = ev.facts;
		if (ev.nr_seen) {
			assert_memory_equal(ev.seen, again.seen, sizeof(guards));
			again.seen = ev.seen;
		}
		assert_memory_equal(&ev, &again, sizeof(ev));
	}
	assert_int_equal(unpack_event(&u, &again), 0);
	assert_int_equal(u.nr_events_skipped + u.nr_facts_skipped, 0);
	unpacker_done(&u);
	buf_done(&b);
}

/* A block that a later version wrote: an unknown kind between two calls, an unknown fact on each. */
static void steps_over(void **state)
{
	static const char facts[] = {
		(MPW_NR_FACTS + 3) << 1, 42, (MPW_NR_FACTS + 4) << 1 | PACK_WORD, 2, 'h', 'i'
	};
	struct pack_memory memory = { 0 };
	struct event ev = event_of(EVENT_CALL), again;
	struct buf b = { 0 };
	struct unpacker u;
	size_t at[4];
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		at[i] = b.len;
		ev = event_of(i == 1 ? EVENT_PLACE : EVENT_CALL);
		ev.ts_ns += i * 1000;
		facts_set(&ev.facts, MPW_FACT_CPU, i);
		pack_event(&b, &memory, &ev, 0, number_of, NULL);
		buf_add(&b, facts, sizeof(facts));
		b.data[at[i] + 1] += sizeof(facts);
	}
	b.data[at[1]] = NR_EVENT_TYPES + 7;
	u = unpacker_of(&b);
	for (i = 0; i < 3; i += 2) {
		assert_int_equal(unpack_event(&u, &again), 1);
		assert_int_equal(again.type, EVENT_CALL);
		assert_int_equal(again.ts_ns, 77 + i * 1000);
		assert_int_equal(facts_number(&again.facts, MPW_FACT_CPU), i);
	}
	assert_int_equal(unpack_event(&u, &again), 0);
	assert_int_equal(u.nr_events_skipped, 1);
	assert_int_equal(u.nr_facts_skipped, 4);
	unpacker_done(&u);
	buf_done(&b);
}

/* Cut anywhere, with any length, an event is whole or refused. */
static void refuses(void **state)
{
	struct pack_memory memory = { 0 };
	struct event ev, again;
	struct buf b = { 0 };
	struct unpacker u;
	size_t len;
	int type, wrong;

	(void)state;
	for (type = 0; type < NR_EVENT_TYPES; type++) {
		memset(&memory, 0, sizeof(memory));
		b.len = 0;
		ev = event_of(type);
		pack_event(&b, &memory, &ev, 0, number_of, NULL);
		len = b.len;
		for (b.len = 1; b.len < len; b.len++) {
			u = unpacker_of(&b);
			assert_int_equal(unpack_event(&u, &again), -22);
			unpacker_done(&u);
		}
		for (wrong = 1; wrong < (int)len - 2; wrong++) {
			b.data[1] = wrong;
			u = unpacker_of(&b);
			while (unpack_event(&u, &again) > 0)
				;
			unpacker_done(&u);
		}
	}
	buf_done(&b);
}

/* Only facts of the process itself are kept of it, in copies. */
static void learns(void **state)
{
	struct facts own = { 0 }, said = { 0 };
	char word[] = "/a";

	(void)state;
	facts_set(&said, MPW_FACT_CPU, 1);
	facts_set(&said, MPW_FACT_UID, 7);
	facts_set_word(&said, MPW_FACT_CGROUP, word, 2);
	facts_learn(&own, &said);
	facts_learn(&own, &said);
	word[1] = 'b';
	assert_false(facts_have(&own, MPW_FACT_CPU));
	assert_int_equal(facts_number(&own, MPW_FACT_UID), 7);
	assert_memory_equal(own.value[MPW_FACT_CGROUP].word, "/a", 2);
	facts_drop(&own, MPW_FACT_CGROUP);
	assert_false(facts_have(&own, MPW_FACT_CGROUP));
	facts_done(&own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_back_all),
		cmocka_unit_test(steps_over),
		cmocka_unit_test(refuses),
		cmocka_unit_test(learns),
	};

	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
