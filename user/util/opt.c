/* SPDX-License-Identifier: BSD-2-Clause */
/* getopt_long's tables made from rows; its messages replaced by whole sentences. */
#include "util/opt.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

#define LONG_BASE   256 /* getopt_long's values for rows without a letter */
#define HELP_COLUMN 30
#define HELP_WIDTH  80

int opt_set_true(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o, (void)arg, (void)why;
	*(bool *)field = true;
	return 0;
}

int opt_set_count(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o, (void)arg, (void)why;
	++*(int *)field;
	return 0;
}

int opt_set_string(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o, (void)why;
	*(const char **)field = arg;
	return 0;
}

int opt_set_u64(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o;
	*why = "not a number";
	return parse_u64(arg, UINT64_MAX, field);
}

int opt_set_duration(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o;
	*why = "not a duration such as 10, 1.5s, 200ms or 5m";
	return parse_duration(arg, field);
}

int opt_set_size(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o;
	*why = "not a size such as 64K or 16M";
	return parse_size(arg, field);
}

int opt_set_word(const struct opt *o, void *field, const char *arg, const char **why)
{
	const char *p = o->metavar;
	size_t len = strlen(arg), n;
	int i;

	*why = o->metavar;
	for (i = 0; *p; i++) {
		n = strcspn(p, "|");
		if (n == len && !memcmp(p, arg, n)) {
			*(int *)field = i + o->value;
			return 0;
		}
		p += n + (p[n] != '\0');
	}
	return -EINVAL;
}

/* A row, with the struct whose field it sets. */
struct choice {
	const struct opt *row;
	void *values;
};

/* All rows of all groups, *ret_nr of them, in an array that the caller frees. */
static struct choice *list_choices(const struct opt_group *groups, size_t *ret_nr)
{
	struct choice *list = NULL;
	size_t n = 0;

	for (; groups->rows; groups++)
		for (const struct opt *row = groups->rows; row->set; row++) {
			list = mem_grow(list, n + 1, sizeof(*list));
			list[n++] = (struct choice){ row, groups->values };
		}
	*ret_nr = n;
	return list;
}

static int argument_kind(const struct opt *o)
{
	if (!o->metavar)
		return no_argument;
	return o->metavar[0] == '[' ? optional_argument : required_argument;
}

static void make_tables(const struct choice *list, size_t n, char *letters, struct option *longs)
{
	char *p = letters;
	size_t i;

	*p++ = '+'; /* stop at the first operand */
	*p++ = ':'; /* getopt_long returns ':' for a missing argument, and prints nothing */
	for (i = 0; i < n; i++) {
		const struct opt *row = list[i].row;

		longs[i] = (struct option){ row->long_name, argument_kind(row), NULL,
					    LONG_BASE + (int)i };
		if (!row->short_name)
			continue;
		*p++ = row->short_name;
		if (row->metavar)
			*p++ = ':';
	}
	*p = '\0';
}

/* Edits that make a into b (Levenshtein), for the nearest known name. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64], la = strlen(a), lb = strlen(b), i, j, diag, up;

	if (la >= 63 || lb >= 63)
		return 63;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		diag = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			up = row[j];
			row[j] = diag + (a[i - 1] != b[j - 1]);
			if (up + 1 < row[j])
				row[j] = up + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diag = up;
		}
	}
	return row[lb];
}

static const char *nearest(const struct choice *list, size_t n, const char *name)
{
	size_t best = 4, d, i;
	const char *found = NULL;

	for (i = 0; i < n; i++) {
		d = distance(name, list[i].row->long_name);
		if (d < best) {
			best = d;
			found = list[i].row->long_name;
		}
	}
	return found;
}

/* "PROG: what 'word' rest", the word escaped. Always -EINVAL. */
static int refuse(const char *prog, const char *what, const char *word, const char *rest)
{
	const char *base = strrchr(prog, '/');
	struct buf b = { 0 };

	escape_text(&b, word, strlen(word));
	fprintf(stderr, "%s: %s '%s'%s (see --help)\n", base ? base + 1 : prog, what, buf_str(&b),
		rest);
	buf_done(&b);
	return -EINVAL;
}

static int refuse_unknown(const struct choice *list, size_t n, const char *prog, const char *word)
{
	const char *near = NULL;
	char letter[3] = { '-', optopt < LONG_BASE ? optopt : '?', '\0' }, rest[96] = "";

	if (optopt && optopt < LONG_BASE)
		return refuse(prog, "unknown option", letter, "");
	if (!strncmp(word, "--", 2))
		near = nearest(list, n, word + 2);
	if (near)
		snprintf(rest, sizeof(rest), "; did you mean --%s?", near);
	return refuse(prog, optopt ? "no argument belongs to" : "unknown option", word,
		      optopt ? "" : rest);
}

static int set_one(const struct choice *c, const char *prog)
{
	const struct opt *row = c->row;
	char rest[256];
	const char *why = "not understood";
	int err = row->set(row, (char *)c->values + row->offset, optarg, &why);

	if (!err)
		return 0;
	snprintf(rest, sizeof(rest), " of --%s: %s", row->long_name, why);
	return refuse(prog, "bad value", optarg ? optarg : "", rest);
}

int opt_parse(const struct opt_group *groups, int argc, char **argv)
{
	size_t n, i;
	struct choice *list = list_choices(groups, &n);
	struct option *longs = mem_array(n + 1, sizeof(*longs));
	char *letters = mem_alloc(2 * n + 3);
	int c, err = 0;

	make_tables(list, n, letters, longs);
	optind = 0;
	opterr = 0;
	while (!err && (c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == ':') {
			err = refuse(argv[0], "an argument is missing after", argv[optind - 1], "");
			break;
		}
		for (i = 0; i < n; i++)
			if (c == LONG_BASE + (int)i || (c != '?' && c == list[i].row->short_name))
				break;
		err = i < n ? set_one(&list[i], argv[0]) :
			      refuse_unknown(list, n, argv[0], argv[optind > 1 ? optind - 1 : 1]);
	}
	free(letters);
	free(longs);
	free(list);
	return err ? err : optind;
}

/* Text wrapped between words, the first line beginning at column "at". */
static void put_wrapped(FILE *f, const char *text, int at)
{
	while (*text) {
		int n = strcspn(text, " \n");

		if (at > HELP_COLUMN && at + 1 + n > HELP_WIDTH) {
			fprintf(f, "\n%*s", HELP_COLUMN, "");
			at = HELP_COLUMN;
		} else if (at > HELP_COLUMN) {
			fputc(' ', f);
			at++;
		}
		fprintf(f, "%.*s", n, text);
		at += n;
		text += n + (text[n] != '\0');
	}
	fputc('\n', f);
}

/* "  -p, --pid PID      what it does" */
static void print_row(const struct opt *row, FILE *f)
{
	int at = row->short_name ? fprintf(f, "  -%c, --%s", row->short_name, row->long_name) :
				   fprintf(f, "      --%s", row->long_name);

	if (row->metavar)
		at += fprintf(f,
			      row->metavar[0] == '[' ? "%s" :
			      row->short_name	     ? " %s" :
						       "=%s",
			      row->metavar);
	if (at >= HELP_COLUMN - 1) {
		fputc('\n', f);
		at = 0;
	}
	fprintf(f, "%*s", HELP_COLUMN - at, "");
	put_wrapped(f, row->help, HELP_COLUMN);
}

void opt_help(const struct opt_group *groups, FILE *f)
{
	const char *heading = NULL;
	const struct opt *row;

	for (; groups->rows; groups++) {
		if (groups->heading && (!heading || strcmp(heading, groups->heading) != 0))
			fprintf(f, "%s:\n", groups->heading);
		heading = groups->heading;
		for (row = groups->rows; row->set; row++)
			print_row(row, f);
	}
}
