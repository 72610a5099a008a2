/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads moments; see moment.h. */
#include "cmd/moment.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "util/clock.h"
#include "util/escape.h"
#include "util/fmt.h"

#define NS_PER_S   1000000000ULL
#define DAY_S	   86400
#define MAX_YEAR   9999
#define RFC_PREFIX "%d-%d-%dT%d:%d:%d%n"

/*
 * The fraction ".512311" at *p, as the last nanosecond that is written so, or the last of its
 * microsecond. Moves *p behind the digits.
 */
static int take_fraction(const char **p, uint64_t *ret_ns)
{
	uint64_t ns = 0, unit = NS_PER_S;

	*ret_ns = 0;
	if (**p != '.')
		return 0;
	for (++*p; isdigit((unsigned char)**p); ++*p) {
		if (unit == 1)
			return -EINVAL;
		unit /= 10;
		ns += unit * (uint64_t)(**p - '0');
	}
	*ret_ns = ns + (unit < 1000 ? unit : 1000) - 1;
	return unit == NS_PER_S ? -EINVAL : 0;
}

/* The zone of an RFC 3339 time, Z or +hh:mm, as seconds to subtract. */
static int take_zone(const char *p, int64_t *ret_s)
{
	int hours, minutes, n = 0;
	char sign;

	*ret_s = 0;
	if (!strcmp(p, "Z") || !strcmp(p, "z"))
		return 0;
	if (sscanf(p, "%c%2d:%2d%n", &sign, &hours, &minutes, &n) != 3 || p[n] ||
	    (sign != '+' && sign != '-') || hours > 23 || minutes > 59 || hours < 0 || minutes < 0)
		return -EINVAL;
	*ret_s = (hours * 60 + minutes) * 60 * (sign == '+' ? 1 : -1);
	return 0;
}

static bool is_time_of_day(const struct tm *tm)
{
	return tm->tm_hour >= 0 && tm->tm_hour < 24 && tm->tm_min >= 0 && tm->tm_min < 60 &&
	       tm->tm_sec >= 0 && tm->tm_sec < 61;
}

static int parse_rfc3339(const char *s, uint64_t *ret_wall_ns)
{
	struct tm tm = { 0 };
	uint64_t fraction;
	int64_t zone, secs;
	int n = 0;

	if (sscanf(s, RFC_PREFIX, &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
		   &tm.tm_sec, &n) != 6)
		return -EINVAL;
	s += n;
	if (tm.tm_year < 1970 || tm.tm_year > MAX_YEAR || tm.tm_mon < 1 || tm.tm_mon > 12 ||
	    tm.tm_mday < 1 || tm.tm_mday > 31 || !is_time_of_day(&tm) ||
	    take_fraction(&s, &fraction) || take_zone(s, &zone))
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	secs = timegm(&tm) - zone;
	if (secs < 0)
		return -ERANGE;
	*ret_wall_ns = secs * NS_PER_S + fraction;
	return 0;
}

/* A time on the day of start_wall_ns, or on the day after. */
static int parse_time_of_day(const char *s, uint64_t start_wall_ns, bool utc, uint64_t *ret_wall_ns)
{
	time_t start = start_wall_ns / NS_PER_S, secs;
	struct tm tm, day;
	uint64_t fraction;
	int n = 0;

	if (!(utc ? gmtime_r(&start, &day) : localtime_r(&start, &day)))
		return -ERANGE;
	tm = day;
	if (sscanf(s, "%2d:%2d:%2d%n", &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &n) != 3)
		return -EINVAL;
	s += n;
	if (!is_time_of_day(&tm) || take_fraction(&s, &fraction) || *s)
		return -EINVAL;
	tm.tm_isdst = -1;
	secs = utc ? timegm(&tm) : mktime(&tm);
	*ret_wall_ns = secs * NS_PER_S + fraction;
	if (*ret_wall_ns < start_wall_ns)
		*ret_wall_ns += DAY_S * NS_PER_S;
	return 0;
}

/* parse_duration() knows no last nanosecond: the digits of the fraction say how much to add. */
static int parse_since_start(const char *s, uint64_t *ret_ns)
{
	size_t digits = strspn(s, "0123456789");
	const char *p = s + digits;
	uint64_t fraction;
	int err = parse_duration(s, ret_ns);

	if (!err && *p == '.' && !take_fraction(&p, &fraction) && (!*p || !strcmp(p, "s")))
		*ret_ns = *ret_ns / NS_PER_S * NS_PER_S + fraction;
	return err;
}

int moment_parse(const char *s, const struct replay_info *info, bool utc, struct replay_place *ret)
{
	uint64_t wall_ns, start_wall_ns = info->start_ns + info->boot_to_wall_ns;
	int err;

	memset(ret, 0, sizeof(*ret));
	if (*s == '#')
		return parse_u64(s + 1, INT64_MAX, &ret->change) || !ret->change ? -EINVAL : 0;
	if (*s == '+') {
		err = parse_since_start(s + 1, &wall_ns);
		wall_ns += start_wall_ns;
	} else if (strchr(s, 'T')) {
		err = parse_rfc3339(s, &wall_ns);
	} else {
		err = parse_time_of_day(s, start_wall_ns, utc, &wall_ns);
	}
	if (err)
		return err;
	ret->ts_ns = wall_ns - info->boot_to_wall_ns;
	return wall_ns < start_wall_ns || ret->ts_ns > info->end_ns ? -ERANGE : 0;
}

int moment_ahead(const char *text, bool utc, uint64_t *ret_ns)
{
	const uint64_t now_ns = clock_ns(CLOCK_BOOTTIME);
	const struct replay_info info = { .start_ns = now_ns,
					  .end_ns = UINT64_MAX,
					  .boot_to_wall_ns = clock_ns(CLOCK_REALTIME) - now_ns };
	struct replay_place place = { 0 };
	struct buf b = { 0 };
	int err = text ? moment_parse(text, &info, utc, &place) : 0;

	*ret_ns = place.ts_ns;
	if (!err && !place.change)
		return EXIT_FINE;
	escape_text(&b, text, strlen(text));
	complain(err == -ERANGE ?
			 "that moment has passed, or never comes: '%s'" :
			 "not a moment of a live trace: '%s'; moments are " MOMENT_FORMS_LIVE,
		 buf_str(&b));
	buf_done(&b);
	return EXIT_USAGE;
}
