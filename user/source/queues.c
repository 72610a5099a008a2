/* SPDX-License-Identifier: BSD-2-Clause */
/* Rounds are merged by a heap of the queues that have records left, by the time of the next one. */
#include "source/queues.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

/* A record in a ring, from include/uapi/linux/bpf.h (Linux 5.8): a word with its length and flags. */
#define RING_HEAD 8
#define RING_BUSY (1U << 31)
#define RING_VOID (1U << 30)

#define FREE_EVERY 64 /* records after which a queue's places are given back */

/* A record that waits: its time, and its position in the queue. */
struct waiting {
	uint64_t ts_ns, pos;
};

struct queue {
	bool is_lane;
	const __u64 *head; /* its writers' position */
	__u64 *tail;	   /* the reader's */
	const char *data;  /* slots, or the ring's */
	uint64_t size;	   /* of the ring */
	uint64_t next;	   /* all before it was taken, but for holes */
	uint64_t *hole;	   /* positions of records that were not whole */
	size_t nr_holes, cap_holes;
	struct waiting *list; /* of the round */
	size_t nr, cap, at;
};

struct queues {
	struct queue *queue;
	size_t nr;
	size_t *heap; /* queues by their next record */
	size_t nr_heap;
	struct queue *last; /* whose record was returned last */
};

struct queues *queues_new(void)
{
	return mem_alloc(sizeof(struct queues));
}

void queues_free(struct queues *qs)
{
	size_t i;

	if (!qs)
		return;
	for (i = 0; i < qs->nr; i++) {
		free(qs->queue[i].hole);
		free(qs->queue[i].list);
	}
	free(qs->queue);
	free(qs->heap);
	free(qs);
}

static struct queue *add(struct queues *qs)
{
	qs->queue = mem_grow(qs->queue, qs->nr + 1, sizeof(*qs->queue));
	qs->heap = mem_grow(qs->heap, qs->nr + 1, sizeof(*qs->heap));
	memset(&qs->queue[qs->nr], 0, sizeof(*qs->queue));
	return &qs->queue[qs->nr++];
}

void queues_add_lane(struct queues *qs, struct mpw_lane *lane, const void *slots)
{
	struct queue *q = add(qs);

	q->is_lane = true;
	q->head = &lane->head;
	q->tail = &lane->tail;
	q->data = slots;
	q->next = lane->tail;
}

void queues_add_ring(struct queues *qs, __u64 *consumer, const __u64 *producer, const void *data,
		     uint64_t size)
{
	struct queue *q = add(qs);

	q->head = producer;
	q->tail = consumer;
	q->data = data;
	q->size = size;
	q->next = *consumer;
}

static const struct mpw_head *slot_at(const struct queue *q, uint64_t pos)
{
	return (const struct mpw_head *)(q->data + pos % MPW_LANE_SLOTS * MPW_SLOT_BYTES);
}

/* The length of the ring's record at pos, with the kernel's flags in it. */
static uint32_t ring_word(const struct queue *q, uint64_t pos)
{
	return __atomic_load_n((const uint32_t *)(q->data + (pos & (q->size - 1))),
			       __ATOMIC_ACQUIRE);
}

static const struct mpw_head *record_at(const struct queue *q, uint64_t pos, size_t *ret_len)
{
	if (q->is_lane) {
		*ret_len = MPW_SLOT_BYTES;
		return slot_at(q, pos);
	}
	*ret_len = ring_word(q, pos) & ~(RING_BUSY | RING_VOID);
	return (const void *)(q->data + (pos & (q->size - 1)) + RING_HEAD);
}

/* The position behind the record at pos. */
static uint64_t after(const struct queue *q, uint64_t pos)
{
	size_t len;

	if (q->is_lane)
		return pos + 1;
	record_at(q, pos, &len);
	return pos + ((len + RING_HEAD + 7) & ~7ULL);
}

static bool is_whole(const struct queue *q, uint64_t pos)
{
	if (!q->is_lane)
		return !(ring_word(q, pos) & RING_BUSY);
	return __atomic_load_n(&slot_at(q, pos)->mark, __ATOMIC_ACQUIRE) == mpw_lane_mark(pos);
}

/* True for one that its writer threw away: it only woke the reader. */
static bool is_void(const struct queue *q, uint64_t pos)
{
	return !q->is_lane && ring_word(q, pos) & RING_VOID;
}

static uint64_t time_at(const struct queue *q, uint64_t pos)
{
	size_t len;

	return record_at(q, pos, &len)->ts_ns;
}

static void take(struct queue *q, uint64_t pos)
{
	if (q->nr == q->cap) {
		q->cap = q->cap ? q->cap * 2 : 256;
		q->list = mem_grow(q->list, q->cap, sizeof(*q->list));
	}
	q->list[q->nr++] = (struct waiting){ time_at(q, pos), pos };
}

static void leave_hole(struct queue *q, uint64_t pos)
{
	if (q->nr_holes == q->cap_holes) {
		q->cap_holes = q->cap_holes ? q->cap_holes * 2 : 16;
		q->hole = mem_grow(q->hole, q->cap_holes, sizeof(*q->hole));
	}
	q->hole[q->nr_holes++] = pos;
}

/* Take the records that have become whole since an earlier round. */
static void take_holes(struct queue *q)
{
	size_t i, left = 0;

	for (i = 0; i < q->nr_holes; i++) {
		uint64_t pos = q->hole[i];

		if (!is_whole(q, pos))
			q->hole[left++] = pos;
		else if (!is_void(q, pos))
			take(q, pos);
	}
	q->nr_holes = left;
}

/* Take what was written before now_ns. */
static void look(struct queue *q, uint64_t now_ns)
{
	uint64_t end;

	q->nr = q->at = 0;
	take_holes(q);
	end = __atomic_load_n(q->head, __ATOMIC_ACQUIRE);
	for (; q->next < end; q->next = after(q, q->next)) {
		if (!is_whole(q, q->next)) {
			leave_hole(q, q->next);
		} else if (!is_void(q, q->next)) {
			if (time_at(q, q->next) >= now_ns)
				break;
			take(q, q->next);
		}
	}
}

/* Give back the places of all that was read. */
static void give_back(struct queue *q)
{
	uint64_t pos = q->at < q->nr ? q->list[q->at].pos : q->next;

	if (q->nr_holes && q->hole[0] < pos)
		pos = q->hole[0];
	__atomic_store_n(q->tail, pos, __ATOMIC_RELEASE);
}

/* True if queue a's next record comes before queue b's. */
static bool comes_before(const struct queues *qs, size_t a, size_t b)
{
	const struct queue *x = &qs->queue[a], *y = &qs->queue[b];
	uint64_t ta = x->list[x->at].ts_ns, tb = y->list[y->at].ts_ns;

	return ta != tb ? ta < tb : a < b;
}

/* Bring the heap in order again below place i. */
static void sink(struct queues *qs, size_t i)
{
	size_t *h = qs->heap, least, child, moved;

	for (;; i = least) {
		least = i;
		for (child = 2 * i + 1; child <= 2 * i + 2 && child < qs->nr_heap; child++)
			if (comes_before(qs, h[child], h[least]))
				least = child;
		if (least == i)
			return;
		moved = h[i];
		h[i] = h[least];
		h[least] = moved;
	}
}

static void add_to_heap(struct queues *qs, size_t i)
{
	if (qs->queue[i].nr)
		qs->heap[qs->nr_heap++] = i;
	else
		give_back(&qs->queue[i]); /* of records that are void */
}

static void make_heap(struct queues *qs)
{
	size_t i;

	for (i = qs->nr_heap / 2; i-- > 0;)
		sink(qs, i);
}

void queues_begin(struct queues *qs, uint64_t now_ns)
{
	size_t i;

	qs->nr_heap = 0;
	for (i = 0; i < qs->nr; i++) {
		look(&qs->queue[i], now_ns);
		add_to_heap(qs, i);
	}
	make_heap(qs);
}

bool queues_next(struct queues *qs, const void **ret_data, size_t *ret_len)
{
	struct queue *q = qs->last;

	if (q && (q->at == q->nr || q->at % FREE_EVERY == 0))
		give_back(q);
	qs->last = NULL;
	if (!qs->nr_heap)
		return false;
	q = qs->last = &qs->queue[qs->heap[0]];
	*ret_data = record_at(q, q->list[q->at].pos, ret_len);
	q->at++;
	if (q->at == q->nr)
		qs->heap[0] = qs->heap[--qs->nr_heap];
	sink(qs, 0);
	return true;
}
