/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options as rows over getopt_long: a row names the option, its help and the field that it sets.
 * Rows come in groups, each with a struct of its own; a program takes as many as it wants. Help is
 * generated from the rows.
 */
#ifndef UTIL_OPT_H
#define UTIL_OPT_H

#include <stddef.h>
#include <stdio.h>

struct opt;

/*
 * A setter stores arg (NULL if the option takes none) in *field. 0, or -errno with *why set to the
 * reason ("not a duration"; static), which opt_parse() puts into its sentence.
 */
typedef int opt_set_fn(const struct opt *o, void *field, const char *arg, const char **why);

struct opt {
	char short_name; /* 0: none */
	const char *long_name;
	const char *metavar; /* NULL: takes no argument; "[=…": an optional one */
	const char *help;    /* may hold newlines; NULL: not shown */
	opt_set_fn *set;
	size_t offset; /* of the field in the group's struct */
	long value;    /* of the first word, for opt_set_word */
};

/* Rows, of which the last is all zero. A list of groups ends with one without rows. */
struct opt_group {
	const char *heading; /* in the help, unless the group before has it; NULL: none */
	const struct opt *rows;
	void *values; /* the struct that rows set */
};

/* Ready-made setters; the field's type is in brackets. */
opt_set_fn opt_set_true;     /* bool */
opt_set_fn opt_set_count;    /* int: one more each time */
opt_set_fn opt_set_string;   /* const char *: borrowed from argv */
opt_set_fn opt_set_u64;	     /* uint64_t */
opt_set_fn opt_set_duration; /* uint64_t, ns */
opt_set_fn opt_set_size;     /* uint64_t, bytes */
opt_set_fn opt_set_word;     /* int: where arg stands in the metavar, "A|B|C", plus o->value */

/*
 * Parses argv up to "--" or the first word that is no option. Returns the index of the first
 * operand, or -EINVAL after writing "PROG: sentence" to stderr, with a hint at --help. An unknown
 * long option is answered with the nearest known one.
 */
int opt_parse(const struct opt_group *groups, int argc, char **argv);

/* All rows as help text, wrapped at 80 columns. */
void opt_help(const struct opt_group *groups, FILE *f);

#endif
