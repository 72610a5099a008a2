/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cause of a fault is found on the trail of its address: backwards to the step that took the
 * right away, or that put the mapping there, through moves to where the memory was before. Where
 * the trail has nothing, the place itself is named: what it is just behind or below.
 */
#include "core/why_fault.h"

#include <signal.h>

#include "core/cause.h"
#include "core/words.h"
#include "util/fmt.h"

/* SEGV_* and BUS_* of sigaction(2). */
enum fault_code {
	CODE_MAPERR = 1, /* SEGV_MAPERR */
	CODE_PKUERR = 4, /* Linux 4.6 */
	CODE_MTE = 8,	 /* SEGV_MTEAERR; and 9, SEGV_MTESERR (5.10) */
	CODE_CPERR = 10, /* a shadow stack (6.6) */
	CODE_ADRALN = 1, /* BUS_ADRALN */
	CODE_MCEERR = 4, /* BUS_MCEERR_AR; and 5, BUS_MCEERR_AO */
};

#define NULL_MAX    65536ULL	 /* vm.mmap_min_addr: nothing is mapped below */
#define NEAR	    65536ULL	 /* bytes that an overrun may step over */
#define STACK_NEAR  (1ULL << 20) /* bytes between a stack pointer and what a frame touches */
#define GUARD_GAP   (256 * page_bytes)
#define REFUSED_NS  1000000000ULL
#define MAGIC_TMPFS 0x01021994
#define MAGIC_HUGE  0x958458f6
#define NAME_COLS   64

static uint16_t rights_wanted(const struct fault_seen *s)
{
	static const uint16_t rights[] = { VMA_PROT, VMA_R, VMA_W, VMA_X };

	return rights[s->f.access];
}

void fault_see(const struct view *v, const struct trail *t, struct fault_seen *ret)
{
	const struct facts *facts = &v->ev->facts;
	const struct event_fault *f = &v->ev->fault;

	*ret = (struct fault_seen){ .f = *f,
				    .ts_ns = v->ev->ts_ns,
				    .tid = v->ev->tid,
				    .sig = event_signal(v->ev),
				    .sp = facts_number(facts, MPW_FACT_STACK_POINTER),
				    .bad = facts_number(facts, MPW_FACT_BAD_POINTER),
				    .stack_max = facts_number(facts, MPW_FACT_STACK_MAX),
				    .has_file = facts_have(facts, MPW_FACT_FILE_BYTES),
				    .has_room = facts_have(facts, MPW_FACT_FS_ROOM),
				    .file_bytes = facts_number(facts, MPW_FACT_FILE_BYTES),
				    .fs_magic = facts_number(facts, MPW_FACT_FS_MAGIC),
				    .fs_room = facts_number(facts, MPW_FACT_FS_ROOM),
				    .by = v->ch->caller,
				    .called_by = caller_behind_fault(v->proc->mm, v->ev),
				    .step = t->last };
	if (fault_has_addr(f))
		ret->at = aspace_at(v->proc->mm->as, f->addr);
	strcpy(ret->comm, thread_comm(v->ev, v->proc));
}

bool fault_is_mended(const struct view *v, const struct fault_seen *s)
{
	const struct attr at = aspace_at(v->proc->mm->as, s->f.addr);
	uint16_t wanted = rights_wanted(s);

	return fault_has_addr(&s->f) && s->sig == SIGSEGV && !(at.flags & VMA_GUARD) &&
	       at.pkey == s->at.pkey && (s->f.access ? at.flags & wanted : at.flags & VMA_R) &&
	       s->f.code != CODE_PKUERR;
}

/* ---- who and when ---- */

/* " 3 ms before by app+0x12, in the parent 77 before the fork" */
static void put_step_by(struct buf *why, const struct view *v, const struct trail *t,
			const struct fault_seen *s, const struct trail_step *st)
{
	bool by_parent = st->nr <= t->before_fork;

	buf_putc(why, ' ');
	if (st->type == EVENT_EXEC && !by_parent) {
		buf_puts(why, "by exec");
		return;
	}
	fmt_duration(why, s->ts_ns > st->ts_ns ? s->ts_ns - st->ts_ns : 0);
	buf_puts(why, " before");
	if (st->type == EVENT_EXEC)
		buf_puts(why, " by exec");
	else if (st->type == EVENT_RANGE)
		buf_puts(why, " or earlier, as a snapshot shows");
	else
		why_code(why, " by ", &st->caller);
	if (by_parent)
		buf_printf(why, ", in the parent %u before the fork", st->pid);
	else if (st->pid != v->proc->pid)
		buf_printf(why, ", in process %u, which shares the memory", st->pid);
	else if (st->type == EVENT_CALL && st->tid != s->tid)
		buf_printf(why, ", in thread %u", st->tid);
}

static void put_prot(struct buf *why, uint16_t flags)
{
	const struct attr a = { .flags = flags };

	why_prot(why, &a);
}

static void put_size_of(struct buf *why, uint64_t n_bytes, const struct object *obj)
{
	fmt_size(why, n_bytes);
	buf_puts(why, " of ");
	why_name(why, obj);
}

void why_access(struct buf *why, const struct fault_seen *s)
{
	if (fault_has_addr(&s->f)) {
		buf_puts(why, word_access(s->f.access));
		buf_putc(why, ' ');
		buf_hex(why, s->f.addr);
	} else {
		buf_puts(why, "access to an address that the processor did not tell");
	}
	if (attr_is_mapped(&s->at)) {
		buf_puts(why, " in ");
		why_name(why, s->at.obj);
		buf_puts(why, " (");
		why_prot(why, &s->at);
		buf_putc(why, ')');
	}
	why_code(why, " by ", &s->by);
	why_code(why, ", called by ", &s->called_by);
}

/* ---- the place ---- */

static void put_beside(struct buf *why, uint64_t n_bytes, const char *where, const struct vma *vma)
{
	buf_dec(why, n_bytes);
	buf_puts(why, n_bytes == 1 ? " byte " : " bytes ");
	buf_puts(why, where);
	buf_putc(why, ' ');
	put_size_of(why, vma->end - vma->start, vma->attr.obj);
	buf_puts(why, " (");
	why_prot(why, &vma->attr);
	buf_putc(why, ')');
}

/* The neighbour that is near, and accessible: "12 bytes behind the end of 64K of [heap]". */
static bool put_neighbour(struct buf *why, const struct view *v, uint64_t addr)
{
	const struct aspace *as = v->proc->mm->as;
	const struct vma *in = aspace_find(as, addr), *above = in, *below;
	bool has_below, has_above;

	below = in ? aspace_prev(as, in) : NULL;
	if (in && in->start <= addr)
		above = aspace_next(as, in);
	has_below = below && addr - below->end < NEAR && below->attr.flags & VMA_PROT;
	has_above = above && above->start - addr <= NEAR && above->attr.flags & VMA_PROT;
	if (has_below && (!has_above || addr - below->end <= above->start - addr))
		put_beside(why, addr - below->end, "behind the end of", below);
	else if (has_above)
		put_beside(why, above->start - addr, "below the start of", above);
	return has_below || has_above;
}

static bool is_near_stack_pointer(const struct fault_seen *s)
{
	return s->sp && s->f.addr < s->sp + STACK_NEAR && s->sp < s->f.addr + STACK_NEAR;
}

/* A stack that grows down is above the address, and nothing between: it could not grow. */
static bool put_main_overflow(struct buf *why, const struct view *v, const struct fault_seen *s)
{
	const struct aspace *as = v->proc->mm->as;
	const struct vma *stack = aspace_find(as, s->f.addr), *below;
	uint64_t size;

	if (!stack || stack->start <= s->f.addr || !is_near_stack_pointer(s) ||
	    (stack->attr.obj->kind != OBJECT_STACK && !(stack->attr.flags & VMA_GROWSDOWN)))
		return false;
	size = stack->end - page_down(s->f.addr);
	buf_puts(why, "stack overflow: ");
	why_name(why, stack->attr.obj);
	if (s->stack_max && size > s->stack_max) {
		buf_puts(why, " has reached RLIMIT_STACK (");
		fmt_size(why, s->stack_max);
		buf_putc(why, ')');
		return true;
	}
	buf_puts(why, " could not grow to ");
	fmt_size(why, size);
	below = aspace_prev(as, stack);
	if (below && page_down(s->f.addr) - below->end < GUARD_GAP) {
		buf_puts(why, ": ");
		put_size_of(why, below->end - below->start, below->attr.obj);
		buf_puts(why, " is too near below it");
	} else {
		buf_puts(why, ": RLIMIT_AS, or memory, is used up");
	}
	return true;
}

/* ---- the trail ---- */

static void put_refused(struct buf *why, const struct view *v, const struct trail *t,
			const struct fault_seen *s, const struct trail_step *st)
{
	char scratch[16];

	buf_puts(why, call_name(st->call));
	if (st->end > st->start) {
		buf_puts(why, " of ");
		fmt_size(why, st->end - st->start);
	}
	if (st->after) {
		buf_puts(why, " to ");
		put_prot(why, st->after | VMA_MAPPED);
	}
	buf_printf(why, " was refused with %s", fmt_errno(st->err, scratch));
	word_causes(why, st->causes);
	put_step_by(why, v, t, s, st);
}

static const char *word_lacking(const struct fault_seen *s)
{
	static const char *const words[] = { "accessible", "readable", "writable", "executable" };

	return words[s->f.access];
}

static void put_taken(struct buf *why, const struct trail_step *st)
{
	buf_puts(why, "made ");
	put_prot(why, st->after);
	if (!(st->before & VMA_UNKNOWN)) {
		buf_puts(why, " (");
		put_prot(why, st->before);
		buf_puts(why, " before)");
	}
}

/* The memory was unmapped, or moved away. */
static void put_left(struct buf *why, const struct view *v, const struct trail *t,
		     const struct fault_seen *s, const struct trail_step *st)
{
	put_size_of(why, st->end - st->start, st->obj);
	if (st->moved == UINT64_MAX) {
		buf_puts(why, " was unmapped there");
	} else {
		buf_puts(why, " was moved away from there to ");
		buf_hex(why, st->moved);
	}
	put_step_by(why, v, t, s, st);
}

static void put_mapped(struct buf *why, const struct view *v, const struct trail *t,
		       const struct fault_seen *s, const struct cause *f)
{
	if (f->taken) {
		put_taken(why, f->taken);
		put_step_by(why, v, t, s, f->taken);
	} else if (f->mapped) {
		buf_printf(why, "never was %s: mapped ", word_lacking(s));
		put_prot(why, f->mapped->after);
		put_step_by(why, v, t, s, f->mapped);
	} else {
		buf_printf(why, "was not %s when it was first seen", word_lacking(s));
	}
	if (f->was_moved)
		buf_puts(why, ", and moved there by mremap since");
	if (!f->left)
		return;
	buf_puts(why, "; ");
	put_left(why, v, t, s, f->left);
}

/* The address is in a guard, and the thread runs on the stack above it. */
static bool put_thread_overflow(struct buf *why, const struct view *v, const struct trail *t,
				const struct fault_seen *s)
{
	const struct aspace *as = v->proc->mm->as;
	const struct vma *guard = aspace_find(as, s->f.addr), *stack;
	const struct trail_step *made;
	struct cause f = { 0 };
	uint64_t end;

	if (!guard || guard->start > s->f.addr || !s->sp ||
	    (guard->attr.flags & VMA_PROT && !(guard->attr.flags & VMA_GUARD)))
		return false;
	stack = aspace_next(as, guard);
	if (!stack || stack->start != guard->end || !(stack->attr.flags & VMA_W) ||
	    s->sp + STACK_NEAR < guard->start || s->sp >= stack->end || s->sp < s->f.addr - NEAR)
		return false;
	cause_in_mapping(t, s->f.addr, s->step, VMA_GUARD, &f);
	made = f.taken ?: f.mapped;
	end = f.mapped && f.mapped->end > guard->end && f.mapped->end < stack->end ?
		      f.mapped->end :
		      stack->end; /* mappings that are alike are one */
	buf_puts(why, "stack overflow: thread ");
	why_comm(why, s->comm);
	buf_printf(why, " %u ran into the guard (", s->tid);
	fmt_size(why, guard->end - guard->start);
	buf_puts(why, ") below its stack of ");
	fmt_size(why, end - guard->end);
	if (!made)
		return true;
	buf_puts(why, ", mapped");
	put_step_by(why, v, t, s, made);
	return true;
}

/* ---- causes ---- */

static void put_no_address(struct buf *why, const struct fault_seen *s)
{
	if (s->bad) {
		buf_puts(why, "a bad pointer: ");
		buf_hex(why, s->bad);
		buf_puts(why, " is no address that there can be");
	} else {
		buf_puts(why, "a bad pointer, an operand that is not aligned, or an instruction "
			      "for the kernel alone");
	}
}

static void put_pkey(struct buf *why, const struct view *v, const struct trail *t,
		     const struct fault_seen *s)
{
	struct cause f = { 0 };

	if ((s->at.flags & VMA_PROT) == VMA_X) {
		buf_puts(why, "it may be executed, and not read");
		cause_in_mapping(t, s->f.addr, s->step, VMA_R, &f);
		buf_puts(why, ": ");
		put_mapped(why, v, t, s, &f);
		return;
	}
	cause_in_mapping(t, s->f.addr, s->step, 0, &f);
	buf_printf(why, "protection key %u forbids it", s->at.pkey);
	if (f.keyed) {
		buf_puts(why, ", which the memory got");
		put_step_by(why, v, t, s, f.keyed);
	}
}

/* The file that is mapped gave no page. */
static void put_file(struct buf *why, const struct fault_seen *s)
{
	uint64_t at = s->at.off;

	if (!s->has_file) {
		buf_puts(why,
			 "the file is shorter than its mapping, or its file system has no room "
			 "for the page, or could not read it");
	} else if (at >= page_up(s->file_bytes)) {
		buf_puts(why, "the file is shorter than its mapping: it had ");
		buf_dec(why, s->file_bytes);
		buf_puts(why, " bytes, and the page is at ");
		buf_dec(why, at);
		buf_puts(why, " (who made it so short is not known)");
	} else if (s->fs_magic == MAGIC_HUGE) {
		buf_puts(why, "no huge page was left for it");
		if (s->has_room) {
			buf_puts(why, ": ");
			fmt_size(why, s->fs_room);
			buf_puts(why, " were free or reserved by others");
		}
	} else {
		buf_printf(why, "its file system%s had no room for the page%s",
			   s->fs_magic == MAGIC_TMPFS ? " (tmpfs)" : "",
			   s->fs_magic == MAGIC_TMPFS ? "" : ", or could not read it");
	}
}

static void put_bus(struct buf *why, const struct fault_seen *s)
{
	if (s->f.code == CODE_ADRALN)
		buf_puts(why, "the address is not aligned");
	else if (s->f.code == CODE_MCEERR || s->f.code == CODE_MCEERR + 1)
		buf_puts(why, "the memory itself is broken, as the processor reports");
	else if (s->has_file || (attr_is_mapped(&s->at) && s->at.obj->kind != OBJECT_ANON))
		put_file(why, s);
	else
		buf_puts(why, "the kernel had no page for it");
}

/* The trail and the mapping do not deny the access. */
static bool put_other(struct buf *why, const struct fault_seen *s)
{
	if (s->f.code == CODE_CPERR)
		buf_puts(why, "its return address differs from that on the shadow stack");
	else if (s->f.code == CODE_MTE || s->f.code == CODE_MTE + 1)
		buf_puts(why, "the tag of the pointer is not that of the memory");
	else if (s->f.code == CODE_MAPERR && !(s->at.flags & VMA_GUARD))
		buf_puts(why, "the kernel finds nothing there: a guard region, or another thread "
			      "mapped it since");
	else if (s->f.access && s->at.flags & rights_wanted(s))
		buf_puts(why, "the right is there: another thread gave it since");
	else
		return false;
	return true;
}

static void put_in_mapping(struct buf *why, const struct view *v, const struct trail *t,
			   const struct fault_seen *s)
{
	bool guard = s->at.flags & VMA_GUARD;
	struct cause f = { 0 };

	if (put_thread_overflow(why, v, t, s))
		return;
	if ((guard || !(s->at.flags & VMA_PROT)) && put_neighbour(why, v, s->f.addr))
		buf_puts(why, ": ");
	else if (!guard && put_other(why, s))
		return;
	cause_in_mapping(t, s->f.addr, s->step, guard ? VMA_GUARD : rights_wanted(s), &f);
	if (f.refused) {
		put_refused(why, v, t, s, f.refused);
		buf_puts(why, "; ");
	}
	if (!guard) {
		put_mapped(why, v, t, s, &f);
		return;
	}
	buf_puts(why, "a guard region (MADV_GUARD_INSTALL), made");
	if (f.taken)
		put_step_by(why, v, t, s, f.taken);
	else
		buf_puts(why, " before it was watched");
}

static void put_unknown(struct buf *why, const struct fault_seen *s)
{
	buf_puts(why, "what was mapped there is not known");
	if (!is_near_stack_pointer(s) || !s->stack_max || s->stack_max == UINT64_MAX)
		return;
	buf_puts(why, "; a stack overflow, maybe: the stack pointer is near, and RLIMIT_STACK is ");
	fmt_size(why, s->stack_max);
}

static void put_in_nothing(struct buf *why, const struct view *v, const struct trail *t,
			   const struct fault_seen *s)
{
	const struct trail_step *refused = trail_find_refused(t, s->tid, s->step + 1);
	struct cause f = { 0 };

	if (put_main_overflow(why, v, s))
		return;
	cause_in_nothing(t, s->f.addr, s->step, &f);
	if (f.taken) {
		put_left(why, v, t, s, f.taken);
		return;
	}
	if (f.kept) {
		put_size_of(why, f.kept->end - f.kept->start, f.kept->obj);
		buf_puts(why, " was left out of the fork: made MADV_DONTFORK");
		put_step_by(why, v, t, s, f.kept);
		return;
	}
	if (s->f.addr < NULL_MAX || s->f.addr > UINT64_MAX - NULL_MAX) {
		buf_puts(why, s->f.addr < NULL_MAX ? "a pointer that is NULL" :
						     "a pointer that is MAP_FAILED");
		if (refused && s->ts_ns - refused->ts_ns < REFUSED_NS) {
			buf_puts(why, ": ");
			put_refused(why, v, t, s, refused);
		}
		return;
	}
	if (attr_is_unknown(&s->at)) {
		put_unknown(why, s);
		return;
	}
	buf_puts(why, "nothing is mapped there, nor was as far as is remembered");
	buf_puts(why, ": ");
	if (s->f.addr >> 47)
		buf_puts(why, "it is no address of a program");
	else if (!put_neighbour(why, v, s->f.addr))
		why->len -= 2;
}

void why_fault(struct buf *why, const struct view *v, const struct trail *t,
	       const struct fault_seen *s)
{
	if (!fault_has_addr(&s->f))
		put_no_address(why, s);
	else if (s->sig == SIGBUS)
		put_bus(why, s);
	else if (s->f.code == CODE_PKUERR)
		put_pkey(why, v, t, s);
	else if (attr_is_mapped(&s->at))
		put_in_mapping(why, v, t, s);
	else
		put_in_nothing(why, v, t, s);
}
