/* SPDX-License-Identifier: BSD-2-Clause */
/* An end that a finding brings (--until): a sink that waits for it, and the time to go on after it. */
#ifndef CMD_UNTIL_H
#define CMD_UNTIL_H

#include "cmd/request.h"
#include "core/sink.h"
#include "source/replay.h"

struct until {
	const struct request *req; /* borrowed; its until.words NULL: nothing is waited for */
	struct replay *
		r; /* borrowed: the stream is cut where it is over; NULL: the run asks until_is_over() */
	bool is_met, is_cut; /* set when it came, and when the stream was cut after it */
	uint64_t end_ns;     /* CLOCK_BOOTTIME, once it came */
};

/* "w-to-x", "wx,jit-like+5s", "medium": rules or a least severity, and how long to go on. 0, or -EINVAL. */
int until_parse(struct until_options *o, const char *text);
/* The sink, to be added before all others, who do not see what it cuts off; u outlives it. */
struct sink until_sink(struct until *u);
bool until_is_over(const struct until *u, uint64_t now_ns);
/* Says that what was waited for never came. */
void until_report(const struct until *u);

#endif
