/* SPDX-License-Identifier: BSD-2-Clause */
/* Refusals as sentences, with what was met and how much of it is used. */
#include "core/refusal.h"

#include <inttypes.h>

#include "core/conditions.h"
#include "core/effect.h"
#include "core/words.h"
#include "util/fmt.h"

#define NAME_COLS 64

static const char *const cause_words[NR_REFUSALS] = {
#define REFUSAL_WORD(ID, word) [REFUSAL_##ID] = word,
	REFUSALS(REFUSAL_WORD)
#undef REFUSAL_WORD
};

const char *refusal_word(enum refusal_cause id)
{
	return cause_words[id];
}

/* "64K of [anon] at 7f21c0000000" */
static void put_vma(struct buf *b, const struct reason *cause)
{
	fmt_size(b, cause->end - cause->start);
	if (cause->vma) {
		buf_puts(b, " of ");
		word_mapping(b, cause->vma->attr.obj, NAME_COLS);
	}
	buf_puts(b, " at ");
	buf_hex(b, cause->start);
}

/* "RLIMIT_AS of 256M: 250M used, 16M asked" */
static void put_limit(struct buf *b, const char *name, const struct reason *cause)
{
	buf_puts(b, name);
	if (!cause->allowed && !cause->used && !cause->asked)
		return;
	buf_puts(b, " of ");
	fmt_size_short(b, cause->allowed);
	buf_puts(b, ": ");
	fmt_size_short(b, cause->used);
	buf_puts(b, " used");
	if (!cause->asked)
		return;
	buf_puts(b, ", ");
	fmt_size_short(b, cause->asked);
	buf_puts(b, " asked");
}

static void put_overcommit(struct buf *b, const struct event *ev, const struct reason *cause)
{
	struct conditions c;
	bool is_strict;

	conditions_read(&ev->facts, &c);
	is_strict = conditions_have(&c, CONDITION_OVERCOMMIT) && c.value[CONDITION_OVERCOMMIT] == 2;
	buf_puts(b, "vm.overcommit_memory");
	if (!cause->allowed)
		return;
	buf_puts(b, is_strict ? "=2, which allows " : "=0, which allows no more than all memory, ");
	fmt_size_short(b, cause->allowed);
	buf_puts(b, ": ");
	if (is_strict) {
		fmt_size_short(b, cause->used);
		buf_puts(b, " committed");
	}
	if (!cause->asked)
		return;
	buf_puts(b, is_strict ? ", " : "");
	fmt_size_short(b, cause->asked);
	buf_puts(b, " asked");
}

static void put_no_room(struct buf *b, const struct event *ev, const struct reason *cause)
{
	bool is_low = ev->call.id == MPW_CALL_MMAP && ev->call.arg[3] & ABI_MAP_32BIT;

	buf_puts(b, "no free range");
	if (!cause->end)
		return;
	buf_puts(b, " of ");
	fmt_size_short(b, cause->asked);
	buf_puts(b, is_low ? " between 1G and 2G (MAP_32BIT): " : ": ");
	buf_puts(b, "the biggest has ");
	fmt_size_short(b, cause->allowed);
}

static void put_huge(struct buf *b, const struct refusal *r, const struct reason *cause)
{
	buf_puts(b, "not enough huge pages: ");
	buf_dec(b, cause->used);
	buf_puts(b, " of ");
	buf_dec(b, cause->allowed);
	buf_puts(b, " are free, ");
	buf_dec(b, r->huge_bytes ? (cause->asked + r->huge_bytes - 1) / r->huge_bytes : 0);
	buf_puts(b, " of ");
	fmt_size(b, r->huge_bytes);
	buf_puts(b, " asked");
}

static void put_lsm(struct buf *b, const struct refusal *r)
{
	const char *between = " (";
	int id;

	buf_puts(b, "a security module");
	for (id = CONDITION_SELINUX; id < NR_CONDITIONS; id++) {
		if (!(r->lsm >> id & 1))
			continue;
		buf_puts(b, between);
		buf_puts(b, condition_name(id));
		between = " or ";
	}
	if (*between && between[1] == 'o')
		buf_putc(b, ')');
}

static void put_file_mode(struct buf *b, const struct event *ev)
{
	struct conditions c;

	conditions_read(&ev->facts, &c);
	if (!c.has)
		buf_puts(b, "how the file was opened");
	else if (conditions_have(&c, CONDITION_NO_READ))
		buf_puts(b, "the file was not opened for reading");
	else
		buf_puts(b, "the file was not opened for writing");
}

/* Sentences without numbers. */
static const char *plain(enum refusal_cause id)
{
	static const char *const words[NR_REFUSALS] = {
		[REFUSAL_BELOW_HEAP] = "below the heap's start",
		[REFUSAL_SEVERAL] = "the range is not in one mapping",
		[REFUSAL_ALIGN] = "not a multiple of a page",
		[REFUSAL_EMPTY] = "no bytes were asked for",
		[REFUSAL_FILE_APPEND] = "the file can only be appended to",
		[REFUSAL_FILE_SEAL] = "the file is sealed against writing (F_SEAL_WRITE)",
		[REFUSAL_NO_EXEC] = "the file is on a noexec mount",
		[REFUSAL_MDWE] = "prctl(PR_SET_MDWE)",
		[REFUSAL_DRIVER] = "the file's driver or file system",
		[REFUSAL_DESCRIPTOR] = "no such file descriptor",
		[REFUSAL_SEGMENT] = "no such segment, or no right to it",
		[REFUSAL_LOCKED] = "memory that is locked, or of a file",
		[REFUSAL_MEMORY] = "the kernel itself found no memory",
	};

	return words[id];
}

static void put_sealed(struct buf *b, const struct reason *cause)
{
	if (!cause->vma) {
		buf_puts(b, "memory that was sealed unseen (mseal)");
		return;
	}
	put_vma(b, cause);
	buf_puts(b, " is sealed (mseal)");
}

static void put_flags(struct buf *b, const struct event_call *c)
{
	if (c->id == MPW_CALL_MMAP)
		buf_puts(b, "neither MAP_SHARED nor MAP_PRIVATE");
	else if (call_is_mprotect(c))
		buf_puts(b, "PROT_GROWSDOWN or PROT_GROWSUP of memory that does not grow");
	else
		buf_puts(b, "flags that need MREMAP_MAYMOVE");
}

/* Limits, with their numbers. */
static void put_number(struct buf *b, const struct event *ev, const struct refusal *r,
		       const struct reason *cause)
{
	if (cause->id == REFUSAL_RLIMIT_AS || cause->id == REFUSAL_RLIMIT_DATA) {
		put_limit(b, cause->id == REFUSAL_RLIMIT_AS ? "RLIMIT_AS" : "RLIMIT_DATA", cause);
	} else if (cause->id == REFUSAL_RLIMIT_MEMLOCK) {
		put_limit(b, "RLIMIT_MEMLOCK", cause);
		if (ev->call.id != MPW_CALL_MMAP || !(ev->call.arg[3] & ABI_MAP_LOCKED))
			buf_puts(b, ", because of mlockall(MCL_FUTURE)");
	} else if (cause->id == REFUSAL_OVERCOMMIT) {
		put_overcommit(b, ev, cause);
	} else if (cause->id == REFUSAL_NO_ROOM) {
		put_no_room(b, ev, cause);
	} else if (cause->id == REFUSAL_NO_HUGE_PAGE) {
		put_huge(b, r, cause);
	} else if (cause->id == REFUSAL_MAP_COUNT) {
		buf_printf(b, "vm.max_map_count of %" PRIu64 ": ", cause->allowed);
		fmt_count(b, cause->used, "mapping");
	} else {
		buf_puts(b, "vm.mmap_min_addr of ");
		fmt_size(b, cause->allowed);
	}
}

static void put_cause(struct buf *b, const struct event *ev, const struct refusal *r,
		      const struct reason *cause)
{
	switch (cause->id) {
	case REFUSAL_RLIMIT_AS:
	case REFUSAL_RLIMIT_DATA:
	case REFUSAL_RLIMIT_MEMLOCK:
	case REFUSAL_MAP_COUNT:
	case REFUSAL_OVERCOMMIT:
	case REFUSAL_NO_ROOM:
	case REFUSAL_NO_HUGE_PAGE:
	case REFUSAL_MIN_ADDR:
		put_number(b, ev, r, cause);
		break;
	case REFUSAL_HOLE:
		buf_puts(b, cause->end ? "nothing is mapped in " : "a hole in the range");
		if (cause->end)
			put_vma(b, cause);
		break;
	case REFUSAL_IN_WAY:
		put_vma(b, cause);
		buf_puts(b, " is in the way");
		break;
	case REFUSAL_HUGE_SIZE:
	case REFUSAL_HUGE_ALIGN:
		buf_puts(b, cause->id == REFUSAL_HUGE_SIZE ?
				    "this kernel has no huge pages of " :
				    "not a multiple of its huge pages of ");
		fmt_size(b, r->huge_bytes);
		break;
	case REFUSAL_FILE_MODE:
		put_file_mode(b, ev);
		break;
	case REFUSAL_SEALED:
		put_sealed(b, cause);
		break;
	case REFUSAL_FLAGS:
		put_flags(b, &ev->call);
		break;
	case REFUSAL_LSM:
		put_lsm(b, r);
		break;
	case REFUSAL_BELOW_HEAP:
	case REFUSAL_SEVERAL:
	case REFUSAL_ALIGN:
	case REFUSAL_EMPTY:
	case REFUSAL_FILE_APPEND:
	case REFUSAL_FILE_SEAL:
	case REFUSAL_NO_EXEC:
	case REFUSAL_MDWE:
	case REFUSAL_DRIVER:
	case REFUSAL_DESCRIPTOR:
	case REFUSAL_SEGMENT:
	case REFUSAL_LOCKED:
	case REFUSAL_MEMORY:
	case NR_REFUSALS:
		buf_puts(b, plain(cause->id));
		break;
	}
}

void word_causes(struct buf *b, uint32_t causes)
{
	const char *between = " (";
	unsigned int id;

	for (id = 0; id < NR_REFUSALS; id++)
		if (causes & 1U << id) {
			buf_printf(b, "%s%s", between, refusal_word(id));
			between = " or ";
		}
	if (causes)
		buf_puts(b, ")");
}

void word_refusal(struct buf *b, const struct event *ev, const struct refusal *r)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		buf_puts(b, !i ? "" : i + 1 < r->nr ? ", " : " or ");
		put_cause(b, ev, r, &r->cause[i]);
	}
}

void word_outcome(struct buf *b, const struct event *ev)
{
	const char *who = ev->call.tracer_pid ? "by its tracer" : "by a seccomp filter";
	char scratch[16];

	if (event_is_answered(ev) || event_is_undecided(ev)) {
		buf_printf(b, "%sanswered %s", event_is_undecided(ev) ? "maybe " : "", who);
		return;
	}
	buf_puts(b, ret_is_error(ev->call.ret) ? fmt_errno(-ev->call.ret, scratch) : "refused");
	if (event_is_doubtful(ev))
		buf_printf(b, ", maybe %s", who);
}

void word_reason(struct buf *b, const struct mm *mm, const struct event *ev)
{
	struct refusal r;

	if (!event_is_failed(ev))
		return;
	refusal_find(mm, ev, &r);
	if (!r.nr)
		return;
	buf_puts(b, event_is_doubtful(ev) ? ", or: " : ": ");
	word_refusal(b, ev, &r);
}

void word_failure(struct buf *b, const struct mm *mm, const struct event *ev)
{
	word_outcome(b, ev);
	word_reason(b, mm, ev);
}
