/* SPDX-License-Identifier: BSD-2-Clause */
/* Words that matter most come first, since a narrow terminal cuts at the end. */
#include "sink/lines/text_note.h"

#include "core/call_flags.h"
#include "core/effect.h"
#include "core/refusal.h"
#include "core/seen.h"
#include "core/words.h"
#include "util/fmt.h"

void note_word(struct buf *note, const char *word)
{
	if (note->len)
		buf_putc(note, ' ');
	buf_puts(note, word);
}

const char *note_transition(struct buf *note, const struct attr *before, const struct attr *after)
{
	uint16_t b = before->flags, a = after->flags;
	bool was_wx = b & VMA_W && b & VMA_X;

	if (a & VMA_W && a & VMA_X && !was_wx) {
		note_word(note, "WX!");
		return "\033[1;31m";
	}
	if (b & VMA_W && a & VMA_X && !(b & VMA_X)) {
		note_word(note, "W>X");
		return "\033[33m";
	}
	if (b & VMA_X && a & VMA_W && !(b & VMA_W)) {
		note_word(note, "X>W");
		return "\033[33m";
	}
	return NULL;
}

void note_state(struct buf *note, const struct attr *before, const struct attr *after)
{
	if ((before->flags | after->flags) & VMA_SHARED)
		note_word(note, "shared");
	if (after->flags & ~before->flags & VMA_SEALED)
		note_word(note, "sealed");
	if (after->flags & ~before->flags & VMA_GUARD)
		note_word(note, "guard");
	if (before->flags & ~after->flags & VMA_GUARD && attr_is_mapped(after))
		note_word(note, "no guard");
	if (after->flags & ~before->flags & VMA_DONTCOPY)
		note_word(note, "dontfork");
	if (before->flags & ~after->flags & VMA_DONTCOPY && attr_is_mapped(after))
		note_word(note, "dofork");
	if (after->pkey != before->pkey && attr_is_mapped(after)) {
		note_word(note, "pkey ");
		buf_dec(note, after->pkey);
	}
}

void note_failure(struct buf *note, const struct event *ev, const struct mm *mm)
{
	if (!event_is_vain(ev) && !event_is_undecided(ev))
		return;
	note_word(note, "");
	word_failure(note, mm, ev);
}

void note_refusal(struct buf *note, const struct event *ev, const struct mm *mm)
{
	const struct event_call *c = &ev->call;
	struct attr wanted = { .flags = VMA_MAPPED | (call_prot(c) & VMA_PROT) };
	struct buf more = { 0 };

	if (!c->unproven)
		word_outcome(&more, ev);
	if (call_names_prot(c->id)) {
		buf_puts(&more, c->unproven ? "wanted " : " wanted ");
		word_prot(&more, &wanted);
	}
	word_call_flags(&more, c);
	if (c->unproven) { /* more than a word: at the end */
		buf_puts(&more, more.len ? ": " : "");
		word_outcome(&more, ev);
	}
	if (mm)
		word_reason(&more, mm, ev);
	note_word(note, "");
	buf_add(note, more.data, more.len);
	buf_done(&more);
}

void note_flags(struct buf *note, const struct event *ev)
{
	struct buf flags = { 0 };
	uint64_t hint;

	if (ev->type != EVENT_CALL || event_is_failed(ev))
		return;
	word_call_flags(&flags, &ev->call);
	if (flags.len)
		note_word(note, buf_str(&flags) + 1);
	buf_done(&flags);
	hint = call_missed_hint(&ev->call);
	if (!hint)
		return;
	note_word(note, "hint ");
	buf_hex(note, hint);
}

const char *note_late_word(const struct change *ch)
{
	if (ch->differs)
		return "differed";
	return seen_is_kernels(&ch->before, &ch->after) ? "by the kernel itself" : "seen late";
}

void note_loss_line(struct buf *b, const struct event *ev, bool is_short)
{
	buf_puts(b, "--- ");
	if (ev->given_up) {
		buf_printf(b, "the memory of process %u is given up", ev->pid);
		if (!is_short) {
			buf_puts(b, ": its ");
			fmt_count(b, ev->given_up, "mapping");
			buf_puts(b, " are more than the share of a process or a user");
		}
	} else {
		buf_dec(b, ev->lost);
		buf_puts(b, ev->lost == 1 ? " event was lost here" : " events were lost here");
		if (ev->pid)
			buf_printf(b, ", of process %u", ev->pid);
		if (!is_short && facts_have(&ev->facts, MPW_FACT_OVER_SHARE))
			buf_puts(b, ", which wrote more than its share of the ring");
		if (!is_short)
			buf_puts(b, ": what it shows until its repair is marked ???");
	}
	buf_puts(b, " ---\n");
}
