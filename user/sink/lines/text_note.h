/* SPDX-License-Identifier: BSD-2-Clause */
/* The note at the end of a line of text. */
#ifndef SINK_TEXT_NOTE_H
#define SINK_TEXT_NOTE_H

#include "core/change.h"
#include "util/buf.h"

/* A word, behind a space if it is not the first. */
void note_word(struct buf *note, const char *word);
/*
 * "WX!" for both rights at once, "W>X" or "X>W" for one after the other, or nothing. Returns the
 * line's colour as an escape sequence; NULL: none.
 */
const char *note_transition(struct buf *note, const struct attr *before, const struct attr *after);
/* Attributes that a protection does not show: shared, sealed, not copied by fork, a key. */
void note_state(struct buf *note, const struct attr *before, const struct attr *after);

/* Why a call did nothing, or may have done nothing; nothing for others. */
void note_failure(struct buf *note, const struct event *ev, const struct mm *mm);
/* How a call failed, with what it asked for; and why, unless mm is NULL. */
void note_refusal(struct buf *note, const struct event *ev, const struct mm *mm);
/* Flags of a call that succeeded, and the address that it would rather have had. */
void note_flags(struct buf *note, const struct event *ev);
/* How a change came to be seen that no call is known to have made. */
const char *note_late_word(const struct change *ch);

/* The words between the time of a loss and the end of its line. */
void note_loss_line(struct buf *b, const struct event *ev, bool is_short);

#endif
