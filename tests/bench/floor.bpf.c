/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The floor of the hook: a program that does nothing, and one that submits a bare 80-byte record. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} ring SEC(".maps");

struct record {
	__u64 ts_ns, ids, arg[3], ret;
	__u64 rest[4];
};

const volatile __u32 wanted_tgid, wanted_tgid2;

SEC("tp/syscalls/sys_exit_mprotect")
int floor_empty(void *ctx)
{
	return 0;
}

SEC("tp/syscalls/sys_exit_mprotect")
int floor_record(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	struct record *r;

	if (task->tgid != wanted_tgid && task->tgid != wanted_tgid2)
		return 0;
	r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
	if (!r)
		return 0;
	r->ts_ns = bpf_ktime_get_boot_ns();
	r->ids = (__u64)task->tgid << 32 | (__u32)task->pid;
#ifdef __TARGET_ARCH_x86
	r->arg[0] = regs->di;
	r->arg[1] = regs->si;
	r->arg[2] = regs->dx;
	r->ret = regs->ax;
#endif
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
