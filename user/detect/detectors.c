/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of detectors. */
#include "detect/detectors.h"

#include <string.h>

#define ENTRY(name) &detector_##name,
const struct detector *const all_detectors[] = { DETECTORS(ENTRY) NULL };

bool detectors_have(const char *id)
{
	const struct detector *const *d;
	const struct rule *r;

	for (d = all_detectors; *d; d++)
		for (r = (*d)->rules; r->id; r++)
			if (!strcmp(r->id, id))
				return true;
	return false;
}
