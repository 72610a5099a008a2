/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel gives no reason for refusing a brk. It wants the range up to the new break to be free,
 * and a page behind it; in front of a mapping that grows down, its guard gap (mm/mmap.c).
 */
#include "core/refusal.h"

#include "core/effect.h"
#include "core/words.h"
#include "util/fmt.h"

#define GUARD_GAP (256 * page_bytes) /* stack_guard_gap= of the kernel's command line may differ */
#define NAME_COLS 64

enum brk_refusal brk_refusal(const struct mm *mm, const struct event_call *c,
			     const struct vma **ret_in_way)
{
	uint64_t asked = c->arg[0], end = page_up(c->ret), gap;
	const struct vma *v;

	*ret_in_way = NULL;
	if (!call_has_break(c))
		return BRK_REFUSED;
	if (asked < mm->start_brk)
		return BRK_BELOW_HEAP;
	if (asked < end || mm->stale)
		return BRK_REFUSED;
	v = aspace_find(mm->as, end);
	gap = v && v->attr.flags & VMA_GROWSDOWN ? GUARD_GAP : page_bytes;
	if (!v || v->start >= gap + page_up(asked) || page_up(asked) < asked)
		return BRK_FREE;
	*ret_in_way = v;
	return BRK_MET;
}

static void word_refusal(struct buf *b, const struct mm *mm, const struct event_call *c)
{
	const struct vma *v;

	buf_puts(b, "refused");
	switch (brk_refusal(mm, c, &v)) {
	case BRK_REFUSED:
		break;
	case BRK_BELOW_HEAP:
		buf_puts(b, ": below the heap's start");
		break;
	case BRK_MET:
		buf_puts(b, ": ");
		fmt_size(b, v->end - v->start);
		buf_puts(b, " of ");
		word_mapping(b, v->attr.obj, NAME_COLS);
		buf_puts(b, " is in the way");
		break;
	case BRK_FREE:
		buf_puts(b, ": no mapping is in the way (RLIMIT_DATA, RLIMIT_AS, memory?)");
		break;
	}
}

void word_failure(struct buf *b, const struct mm *mm, const struct event *ev)
{
	const char *who = ev->call.tracer_pid ? "by its tracer" : "by a seccomp filter";
	char scratch[16];

	if (event_is_answered(ev) || event_is_undecided(ev)) {
		buf_printf(b, "%sanswered %s", event_is_undecided(ev) ? "maybe " : "", who);
		return;
	}
	if (ret_is_error(ev->call.ret))
		buf_puts(b, fmt_errno(-ev->call.ret, scratch));
	else
		word_refusal(b, mm, &ev->call);
	if (event_is_doubtful(ev))
		buf_printf(b, ", maybe %s", who);
}
