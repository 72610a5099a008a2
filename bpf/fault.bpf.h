/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Faults: the SIGSEGV of a thread that touched memory without the right to, as it is delivered. */
#ifndef FAULT_BPF_H
#define FAULT_BPF_H

#define SIGSEGV 11 /* include/uapi/asm-generic/signal.h */

/* signal_deliver(int sig, struct kernel_siginfo *info, struct k_sigaction *ka) */
SEC("tp_btf/signal_deliver")
int on_fault(__u64 *ctx)
{
	struct kernel_siginfo *info = (struct kernel_siginfo *)ctx[1];
	struct k_sigaction *ka = (struct k_sigaction *)ctx[2];
	struct mpw_fault_rec *rec;
	struct task_ids ids;
	__u64 ts_ns;
	__u16 flags;
	__s32 code;

	if ((__s32)ctx[0] != SIGSEGV)
		return 0;
	code = BPF_CORE_READ(info, si_code);
	task_ids_read(&ids, current_task());
	if (code <= 0 || !ids.mm || !filter_wants(ids.task, ids.tgid, ids.tid, &flags))
		return 0; /* codes up to 0: a process sent it */
	ts_ns = bpf_ktime_get_boot_ns();
	rec = life_reserve(sizeof(*rec), ids.tgid);
	if (!rec) {
		count_loss(ids.tgid);
		return 0;
	}
	head_fill(&rec->head, &ids, MPW_KIND_FAULT, ts_ns);
	rec->head.flags = flags;
	rec->addr = (__u64)BPF_CORE_READ(info, _sifields._sigfault._addr);
	rec->ip = regs_ip(ids.task);
	rec->code = code;
	rec->access = fault_access(ids.task);
	rec->handled = BPF_CORE_READ(ka, sa.sa_handler) != NULL;
	rec->pad = 0;
	bpf_ringbuf_submit(rec, life_wake());
	return 0;
}

#endif
