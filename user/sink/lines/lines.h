/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines as outputs: text for people, JSON for programs. */
#ifndef SINK_LINES_H
#define SINK_LINES_H

#include "sink/line_config.h"

struct sink text_sink_new(const struct line_config *cfg);
struct sink json_sink_new(const struct line_config *cfg);

/* The JSON Schema of one line of the JSON sink's output. */
extern const char json_sink_schema[];

#endif
