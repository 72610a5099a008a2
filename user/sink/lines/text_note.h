/* SPDX-License-Identifier: BSD-2-Clause */
/* The note at the end of a line of text. */
#ifndef SINK_TEXT_NOTE_H
#define SINK_TEXT_NOTE_H

#include "core/vma.h"
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

#endif
