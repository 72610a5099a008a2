/* SPDX-License-Identifier: BSD-2-Clause */
/* Text from outside can't break a terminal or JSON; numbers, sizes and options as people write them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "util/escape.h"
#include "util/fmt.h"
#include "util/opt.h"
#include "util/out.h"

#define ASSERT_FMT(wanted, ...)                            \
	do {                                               \
		struct buf b_ = { 0 };                     \
		struct buf *b = &b_;                       \
		__VA_ARGS__;                               \
		assert_string_equal(buf_str(b), (wanted)); \
		buf_done(b);                               \
	} while (0)

#define TEXT(s) escape_text(b, s, sizeof(s) - 1)
#define JSON(s) escape_json(b, s, sizeof(s) - 1)

static void test_escape_text(void **state)
{
	(void)state;
	ASSERT_FMT("plain /usr/lib", TEXT("plain /usr/lib"));
	ASSERT_FMT("\\x1b[2J\\n\\t\\x07", TEXT("\033[2J\n\t\a"));
	ASSERT_FMT("a\\x00b", TEXT("a\0b"));
	ASSERT_FMT("\\\\x1b", TEXT("\\x1b"));
	ASSERT_FMT("caf\xc3\xa9 \xe6\x97\xa5", TEXT("caf\xc3\xa9 \xe6\x97\xa5"));
	ASSERT_FMT("\\xff\\xc3", TEXT("\xff\xc3"));
	ASSERT_FMT("\\xc0\\xaf", TEXT("\xc0\xaf"));	     /* overlong "/" */
	ASSERT_FMT("\\xed\\xa0\\x80", TEXT("\xed\xa0\x80")); /* a surrogate */
	ASSERT_FMT("\\xc2\\x9b", TEXT("\xc2\x9b"));	     /* C1: CSI */
	ASSERT_FMT("\\xe2\\x80\\xae", TEXT("\xe2\x80\xae")); /* right-to-left override */
	ASSERT_FMT("\\x7f", TEXT("\x7f"));
}

/* Whatever the bytes are, what comes out is printable, and as wide as was said. */
static void test_escape_any(void **state)
{
	unsigned int seed = 1, i, k;
	char bytes[64];

	(void)state;
	for (i = 0; i < 20000; i++) {
		struct buf b = { 0 };
		size_t len = rand_r(&seed) % sizeof(bytes), max = 1 + rand_r(&seed) % 40, cols;

		for (k = 0; k < len; k++)
			bytes[k] = rand_r(&seed) % 3 ? rand_r(&seed) : 0xe2 - rand_r(&seed) % 3;
		cols = escape_text_cut(&b, bytes, len, max);
		assert_true(cols <= max);
		assert_int_equal(escape_width(b.data, b.len) >= cols, 1);
		for (k = 0; k < b.len; k++)
			assert_true((unsigned char)b.data[k] >= ' ' && b.data[k] != 0x7f);
		buf_done(&b);
	}
}

static void test_escape_cut(void **state)
{
	(void)state;
	ASSERT_FMT("/us\xe2\x80\xa6"
		   "c.so.6",
		   assert_int_equal(escape_text_cut(b, "/usr/lib/libc.so.6", 18, 10), 10));
	ASSERT_FMT("short", assert_int_equal(escape_text_cut(b, "short", 5, 10), 5));
	ASSERT_FMT("\xe2\x80\xa6", assert_int_equal(escape_text_cut(b, "abc", 3, 1), 1));
}

static void test_escape_json(void **state)
{
	(void)state;
	ASSERT_FMT("\"a\\\"b\\\\c\"", JSON("a\"b\\c"));
	ASSERT_FMT("\"\\u001b[2J\\u000a\"", JSON("\033[2J\n"));
	ASSERT_FMT("\"\xef\xbf\xbd\xef\xbf\xbd\"", JSON("\xff\xfe"));
	ASSERT_FMT("\"\\u202e\"", JSON("\xe2\x80\xae"));
	ASSERT_FMT("\"\\u0000\"", JSON("\0"));
}

static void test_numbers(void **state)
{
	(void)state;
	ASSERT_FMT("0", buf_hex(b, 0));
	ASSERT_FMT("ffffffffffffffff", buf_hex(b, UINT64_MAX));
	ASSERT_FMT("18446744073709551615", buf_dec(b, UINT64_MAX));
	ASSERT_FMT("000042", buf_dec_pad(b, 42, 6));
	ASSERT_FMT("4K", fmt_size(b, 4096));
	ASSERT_FMT("1536K", fmt_size(b, 1536 << 10));
	ASSERT_FMT("3G", fmt_size(b, 3ULL << 30));
	ASSERT_FMT("100", fmt_size(b, 100));
	ASSERT_FMT("99999", fmt_size(b, 99999));
	ASSERT_FMT("97.6K", fmt_size(b, 100001));
	ASSERT_FMT("15.9E", fmt_size(b, UINT64_MAX));
	ASSERT_FMT("15.9E", fmt_size(b, 18014398509481920ULL << 10)); /* 17.6T less than 16E */
	ASSERT_FMT("1.5M", fmt_size_short(b, 1536 << 10));
	ASSERT_FMT("1 process", fmt_count(b, 1, "process"));
	ASSERT_FMT("0 processes", fmt_count(b, 0, "process"));
	ASSERT_FMT("2 events", fmt_count(b, 2, "event"));
	ASSERT_FMT("2026-11-24T12:03:04.000000007Z", fmt_rfc3339(b, 1795521784000000007ULL));
	ASSERT_FMT("12:03:04.512311", fmt_time_of_day(b, 1795521784512311204ULL, true));
}

static void test_errno_names(void **state)
{
	char scratch[16];

	(void)state;
	assert_string_equal(fmt_errno(EACCES, scratch), "EACCES");
	assert_string_equal(fmt_errno(ENOMEM, scratch), "ENOMEM");
	assert_string_equal(fmt_errno(4000, scratch), "E4000");
}

static void test_parse(void **state)
{
	static const struct {
		const char *s;
		uint64_t ns;
	} durations[] = { { "10", 10000000000 },   { "10s", 10000000000 }, { "1.5m", 90000000000 },
			  { "200ms", 200000000 },  { "3us", 3000 },	   { "5ns", 5 },
			  { "2h", 7200000000000 }, { "0.5", 500000000 } };
	static const char *const no_durations[] = { "",	  "s",	 "-1",	"1x", "1 s",
						    "1e", "1sm", "nan", "inf" };
	static const char *const no_sizes[] = { "", "K", "-1", "1Q", "99999999999G" };
	static const char *const no_numbers[] = { "", "-1", "0x", "12a", " 1", "+1" };
	uint64_t v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(durations) / sizeof(*durations); i++) {
		assert_int_equal(parse_duration(durations[i].s, &v), 0);
		assert_int_equal(v, durations[i].ns);
	}
	for (i = 0; i < sizeof(no_durations) / sizeof(*no_durations); i++)
		if (parse_duration(no_durations[i], &v) != -EINVAL)
			fail_msg("\"%s\" is no duration", no_durations[i]);
	assert_int_equal(parse_size("64", &v), 0);
	assert_int_equal(v, 64);
	assert_int_equal(parse_size("16MiB", &v), 0);
	assert_int_equal(v, 16 << 20);
	assert_int_equal(parse_size("1g", &v), 0);
	assert_int_equal(v, 1 << 30);
	for (i = 0; i < sizeof(no_sizes) / sizeof(*no_sizes); i++)
		if (parse_size(no_sizes[i], &v) != -EINVAL)
			fail_msg("\"%s\" is no size", no_sizes[i]);
	assert_int_equal(parse_u64("0x1f", 100, &v), 0);
	assert_int_equal(v, 31);
	assert_int_equal(parse_u64("101", 100, &v), -ERANGE);
	assert_int_equal(parse_u64("99999999999999999999", UINT64_MAX, &v), -ERANGE);
	for (i = 0; i < sizeof(no_numbers) / sizeof(*no_numbers); i++)
		if (parse_u64(no_numbers[i], UINT64_MAX, &v) != -EINVAL)
			fail_msg("\"%s\" is no number", no_numbers[i]);
}

struct config {
	bool yes;
	int count;
	const char *name;
};

static const struct opt rows[] = {
	{ 'y', "yes", NULL, "say yes", opt_set_true, offsetof(struct config, yes), 0 },
	{ 'v', "verbose", NULL, "more", opt_set_count, offsetof(struct config, count), 0 },
	{ 0, "name", "NAME", "a name", opt_set_string, offsetof(struct config, name), 0 },
	{ 0 },
};

struct limits {
	int hue;
	uint64_t ns;
};

static const struct opt more_rows[] = {
	{ 'd', "duration", "TIME", "how long", opt_set_duration, offsetof(struct limits, ns), 0 },
	{ 0, "hue", "red|green", "which", opt_set_word, offsetof(struct limits, hue), 7 },
	{ 0 },
};

#define PARSE(groups, ...)                                                            \
	opt_parse(groups, sizeof((char *[]){ "prog", __VA_ARGS__ }) / sizeof(char *), \
		  (char *[]){ "prog", __VA_ARGS__, NULL })

static void test_options(void **state)
{
	struct config c = { 0 };
	struct limits l = { 0 };
	const struct opt_group groups[] = { { NULL, rows, &c }, { NULL, more_rows, &l }, { 0 } };
	int err = dup(2), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(PARSE(groups, "-yvv", "--name=x", "-d", "2s", "--hue=green", "--", "-y"),
			 7);
	assert_true(c.yes);
	assert_int_equal(c.count, 2);
	assert_string_equal(c.name, "x");
	assert_int_equal(l.ns, 2000000000);
	assert_int_equal(l.hue, 8);
	/* a command's own options are not ours */
	assert_int_equal(PARSE(groups, "ls", "-v"), 1);
	assert_int_equal(c.count, 2);
	dup2(null, 2);
	assert_int_equal(PARSE(groups, "-d", "soon"), -EINVAL);
	assert_int_equal(PARSE(groups, "--hue=blue"), -EINVAL);
	assert_int_equal(PARSE(groups, "--nam"), -EINVAL);
	assert_int_equal(PARSE(groups, "-x"), -EINVAL);
	dup2(err, 2);
	close(err);
	close(null);
}

static void test_out_errors(void **state)
{
	struct out o = { 0 };
	char dir[] = "/tmp/mpw-unit.XXXXXX", path[64], link[64];
	struct stat st;

	(void)state;
	assert_int_equal(out_open(&o, "/nonexistent/file"), -ENOENT);
	assert_int_equal(out_open(&o, "/dev/full"), 0);
	buf_puts(&o.buf, "text");
	assert_int_equal(out_flush(&o), -ENOSPC);
	buf_puts(&o.buf, "more");
	assert_int_equal(out_close(&o), -ENOSPC);

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/file", dir);
	snprintf(link, sizeof(link), "%s/link", dir);
	assert_int_equal(out_open(&o, path), 0);
	assert_int_equal(fstat(o.fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(out_close(&o), 0);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(out_open(&o, link), -ELOOP);
	unlink(link);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape_text), cmocka_unit_test(test_escape_any),
		cmocka_unit_test(test_escape_cut),  cmocka_unit_test(test_escape_json),
		cmocka_unit_test(test_numbers),	    cmocka_unit_test(test_errno_names),
		cmocka_unit_test(test_parse),	    cmocka_unit_test(test_options),
		cmocka_unit_test(test_out_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
