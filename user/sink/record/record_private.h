/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The recorder's own parts, each above those before it: record_db.c is the file, record_things.c
 * numbers what rows name, record_stacks.c writes stacks, record_rows.c the rows that people query;
 * record_sink.c packs events into blocks and decides when to commit.
 */
#ifndef SINK_RECORD_PRIVATE_H
#define SINK_RECORD_PRIVATE_H

#include <sqlite3.h>

#include "core/pipeline.h"
#include "core/seal.h"
#include "core/sink.h"

/* ---- the file ---- */

enum record_stmt {
	STMT_META,
	STMT_CLOCK,
	STMT_NAME_CALL,
	STMT_NAME_KIND,
	STMT_OBJECT,
	STMT_OBJECT_BUILD,
	STMT_PROCESS,
	STMT_PROCESS_UPDATE,
	STMT_PROCESS_EXIT,
	STMT_THREAD,
	STMT_STATE,
	STMT_SITE,
	STMT_FRAME,
	STMT_STACK,
	STMT_CHANGE,
	STMT_FAILURE,
	STMT_LIFE,
	STMT_WRITING,
	STMT_FAULT,
	STMT_LOSS,
	STMT_FINDING,
	STMT_EVIDENCE,
	STMT_SIZE,
	STMT_BLOCK,
	STMT_SEAL,
	STMT_SIGNATURE,
	NR_STMTS
};

struct record_seal;

struct record_db {
	sqlite3 *db;
	struct record_seal *seal; /* NULL: none is written */
	uint8_t hash[SEAL_BYTES]; /* the last seal */
	sqlite3_stmt *stmt[NR_STMTS];
	int err; /* the first error, as -errno: nothing is written after it */
};

/*
 * Make the file, with mode 0600 and never through a symbolic link; a transaction is open then.
 * A file that is there is removed first if force, else it is -EEXIST. follows: the last seal of the
 * recording before; NULL: there is none. 0, or -errno.
 */
int record_db_create(struct record_db *d, const char *path, bool force, const uint8_t *follows);
/* An empty recording in memory, without seals. 0, or -errno. */
int record_db_scratch(struct record_db *d);
/* Seal what was written, end the transaction, on the disk, and begin another. 0, or -errno. */
int record_db_commit(struct record_db *d);
/* Bytes of the file, those that wait in its journal among them. */
uint64_t record_db_size(struct record_db *d);
/*
 * Commit, and leave one file without journals; after an error, leave the file as it was committed
 * last. 0, or -errno: the first error of all.
 */
int record_db_close(struct record_db *d);
/* Leave the file as it was committed last. */
void record_db_abandon(struct record_db *d);

/*
 * Write one row; types has a letter for each argument: i is a uint64_t, I one where 0 means NULL,
 * s a string or NULL, t a string that is escaped, e and p a struct facts, of which the facts of
 * events (e) or of processes (p) fill a mark each. Errors stay in d->err.
 */
void record_db_row(struct record_db *d, enum record_stmt id, const char *types, ...);
/* Write a row of a seal again. 0, or -EBADMSG: the statement has other values here. */
int record_db_again(struct record_db *d, enum record_stmt id, const struct sealed_row *row);
void record_db_meta(struct record_db *d, const char *key, uint64_t value);
void record_db_meta_text(struct record_db *d, const char *key, const char *value);
/* numbers: columns of a block, from its key to its bytes before compression. */
void record_db_block(struct record_db *d, const int64_t numbers[6], const void *data, size_t len);

/* ---- seals ---- */

#define NR_STRETCHES 3

/* A table whose rows are sealed by their hash alone. */
struct record_stretch {
	enum record_stmt stmt;
	const char *table;
	bool has_id; /* set if the statement's first value is the row's id */
};

extern const struct record_stretch record_stretches[NR_STRETCHES];

/* Columns of table seal; data is borrowed until the next seal. */
struct sealed {
	int64_t block;
	size_t bytes, len;
	const void *data;
	uint8_t hash[SEAL_BYTES];
};

/* before: as record_db_create() has follows. */
struct record_seal *record_seal_new(const uint8_t *before);
void record_seal_free(struct record_seal *s); /* may be NULL */
/* The next value of a row, then the row that has nr_values; row_id: its id in its table. */
void record_seal_value(struct record_seal *s, const struct row_value *v);
void record_seal_row(struct record_seal *s, enum record_stmt id, unsigned int nr_values,
		     int64_t row_id);
void record_seal_block(struct record_seal *s, int64_t id, const int64_t numbers[6],
		       const void *data, size_t len);
/* Seal all of that. False if there was nothing. */
bool record_seal_close(struct record_seal *s, struct sealed *ret);

struct errand;

/* A process that signs with the key, once it has shown that it does. 0, or -ENOKEY. */
int record_signer_new(const char *key, struct errand **ret);
/* Sign the last seal, which must be the end: a row in table signature. 0, or -ENOKEY. */
int record_sign(struct record_db *d, struct errand *signer);
/* The statement with a seal's letter; NR_STMTS: none has it. */
enum record_stmt record_seal_stmt(char letter);

/* Facts of the run; nr_segment: of its file, from 1. */
void record_meta(struct record_db *db, const struct run_info *run, const char *arguments,
		 uint64_t nr_segment);

/* ---- stacks, and the frames that they are made of ---- */

struct record_objects;
struct record_stacks;

/* db and objects are borrowed. */
struct record_stacks *record_stacks_new(struct record_db *db, struct record_objects *objects);
void record_stacks_free(struct record_stacks *st);
/* The stack's number, from 1 on; its rows are written when it is new. */
uint32_t record_stacks_number(struct record_stacks *st, const struct stack *stack);

/* ---- the rows ---- */

/* Numbers in table call: those of enum mpw_call, and from here on those of enum event_type. */
#define RECORD_EVENT_CALL 64

struct record_rows;

/* db is borrowed. start_ns: where the file begins; rows count time from there. */
struct record_rows *record_rows_new(struct record_db *db, uint64_t start_ns);
void record_rows_free(struct record_rows *r); /* may be NULL */
/* A process that lives when the file begins. */
void record_rows_process(struct record_rows *r, const struct proc *p, uint64_t ts_ns);
/* Numbers, for the stream: as record_objects_number(), its build_is_new, record_stacks_number(). */
/* Names that nobody holds are about to be freed. */
void record_rows_forget(struct record_rows *r);
uint32_t record_rows_object(struct record_rows *r, const struct object *obj);
bool record_rows_build_is_new(struct record_rows *r, const struct object *obj);
uint32_t record_rows_stack(struct record_rows *r, const struct stack *stack);
/* Parts of an event, in the order in which a sink gets them: begin, each change, end. */
void record_rows_begin(struct record_rows *r, const struct event *ev, const struct proc *proc,
		       const struct proc *child);
void record_rows_change(struct record_rows *r, const struct change *ch, uint64_t number);
void record_rows_end(struct record_rows *r, const struct event *ev, const struct proc *proc,
		     unsigned int nr_changes);
/*
 * Write a finding as it is now, over the row that it has. nr_before: changes in the files before
 * this one, which are no evidence here.
 */
void record_rows_finding(struct record_rows *r, const struct finding *f, uint64_t nr_before);

#endif
