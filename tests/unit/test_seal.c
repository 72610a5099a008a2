/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of seals come back as they were, whatever is cut off is noticed; and what a seal depends on. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/seal.h"

static const int64_t numbers[] = { 0, 1, -1, 127, 128, 255, 65536, INT64_MAX, INT64_MIN };

static void rows_come_back(void **state)
{
	struct buf b = { 0 };
	const char *at;
	struct sealed_row row;
	size_t i, cut, n = sizeof(numbers) / sizeof(*numbers);

	(void)state;
	buf_putc(&b, 'x');
	buf_putc(&b, n + 2);
	for (i = 0; i < n; i++)
		row_put(&b, &(struct row_value){ .type = ROW_NUMBER, .number = numbers[i] });
	row_put(&b, &(struct row_value){ ROW_TEXT, 0, "a\0b", 3 });
	row_put(&b, &(struct row_value){ .type = ROW_NULL });
	at = b.data;
	assert_int_equal(row_next(&at, b.data + b.len, &row), 1);
	assert_int_equal(row.code, 'x');
	assert_int_equal(row.nr, n + 2);
	for (i = 0; i < n; i++)
		assert_true(row.value[i].type == ROW_NUMBER && row.value[i].number == numbers[i]);
	assert_int_equal(row.value[n].len, 3);
	assert_memory_equal(row.value[n].text, "a\0b", 3);
	assert_int_equal(row.value[n + 1].type, ROW_NULL);
	assert_int_equal(row_next(&at, b.data + b.len, &row), 0);
	for (cut = 1; cut < b.len; cut++) {
		char *part = malloc(cut); /* for a sanitizer */

		memcpy(part, b.data, cut);
		at = part;
		assert_int_equal(row_next(&at, part + cut, &row), -EBADMSG);
		free(part);
	}
	buf_done(&b);
}

static void seal(const uint8_t *before, int64_t changed, const char *data, const char *rows,
		 char ret[SEAL_HEX])
{
	const int64_t block[7] = { 1, 0, 5, 6, 7, 8, changed };
	struct chain c;

	chain_begin(&c, before);
	chain_block(&c, block, data, strlen(data));
	chain_seal(&c, rows, strlen(rows));
	seal_hex(c.hash, ret);
}

static void seals_depend_on_all(void **state)
{
	const uint8_t before[SEAL_BYTES] = { 1 };
	uint8_t parsed[SEAL_BYTES];
	char first[SEAL_HEX], other[SEAL_HEX];

	(void)state;
	seal(NULL, 9, "data", "rows", first);
	seal(NULL, 9, "data", "rows", other);
	assert_string_equal(first, other);
	/* by sha256sum(1) of these bytes: it is the same on every machine, and for ever */
	assert_string_equal(first,
			    "2b4ccc309567d697ddd31f605fc928605f4b0f2b1566503f7e7e72b738df4107");
	seal(before, 9, "data", "rows", other);
	assert_string_not_equal(first, other);
	seal(NULL, 10, "data", "rows", other);
	assert_string_not_equal(first, other);
	seal(NULL, 9, "datb", "rows", other);
	assert_string_not_equal(first, other);
	seal(NULL, 9, "datar", "ows", other);
	assert_string_not_equal(first, other);
	assert_int_equal(seal_parse(first, parsed), 0);
	seal_hex(parsed, other);
	assert_string_equal(first, other);
	assert_int_equal(seal_parse("00", parsed), -EINVAL);
	first[0] = 'G';
	assert_int_equal(seal_parse(first, parsed), -EINVAL);
}

static void stretches_begin_anew(void **state)
{
	struct stretch s = { .nr = 0 };
	char a[SEAL_HEX], b[SEAL_HEX];

	(void)state;
	stretch_add(&s, 5, "row", 3);
	assert_int_equal(s.last, 5);
	stretch_end(&s, a);
	assert_int_equal(s.nr, 0);
	stretch_add(&s, 6, "row", 3);
	stretch_end(&s, b);
	assert_string_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back),
		cmocka_unit_test(seals_depend_on_all),
		cmocka_unit_test(stretches_begin_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
