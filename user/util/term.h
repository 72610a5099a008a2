/* SPDX-License-Identifier: BSD-2-Clause */
/* Abilities of a terminal: width and colour. */
#ifndef UTIL_TERM_H
#define UTIL_TERM_H

#include <stdbool.h>

#define TERM_WIDTH_PIPED 100

enum term_color { TERM_COLOR_AUTO, TERM_COLOR_ALWAYS, TERM_COLOR_NEVER };

/* Columns of fd's terminal, at least 40; TERM_WIDTH_PIPED if fd is none. COLUMNS is not read. */
int term_width(int fd);
/*
 * True if fd gets colours. AUTO: fd is a terminal, TERM is not "dumb", and NO_COLOR is unset or
 * empty (no-color.org).
 */
bool term_wants_color(int fd, enum term_color mode);

#endif
