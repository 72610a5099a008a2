/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report: lives, their address spaces, and sums, as the collector (report_sink.c) hands them to
 * the pages (report_page.c, report_json.c, sharing_page.c). Nothing points into mirrors.
 */
#ifndef SINK_REPORT_H
#define SINK_REPORT_H

#include "core/cast.h"
#include "sink/report/holding.h"
#include "sink/report/mapped.h"
#include "sink/report/sharing.h"
#include "sink/report/report_sink.h"
#include "sink/report/tally.h"

/* Head of an entry of a kept_list: when there are too many, the lightest that are over go. */
struct kept {
	struct kept *next;
	bool is_over;
	uint64_t weight;
};

struct kept_list {
	struct kept *first; /* owned */
	size_t nr, most;    /* most: from so many on, some go */
};

/* A space, under the first life that had it, its owner. */
struct report_space {
	struct kept kept;      /* first member: pointers are converted */
	uint64_t nr, owner_nr; /* numbers of the space and its owner in the cast */
	uint32_t pid;	       /* of the owner, as comm and exe */
	char comm[17];
	const struct object *exe; /* NULL: not known */
	uint64_t start_ns, end_ns;
	bool is_wanted;	      /* set when a life that is shown has it */
	bool is_lossy;	      /* set when records of it were lost */
	bool mirror_is_stale; /* set when its mirror was stale after the last event */
	bool is_over;	      /* set when its last life has left */
	struct holding holding;
	struct sharing_space sharing;
	struct mapped_space mapped; /* when it, or the stream, ended */
	/* the first mapping that was writable and executable at once */
	uint64_t wx_ns; /* 0: there was none, and the others are not valid */
	const struct object *wx_obj;
	struct caller wx_caller;
};

struct report_life {
	struct kept kept;  /* first member: pointers are converted */
	struct life *life; /* held */
	struct tally sum;
};

struct report {
	struct report_config cfg;
	unsigned int slot; /* in the cast's lives and spaces */
	struct kept_list spaces, lives;
	struct tally sum;
	struct tally_table tables[NR_REPORT_TABLES]; /* of REPORT_PROCESS only others is used */
	struct sharing sharing;			     /* empty unless cfg.shared */
	struct mapped_table mapped;
	uint64_t nr_lives_dropped, nr_spaces_dropped;
	uint64_t nr_findings[NR_SEVERITIES]; /* that are over, by their last severity */
	uint64_t nr_losses, first_loss_ns, last_loss_ns;
	struct report_life *life; /* of the event at hand; NULL: none */
};

/* Format the report into r->cfg.out->buf. The caller commits it. */
void report_page(struct report *r, const struct totals *totals);
void report_json(struct report *r, const struct totals *totals);
void sharing_page(struct report *r, const struct totals *totals);
void sharing_json(struct report *r);
void mapped_json(struct report *r);

/* Begin a JSON row of s, and put a sum of it into the row. */
void report_json_space(struct buf *b, const struct report_space *s, const char *by);
void report_json_hold(struct buf *b, const struct report_space *s, enum hold hold);

/* Rows of a table, most by cfg.sort first, those that read alike summed up. To be freed. */
struct tally_row *report_rows(struct report *r, enum report_by by, size_t *ret_nr);
/*
 * Lives that are shown, and spaces, most first; by: one behind NR_REPORT_TABLES. The arrays are
 * to be freed, what they point to is r's.
 */
struct report_life **report_lives(struct report *r, size_t *ret_nr);
struct report_space **report_spaces(struct report *r, enum report_by by, size_t *ret_nr);
/* True if what s holds now may be wrong. */
bool report_space_is_stale(const struct report_space *s);

#endif
