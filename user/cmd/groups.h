/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups of options that verbs add up. */
#ifndef CMD_GROUPS_H
#define CMD_GROUPS_H

#include "util/opt.h"

enum option_group {
	GROUP_WHOM,	 /* -p -u -n -c --no-follow */
	GROUP_WHOM_MORE, /* -t -a -f */
	GROUP_LINES,	 /* -e -x --time --no-header --max-events */
	GROUP_TURNS,	 /* --prot --transition */
	GROUP_PLACE,	 /* --map --addr --min-size */
	GROUP_STACK,	 /* -k */
	GROUP_ALL,	 /* --all */
	GROUP_SEVERITY,
	GROUP_RULES, /* --rules --fail-on */
	GROUP_EPILOGUE,
	GROUP_INPUT,
	GROUP_OUTPUT,
	GROUP_MOMENT, /* --at --since */
	GROUP_SCHEMA,
	GROUP_UTC,
	GROUP_COLOR,
	GROUP_FORMS, /* the options of the outputs that the verb offers */
	GROUP_STOP,
	GROUP_UNTIL,
	GROUP_ENGINE,
	GROUP_CHECK, /* --verify --strict */
	GROUP_OWN,   /* the verb's own */
	GROUP_DROP,  /* --no-drop */
	GROUP_QUIET,
	GROUP_VERBOSE,
	GROUP_ABOUT, /* -h -V */
	NR_OPTION_GROUPS,
};

#define GROUP(name) (1u << GROUP_##name)

struct group_row {
	const char *heading;
	const struct opt *rows; /* of struct request; NULL: they are the verb's or the outputs' */
};

extern const struct group_row group_table[NR_OPTION_GROUPS];

#endif
