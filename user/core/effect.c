/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A promise is a part of a successful call's effect that the mappings must show afterwards, whoever
 * else has changed the memory before: a broken one proves that the call did not run. Calls that
 * promise nothing that can be seen are taken as their mappings show them.
 */
#include "core/effect.h"

int32_t call_advice(const struct event_call *c)
{
	if (c->id == MPW_CALL_MADVISE)
		return c->arg[2];
	return c->id == MPW_CALL_PROCESS_MADVISE ? (int32_t)c->arg[3] : -1;
}

bool call_guards(const struct event_call *c)
{
	int32_t advice = call_advice(c);

	return advice == ABI_MADV_GUARD_INSTALL || advice == ABI_MADV_GUARD_REMOVE;
}

/* True if all of [lo, hi) is mapped, with these flags under the mask. */
static bool has_all(const struct event *ev, uint64_t lo, uint64_t hi, uint16_t mask, uint16_t flags)
{
	size_t i;

	for (i = 0; i < ev->nr_seen && lo < hi; i++) {
		const struct vma_seen *s = &ev->seen[i];

		if (s->end <= lo)
			continue;
		if (s->start > lo || (s->attr.flags & mask) != flags)
			return false;
		lo = s->end;
	}
	return lo >= hi;
}

static bool has_none(const struct event *ev, uint64_t lo, uint64_t hi)
{
	size_t i;

	for (i = 0; i < ev->nr_seen; i++)
		if (ev->seen[i].start < hi && ev->seen[i].end > lo)
			return false;
	return true;
}

/* True if the protection of [lo, hi) is what the call asked for, or more by READ_IMPLIES_EXEC. */
static bool has_prot(const struct event *ev, uint64_t lo, uint64_t hi)
{
	uint16_t prot = call_prot(&ev->call) & ABI_PROT_MASK;
	uint16_t mask = ev->call.read_implies_exec ? VMA_R | VMA_W : VMA_PROT;

	return has_all(ev, lo, hi, mask, prot & mask);
}

static bool keeps_promise(const struct event *ev)
{
	const struct event_call *c = &ev->call;
	uint64_t lo = page_down(call_start(c)), hi = page_up(call_start(c) + call_len(c));

	hi = hi < ev->hi ? hi : ev->hi; /* the rest of what was read follows */
	switch (c->id) {
	case MPW_CALL_MPROTECT:
	case MPW_CALL_PKEY_MPROTECT:
		return has_prot(ev, lo, hi);
	case MPW_CALL_MUNMAP:
		return has_none(ev, lo, hi);
	case MPW_CALL_MMAP:
	case MPW_CALL_MREMAP:
	case MPW_CALL_SHMAT:
	case MPW_CALL_MAP_SHADOW_STACK:
		return has_all(ev, c->ret, c->ret + 1, 0, 0);
	case MPW_CALL_MADVISE:
		if (call_advice(c) != ABI_MADV_DONTFORK)
			return true;
		return has_all(ev, lo, hi, VMA_DONTCOPY, VMA_DONTCOPY);
	case MPW_CALL_BRK:
	case MPW_CALL_SHMDT:
	case MPW_CALL_REMAP_FILE_PAGES:
	case MPW_CALL_MSEAL:
	case MPW_CALL_PRCTL:
	case MPW_CALL_PROCESS_MADVISE:
	case MPW_CALL_ARCH_PRCTL:
	case MPW_CALL_IO_SETUP:
	case MPW_CALL_IO_DESTROY:
	case MPW_NR_CALLS:
		break;
	}
	return true;
}

/* True for a result that the kernel never gives, such as the call's number (SECCOMP_RET_TRAP). */
static bool is_impossible(const struct event_call *c)
{
	switch (c->id) {
	case MPW_CALL_MMAP:
	case MPW_CALL_MREMAP:
	case MPW_CALL_SHMAT:
	case MPW_CALL_MAP_SHADOW_STACK:
		return c->ret != (int64_t)page_down(c->ret);
	case MPW_CALL_MUNMAP:
	case MPW_CALL_MPROTECT:
	case MPW_CALL_PKEY_MPROTECT:
	case MPW_CALL_SHMDT:
	case MPW_CALL_REMAP_FILE_PAGES:
	case MPW_CALL_MSEAL:
	case MPW_CALL_MADVISE:
	case MPW_CALL_PRCTL:
	case MPW_CALL_IO_SETUP:
	case MPW_CALL_IO_DESTROY:
		return c->ret != 0;
	case MPW_CALL_BRK:
	case MPW_CALL_PROCESS_MADVISE:
	case MPW_CALL_ARCH_PRCTL:
	case MPW_NR_CALLS:
		break;
	}
	return false;
}

bool event_is_answered(const struct event *ev)
{
	if (ev->type != EVENT_CALL || !ev->call.unproven || event_is_failed(ev))
		return false;
	/* others may have changed the memory again before it was read */
	return is_impossible(&ev->call) || (ev->has_range && !ev->racy && !keeps_promise(ev));
}

bool event_is_undecided(const struct event *ev)
{
	return ev->type == EVENT_CALL && ev->call.unproven && !ev->has_range &&
	       !event_is_vain(ev) && (ev->call.id != MPW_CALL_BRK || ev->call.arg[0]);
}

bool event_is_vain(const struct event *ev)
{
	return event_is_failed(ev) || event_is_answered(ev);
}

bool event_is_doubtful(const struct event *ev)
{
	return event_is_failed(ev) && ev->call.unproven;
}

void call_extent(const struct event_call *c, uint64_t *ret_lo, uint64_t *ret_hi)
{
	uint64_t start = call_start(c), end = start + call_len(c);

	*ret_lo = 0;
	*ret_hi = MPW_TASK_MAX;
	if (c->id == MPW_CALL_MMAP && !ret_is_error(c->ret)) {
		start = c->ret;
		end = start + call_len(c);
	}
	if (!call_names_range(c->id) || c->id == MPW_CALL_MREMAP || page_up(end) <= start ||
	    (c->id == MPW_CALL_MMAP && ret_is_error(c->ret) && !(c->arg[3] & ABI_MAP_FIXED)) ||
	    (c->id == MPW_CALL_MMAP && c->arg[3] & (ABI_MAP_HUGETLB | ABI_MAP_GROWSDOWN)) ||
	    (call_is_mprotect(c) && c->arg[2] & ABI_PROT_GROWS) ||
	    (c->id == MPW_CALL_PRCTL && (uint32_t)c->arg[0] != ABI_PR_SET_VMA))
		return;
	*ret_lo = page_down(start);
	*ret_hi = page_up(end);
}
