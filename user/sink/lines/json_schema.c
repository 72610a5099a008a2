/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The JSON Schema of one line of json_sink.c. The build makes a string of json_schema.in, and its
 * line SCHEMA_FACTS stands for the rows of facts.h.
 */
#include "facts.h"
#include "sink/lines/lines.h"

#define SCHEMA_NUMBER "\"type\": \"integer\", \"minimum\": 0"
#define SCHEMA_WORD   "\"type\": \"string\""
#define SCHEMA_WORDS  "\"type\": \"array\", \"items\": {\"type\": \"string\"}"
#define SCHEMA_FACT(ID, name, type, of, about) \
	"\t\t\t\t\"" #name "\": {" SCHEMA_##type ", \"description\": \"" about "\"},\n"
#define SCHEMA_FACTS MPW_FACTS(SCHEMA_FACT)

const char json_sink_schema[] =
#include "json_schema.inc"
	;
