/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Heads of records, the way into the ring, and the count of what found no room there. */
#ifndef EMIT_BPF_H
#define EMIT_BPF_H

static __always_inline void head_fill(struct mpw_head *h, struct task_struct *task,
				      struct mm_struct *mm, __u8 kind)
{
	h->ts_ns = bpf_ktime_get_boot_ns();
	h->mm = (__u64)mm;
	h->tgid = task->tgid;
	h->tid = task->pid;
	h->kind = kind;
	h->call = 0;
	h->flags = 0;
	h->drops = lost;
	bpf_probe_read_kernel(h->comm, sizeof(h->comm), task->comm);
}

/* Wake the reader only when much is waiting: it looks by itself every few tens of milliseconds. */
static __always_inline __u64 wake_flags(void)
{
	return bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) >= wake_bytes ? BPF_RB_FORCE_WAKEUP :
									     BPF_RB_NO_WAKEUP;
}

static __noinline void count_loss(__u32 tgid)
{
	__u64 one = 1, *n;

	n = bpf_map_lookup_elem(&lossy, &tgid);
	if (n)
		__sync_fetch_and_add(n, 1);
	else if (bpf_map_update_elem(&lossy, &tgid, &one, BPF_NOEXIST)) {
		n = bpf_map_lookup_elem(&lossy, &tgid);
		if (n)
			__sync_fetch_and_add(n, 1);
	}
	__sync_fetch_and_add(&lost, 1);
}

/* Send the len bytes built in s. */
static __always_inline void emit_scratch(struct scratch *s, __u32 tgid)
{
	__u32 len = s->len;

	if (len > SCRATCH_BYTES + ENTRY_MAX || len < sizeof(struct mpw_head))
		return;
	if (bpf_ringbuf_output(&events, s->data, len, wake_flags()))
		count_loss(tgid);
}

#endif
