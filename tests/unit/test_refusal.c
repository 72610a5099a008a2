/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a call was refused: each cause from its arguments, the mirror and the conditions; where these
 * prove none, all that are possible.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/call_flags.h"
#include "core/conditions.h"
#include "core/object.h"
#include "core/proc.h"
#include "core/refusal.h"
#include "core/room.h"

#define M	(1ULL << 20)
#define G	(1ULL << 30)
#define AT	0x7f0000000000ULL
#define PRIVATE (ABI_MAP_PRIVATE | ABI_MAP_ANONYMOUS)
#define RW	(VMA_R | VMA_W)

struct trial {
	struct object_table *objects;
	struct mm mm;
	struct event ev;
	struct buf room, words;
	struct refusal r;
};

static int setup(void **state)
{
	struct trial *t = test_calloc(1, sizeof(*t));

	t->objects = object_table_new();
	t->mm.as = aspace_new();
	aspace_set_known(t->mm.as, true);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct trial *t = *state;

	aspace_free(t->mm.as);
	object_table_free(t->objects);
	buf_done(&t->room);
	buf_done(&t->words);
	test_free(t);
	return 0;
}

static void map(struct trial *t, uint64_t start, uint64_t len, uint16_t flags)
{
	struct attr a = { .flags = VMA_MAPPED | flags,
			  .obj = object_simple(t->objects, OBJECT_ANON) };

	aspace_assign(t->mm.as, start, start + len, &a, NULL, NULL);
}

/* A call that failed, with conditions as words, each ended by a blank. */
static void refuse(struct trial *t, enum mpw_call id, int64_t ret, const char *conditions,
		   const uint64_t args[MPW_NR_ARGS])
{
	char *c;

	event_clear(&t->ev);
	t->ev.type = EVENT_CALL;
	t->ev.call.id = id;
	t->ev.call.ret = ret;
	memcpy(t->ev.call.arg, args, sizeof(t->ev.call.arg));
	t->room.len = 0;
	buf_puts(&t->room, conditions);
	for (c = t->room.data; c && c < t->room.data + t->room.len; c++)
		*c = *c == ' ' ? '\0' : *c;
	if (t->room.len)
		facts_set_word(&t->ev.facts, MPW_FACT_CONDITIONS, t->room.data, t->room.len);
	refusal_find(&t->mm, &t->ev, &t->r);
	t->words.len = 0;
	word_refusal(&t->words, &t->ev, &t->r);
}

#define REFUSE(t, call, ret, conditions, ...) \
	refuse(t, MPW_CALL_##call, ret, conditions, (const uint64_t[MPW_NR_ARGS]){ __VA_ARGS__ })

static void assert_why(struct trial *t, enum refusal_cause id, const char *sentence)
{
	assert_string_equal(buf_str(&t->words), sentence);
	assert_int_equal(t->r.nr, 1);
	assert_int_equal(t->r.cause[0].id, id);
}

static void limits(void **state)
{
	struct trial *t = *state;

	REFUSE(t, MMAP, -ENOMEM, "as_used=262144000 as_limit=268435456 ", 0, 16 * M, 0, PRIVATE);
	assert_why(t, REFUSAL_RLIMIT_AS, "RLIMIT_AS of 256M: 250M used, 16M asked");
	REFUSE(t, MMAP, -ENOMEM, "as_used=1 data_used=63963136 data_limit=67108864 ", 0, 16 * M, RW,
	       PRIVATE);
	assert_why(t, REFUSAL_RLIMIT_DATA, "RLIMIT_DATA of 64M: 61M used, 16M asked");
	/* shared memory is no data */
	REFUSE(t, MMAP, -ENOMEM, "data_used=63963136 data_limit=67108864 ", 0, 16 * M, RW,
	       ABI_MAP_SHARED | ABI_MAP_ANONYMOUS);
	assert_why(t, REFUSAL_MEMORY, "the kernel itself found no memory");
	REFUSE(t, MMAP, -EAGAIN, "locked_used=0 memlock_limit=65536 ", 0, 256 << 10, RW,
	       PRIVATE | ABI_MAP_LOCKED);
	assert_why(t, REFUSAL_RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK of 64K: 0 used, 256K asked");
	REFUSE(t, MMAP, -EAGAIN, "locked_used=0 memlock_limit=65536 locks_all=1 ", 0, 256 << 10, RW,
	       PRIVATE);
	assert_why(t, REFUSAL_RLIMIT_MEMLOCK,
		   "RLIMIT_MEMLOCK of 64K: 0 used, 256K asked, because of mlockall(MCL_FUTURE)");
	REFUSE(t, MMAP, -ENOMEM, "overcommit=0 memory=16777216 ", 0, 64 * M, RW, PRIVATE);
	assert_why(t, REFUSAL_OVERCOMMIT,
		   "vm.overcommit_memory=0, which allows no more than all memory, 16M: 64M asked");
	REFUSE(t, MMAP, -ENOMEM, "overcommit=2 commit_limit=104857600 committed=99614720 ", 0,
	       64 * M, RW, PRIVATE | ABI_MAP_NORESERVE);
	assert_why(t, REFUSAL_OVERCOMMIT,
		   "vm.overcommit_memory=2, which allows 100M: 95M committed, 64M asked");
	/* what needs no memory is not charged */
	REFUSE(t, MMAP, -ENOMEM, "overcommit=0 memory=16777216 ", 0, 64 * M, 0, PRIVATE);
	assert_why(t, REFUSAL_MEMORY, "the kernel itself found no memory");
}

static void a_fixed_mapping_takes_the_place_of_others(void **state)
{
	struct trial *t = *state;

	map(t, AT, 16 * M, RW);
	REFUSE(t, MMAP, -ENOMEM, "as_used=268435456 as_limit=268435456 ", AT, 16 * M, 0,
	       PRIVATE | ABI_MAP_FIXED);
	assert_why(t, REFUSAL_MEMORY, "the kernel itself found no memory");
	REFUSE(t, MMAP, -ENOMEM, "as_used=268435456 as_limit=268435456 ", AT, 17 * M, 0,
	       PRIVATE | ABI_MAP_FIXED);
	assert_why(t, REFUSAL_RLIMIT_AS, "RLIMIT_AS of 256M: 256M used, 1M asked");
}

static void map_count(void **state)
{
	struct trial *t = *state;

	REFUSE(t, MPROTECT, -ENOMEM, "max_map_count=65530 ", AT, 4096, VMA_R);
	assert_int_equal(t->r.cause[0].id, REFUSAL_HOLE);
	map(t, AT, 16 * M, RW);
	REFUSE(t, MPROTECT, -ENOMEM, "max_map_count=65530 ", AT, 4096, VMA_R);
	assert_int_equal(t->r.cause[0].id, REFUSAL_MEMORY);
	facts_set(&t->ev.facts, MPW_FACT_MAP_COUNT, 65530);
	refusal_find(&t->mm, &t->ev, &t->r);
	t->words.len = 0;
	word_refusal(&t->words, &t->ev, &t->r);
	assert_why(t, REFUSAL_MAP_COUNT, "vm.max_map_count of 65530: 65530 mappings");
	/* an mmap may still make the last one */
	t->ev.call.id = MPW_CALL_MMAP;
	refusal_find(&t->mm, &t->ev, &t->r);
	assert_int_not_equal(t->r.cause[0].id, REFUSAL_MAP_COUNT);
}

static void ranges(void **state)
{
	struct trial *t = *state;

	map(t, AT, 12 << 10, RW);
	map(t, AT + (16 << 10), 16 << 10, RW);
	REFUSE(t, MPROTECT, -ENOMEM, "as_used=1 ", AT, 32 << 10, VMA_R);
	assert_why(t, REFUSAL_HOLE, "nothing is mapped in 4K at 7f0000003000");
	REFUSE(t, MREMAP, -EFAULT, "as_used=1 ", AT, 32 << 10, 64 << 10, 1);
	assert_why(t, REFUSAL_HOLE, "nothing is mapped in 4K at 7f0000003000");
	REFUSE(t, MREMAP, -ENOMEM, "as_used=1 ", AT, 12 << 10, 20 << 10, 0);
	assert_why(t, REFUSAL_IN_WAY, "16K of [anon] at 7f0000004000 is in the way");
	REFUSE(t, MMAP, -EEXIST, "", AT + 4096, 4096, RW, PRIVATE | ABI_MAP_FIXED_NOREPLACE);
	assert_why(t, REFUSAL_IN_WAY, "12K of [anon] at 7f0000000000 is in the way");
	map(t, AT + 4096, 4096, RW | VMA_SEALED);
	REFUSE(t, MUNMAP, -EPERM, "", AT, 12 << 10);
	assert_why(t, REFUSAL_SEALED, "4K of [anon] at 7f0000001000 is sealed (mseal)");
	REFUSE(t, MUNMAP, -EPERM, "", AT, 4096);
	assert_why(t, REFUSAL_SEALED, "memory that was sealed unseen (mseal)");
}

static void no_room(void **state)
{
	struct trial *t = *state;

	map(t, 0x40000000, 900 * M, RW);
	map(t, 0x7ffc00000000, 16 * M, RW | VMA_GROWSDOWN);
	REFUSE(t, MMAP, -ENOMEM, "as_used=1 ", 0, 200 * M, RW, PRIVATE | ABI_MAP_32BIT);
	assert_why(t, REFUSAL_NO_ROOM,
		   "no free range of 200M between 1G and 2G (MAP_32BIT): the biggest has 124M");
	REFUSE(t, MMAP, -ENOMEM, "as_used=1 overcommit=1 ", 0, 200 * 1024 * G, 0, PRIVATE);
	assert_int_equal(t->r.cause[0].id, REFUSAL_NO_ROOM);
	REFUSE(t, MMAP, -ENOMEM, "as_used=1 ", 0, 16 * M, RW, PRIVATE);
	assert_int_equal(t->r.cause[0].id, REFUSAL_MEMORY);
}

static void a_walk_over_many_mappings_ends(void **state)
{
	struct trial *t = *state;
	struct room room;
	int i;

	for (i = 0; i <= ROOM_STEPS; i++)
		map(t, AT + i * 8192ULL, 4096, RW);
	REFUSE(t, MMAP, -ENOMEM, "as_used=1 ", 0, 200 * 1024 * G, 0, PRIVATE);
	assert_int_equal(t->r.cause[0].id, REFUSAL_MEMORY);
	assert_false(room_biggest(t->mm.as, &t->ev.call, &room));
}

static void huge_pages(void **state)
{
	struct trial *t = *state;
	uint64_t how = PRIVATE | ABI_MAP_HUGETLB;

	REFUSE(t, MMAP, -ENOMEM, "as_used=1 huge_page=2097152 huge_total=8 huge_free=2 ", 0,
	       144 * M, RW, how);
	assert_why(t, REFUSAL_NO_HUGE_PAGE,
		   "not enough huge pages: 2 of 8 are free, 72 of 2M asked");
	REFUSE(t, MMAP, -EINVAL, "as_used=1 huge_page=1073741824 ", 0, G, RW, how | 30U << 26);
	assert_why(t, REFUSAL_HUGE_SIZE, "this kernel has no huge pages of 1G");
	map(t, AT, 4 * M, RW);
	REFUSE(t, MPROTECT, -EINVAL, "place=139611588448256 huge_page=2097152 ", AT, 4096, VMA_R);
	assert_why(t, REFUSAL_HUGE_ALIGN, "not a multiple of its huge pages of 2M");
	REFUSE(t, MUNMAP, -EINVAL, "place=139611588448256 huge_page=2097152 ", AT, 4096);
	assert_why(t, REFUSAL_HUGE_ALIGN, "not a multiple of its huge pages of 2M");
}

static void rights(void **state)
{
	struct trial *t = *state;
	uint64_t x = VMA_R | VMA_X;

	REFUSE(t, MMAP, -EACCES, "no_write=1 ", 0, 4096, RW, ABI_MAP_SHARED, 3);
	assert_why(t, REFUSAL_FILE_MODE, "the file was not opened for writing");
	REFUSE(t, MMAP, -EACCES, "no_read=1 ", 0, 4096, VMA_R, ABI_MAP_PRIVATE, 3);
	assert_why(t, REFUSAL_FILE_MODE, "the file was not opened for reading");
	REFUSE(t, MMAP, -EPERM, "no_exec=1 no_write=1 ", 0, 4096, x, ABI_MAP_PRIVATE, 3);
	assert_why(t, REFUSAL_NO_EXEC, "the file is on a noexec mount");
	REFUSE(t, MMAP, -EPERM, "seal=1 ", 0, 4096, RW, ABI_MAP_SHARED, 3);
	assert_why(t, REFUSAL_FILE_SEAL, "the file is sealed against writing (F_SEAL_WRITE)");
	REFUSE(t, MMAP, -EACCES, "append=1 ", 0, 4096, RW, ABI_MAP_SHARED, 3);
	assert_why(t, REFUSAL_FILE_APPEND, "the file can only be appended to");
	REFUSE(t, MMAP, -EACCES, "mdwe=1 ", 0, 4096, x | VMA_W, PRIVATE);
	assert_why(t, REFUSAL_MDWE, "prctl(PR_SET_MDWE)");
	REFUSE(t, MMAP, -EACCES, "as_used=1 selinux=1 bpf=1 ", 0, 4096, x | VMA_W, PRIVATE);
	assert_why(t, REFUSAL_LSM, "a security module (selinux or bpf)");
	REFUSE(t, MMAP, -EPERM, "min_addr=65536 ", 4096, 4096, RW, PRIVATE | ABI_MAP_FIXED);
	assert_why(t, REFUSAL_MIN_ADDR, "vm.mmap_min_addr of 64K");
	map(t, AT, 4096, VMA_R);
	REFUSE(t, MPROTECT, -EACCES, "mdwe=1 ", AT, 4096, x);
	assert_why(t, REFUSAL_MDWE, "prctl(PR_SET_MDWE)");
	REFUSE(t, MPROTECT, -EACCES, "place=139611588448256 no_exec=1 mdwe=1 ", AT, 4096, x);
	assert_why(t, REFUSAL_NO_EXEC, "the file is on a noexec mount");
	REFUSE(t, MPROTECT, -EACCES, "place=139611588448256 ", AT, 4096, RW);
	assert_why(t, REFUSAL_DRIVER, "the file's driver or file system");
}

static void brk(void **state)
{
	struct trial *t = *state;

	t->mm.start_brk = AT;
	REFUSE(t, BRK, AT, "data_segment=616 data_limit=1048576 ", AT + 8 * M);
	assert_why(t, REFUSAL_RLIMIT_DATA, "RLIMIT_DATA of 1M: 616 used, 8M asked");
	REFUSE(t, BRK, AT, "as_used=1048576 as_limit=2097152 ", AT + 8 * M);
	assert_why(t, REFUSAL_RLIMIT_AS, "RLIMIT_AS of 2M: 1M used, 8M asked");
	REFUSE(t, BRK, AT, "", AT - 4096);
	assert_why(t, REFUSAL_BELOW_HEAP, "below the heap's start");
	map(t, AT + M, 64 << 10, RW);
	REFUSE(t, BRK, AT, "as_used=1048576 as_limit=2097152 ", AT + 8 * M);
	assert_why(t, REFUSAL_IN_WAY, "64K of [anon] at 7f0000100000 is in the way");
}

static void arguments(void **state)
{
	struct trial *t = *state;

	REFUSE(t, MMAP, -EINVAL, "", 0, 0, RW, PRIVATE);
	assert_why(t, REFUSAL_EMPTY, "no bytes were asked for");
	REFUSE(t, MMAP, -EINVAL, "", 0, 4096, RW, ABI_MAP_ANONYMOUS);
	assert_why(t, REFUSAL_FLAGS, "neither MAP_SHARED nor MAP_PRIVATE");
	REFUSE(t, MMAP, -EINVAL, "", 0, 4096, RW, ABI_MAP_PRIVATE, 3, 100);
	assert_why(t, REFUSAL_ALIGN, "not a multiple of a page");
	REFUSE(t, MPROTECT, -EINVAL, "", AT + 1, 4096, VMA_R);
	assert_why(t, REFUSAL_ALIGN, "not a multiple of a page");
	REFUSE(t, MMAP, -EBADF, "", 0, 4096, VMA_R, ABI_MAP_PRIVATE, -5);
	assert_why(t, REFUSAL_DESCRIPTOR, "no such file descriptor");
}

/* Recordings of before conditions, and words that are no conditions. */
static void without_conditions_nothing_is_certain(void **state)
{
	struct trial *t = *state;

	REFUSE(t, MMAP, -ENOMEM, "", 0, 16 * M, RW, PRIVATE);
	assert_string_equal(
		buf_str(&t->words),
		"RLIMIT_AS, RLIMIT_DATA, vm.overcommit_memory or the kernel itself found no "
		"memory");
	REFUSE(t, MMAP, -ENOMEM, "= as_limit as_limit=x as_used==1 nothing=3 as_limit=-1 ", 0,
	       16 * M, RW, PRIVATE);
	assert_int_equal(t->r.nr, 4);
	REFUSE(t, MMAP, -EACCES, "", 0, 4096, RW | VMA_X, PRIVATE);
	assert_string_equal(buf_str(&t->words), "prctl(PR_SET_MDWE) or a security module");
}

/* As before the first snapshot, where the kernel cannot read mappings back. */
static void without_a_mirror_more_is_possible(void **state)
{
	struct trial *t = *state;

	aspace_set_known(t->mm.as, false);
	REFUSE(t, MPROTECT, -ENOMEM, "as_used=1 ", AT, 32 << 10, VMA_R);
	assert_string_equal(buf_str(&t->words),
			    "a hole in the range or the kernel itself found no memory");
	REFUSE(t, MMAP, -ENOMEM, "as_used=1 ", 0, 16 * M, RW, PRIVATE);
	assert_string_equal(buf_str(&t->words),
			    "no free range or the kernel itself found no memory");
}

static void flags(void **state)
{
	struct event_call c = { .id = MPW_CALL_MMAP, .ret = -ENOMEM };
	const char *names[CALL_FLAGS_MAX];
	struct buf b = { 0 };

	(void)state;
	c.arg[3] = PRIVATE | ABI_MAP_HUGETLB | ABI_MAP_FIXED;
	assert_int_equal(call_flags(&c, names), 4);
	assert_string_equal(names[0], "MAP_PRIVATE");
	word_call_flags(&b, &c);
	assert_string_equal(buf_str(&b), " FIXED HUGETLB");
	c.ret = AT;
	b.len = 0;
	word_call_flags(&b, &c);
	assert_string_equal(buf_str(&b), " HUGETLB");
	buf_done(&b);
	c.arg[0] = AT + 4096;
	assert_int_equal(call_missed_hint(&c), 0);
	c.arg[3] = PRIVATE;
	assert_int_equal(call_missed_hint(&c), AT + 4096);
	c.ret = AT + 4096;
	assert_int_equal(call_missed_hint(&c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(limits, setup, teardown),
		cmocka_unit_test_setup_teardown(a_fixed_mapping_takes_the_place_of_others, setup,
						teardown),
		cmocka_unit_test_setup_teardown(map_count, setup, teardown),
		cmocka_unit_test_setup_teardown(ranges, setup, teardown),
		cmocka_unit_test_setup_teardown(no_room, setup, teardown),
		cmocka_unit_test_setup_teardown(a_walk_over_many_mappings_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(huge_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(rights, setup, teardown),
		cmocka_unit_test_setup_teardown(brk, setup, teardown),
		cmocka_unit_test_setup_teardown(arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(without_conditions_nothing_is_certain, setup,
						teardown),
		cmocka_unit_test_setup_teardown(without_a_mirror_more_is_possible, setup, teardown),
		cmocka_unit_test(flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
