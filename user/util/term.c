/* SPDX-License-Identifier: BSD-2-Clause */
/* Terminal facts, asked for once. */
#include "util/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int term_width(int fd)
{
	struct winsize ws;

	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &ws) || !ws.ws_col)
		return TERM_WIDTH_PIPED;
	return ws.ws_col < 40 ? 40 : ws.ws_col;
}

bool term_wants_color(int fd, enum term_color mode)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (mode != TERM_COLOR_AUTO)
		return mode == TERM_COLOR_ALWAYS;
	return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}
