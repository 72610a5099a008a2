/* SPDX-License-Identifier: BSD-2-Clause */
/* The time column of lines. */
#ifndef SINK_WHEN_H
#define SINK_WHEN_H

#include "sink/line_config.h"
#include "util/buf.h"

struct when {
	enum time_style style;
	bool utc;
	const struct run_info *run; /* borrowed */
	int digits;		    /* of the second's fraction: 6 or 3 */
	uint64_t last_ns;	    /* time of the last line, for TIME_DELTA; 0: none yet */
	uint64_t second;	    /* of the wall clock, whose text is in clock */
	char clock[16];
};

void when_init(struct when *w, const struct line_config *cfg, int digits);
/* Writes the time of ts_ns (CLOCK_BOOTTIME) and a space. Returns the columns added. */
size_t when_put(struct when *w, struct buf *b, uint64_t ts_ns);

/* Moves ASCII text, written since mark, to the right end of a column of that width. */
void align_right(struct buf *b, size_t mark, size_t width);

#endif
