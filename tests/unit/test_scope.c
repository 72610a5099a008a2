/* SPDX-License-Identifier: BSD-2-Clause */
/* Which changes are in a scope, by what people write; and the globs over names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/scope.h"
#include "util/glob.h"

static const struct object libfoo = { .kind = OBJECT_FILE,
				      .name = "/usr/lib/libfoo.so.1",
				      .name_len = 20 };
static const struct object gone = { .kind = OBJECT_FILE,
				    .name = "/tmp/x",
				    .name_len = 6,
				    .deleted = true };
static const struct object heap = { .kind = OBJECT_HEAP, .name = "[heap]", .name_len = 6 };
static const struct object anon = { .kind = OBJECT_ANON, .name = "" };
static const struct object v8 = { .kind = OBJECT_ANON, .name = "v8", .name_len = 2 };

/* "rw-" as a mapping of obj; "" for nothing; "?" for what is not known. */
static struct attr attr_of(const char *rights, const struct object *obj)
{
	struct attr a = { .obj = obj, .flags = VMA_MAPPED };
	size_t i;

	if (!*rights)
		return (struct attr){ 0 };
	if (*rights == '?')
		return (struct attr){ .flags = VMA_UNKNOWN };
	for (i = 0; i < 3; i++)
		a.flags |= rights[i] == '-' ? 0 : 1u << i;
	return a;
}

static bool has(const struct scope *s, const char *before, const char *after,
		const struct object *obj)
{
	const struct event ev = { .type = EVENT_CALL };
	const struct change ch = { .ev = &ev,
				   .start = 0x10000,
				   .end = 0x14000,
				   .before = attr_of(before, obj),
				   .after = attr_of(after, obj) };

	return scope_has_change(s, &ch);
}

static bool has_rights(const char *text, const char *before, const char *after)
{
	struct scope s = { 0 };

	assert_int_equal(scope_parse_rights(&s, text), 0);
	return has(&s, before, after, &anon);
}

static void knows_rights_that_come_and_go(void **state)
{
	static const char *const wrong[] = { "",   "+",	  "-",	 "q", "x,",
					     ",x", "+-x", "x w", "X", "rwxs" };
	struct scope s = { 0 };
	size_t i;

	(void)state;
	assert_true(has_rights("x", "rw-", "r-x"));
	assert_true(has_rights("x", "r-x", "rw-"));
	assert_false(has_rights("x", "r-x", "r-x"));
	assert_false(has_rights("x", "r--", "rw-"));
	assert_true(has_rights("wx", "r--", "rw-"));
	assert_true(has_rights("+x", "rw-", "r-x"));
	assert_false(has_rights("+x", "r-x", "rw-"));
	assert_true(has_rights("-x", "r-x", ""));
	assert_true(has_rights("+x", "", "r-x"));
	assert_false(has_rights("+w,-x", "rw-", "r-x"));
	assert_true(has_rights("-w,+x", "rwx", "r-x"));
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_not_equal(scope_parse_rights(&s, wrong[i]), 0);
}

static bool has_turn(const char *text, const char *before, const char *after)
{
	struct scope s = { 0 };

	assert_int_equal(scope_parse_turn(&s, text), 0);
	return has(&s, before, after, &anon);
}

static void knows_turns(void **state)
{
	static const char *const wrong[] = { "",	"x",	    "rw-",	"rw-:r",
					     "rw-:xwr", "rw:r-x",   ">",	"?:?",
					     "rw->r-x", "rw-:r-x:", "rw-:rwxp", "nope:r--" };
	struct scope s = { 0 };
	size_t i;

	(void)state;
	assert_true(has_turn("rw-:r-x", "rw-", "r-x"));
	assert_false(has_turn("rw-:r-x", "rwx", "r-x"));
	assert_false(has_turn("rw-:r-x", "r-x", "rw-"));
	assert_true(has_turn("rw-->r-x", "rw-", "r-x"));
	assert_true(has_turn("rw- -> r-x", "rw-", "r-x"));
	assert_true(has_turn("---->r--", "---", "r--"));
	assert_true(has_turn("?w?:??x", "rwx", "--x"));
	assert_false(has_turn("???:r--", "", "r--"));
	assert_true(has_turn("?:r--", "", "r--"));
	assert_true(has_turn("none:rwx", "", "rwx"));
	assert_true(has_turn(":rwx", "", "rwx"));
	assert_false(has_turn(":rwx", "r--", "rwx"));
	assert_true(has_turn("r-x:", "r-x", ""));
	assert_false(has_turn("none:r--", "?", "r--")); /* it may have been mapped */
	assert_true(has_turn("?:r--", "?", "r--"));
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (!scope_parse_turn(&s, wrong[i]))
			fail_msg("%s is none", wrong[i]);
}

static bool has_place(const char *text)
{
	struct scope s = { 0 };

	assert_int_equal(scope_parse_range(&s, text), 0);
	return has(&s, "", "rw-", &anon);
}

static void knows_places(void **state)
{
	static const char *const wrong[] = {
		"",   "x",     "10000-",    "10000-10000", "20000-10000",
		"0x", "1+",    "1+0",	    "-1",	   "11223344556677889",
		"1 ", "1-2-3", "ffff+many", "0x-1"
	};
	struct scope s = { 0 };
	size_t i;

	(void)state;
	assert_true(has_place("10000"));
	assert_true(has_place("0x13fff"));
	assert_false(has_place("14000"));
	assert_false(has_place("ffff"));
	assert_true(has_place("13000-20000"));
	assert_true(has_place("0x0-0x10001"));
	assert_false(has_place("0-10000"));
	assert_true(has_place("f000+8K"));
	assert_false(has_place("f000+4K"));
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (!scope_parse_range(&s, wrong[i]))
			fail_msg("%s is none", wrong[i]);
	s = (struct scope){ .min_bytes = 0x4000 };
	assert_true(has(&s, "", "r--", &anon));
	s.min_bytes++;
	assert_false(has(&s, "", "r--", &anon));
}

static bool has_name(const char *glob, const struct object *obj)
{
	const struct scope s = { .mapping = glob };

	assert_int_equal(has(&s, "", "r--", obj), has(&s, "r--", "", obj));
	return has(&s, "", "r--", obj);
}

static void knows_names(void **state)
{
	(void)state;
	assert_true(has_name("libfoo*", &libfoo));
	assert_true(has_name("*foo*", &libfoo));
	assert_true(has_name("/usr/lib/libfoo.so.1", &libfoo));
	assert_true(has_name("/usr/*", &libfoo));
	assert_false(has_name("foo", &libfoo));
	assert_false(has_name("/libfoo*", &libfoo));
	assert_true(has_name("[heap]", &heap));
	assert_false(has_name("[heap]", &anon));
	assert_true(has_name("[anon]", &anon));
	assert_true(has_name("[anon*", &v8));
	assert_true(has_name("[anon:v?]", &v8));
	assert_true(has_name("x", &gone));
	assert_true(has_name("* (deleted)", &gone));
}

static bool matches(const char *glob, const char *s)
{
	return glob_matches(glob, s, strlen(s));
}

static void matches_globs(void **state)
{
	char name[20001];

	(void)state;
	assert_true(matches("", ""));
	assert_false(matches("", "a"));
	assert_true(matches("*", ""));
	assert_true(matches("a*b*c", "axxbxxbc"));
	assert_false(matches("a*b*c", "axxbxxb"));
	assert_true(matches("x[a-c]", "xb"));
	assert_false(matches("x[!a-c]", "xb"));
	assert_true(matches("x[]]", "x]"));
	assert_true(matches("x[a-]", "x-"));
	assert_true(matches("x[ab", "x[ab"));
	assert_true(matches("\\*", "*"));
	assert_false(matches("\\*", "a"));
	assert_true(matches("a\\", "a\\"));
	assert_false(matches("?", ""));
	assert_true(matches("x[\x80-\xff]", "x\xc3"));
	/* backtracking over each star would take for ever */
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_rights_that_come_and_go),
		cmocka_unit_test(knows_turns),
		cmocka_unit_test(knows_places),
		cmocka_unit_test(knows_names),
		cmocka_unit_test(matches_globs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
