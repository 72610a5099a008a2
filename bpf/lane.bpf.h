/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Lanes: a place for a short record without a lock and without a call into the kernel. A ring of
 * the kernel has one lock for all CPUs.
 */
#ifndef LANE_BPF_H
#define LANE_BPF_H

#ifndef OLD_KERNEL
#define lane_move(head, pos) (__sync_val_compare_and_swap(head, pos, (pos) + 1) == (pos))
#else /* programs on tracepoints are not preempted there, and others stay off the lanes */
#define lane_move(head, pos) (WRITE_ONCE(*(head), (pos) + 1), true)
#endif

/* Wake the reader: a record that it never sees does. */
__noinline int lane_bell(void)
{
	void *nothing = bpf_ringbuf_reserve(&events, sizeof(__u64), 0);

	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
	return 0;
}

/*
 * Room for a record in this CPU's lane; its mark is to be written last. NULL: the lane is full, or
 * another program on this CPU was faster.
 */
static __always_inline struct mpw_call_rec *lane_claim(__u32 *ret_mark)
{
	__u32 cpu = bpf_get_smp_processor_id(), at;
	struct mpw_lane *lane = bpf_map_lookup_elem(&lanes, &cpu);
	struct slot *slot;
	__u64 pos, used;

	if (!lane)
		return NULL;
	pos = READ_ONCE(lane->head);
	used = pos - READ_ONCE(lane->tail);
	at = cpu * MPW_LANE_SLOTS + pos % MPW_LANE_SLOTS;
	slot = bpf_map_lookup_elem(&slots, &at);
	if (!slot || used >= MPW_LANE_SLOTS || !lane_move(&lane->head, pos))
		return NULL;
	if (!(pos & 63) && used >= MPW_LANE_SLOTS / 4 && !reader_awake)
		lane_bell();
	*ret_mark = mpw_lane_mark(pos);
	return (struct mpw_call_rec *)slot->bytes;
}

static __always_inline void lane_commit(struct mpw_call_rec *rec, __u32 mark)
{
#if defined(__TARGET_ARCH_x86)
	barrier();
	WRITE_ONCE(rec->head.mark, mark);
#else /* an exchange orders all writes before it */
	__sync_lock_test_and_set(&rec->head.mark, mark);
#endif
}

#endif
