/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Heads of records, and the way into the rings. */
#ifndef EMIT_BPF_H
#define EMIT_BPF_H

/* A task and its numbers, read once: each read of kernel memory is a checked copy. */
struct task_ids {
	struct task_struct *task;
	struct mm_struct *mm;
	__u32 tgid, tid;
};

static __always_inline void task_ids_read(struct task_ids *w, struct task_struct *task)
{
	w->task = task;
	w->mm = READ_PTR(task, mm);
	w->tgid = READ(task, tgid);
	w->tid = READ(task, pid);
}

/* ts_ns: read before the record gets its place, so that no later place has an earlier cause. */
static __always_inline void head_fill(struct mpw_head *h, const struct task_ids *w, __u8 kind,
				      __u64 ts_ns)
{
	h->ts_ns = ts_ns;
	h->mm = (__u64)w->mm;
	h->tgid = w->tgid;
	h->tid = w->tid;
	h->kind = kind;
	h->call = 0;
	h->flags = 0;
	h->mark = 0;
	comm_read(h->comm, w->task);
	h->cpu = bpf_get_smp_processor_id();
	h->map_count = 0;
}

/*
 * The reader looks by itself every few tens of milliseconds, and is woken only when much is
 * waiting. The question costs as much as a tenth of a short record, and a wake-up more than a whole
 * one: so only one record in 64, chosen by its time, asks; of those in the ring of lives each does.
 */
static __always_inline __u64 events_wake(__u64 ts_ns)
{
	if (ts_ns & 0x3f000 || reader_awake ||
	    bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) < ring_bytes / 8)
		return BPF_RB_NO_WAKEUP;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline __u64 life_wake(void)
{
	if (reader_awake || bpf_ringbuf_query(&life, BPF_RB_AVAIL_DATA) < life_bytes / 8)
		return BPF_RB_NO_WAKEUP;
	return BPF_RB_FORCE_WAKEUP;
}

/* Places where a thread looks for a spare. */
#define SPARE_TRIES	 8
#define spare_id(tid, i) (SCRATCH_SPARE + ((tid) + (i)) % (NR_SCRATCHES - SCRATCH_SPARE))

/* The spare whose owner is "was"; if that is 0, tid owns it from now on. Negative: none. */
__noinline int spare_find(__u32 tid, __u32 was)
{
	struct scratch *s;
	__u32 i, id;

	for (i = 0; i < SPARE_TRIES; i++) {
		id = spare_id(tid, i);
		s = scratch_get(id);
		if (!s || s->owner != was || (!was && !claim(&s->owner, tid)))
			continue;
		s->id = id;
		return id;
	}
	return -1;
}

static __always_inline struct scratch *spare_of(__u32 tid, __u32 was)
{
	int id = spare_find(tid, was);
	__u32 key = id;

	return id < 0 ? NULL : bpf_map_lookup_elem(&scratches, &key);
}

/* Empty room for a record: this CPU's or, if that is in use, a spare. NULL: none; counts a loss. */
static __always_inline struct scratch *scratch_take(const struct task_ids *ids)
{
	struct scratch *s = scratch_get(SCRATCH_CPU);

	if (!s)
		return NULL;
	if (claim(&s->owner, ids->tid))
		s->id = SCRATCH_CPU;
	else
		s = spare_of(ids->tid, 0);
	if (!s) {
		count_loss(ids->tgid);
		return NULL;
	}
	s->then.hi = 0;
	return s;
}

/* The room that this thread took. */
static __always_inline struct scratch *scratch_mine(__u32 tid)
{
	struct scratch *s = scratch_get(SCRATCH_CPU);

	return s && s->owner == tid ? s : spare_of(tid, tid);
}

static __always_inline void scratch_give(struct scratch *s)
{
	WRITE_ONCE(s->owner, 0);
}

/* Send the record in s; counts a loss if there was no room for it. */
ONCE int emit_scratch(struct scratch *s)
{
	const struct mpw_head *h;
	__u64 wake;
	bool is_life;
	__u32 len;

	if (!s)
		return 0;
	h = (const struct mpw_head *)s->data;
	is_life = h->kind == MPW_KIND_EXEC || h->kind == MPW_KIND_WHO || h->kind == MPW_KIND_FAULT;
	if (h->flags & MPW_F_BUSY) /* the mirror is stale until the reader takes a snapshot */
		wake = BPF_RB_FORCE_WAKEUP;
	else
		wake = is_life ? life_wake() : events_wake(h->ts_ns);
	len = s->len;
	if (len > SCRATCH_BYTES + ENTRY_MAX || len < sizeof(*h))
		return 0;
	if (is_life && life_has_room(h->tgid, len) &&
	    !bpf_ringbuf_output(&life, s->data, len, wake))
		return 0;
	if (!is_life && events_has_room(h->tgid, len) &&
	    !bpf_ringbuf_output(&events, s->data, len, wake))
		return 0;
	count_loss(h->tgid);
	return 0;
}

#endif
