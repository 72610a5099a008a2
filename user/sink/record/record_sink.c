/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The recorder. The stream of events goes into blocks, packed and compressed, from which replay
 * reads it back; the rows beside the blocks (record_rows.c) are for SQL. Now and then a key frame
 * holds all mirrors, so that a reader can begin there. A transaction ends when the source is
 * drained, twice a second at most.
 */
#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#include "core/pack.h"
#include "core/recording.h"
#include "core/words.h"
#include "sink/record/record_sink.h"
#include "sink/output.h"
#include "sink/record/record_private.h"
#include "sink/record/record_segment.h"
#include "util/clock.h"
#include "util/errand.h"
#include "util/mem.h"
#include "wire.h"

#define COMMIT_NS 500000000ULL	 /* between transactions, at least */
#define CLOCK_NS  10000000000ULL /* between readings of the wall clock */
/* Events between key frames: as many as replay applies in a blink; more if mirrors are large. */
#define KEY_EVENTS	   100000
#define KEY_EVENTS_PER_VMA 4

/* A block that is being filled. */
struct block {
	struct buf raw;
	struct pack_memory memory;
	uint64_t first_ns, nr_events;
};

struct record {
	struct record_config cfg;
	struct run_info run; /* start_ns is that of this segment */
	struct segments *segments;
	struct errand *signer; /* NULL: files are not signed */
	uint64_t nr_segments;
	struct record_db db;	  /* of this segment, as the rows are */
	uint8_t hash[SEAL_BYTES]; /* the last seal of the segment before */
	struct record_rows *rows;
	struct block block;
	ZSTD_CCtx *zstd;
	struct buf packed;
	uint64_t last_ns;			 /* the latest time in the stream */
	uint64_t nr_events, nr_changes, nr_lost; /* in this segment */
	uint64_t nr_changes_before;		 /* in the segments before it */
	uint64_t nr_events_after_key, next_key_events;
	uint64_t next_commit_ns, next_clock_ns;
	bool dirty; /* set when there is something to commit */
};

/* A pack_number_fn. */
static uint32_t object_number(void *ctx, const struct object *obj)
{
	return record_rows_object(((struct record *)ctx)->rows, obj);
}

/* ---- blocks ---- */

static void block_add(struct record *rec, struct block *b, const struct event *ev)
{
	uint32_t stack = 0;

	if (!b->nr_events++)
		b->first_ns = ev->ts_ns;
	if (ev->stack)
		stack = record_rows_stack(rec->rows, ev->stack);
	pack_event(&b->raw, &b->memory, ev, stack, object_number, rec);
}

static void block_write(struct record *rec, struct block *b, enum recording_key key)
{
	const int64_t numbers[6] = { key,	   b->first_ns, rec->last_ns, rec->nr_changes,
				     b->nr_events, b->raw.len };
	size_t n, bound = ZSTD_compressBound(b->raw.len);

	if (!b->nr_events)
		return;
	rec->packed.len = 0;
	n = ZSTD_compressCCtx(rec->zstd, buf_reserve(&rec->packed, bound), bound, b->raw.data,
			      b->raw.len, 1);
	if (ZSTD_isError(n))
		rec->db.err = rec->db.err ? rec->db.err : -EIO;
	else
		record_db_block(&rec->db, numbers, rec->packed.data, n);
	b->raw.len = b->nr_events = 0;
	memset(&b->memory, 0, sizeof(b->memory));
}

/* ---- key frames ---- */

static struct event key_event(const struct record *rec, const struct proc *p, enum event_type type)
{
	struct event ev = { .type = type,
			    .ts_ns = rec->last_ns,
			    .mm = p->mm->key,
			    .pid = p->pid,
			    .tid = p->pid };

	memcpy(ev.comm, p->comm, sizeof(ev.comm));
	return ev;
}

static void key_add_place(struct record *rec, struct block *b, const struct proc *p)
{
	struct event ev = key_event(rec, p, EVENT_PLACE);

	ev.facts = p->facts;
	ev.facts.has &= ~FACTS_OF_IDENTITY;
	if (ev.facts.has)
		block_add(rec, b, &ev);
}

/* Builds of the mirror's code that the stream does not have yet. */
static void key_add_builds(struct record *rec, struct block *b, const struct proc *p)
{
	struct event ev = key_event(rec, p, EVENT_BUILD);
	const struct vma *v;

	for (v = aspace_find(p->mm->as, 0); v; v = aspace_next(p->mm->as, v)) {
		if (!(v->attr.flags & VMA_X) || !record_rows_build_is_new(rec->rows, v->attr.obj))
			continue;
		ev.build.file = v->attr.obj;
		strcpy(ev.build.id, v->attr.obj->build_id);
		block_add(rec, b, &ev);
	}
}

/*
 * A mirror as the snapshots that would make it, without its stale ranges. *key is the kind of the
 * block that is written when b is full; all that follow continue the key frame.
 */
static void key_add_proc(struct record *rec, struct block *b, const struct proc *p,
			 struct vma_seen *seen, enum recording_key *key)
{
	const struct aspace *stale = p->mm->stale;
	const struct vma *v, *u = stale ? aspace_find(stale, 0) : NULL;
	struct event ev = key_event(rec, p, EVENT_RANGE);
	bool is_written = false;

	ev.start_ns = p->start_ns;
	ev.start_brk = p->mm->start_brk;
	ev.ppid = p->ppid;
	ev.facts = p->facts;
	ev.facts.has &= FACTS_OF_IDENTITY;
	ev.exe = p->exe_is_guess ? NULL : p->exe;
	ev.has_range = true;

	for (v = aspace_find(p->mm->as, 0); v; v = aspace_next(p->mm->as, v))
		seen[ev.nr_seen++] = (struct vma_seen){ v->start, v->end, v->attr };
	ev.seen = seen;
	while (ev.lo < MPW_TASK_MAX) {
		ev.hi = u ? u->start : MPW_TASK_MAX;
		if (ev.lo < ev.hi) {
			block_add(rec, b, &ev);
			is_written = true;
		}
		ev.lo = u ? u->end : MPW_TASK_MAX;
		u = u ? aspace_next(stale, u) : NULL;
	}
	if (!is_written) { /* the process is there, if nothing of its mirror is known */
		ev.has_range = false;
		ev.check = true;
		block_add(rec, b, &ev);
	}
	key_add_place(rec, b, p);
	key_add_builds(rec, b, p);
	if (b->raw.len < RECORDING_BLOCK_BYTES)
		return;
	block_write(rec, b, *key);
	*key = RECORDING_KEY_MORE;
}

static void write_key(struct record *rec)
{
	enum recording_key key = RECORDING_KEY_FIRST;
	struct vma_seen *seen = NULL;
	struct block b = { 0 };
	const struct proc *p;
	size_t nr, nr_all = 0;

	block_write(rec, &rec->block, RECORDING_EVENTS);
	for (p = pipeline_next(rec->cfg.pipeline, NULL); p;
	     p = pipeline_next(rec->cfg.pipeline, p)) {
		nr = aspace_nr_vmas(p->mm->as);
		nr_all += nr;
		seen = mem_grow(seen, nr, sizeof(*seen));
		key_add_proc(rec, &b, p, seen, &key);
	}
	block_write(rec, &b, key);
	buf_done(&b.raw);
	free(seen);
	rec->nr_events_after_key = 0;
	rec->next_key_events = KEY_EVENTS + KEY_EVENTS_PER_VMA * nr_all;
}

/* ---- segments ---- */

static int segment_open(struct record *rec)
{
	int err = record_db_create(&rec->db, rec->cfg.path, rec->cfg.force && !rec->nr_segments,
				   rec->nr_segments ? rec->hash : NULL);

	if (err)
		return err;
	rec->nr_segments++;
	rec->rows = record_rows_new(&rec->db, rec->run.start_ns);
	rec->nr_changes_before += rec->nr_changes;
	rec->nr_changes = rec->nr_events = rec->nr_lost = rec->nr_events_after_key = 0;
	rec->next_key_events = KEY_EVENTS;
	rec->next_clock_ns = 0;
	record_meta(&rec->db, &rec->run, rec->cfg.arguments, rec->nr_segments);
	return record_db_commit(&rec->db);
}

/* Leaves the segment as one file that is whole. */
static int segment_close(struct record *rec, uint64_t end_ns)
{
	struct record_db *db = &rec->db;
	int err;

	block_write(rec, &rec->block, RECORDING_EVENTS);
	record_db_meta(db, "end_ns", end_ns);
	record_db_meta(db, "events", rec->nr_events);
	record_db_meta(db, "changes", rec->nr_changes);
	record_db_meta(db, "lost", rec->nr_lost);
	record_db_meta(db, "clean_end", 1);
	record_rows_free(rec->rows);
	rec->rows = NULL;
	err = record_db_commit(db);
	if (!err && rec->signer)
		err = record_sign(db, rec->signer);
	if (record_db_close(db) && !err)
		err = db->err;
	memcpy(rec->hash, db->hash, SEAL_BYTES);
	return err;
}

static bool is_full(struct record *rec, uint64_t now)
{
	if (rec->cfg.rotate_ns && now >= rec->run.start_ns + rec->cfg.rotate_ns)
		return true;
	return rec->cfg.rotate_bytes && record_db_size(&rec->db) >= rec->cfg.rotate_bytes;
}

/* The next segment begins with a key frame of all processes, so that it stands alone. */
static int rotate(struct record *rec, uint64_t now)
{
	const struct proc *p;
	int err = segment_close(rec, now);

	if (!err)
		err = segments_close_one(rec->segments);
	rec->run.start_ns = now;
	if (!err)
		err = segment_open(rec);
	if (err)
		return err;
	rec->last_ns = now;
	for (p = pipeline_next(rec->cfg.pipeline, NULL); p; p = pipeline_next(rec->cfg.pipeline, p))
		record_rows_process(rec->rows, p, now);
	write_key(rec);
	return record_db_commit(&rec->db);
}

/* ---- the sink ---- */

static int record_event(void *priv, const struct event *ev)
{
	struct record *rec = priv;

	if (ev->ts_ns > rec->last_ns)
		rec->last_ns = ev->ts_ns;
	block_add(rec, &rec->block, ev);
	rec->nr_events++;
	rec->nr_lost += ev->type == EVENT_LOSS ? ev->lost : 0;
	rec->nr_events_after_key++;
	rec->dirty = true;
	return rec->db.err;
}

static int record_begin(void *priv, const struct event *ev, const struct proc *proc,
			const struct proc *child)
{
	struct record *rec = priv;

	record_rows_begin(rec->rows, ev, proc, child);
	return rec->db.err;
}

static int record_change(void *priv, const struct change *ch)
{
	struct record *rec = priv;

	if (!ch->number)
		return 0;
	rec->nr_changes = ch->number - rec->nr_changes_before;
	record_rows_change(rec->rows, ch, rec->nr_changes);
	return rec->db.err;
}

static int record_finding(void *priv, const struct finding *f)
{
	struct record *rec = priv;

	record_rows_finding(rec->rows, f, rec->nr_changes_before);
	rec->dirty = true;
	return rec->db.err;
}

static int record_end(void *priv, const struct event *ev, const struct proc *proc,
		      unsigned int nr_changes)
{
	struct record *rec = priv;

	record_rows_end(rec->rows, ev, proc, nr_changes);
	if (rec->block.raw.len >= RECORDING_BLOCK_BYTES)
		block_write(rec, &rec->block, RECORDING_EVENTS);
	return rec->db.err;
}

static int record_flush(void *priv)
{
	struct record *rec = priv;
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	if (rec->nr_events_after_key >= rec->next_key_events)
		write_key(rec);
	if (now < rec->next_commit_ns || (!rec->dirty && !is_full(rec, now)))
		return rec->db.err;
	if (now >= rec->next_clock_ns) {
		record_db_row(&rec->db, STMT_CLOCK, "ii", now, clock_ns(CLOCK_REALTIME));
		rec->next_clock_ns = now + CLOCK_NS;
	}
	block_write(rec, &rec->block, RECORDING_EVENTS);
	rec->dirty = false;
	record_db_commit(&rec->db);
	if (!rec->db.err && is_full(rec, now))
		rec->db.err = rotate(rec, now);
	rec->next_commit_ns = clock_ns(CLOCK_BOOTTIME) + COMMIT_NS;
	return rec->db.err;
}

static int record_finish(void *priv, const struct totals *t)
{
	struct record *rec = priv;
	int err;

	record_db_meta(&rec->db, "forgotten", t->dropped);
	if (rec->cfg.run->left_pid)
		record_db_meta(&rec->db, "left", rec->cfg.run->left_pid);
	err = segment_close(rec, t->end_ns);
	return err ? err : segments_close_last(rec->segments);
}

/* If record_finish() did not run, something went wrong: all that was committed stays. */
static void record_free(void *priv)
{
	struct record *rec = priv;

	record_db_abandon(&rec->db);
	record_rows_free(rec->rows);
	segments_free(rec->segments);
	errand_free(rec->signer);
	ZSTD_freeCCtx(rec->zstd);
	buf_done(&rec->packed);
	buf_done(&rec->block.raw);
	free(rec);
}

static void record_forget(void *priv)
{
	record_rows_forget(((struct record *)priv)->rows);
}

static const struct sink_ops record_ops = {
	.name = "record",
	.forget = record_forget,
	.event = record_event,
	.begin_event = record_begin,
	.change = record_change,
	.finding = record_finding,
	.end_event = record_end,
	.flush = record_flush,
	.finish = record_finish,
	.free = record_free,
};

int record_sink_new(const struct record_config *cfg, struct sink *ret)
{
	struct record *rec = mem_alloc(sizeof(*rec));
	int err;

	rec->cfg = *cfg;
	rec->run = *cfg->run;
	rec->zstd = ZSTD_createCCtx();
	rec->segments = segments_new(cfg->path, cfg->compress, cfg->rotate_bytes || cfg->rotate_ns,
				     cfg->keep);
	err = cfg->sign ? record_signer_new(cfg->sign, &rec->signer) : 0;
	if (!err)
		err = segments_claim(rec->segments, cfg->force);
	if (!err)
		err = segment_open(rec);
	if (err) {
		record_free(rec);
		return err;
	}
	*ret = (struct sink){ .ops = &record_ops, .priv = rec };
	return 0;
}

struct record_options {
	struct output_choice choice;
	bool force, compress;
	const char *sign;
	uint64_t rotate_bytes, rotate_ns, keep;
};

#define AT(field) offsetof(struct record_options, field)

static const struct opt record_output_rows[] = {
	{ 'o', "output", "FILE", "the recording, which must not exist", output_choose_file, 0, 0 },
	{ 0, "force", NULL, "replace FILE if it exists", opt_set_true, AT(force), 0 },
	{ 0, "rotate-size", "SIZE",
	  "begin another file when FILE has this size; FILE becomes FILE.000001, …", opt_set_size,
	  AT(rotate_bytes), 0 },
	{ 0, "rotate-time", "TIME", "or when it is that old", opt_set_duration, AT(rotate_ns), 0 },
	{ 0, "keep", "N", "keep the last N of these (all)", opt_set_u64, AT(keep), 0 },
	{ 0, "compress", NULL, "compress files that are closed, with zstd", opt_set_true,
	  AT(compress), 0 },
	{ 0, "sign", "KEY", "sign FILE's hash at its end, as ssh-keygen -Y sign -f KEY does",
	  opt_set_string, AT(sign), 0 },
	{ 0 },
};

static int record_open(const struct output_env *env, void *options, struct sink *ret)
{
	const struct record_options *o = options;
	const struct record_config cfg = { .path = o->choice.path,
					   .force = o->force,
					   .arguments = env->arguments,
					   .run = env->run,
					   .pipeline = env->pipeline,
					   .rotate_bytes = o->rotate_bytes,
					   .rotate_ns = o->rotate_ns,
					   .keep = o->keep,
					   .compress = o->compress,
					   .sign = o->sign };

	return record_sink_new(&cfg, ret);
}

static const char *record_check(const void *options)
{
	const struct record_options *o = options;

	if (!o->choice.path)
		return "where to record is missing: -o FILE";
	if (!strcmp(o->choice.path, "-"))
		return "a recording is a database, which needs a file: record -o FILE; for a pipe "
		       "there is mprotwatch -j";
	return NULL;
}

const struct output record_output = {
	.name = "recording",
	.kind = OUTPUT_RECORDING,
	.heading = "Recording",
	.rows = record_output_rows,
	.options_bytes = sizeof(struct record_options),
	.check = record_check,
	.open = record_open,
	.tells_places = true,
};
