/* SPDX-License-Identifier: BSD-2-Clause */
/* The JSON Schema of one line of json_sink.c: json_schema.json, which the build makes a string of. */
#include "sink/sinks.h"

const char json_sink_schema[] =
#include "json_schema.inc"
	;
