/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts of smaps and numa_maps, with names that look like their fields. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "source/procpages.h"

static const char smaps[] =
	"00400000-00402000 r-xp 00000000 fe:00 12                         /tmp/Rss: 99 kB\n"
	"Size:                  8 kB\nKernelPageSize:        4 kB\nRss:                   4 kB\n"
	"Anonymous:             4 kB\nSwap:                  0 kB\nVmFlags: rd ex mr mw me\n"
	"00402000-00602000 rw-p 00000000 00:00 0                          [anon:N9=9]\n"
	"KernelPageSize:     2048 kB\nPrivate_Hugetlb:    2048 kB\nLocked:                0 kB\n"
	"00500000-00501000 rw-p 00000000 00:00 0                          [anon:torn]\n"
	"Rss:                   4 kB\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0          [vsyscall]\n"
	"Rss:                   8 kB\n";
static const char numa[] =
	"00300000 default anon=1 N0=1\n"
	"00400000 default file=/tmp/Rss:\\04099\\040kB anon=1 N0=1 N3=1 kernelpagesize_kB=4\n"
	"00402000 bind:1-63,a-very-long-list-of-nodes-that-does-not-fit huge N1=1 N999=1 "
	"Nx=3 N2 N=4 kernelpagesize_kB=2048\n";

struct pages {
	struct object_table *objects;
	struct page_rows rows;
};

static int setup(void **state)
{
	struct pages *p = calloc(1, sizeof(*p));

	p->objects = object_table_new();
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pages *p = *state;

	procpages_done(&p->rows);
	object_table_free(p->objects);
	free(p);
	return 0;
}

static void fields_are_of_their_mapping(void **state)
{
	struct pages *p = *state;
	const struct page_row *r;

	assert_int_equal(procpages_parse_smaps(p->objects, smaps, strlen(smaps), &p->rows), 0);
	assert_int_equal(p->rows.nr, 2); /* one was torn, and [vsyscall] is nobody's */
	r = p->rows.v;
	assert_int_equal(r[0].sum[PAGES_RSS], 4096);
	assert_int_equal(r[0].sum[PAGES_ANON], 4096);
	assert_int_equal(r[0].page_bytes, 4096);
	assert_int_equal(r[1].sum[PAGES_HUGETLB_PRIVATE], 2 << 20);
	assert_int_equal(r[1].sum[PAGES_RSS], 0);
}

static void nodes_are_of_their_mapping(void **state)
{
	struct pages *p = *state;
	const struct page_row *r;

	procpages_parse_smaps(p->objects, smaps, strlen(smaps), &p->rows);
	procpages_parse_numa(numa, strlen(numa), &p->rows);
	r = p->rows.v;
	assert_string_equal(r[0].policy, "default");
	assert_int_equal(r[0].node[0], 4096);
	assert_int_equal(r[0].node[3], 4096);
	assert_memory_equal(r[1].policy, "bind:1-63,", 10);
	assert_int_equal(strlen(r[1].policy), sizeof(r[1].policy) - 1);
	assert_int_equal(r[1].node[1], 2 << 20);
	assert_int_equal(r[1].node[PAGE_NODES - 1], 2 << 20);
	assert_int_equal(p->rows.nr_nodes, PAGE_NODES);
}

static void damaged_texts_end(void **state)
{
	struct pages *p = *state;
	size_t len;

	for (len = 0; len < strlen(smaps); len++) {
		int err = procpages_parse_smaps(p->objects, smaps, len, &p->rows);

		assert_true(!err || err == -EINVAL);
		procpages_parse_numa(numa, len < strlen(numa) ? len : strlen(numa), &p->rows);
		procpages_done(&p->rows);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(fields_are_of_their_mapping),
					    TEST(nodes_are_of_their_mapping),
					    TEST(damaged_texts_end) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
