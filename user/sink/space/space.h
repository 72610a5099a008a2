/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outputs that show one address space at a moment: maps lists what is mapped, and addr one address.
 * Processes that ended are shown as they were when they did.
 */
#ifndef SINK_SPACE_H
#define SINK_SPACE_H

#include "core/remains.h"
#include "sink/output.h"

struct object_table;

struct space_config {
	struct out *out;	    /* borrowed */
	const struct run_info *run; /* borrowed */
	uint64_t addr;		    /* of the output addr */
	bool is_named;		    /* set if processes were named: all of them are shown */
	uint64_t since_ns;  /* what was made, or happened, up to this is left out; 0: nothing */
	struct scope scope; /* of the output maps: other places are left out */
	bool json, utc;
	bool all; /* set to fold nothing */
	int width;
};

/* A process, as it is at the end or was at its own; lives as long as its output. */
struct space_view {
	uint32_t pid;
	char comm[17];
	const struct object *exe; /* NULL: not known */
	uint64_t end_ns;	  /* 0: it lives */
	uint32_t exit_code;	  /* of one that ended, see struct event */
	bool is_stale;		  /* set where parts were not known for sure */
	struct aspace *as;	  /* owned, as makers */
	struct makers *makers;
	void *past;		 /* owned: of the output addr alone; NULL: none */
	struct space_view *next; /* a later one */
};

struct space_views {
	struct space_view *first, **end;
	size_t nr, nr_vmas;  /* nr_vmas: mappings of all */
	uint64_t nr_dropped; /* views that found no room */
};

void space_views_init(struct space_views *v);
/* Takes a view of l in sp, to be called when l leaves it; NULL where there is nothing to see. */
struct space_view *space_views_take(struct space_views *v, const struct life *l,
				    const struct space *sp, const struct event *ev);
void space_views_done(struct space_views *v);
/* Adds what is not shown, as sink_ops.remark does. */
void space_views_remark(const struct space_views *v, struct buf *b);

/* "12:03:04.512". Returns the columns added, which are 12. */
size_t space_put_time(struct buf *b, const struct space_config *cfg, uint64_t ts_ns);
/* "4242 node /usr/bin/node, ended 12:03:04.512: killed by SIGSEGV" */
void space_put_who(struct buf *b, const struct space_config *cfg, const struct space_view *v);
/* Members of JSON: who it is of, and when it was so. */
void space_json_who(struct buf *b, const struct space_view *v);
/* Members of JSON on who made and changed a piece. */
void space_json_made(struct buf *b, const struct piece_made *p);
/* A piece's use and what is mapped there, in at most max_cols columns: "guard", "jit [anon:v8]". */
void space_put_use(struct buf *b, const struct piece_made *p, size_t max_cols);
/* "rw-p", as /proc/<pid>/maps has it. */
void space_put_perms(struct buf *b, const struct attr *a);

/* Sinks of the two outputs. */
struct sink maps_sink_new(const struct space_config *cfg);
struct sink addr_sink_new(const struct space_config *cfg);

/* True if the piece was made before what is wanted, or is elsewhere. */
bool space_leaves_out(const struct space_config *cfg, const struct piece_made *p);
/* Lists all pieces of v: a row each, where alike ones are folded. */
void maps_table(struct buf *b, const struct space_config *cfg, const struct space_view *v);
void maps_json(struct buf *b, const struct space_config *cfg, const struct space_view *v);

/* Options of the output addr: the verb sets them. */
struct addr_options {
	struct output_choice choice;
	uint64_t addr;
	bool is_named; /* set if a process was named */
};

#endif
