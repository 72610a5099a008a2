/* SPDX-License-Identifier: BSD-2-Clause */
/* Moments that people write find the place that they mean. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "cmd/moment.h"

#define S	 1000000000ULL
#define WALL_NS	 (1795521784 * S + 250000000) /* 2026-11-24T12:03:04.25Z */
#define START_NS (5000 * S)

/* Two days, from 12:03:04.25 on. */
static const struct replay_info info = {
	.start_ns = START_NS,
	.boot_to_wall_ns = WALL_NS - START_NS,
	.end_ns = START_NS + 2 * 86400 * S,
};

/* Nanoseconds after the start, or an error. */
static int64_t after_start(const char *s)
{
	struct replay_place place;
	int err = moment_parse(s, &info, true, &place);

	assert_int_equal(place.change, 0);
	return err ? err : (int64_t)(place.ts_ns - START_NS);
}

static void finds_times_of_day(void **state)
{
	(void)state;
	assert_int_equal(after_start("12:03:05"), 750000000);
	assert_int_equal(after_start("12:03:05.0"), 750000999); /* all of that microsecond */
	assert_int_equal(after_start("12:03:05.512311"), 1262311999);
	assert_int_equal(after_start("12:03:05.512311204"), 1262311204);
	assert_int_equal(after_start("12:03:04"), 86400 * S - 250000000); /* the next day's */
	assert_int_equal(after_start("00:00:00"), (11 * 3600 + 56 * 60 + 56) * S - 250000000);
}

static void finds_dates(void **state)
{
	(void)state;
	assert_int_equal(after_start("2026-11-24T12:03:05Z"), 750000000);
	assert_int_equal(after_start("2026-11-24T13:03:05+01:00"), 750000000);
	assert_int_equal(after_start("2026-11-24T08:33:05.25-03:30"), 1000000999);
	assert_int_equal(after_start("2026-11-26T12:00:00Z"), 2 * 86400 * S - 184250000000);
	assert_int_equal(after_start("2026-11-24T12:03:04Z"), -ERANGE);
	assert_int_equal(after_start("2026-11-27T12:00:00Z"), -ERANGE);
	assert_int_equal(after_start("1970-01-01T00:00:00+01:00"), -ERANGE);
}

static void finds_distances(void **state)
{
	(void)state;
	assert_int_equal(after_start("+0"), 0);
	assert_int_equal(after_start("+1.5s"), 1500000999);
	assert_int_equal(after_start("+1.5"), 1500000999);
	assert_int_equal(after_start("+2m"), 120 * S);
	assert_int_equal(after_start("+1500ms"), 1500000000);
	assert_int_equal(after_start("+49h"), -ERANGE);
}

static void finds_changes(void **state)
{
	struct replay_place place;

	(void)state;
	assert_int_equal(moment_parse("#123", &info, true, &place), 0);
	assert_int_equal(place.change, 123);
	assert_int_equal(moment_parse("#0", &info, true, &place), -EINVAL);
	assert_int_equal(moment_parse("#", &info, true, &place), -EINVAL);
	assert_int_equal(moment_parse("#-1", &info, true, &place), -EINVAL);
}

static void refuses_others(void **state)
{
	static const char *const wrong[] = {
		"",
		"noon",
		"12",
		"12:03",
		"25:00:00",
		"12:60:00",
		"-1:00:00",
		"12:03:05x",
		"12:03:05.",
		"12:03:05.1234567890",
		"2026-11-24T12:03:05",
		"2026-11-24T12:03:05Y",
		"2026-11-24T12:03:05+1",
		"2026-11-24T12:03:05+01:00x",
		"2026-13-24T12:03:05Z",
		"99999-11-24T12:03:05Z",
		"+",
		"+x",
		"+-1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (after_start(wrong[i]) != -EINVAL)
			fail_msg("taken: '%s'", wrong[i]);
}

/* Any moment will do of those that a clock shows twice or never; others are what the zone says. */
static void knows_local_time(void **state)
{
	struct replay_place place;

	(void)state;
	setenv("TZ", "EST5", 1);
	tzset();
	assert_int_equal(moment_parse("07:03:05", &info, false, &place), 0);
	assert_int_equal(place.ts_ns - START_NS, 750000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_times_of_day), cmocka_unit_test(finds_dates),
		cmocka_unit_test(finds_distances),    cmocka_unit_test(finds_changes),
		cmocka_unit_test(refuses_others),     cmocka_unit_test(knows_local_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
