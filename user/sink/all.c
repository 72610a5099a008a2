/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of outputs: a line for each. */
#include <stddef.h>

#include "sink/output.h"

#define OUTPUTS(X)  \
	X(text)     \
	X(json)     \
	X(csv)      \
	X(timeline) \
	X(html)     \
	X(svg)      \
	X(perfetto) \
	X(chrome)   \
	X(report)   \
	X(audit)    \
	X(maps)     \
	X(addr)     \
	X(record)

#define DECLARE(name) extern const struct output name##_output;
OUTPUTS(DECLARE)

#define ENTRY(name) &name##_output,
const struct output *const all_outputs[] = { OUTPUTS(ENTRY) NULL };
