/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions of security modules, condition by condition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "core/lsm.h"

#define NEW 0xffff /* before: there is no mapping */
#define R   VMA_R
#define RW  (VMA_R | VMA_W)
#define RX  (VMA_R | VMA_X)
#define RWX (VMA_R | VMA_WX)
#define S   VMA_SHARED

enum { MEM = 1, HEAP = 2, STACK = 4, MOD = 8, FS = 16 };

static const struct {
	enum object_kind kind;
	bool in_heap;
	uint16_t before, after;
	uint8_t sure, maybe;
} cases[] = {
	/* nothing is executed */
	{ OBJECT_ANON, false, NEW, RW, 0, 0 },
	{ OBJECT_FILE, false, RX, RW, 0, 0 },
	/* of no file */
	{ OBJECT_ANON, false, NEW, RX, MEM | FS, 0 },
	{ OBJECT_ANON, false, NEW, RWX, MEM | FS, 0 },
	{ OBJECT_ANON, false, RW, RX, MEM | FS, 0 },
	{ OBJECT_ANON, false, RW, VMA_X, MEM | FS, 0 },
	{ OBJECT_ANON, false, RX, RX, MEM, 0 }, /* again */
	{ OBJECT_ANON, false, RX, RWX, MEM, 0 },
	{ OBJECT_SPECIAL, false, RX, RX, MEM, 0 },
	/* a file */
	{ OBJECT_FILE, false, NEW, RX, 0, 0 },
	{ OBJECT_FILE, false, NEW, RX | S, 0, 0 },
	{ OBJECT_FILE, false, NEW, RWX, MEM, FS },
	{ OBJECT_FILE, false, NEW, RWX | S, 0, 0 },
	{ OBJECT_FILE, false, RX, RWX, MEM, 0 },
	{ OBJECT_FILE, false, RX, RX, 0, 0 },
	{ OBJECT_FILE, false, RW, RX, MOD, 0 },
	{ OBJECT_FILE, false, RW, RWX, MEM | MOD, FS },
	{ OBJECT_FILE, false, R, RX, 0, MOD }, /* was it writable before? */
	{ OBJECT_FILE, false, 0, RX, 0, MOD },
	{ OBJECT_FILE, false, RW | S, RX | S, 0, 0 },
	/* what is no file for RestrictFileSystemAccess= is one for SELinux */
	{ OBJECT_MEMFD, false, NEW, RX | S, FS, 0 },
	{ OBJECT_MEMFD, false, NEW, RWX | S, FS, 0 },
	{ OBJECT_MEMFD, false, NEW, RWX, MEM | FS, 0 },
	{ OBJECT_MEMFD, false, RW, RX, MOD | FS, 0 },
	{ OBJECT_MEMFD, false, RX | S, RX | S, 0, 0 },
	/* files without a name */
	{ OBJECT_SYSV, false, NEW, RWX | S, MEM | FS, 0 },
	{ OBJECT_SHARED_ANON, false, NEW, RX | S, MEM | FS, 0 },
	{ OBJECT_SHARED_ANON, false, RW | S, RX | S, MEM | FS, 0 },
	/* heap and stack: execmem besides */
	{ OBJECT_HEAP, true, RW, RX, MEM | HEAP | FS, 0 },
	{ OBJECT_HEAP, true, RX, RWX, MEM, 0 },
	{ OBJECT_HEAP, false, RW, RX, MEM | FS, 0 }, /* reaches beyond the break */
	{ OBJECT_ANON, true, RW, RX, MEM | HEAP | FS, 0 },
	{ OBJECT_FILE, true, RW, RX, HEAP, 0 }, /* mapped there, and the heap goes first */
	{ OBJECT_STACK, false, RW, RWX, MEM | STACK | FS, 0 },
	{ OBJECT_STACK, false, RWX, RWX, MEM, 0 },
	/* nobody knows */
	{ OBJECT_UNKNOWN, false, RW, RX, 0, MEM | FS },
	{ OBJECT_UNKNOWN, false, RX, RX, 0, MEM },
};

static void asks_by_conditions(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct object obj = { .kind = cases[i].kind };
		const struct lsm_mapping m = {
			.obj = &obj,
			.before = cases[i].before == NEW ? 0 : cases[i].before | VMA_MAPPED,
			.after = cases[i].after | VMA_MAPPED,
			.in_heap = cases[i].in_heap,
		};
		struct lsm_asks asks = lsm_asks(&m);

		if (asks.sure != cases[i].sure || asks.maybe != cases[i].maybe)
			fail_msg("case %zu: %x, maybe %x", i, asks.sure, asks.maybe);
	}
}

static void sure_is_no_maybe(void **state)
{
	struct lsm_asks asks = { .sure = MEM, .maybe = MOD };

	(void)state;
	lsm_asks_add(&asks, (struct lsm_asks){ .sure = MOD, .maybe = MEM | FS });
	assert_int_equal(asks.sure, MEM | MOD);
	assert_int_equal(asks.maybe, FS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_by_conditions),
		cmocka_unit_test(sure_is_no_maybe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
