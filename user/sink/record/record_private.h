/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The recorder's own parts: record_sink.c packs events into blocks and decides when to
 * commit; record_rows.c makes the rows that people query; record_db.c is the file.
 */
#ifndef SINK_RECORD_PRIVATE_H
#define SINK_RECORD_PRIVATE_H

#include <sqlite3.h>

#include "core/pipeline.h"
#include "sink/sinks.h"

/* ---- the file ---- */

enum record_stmt {
	STMT_META,
	STMT_CLOCK,
	STMT_NAME_CALL,
	STMT_NAME_KIND,
	STMT_OBJECT,
	STMT_OBJECT_BUILD,
	STMT_PROCESS,
	STMT_PROCESS_IS,
	STMT_PROCESS_EXIT,
	STMT_THREAD,
	STMT_STATE,
	STMT_SITE,
	STMT_FRAME,
	STMT_STACK,
	STMT_CHANGE,
	STMT_FAILURE,
	STMT_LIFE,
	STMT_LOSS,
	STMT_FINDING,
	STMT_EVIDENCE,
	STMT_SIZE,
	STMT_BLOCK,
	NR_STMTS
};

struct record_db {
	sqlite3 *db;
	sqlite3_stmt *stmt[NR_STMTS];
	int err; /* the first one, as -errno: nothing is written after it */
};

/*
 * Make the file, which must not be there: mode 0600, never through a symbolic link. force: one
 * that is there is removed first. 0, or -errno; leaves a transaction open.
 */
int record_db_create(struct record_db *d, const char *path, bool force);
/* What was written until now stays, whatever happens. 0, or -errno. */
int record_db_commit(struct record_db *d);
/* Bytes of the file, with what waits in its journal. */
uint64_t record_db_size(struct record_db *d);
/* Commit, and leave one file without journals. After an error: leave it as last committed. */
int record_db_close(struct record_db *d);

/*
 * One row: i is an integer, I one where 0 means NULL, s a string (NULL: none), e and p the facts in
 * a struct facts that are of events and of processes, a mark each.
 */
void record_db_row(struct record_db *d, enum record_stmt id, const char *types, ...);
void record_db_meta(struct record_db *d, const char *key, uint64_t value);
void record_db_meta_text(struct record_db *d, const char *key, const char *value);
void record_db_block(struct record_db *d, const int64_t numbers[6], const void *data, size_t len);

/* ---- stacks, and the frames that they are made of ---- */

struct record_rows;
struct record_stacks;

struct record_stacks *record_stacks_new(struct record_db *db, struct record_rows *rows);
void record_stacks_free(struct record_stacks *st);
/* Its number, from 1 on; written when it is new. */
uint32_t record_stacks_number(struct record_stacks *st, const struct stack *stack);

/* ---- the rows ---- */

struct record_rows *record_rows_new(struct record_db *db, uint64_t start_ns);
void record_rows_free(struct record_rows *r);
/* A process that lives when a segment begins. */
void record_rows_process(struct record_rows *r, const struct proc *p, uint64_t ts_ns);
uint32_t record_rows_object(struct record_rows *r, const struct object *obj);
/* True once in a file for each object whose build is known: the stream is to tell it. */
bool record_rows_build_is_new(struct record_rows *r, const struct object *obj);
uint32_t record_rows_stack(struct record_rows *r, const struct stack *stack);
void record_rows_begin(struct record_rows *r, const struct event *ev, const struct proc *proc,
		       const struct proc *child);
void record_rows_change(struct record_rows *r, const struct change *ch, uint64_t number);
/* A finding as it is told now. Of its changes those are in this file that follow the nr_before first. */
void record_rows_finding(struct record_rows *r, const struct finding *f, uint64_t nr_before);
void record_rows_end(struct record_rows *r, const struct event *ev, const struct proc *proc,
		     unsigned int nr_changes);

#endif
