/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of verbs, and dispatch; nothing else. */
#include <string.h>

#include "cmd/verb.h"

#define VERBS(X)    \
	X(record)   \
	X(report)   \
	X(timeline) \
	X(maps)     \
	X(addr)     \
	X(diff)     \
	X(query)    \
	X(info)     \
	X(export)   \
	X(findings) \
	X(audit)    \
	X(doctor)

#define DECLARE(name) extern const struct verb name##_verb;
VERBS(DECLARE)

#define ENTRY(name) &name##_verb,
const struct verb *const all_verbs[] = { VERBS(ENTRY) NULL };

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && all_verbs[i]; i++) {
		if (strcmp(argv[1], all_verbs[i]->name) != 0)
			continue;
		argv[1] = argv[0]; /* the program's name, for messages */
		return verb_main(all_verbs[i], argc - 1, argv + 1);
	}
	return verb_main(&trace_verb, argc, argv);
}
