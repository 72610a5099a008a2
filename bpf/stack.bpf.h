/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The caller's registers and the begin of its stack: user space unwinds them with the
 * tables for exceptions, which every program has. The kernel's own walk follows frame
 * pointers, which Debian's libraries do not keep: that walk would end in libc.
 */
#ifndef STACK_BPF_H
#define STACK_BPF_H

#define STACK_PIECE ((__u32)PAGE_BYTES_MIN) /* no page ends inside of one */

/* Put the stack behind the arguments and the tracer, as far as it can be read. */
static __always_inline void put_stack(struct scratch *s, struct task_struct *task)
{
	struct mpw_head *h = (struct mpw_head *)s->data;
	struct mpw_stack *st;
	__u32 at = s->len, left = MPW_STACK_BYTES, n;
	__u64 sp;

	if (at > SCRATCH_BYTES - MPW_STACK_BYTES - sizeof(*st))
		return;
	st = (struct mpw_stack *)(s->data + at);
	h->flags |= MPW_F_STACK;
	regs_read_all(task, st->reg);
	st->len = st->pad = 0;
	sp = st->reg[MPW_REG_SP];
	s->len = at + sizeof(*st);
#pragma unroll
	for (int i = 0; i < MPW_STACK_BYTES / STACK_PIECE + 1; i++) {
		/* piece by piece: a missing page ends the copy, and spoils nothing before */
		n = STACK_PIECE - (sp & (STACK_PIECE - 1));
		at = s->len;
		if (n > left)
			n = left;
		barrier_var(n); /* else the compiler drops the bound that 5.10 must see */
		if (!n || n > STACK_PIECE || at > SCRATCH_BYTES ||
		    bpf_probe_read_user(s->data + at, n, (void *)sp))
			break;
		sp += n;
		left -= n;
		s->len = at + n;
	}
	st->len = MPW_STACK_BYTES - left;
	s->len = (s->len + 7) & ~7u;
}

#endif
