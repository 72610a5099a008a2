/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of detectors. */
#include "detect/detectors.h"

#include <string.h>

const struct detector *const all_detectors[] = {
	&detector_jit,	  &detector_wx,	       &detector_w_to_x,
	&detector_x_to_w, &detector_anon_exec, &detector_data_exec,
	&detector_origin, &detector_alias,     &detector_stomp,
	&detector_relro,  &detector_guard,     &detector_traced,
	&detector_denied, &detector_unpack,    &detector_map_limit,
	&detector_fault,  &detector_compat,    NULL,
};

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
