/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of severities, both ways. */
#include "core/finding.h"

#include <errno.h>
#include <string.h>

static const char *const names[NR_SEVERITIES] = {
	[SEVERITY_INFO] = "info",
	[SEVERITY_LOW] = "low",
	[SEVERITY_MEDIUM] = "medium",
	[SEVERITY_HIGH] = "high",
};

const char *severity_name(enum severity s)
{
	return names[s];
}

int severity_find(const char *name)
{
	int i;

	for (i = 0; i < NR_SEVERITIES; i++)
		if (!strcmp(name, names[i]))
			return i;
	return -ENOENT;
}
