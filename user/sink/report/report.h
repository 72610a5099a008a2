/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the report's collector (report_sink.c) hands to its pages: processes, their address spaces, and
 * sums. Nothing points into mirrors.
 */
#ifndef SINK_REPORT_H
#define SINK_REPORT_H

#include "core/cast.h"
#include "sink/report/holding.h"
#include "sink/report/sharing.h"
#include "sink/sinks.h"
#include "sink/report/tally.h"

/* Kept in a list until there are too many: then those that are over and weigh least go. */
struct kept {
	struct kept *next;
	bool is_over;
	uint64_t weight;
};

struct kept_list {
	struct kept *first;
	size_t nr, most;
};

/* An address space, told under the first life that had it. */
struct report_space {
	struct kept kept;      /* first */
	uint64_t nr, owner_nr; /* of the space and that life, in the cast */
	uint32_t pid;	       /* the owner's */
	char comm[17];
	const struct object *exe; /* NULL: not known */
	uint64_t start_ns, end_ns;
	bool is_wanted;	      /* of a life that is shown */
	bool is_lossy;	      /* records of it were lost */
	bool mirror_is_stale; /* at the end its mirror was not certain */
	bool is_over;	      /* it was left; else it lives on */
	struct holding holding;
	struct sharing_space sharing;
	/* what was first writable and executable at once */
	uint64_t wx_ns; /* 0: nothing */
	const struct object *wx_obj;
	struct caller wx_caller;
};

struct report_life {
	struct kept kept;  /* first */
	struct life *life; /* held */
	struct tally sum;
};

struct report {
	struct report_config cfg;
	unsigned int slot; /* in lives and spaces */
	struct kept_list spaces, lives;
	struct tally sum;
	struct tally_table tables[NR_REPORT_TABLES]; /* that of processes: only its others */
	struct sharing sharing;
	uint64_t nr_lives_dropped, nr_spaces_dropped; /* went for want of room */
	uint64_t nr_findings[NR_SEVERITIES];
	uint64_t nr_losses, first_loss_ns, last_loss_ns;
	/* the event at hand */
	struct report_life *life;
};

/* Format into r->cfg.out->buf. */
void report_page(struct report *r, const struct totals *totals);
void report_json(struct report *r, const struct totals *totals);
void sharing_page(struct report *r, const struct totals *totals);
void sharing_json(struct report *r);

/* Rows of a table, most by cfg.sort first, those of one name summed up. To be freed. */
struct tally_row *report_rows(struct report *r, enum report_by by, size_t *ret_nr);
/* Lives that are shown, and address spaces: the same. The arrays are to be freed. */
struct report_life **report_lives(struct report *r, size_t *ret_nr);
struct report_space **report_spaces(struct report *r, enum report_by by, size_t *ret_nr);
/* Is what it says of now not certain? */
bool report_space_is_stale(const struct report_space *s);

#endif
