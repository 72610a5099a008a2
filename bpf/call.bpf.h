/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * One program for each traced system call, on its exit: on the tracepoint, or on that of the
 * function which does the call, to which user space turns it before loading. The common case, a call
 * of a process with one thread whose effect follows from its arguments and its
 * result, is one short record. For other calls, on kernels where mappings can be
 * read (truth), the touched range is read back and sent with the call. A failed one
 * is sent with what the kernel went by (conditions.bpf.h).
 */
#ifndef CALL_BPF_H
#define CALL_BPF_H

static __always_inline bool advice_counts(__u32 advice)
{
	return advice == ABI_MADV_DONTFORK || advice == ABI_MADV_DOFORK ||
	       advice == ABI_MADV_GUARD_INSTALL || advice == ABI_MADV_GUARD_REMOVE;
}

/* True if a call with these arguments can change mappings. */
static __always_inline bool call_counts(enum mpw_call call, const struct user_regs *u)
{
	__u32 option = u->arg[0]; /* prctl's, arch_prctl's and madvise's commands are ints */

	if (call == MPW_CALL_MADVISE)
		return advice_counts(u->arg[2]);
	if (call == MPW_CALL_PROCESS_MADVISE) /* possible on the caller itself alone (6.13) */
		return advice_counts(u->arg[3]);
	if (call == MPW_CALL_PRCTL)
		return option == ABI_PR_SET_VMA || option == ABI_PR_SET_MM;
	if (call == MPW_CALL_ARCH_PRCTL)
		return (option >= ABI_ARCH_MAP_VDSO_X32 && option <= ABI_ARCH_MAP_VDSO_64) ||
		       option == ABI_ARCH_SHSTK_ENABLE || option == ABI_ARCH_SHSTK_DISABLE;
	return true;
}

/* Argument nr, which is a constant from a row of calls.h. */
static __always_inline __u64 arg_of(const struct user_regs *u, int nr)
{
	return nr < 0 ? 0 : u->arg[nr];
}

/* The range in the arguments, as whole pages. */
static __always_inline void call_range(enum mpw_call call, const struct user_regs *u,
				       struct walk *ret)
{
	switch (call) {
#define CALL_RANGE(ID, name, nargs, addr, len, prot)                 \
	case MPW_CALL_##ID:                                          \
		ret->lo = page_down(arg_of(u, addr));                \
		ret->hi = page_up(arg_of(u, addr) + arg_of(u, len)); \
		break;
		MPW_CALLS(CALL_RANGE)
#undef CALL_RANGE
	case MPW_NR_CALLS:
		break;
	}
}

/* call_readback() for mmap. The arguments of anonymous memory mostly say all. */
static __always_inline bool mmap_readback(const struct user_regs *u, __u16 flags, struct walk *rb)
{
	__u64 how = u->arg[3];

	if (ret_is_error(u->ret))
		return (how & ABI_MAP_FIXED) && rb->hi > rb->lo;
	rb->lo = u->ret;
	rb->hi = page_up(u->ret + u->arg[1]);
	if (how & ABI_MAP_HUGETLB)
		rb->end = RANGE_VMA;
	if (!u->arg[1]) { /* the length is not known: compat_old_mmap() */
		rb->hi = u->ret + 1;
		rb->end = RANGE_VMA;
		return true;
	}
	return (flags & (MPW_F_RACY | MPW_F_RIE | MPW_F_UNPROVEN) || !(how & ABI_MAP_ANONYMOUS) ||
		u->arg[2] == ABI_PROT_EXEC ||
		(how & (ABI_MAP_SHARED | ABI_MAP_GROWSDOWN | ABI_MAP_HUGETLB))) &&
	       rb->hi > rb->lo;
}

/* call_readback() for io_setup, whose result, the address of its ring, is in the user's memory. */
static __always_inline bool aio_readback(const struct user_regs *u, __u16 flags, struct walk *rb)
{
	__u64 ring = 0;

	rb->lo = 0;
	rb->hi = MPW_TASK_MAX;
	if (flags & MPW_F_RACY ||
	    bpf_probe_read_user(&ring, flags & MPW_F_COMPAT ? 4 : 8, (void *)u->arg[1]))
		return true;
	rb->lo = page_down(ring);
	rb->hi = rb->lo + 1;
	rb->end = RANGE_VMA;
	return true;
}

/*
 * True if a range must be read back, which rb gets. ask: other threads may have changed the
 * range between this call's end and now, or the call may not have run.
 */
static __always_inline bool call_readback(enum mpw_call call, const struct user_regs *u,
					  __u16 flags, struct walk *rb)
{
	bool failed = ret_is_error(u->ret), rie = flags & MPW_F_RIE;
	bool ask = flags & (MPW_F_RACY | MPW_F_UNPROVEN);

	call_range(call, u, rb);
	rb->end = RANGE_AT_HI;
	switch (call) {
	case MPW_CALL_MMAP:
		return mmap_readback(u, flags, rb);
	case MPW_CALL_MUNMAP:
		return ask && !failed && rb->hi > rb->lo;
	case MPW_CALL_MPROTECT:
	case MPW_CALL_PKEY_MPROTECT:
		if (u->arg[2] & ABI_PROT_GROWS)
			rb->end = RANGE_VMA;
		return (failed || ask || rie || u->arg[2] == ABI_PROT_EXEC ||
			(u->arg[2] & ABI_PROT_GROWS)) &&
		       rb->hi > rb->lo;
	case MPW_CALL_BRK: /* growth is below the new break, what went is in the hole above it */
		rb->lo = page_down(u->ret - 1);
		rb->hi = page_up(u->ret);
		rb->end = RANGE_NEXT_VMA;
		return u->arg[0] && !brk_is_refused(u->arg[0], u->ret);
	case MPW_CALL_MREMAP:
		if (failed && !(u->arg[3] & ABI_MREMAP_FIXED))
			return false;
		rb->lo = failed ? u->arg[4] : u->ret;
		rb->hi = page_up(rb->lo + u->arg[2]);
		return rb->hi > rb->lo;
	case MPW_CALL_SHMAT:
		rb->lo = u->ret;
		rb->hi = u->ret + 1;
		rb->end = RANGE_VMA;
		if (flags & MPW_F_COMPAT) { /* ipc() puts its result where others can write */
			rb->lo = 0;
			rb->hi = MPW_TASK_MAX;
		}
		return !failed;
	case MPW_CALL_SHMDT: /* nobody knows any longer how far its pieces reached */
		rb->hi = MPW_TASK_MAX;
		return !failed;
	case MPW_CALL_REMAP_FILE_PAGES:
		return rb->hi > rb->lo;
	case MPW_CALL_MAP_SHADOW_STACK:
		rb->lo = u->ret;
		rb->hi = page_up(u->ret + u->arg[1]);
		return !failed;
	case MPW_CALL_MADVISE: /* it fails half-way, but steps over holes (ENOMEM) */
		return ((failed && u->ret != -ENOMEM) || ask) && rb->hi > rb->lo;
	case MPW_CALL_PRCTL:
		if ((__u32)u->arg[0] == ABI_PR_SET_MM)
			return false; /* call_report() sends all with the heap's new start */
		return u->ret != -EINVAL && rb->hi > rb->lo;
	case MPW_CALL_PROCESS_MADVISE: /* its ranges are in memory that others can write */
	case MPW_CALL_ARCH_PRCTL:
		rb->lo = 0;
		rb->hi = MPW_TASK_MAX;
		return !failed;
	case MPW_CALL_IO_SETUP:
		return !failed && aio_readback(u, flags, rb);
	case MPW_CALL_IO_DESTROY:
		rb->hi = rb->lo + 1;
		rb->end = RANGE_NEXT_VMA;
		return !failed;
	case MPW_CALL_MSEAL: /* all or nothing; sealed mappings can't move afterwards */
	case MPW_NR_CALLS:
		break;
	}
	return false;
}

static __always_inline bool call_failed(enum mpw_call call, const struct user_regs *u)
{
	return ret_is_error(u->ret) || (call == MPW_CALL_BRK && brk_is_refused(u->arg[0], u->ret));
}

static __always_inline void call_fill(struct mpw_call_rec *rec, enum mpw_call call, int nargs,
				      const struct user_regs *u, struct mm_struct *mm)
{
	int i;

	rec->head.call = call;
	if (call_failed(call, u))
		rec->head.map_count = READ(mm, map_count);
	rec->ip = u->ip;
	rec->link = u->link;
	rec->ret = u->ret;
#pragma unroll
	for (i = 0; i < nargs; i++)
		rec->arg[i] = u->arg[i];
}

#define CALL_REC_BYTES(nargs) (sizeof(struct mpw_call_rec) + (nargs) * sizeof(__u64))

/* A call whose effect follows from its arguments: into a lane, or into the ring if that is full. */
static __always_inline void call_short(bool tail, const struct task_ids *ids, enum mpw_call call,
				       int nargs, __u16 flags, const struct user_regs *u)
{
	__u64 ts_ns = bpf_ktime_get_boot_ns();
	struct mpw_call_rec *rec = NULL;
	bool in_lane = false;
	__u32 mark = 0;

	if (has_lanes && (NEW_KERNEL || tail)) {
		rec = lane_claim(&mark);
		in_lane = rec != NULL;
	}
	if (!in_lane)
		rec = events_reserve(CALL_REC_BYTES(nargs), ids->tgid);
	if (!rec) {
		count_loss(ids->tgid);
		return;
	}
	head_fill(&rec->head, ids, MPW_KIND_CALL, ts_ns);
	rec->head.flags = flags;
	call_fill(rec, call, nargs, u, ids->mm);
	if (in_lane)
		lane_commit(rec, mark);
	else
		bpf_ringbuf_submit(rec, events_wake(ts_ns));
}

/* The caller's tracer, behind the arguments: a tracer becomes the parent (ptrace_link()). */
static __always_inline void put_tracer(struct scratch *s, struct task_struct *task)
{
	struct mpw_head *h = (struct mpw_head *)s->data;
	struct task_struct *tracer = READ_PTR(task, parent);
	struct mpw_tracer *t;
	__u32 at = s->len;

	if (at > SCRATCH_BYTES)
		return;
	t = (struct mpw_tracer *)(s->data + at);
	h->flags |= MPW_F_TRACED;
	t->tgid = READ(tracer, tgid);
	t->uid = task_uid(tracer);
	comm_read(t->comm, tracer);
	s->len = at + sizeof(*t);
}

/* The name of a prctl(PR_SET_VMA_ANON_NAME): at most 80 bytes (Linux 5.17). */
static __always_inline void put_anon_name(struct scratch *s, __u64 user_str)
{
	struct mpw_head *h = (struct mpw_head *)s->data;
	struct mpw_vma *v = user_str ? vma_open(s) : NULL;
	__u32 at = s->len;
	long n;

	if (!v || at > SCRATCH_BYTES)
		return;
	h->flags |= MPW_F_FILE;
	v->name_kind = MPW_NAME_ANON;
	n = bpf_probe_read_user_str(s->data + at, 80, (void *)user_str);
	if (n > 0)
		s->len = at + n;
	vma_close(s, v, at);
}

static __always_inline bool has_name(enum mpw_call call, const struct user_regs *u)
{
	if (call == MPW_CALL_MMAP)
		return !(u->arg[3] & ABI_MAP_ANONYMOUS);
	return call == MPW_CALL_PRCTL && (__u32)u->arg[0] == ABI_PR_SET_VMA &&
	       !ret_is_error(u->ret);
}

/* The conditions in which the kernel refused the call. */
static __always_inline void put_conditions(struct scratch *s, enum mpw_call call,
					   const struct user_regs *u)
{
	__u32 fd = call == MPW_CALL_MMAP && has_name(call, u) ? u->arg[4] : NO_FILE;
	struct walk at = {};
	__u32 wanted = 0;

	if (call == MPW_CALL_MPROTECT || call == MPW_CALL_PKEY_MPROTECT)
		wanted = u->arg[2] & ABI_PROT_MASK;
	if (call != MPW_CALL_MMAP && call != MPW_CALL_BRK && call != MPW_CALL_SHMAT)
		call_range(call, u, &at);
	conditions_put(s, at.lo, at.hi, wanted, fd);
}

/*
 * True if a range is read back by a tail call: the program that is verified but once. It must be of
 * its caller's kind, and to the kernel the functions of different calls are not always of one type.
 */
static __always_inline bool tails(bool tail)
{
	return tail && !by_function;
}

/* A call that needs more than the short record. */
static __always_inline void call_long(void *ctx, bool tail, const struct task_ids *ids,
				      enum mpw_call call, int nargs, __u16 flags,
				      const struct user_regs *u, const struct walk *rb)
{
	struct scratch *s = scratch_take(ids);
	struct mpw_call_rec *rec;

	if (!s)
		return;
	rec = (struct mpw_call_rec *)s->data;
	head_fill(&rec->head, ids, MPW_KIND_CALL, bpf_ktime_get_boot_ns());
	rec->head.flags = flags;
	call_fill(rec, call, nargs, u, ids->mm);
	s->len = CALL_REC_BYTES(nargs);
	if (READ(ids->task, ptrace))
		put_tracer(s, ids->task);
	if (with_stack && !(flags & MPW_F_COMPAT))
		put_stack(s, ids->task);
	if (call_failed(call, u))
		put_conditions(s, call, u);
	if (call == MPW_CALL_MMAP && has_name(call, u) && (!rb || ret_is_error(u->ret)))
		file_put(s, fd_file(ids->task, u->arg[4]));
	if (rb) {
		s->walk = *rb;
		if (call == MPW_CALL_MREMAP) { /* the old range, in a record of its own */
			__builtin_memset(&s->then, 0, sizeof(s->then));
			call_range(call, u, &s->then);
			if (s->then.hi <= s->then.lo)
				s->then.hi = 0;
		}
		if (!tails(tail)) {
			ranges_send(s);
			return;
		}
		bpf_tail_call(ctx, &readbacks, 0);
	}
	if (call == MPW_CALL_PRCTL && has_name(call, u))
		put_anon_name(s, u->arg[4]);
	emit_scratch(s);
	scratch_give(s);
}

/* Send all mappings, with the heap's and the stack's places, which have moved. */
static __always_inline void send_all(void *ctx, bool tail, const struct task_ids *ids)
{
	struct scratch *s = whole_begin(ids, MPW_KIND_RANGE, 0);

	if (!s)
		return;
	if (tails(tail))
		bpf_tail_call(ctx, &readbacks, 0);
	else
		ranges_send(s);
}

/* True for a prctl that changed the program which the process is said to run. */
static __always_inline bool sets_program(enum mpw_call call, const struct user_regs *u)
{
	return call == MPW_CALL_PRCTL && (__u32)u->arg[0] == ABI_PR_SET_MM && !u->ret &&
	       ((__u32)u->arg[1] == ABI_PR_SET_MM_EXE_FILE ||
		(__u32)u->arg[1] == ABI_PR_SET_MM_MAP);
}

/* Report a call. tail is a constant: ranges are read back by a tail call with ctx, or here. */
static __always_inline void call_report(void *ctx, bool tail, const struct task_ids *ids,
					enum mpw_call call, int nargs, __u16 flags,
					const struct user_regs *u)
{
	struct walk rb = { 0 };

	if (sets_program(call, u))
		who_send(ids, flags & MPW_F_SIBLING, NULL);
	if (!call_counts(call, u))
		return;
	flags |= flag_if(READ(ids->task, personality) & ABI_READ_IMPLIES_EXEC, MPW_F_RIE) |
		 flag_if(READ(ids->mm, mm_users.counter) - 1, MPW_F_RACY);
	if (flags & MPW_F_UNPROVEN && call_keeps_promise(call, u, ids->task, flags))
		flags &= ~MPW_F_UNPROVEN;
	if (NEW_KERNEL && truth && call_readback(call, u, flags, &rb) && rb.hi > rb.lo) {
		call_long(ctx, tail, ids, call, nargs, flags, u, &rb);
		return;
	}
	if (with_stack || has_name(call, u) || READ(ids->task, ptrace) || call_failed(call, u)) {
		call_long(ctx, tail, ids, call, nargs, flags, u, NULL);
		return;
	}
	call_short(tail, ids, call, nargs, flags, u);
	if (NEW_KERNEL && truth && call == MPW_CALL_PRCTL && (__u32)u->arg[0] == ABI_PR_SET_MM)
		send_all(ctx, tail, ids);
}

static __always_inline int on_call(void *ctx, enum mpw_call call, int nargs)
{
	struct task_struct *task = current_task();
	struct user_regs u;
	struct task_ids ids;
	__u16 flags;

	task_ids_read(&ids, task);
	if (!ids.mm || !filter_wants_call(task, ids.tgid, ids.tid, &flags))
		return 0;
	regs_read(task, &u, nargs);
	if (by_function)
		u.ret = function_ret(ctx);
	else if (!call_ran(task, regs_call_nr(task), false) ||
		 *member_of(ids.tgid) & MPW_MEMBER_EMULATED)
		flags |= MPW_F_UNPROVEN;
	call_report(ctx, true, &ids, call, nargs, flags, &u);
	return 0;
}

#define CALL_PROGRAM(ID, name, nargs, ...)                 \
	SEC("tp/syscalls/sys_exit_" #name)                 \
	int exit_##name(void *ctx)                         \
	{                                                  \
		return on_call(ctx, MPW_CALL_##ID, nargs); \
	}

MPW_CALLS(CALL_PROGRAM)

#endif
