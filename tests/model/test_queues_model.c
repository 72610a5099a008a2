/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of records against random writers: threads that are stopped at any step of writing a
 * record, while others on the same processor go on, and that wake one another. Every record must
 * come once, and after all that it can follow from; those of one ring in the ring's order.
 *
 * The unit is included, because writers go on while its reader looks into one queue after another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "source/queues.c" /* NOLINT */

#define NR_CPUS	   3
#define NR_RINGS   2
#define NR_THREADS 7
#define RING_BYTES 2048
#define NR_RECORDS 2500 /* of a run */
#define SEEDS	   40
#define RECORD	   (sizeof(struct mpw_head) + sizeof(uint64_t))

/* The stages of writing a record. Its time is read when a thread leaves IDLE. */
enum stage { IDLE, STAMPED, PLACED };

struct record {
	uint64_t knows[NR_THREADS]; /* the last record of each thread that it can follow from */
	uint64_t placed, whole;	    /* steps; whole 0: not yet */
	uint32_t thread, queue;
	bool is_read;
};

struct thread {
	enum stage stage;
	uint32_t cpu, queue; /* a lane, or NR_CPUS and a ring */
	uint64_t knows[NR_THREADS], ts_ns, pos;
	size_t record;
};

struct ring_mem {
	__u64 consumer, producer;
	_Alignas(8) char data[2 * RING_BYTES];
};

struct sim {
	struct mpw_lane lane[NR_CPUS];
	char slots[NR_CPUS][MPW_LANE_SLOTS * MPW_SLOT_BYTES];
	struct ring_mem ring[NR_RINGS];
	struct thread thread[NR_THREADS];
	struct record record[NR_RECORDS];
	size_t nr_records, nr_read;
	uint64_t clock, seed;
	struct queues *queues;
};

static uint32_t rnd(struct sim *s, uint32_t n)
{
	s->seed = s->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (s->seed >> 33) % n;
}

static void ring_write(struct ring_mem *r, uint64_t pos, const void *bytes, size_t n)
{
	size_t i, at;

	for (i = 0; i < n; i++) {
		at = (pos + i) % RING_BYTES;
		r->data[at] = r->data[at + RING_BYTES] = ((const char *)bytes)[i];
	}
}

static void ring_word_write(struct ring_mem *r, uint64_t pos, uint32_t word)
{
	ring_write(r, pos, &word, sizeof(word));
}

/* The kernel side's lane_claim() and bpf_ringbuf_reserve(). */
static bool place(struct sim *s, struct thread *t)
{
	struct ring_mem *r;

	if (t->queue < NR_CPUS) {
		struct mpw_lane *l = &s->lane[t->queue];

		if (l->head - l->tail >= MPW_LANE_SLOTS)
			return false;
		t->pos = l->head++;
		return true;
	}
	r = &s->ring[t->queue - NR_CPUS];
	if (r->producer + RING_HEAD + RECORD - r->consumer > RING_BYTES)
		return false;
	t->pos = r->producer;
	ring_word_write(r, t->pos, RECORD | RING_BUSY);
	r->producer += RING_HEAD + RECORD;
	return true;
}

static void make_whole(struct sim *s, const struct thread *t)
{
	struct {
		struct mpw_head head;
		uint64_t id;
	} rec = { .head.ts_ns = t->ts_ns, .id = t->record };

	if (t->queue < NR_CPUS) {
		rec.head.mark = mpw_lane_mark(t->pos);
		memcpy(s->slots[t->queue] + t->pos % MPW_LANE_SLOTS * MPW_SLOT_BYTES, &rec,
		       sizeof(rec));
		return;
	}
	ring_write(&s->ring[t->queue - NR_CPUS], t->pos + RING_HEAD, &rec, sizeof(rec));
	ring_word_write(&s->ring[t->queue - NR_CPUS], t->pos, RECORD);
}

static void note_placed(struct sim *s, struct thread *t, uint32_t nr)
{
	struct record *r = &s->record[t->record = s->nr_records++];

	t->knows[nr]++;
	*r = (struct record){ .placed = s->clock, .thread = nr, .queue = t->queue };
	memcpy(r->knows, t->knows, sizeof(r->knows));
}

static void tell(const struct thread *from, struct thread *to)
{
	size_t i;

	for (i = 0; i < NR_THREADS; i++)
		if (from->knows[i] > to->knows[i])
			to->knows[i] = from->knows[i];
}

/* One step of one thread. */
static void step(struct sim *s)
{
	uint32_t nr = rnd(s, NR_THREADS);
	struct thread *t = &s->thread[nr], *other;

	s->clock++;
	switch (t->stage) {
	case IDLE:
		if (s->nr_records + NR_THREADS >= NR_RECORDS)
			return;
		t->cpu = rnd(s, NR_CPUS);
		t->queue = rnd(s, 3) ? t->cpu : NR_CPUS + rnd(s, NR_RINGS);
		t->ts_ns = s->clock;
		t->stage = STAMPED;
		return;
	case STAMPED:
		t->stage = place(s, t) ? PLACED : IDLE;
		if (t->stage == PLACED)
			note_placed(s, t, nr);
		return;
	case PLACED:
		if (rnd(s, 8) == 0) /* preempted */
			return;
		make_whole(s, t);
		s->record[t->record].whole = s->clock;
		t->stage = IDLE;
		other = &s->thread[rnd(s, NR_THREADS)];
		if (other->stage == IDLE)
			tell(t, other);
		return;
	}
}

static void steps(struct sim *s, uint32_t n)
{
	while (n--)
		step(s);
}

static void check(struct sim *s, size_t id)
{
	struct record *r = &s->record[id], *o;
	uint64_t seen[NR_THREADS] = { 0 };

	assert_true(id < s->nr_records);
	assert_false(r->is_read);
	for (o = s->record; o < s->record + s->nr_records; o++) {
		if (o == r)
			continue;
		if (++seen[o->thread] <= r->knows[o->thread] && o->thread != r->thread)
			assert_true(o->is_read); /* a cause comes first */
		if (o->thread == r->thread && o < r)
			assert_true(o->is_read); /* the order of a thread */
		if (o->queue == r->queue && o->queue >= NR_CPUS && o->whole && o->whole < r->placed)
			assert_true(o->is_read); /* the order of a ring */
	}
	r->is_read = true;
	s->nr_read++;
}

/* queues_begin(), with writers at work between its looks. */
static void begin_slowly(struct sim *s)
{
	struct queues *qs = s->queues;
	uint64_t now = ++s->clock;
	size_t i;

	qs->nr_heap = 0;
	for (i = 0; i < qs->nr; i++) {
		steps(s, rnd(s, 30));
		look(&qs->queue[i], now);
		add_to_heap(qs, i);
	}
	make_heap(qs);
}

static void read_round(struct sim *s)
{
	const void *data;
	uint64_t id;
	size_t len;

	begin_slowly(s);
	while (queues_next(s->queues, &data, &len)) {
		memcpy(&id, (const char *)data + sizeof(struct mpw_head), sizeof(id));
		check(s, id);
		if (rnd(s, 4) == 0)
			steps(s, rnd(s, 6));
	}
}

static void run(uint64_t seed)
{
	struct sim *s = mem_alloc(sizeof(*s));
	size_t i;

	s->seed = seed;
	s->queues = queues_new();
	for (i = 0; i < NR_RINGS; i++)
		queues_add_ring(s->queues, &s->ring[i].consumer, &s->ring[i].producer,
				s->ring[i].data, RING_BYTES);
	for (i = 0; i < NR_CPUS; i++) { /* the slots come round soon */
		s->lane[i].head = s->lane[i].tail = 5ULL * MPW_LANE_SLOTS - rnd(s, 500);
		queues_add_lane(s->queues, &s->lane[i], s->slots[i]);
	}
	while (s->nr_records + NR_THREADS < NR_RECORDS) {
		steps(s, rnd(s, 200));
		read_round(s);
	}
	steps(s, 100 * NR_THREADS); /* all end what they began */
	read_round(s);
	assert_int_equal(s->nr_read, s->nr_records);
	for (i = 0; i < NR_CPUS; i++)
		assert_int_equal(s->lane[i].tail, s->lane[i].head);
	for (i = 0; i < NR_RINGS; i++)
		assert_int_equal(s->ring[i].consumer, s->ring[i].producer);
	queues_free(s->queues);
	free(s);
}

static void no_effect_before_its_cause(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= SEEDS; seed++)
		run(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_effect_before_its_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
