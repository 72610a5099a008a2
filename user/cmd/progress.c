/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line is written with write(2), at most five times a second. A program that was ended by a
 * signal first closes its files, and then ends by the signal, as shells want to know.
 */
#include "cmd/progress.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/complain.h"
#include "cmd/stop.h"
#include "util/clock.h"
#include "util/buf.h"

#define SHOW_NS	   200000000ULL
#define FIRST_NS   1000000000ULL /* before that, a job of unknown length shows nothing */
#define ERASE_LINE "\r\x1b[K"

static void put(const void *data, size_t len)
{
	ssize_t n = write(STDERR_FILENO, data, len);

	(void)n; /* the line is for show only */
}

void progress_begin(struct progress *p, const char *doing, bool show)
{
	const char *term = getenv("TERM");

	*p = (struct progress){ .doing = doing,
				.start_ns = clock_ns(CLOCK_MONOTONIC),
				.percent = -1 };
	p->show = show && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	stop_catch(false);
}

static void show(struct progress *p, uint64_t now)
{
	struct buf b = { 0 };

	buf_printf(&b, ERASE_LINE "mprotwatch: %s: ", p->doing);
	if (p->percent >= 0)
		buf_printf(&b, "%d %%", p->percent);
	else
		buf_printf(&b, "%llu s", (unsigned long long)((now - p->start_ns) / 1000000000));
	put(b.data, b.len);
	buf_done(&b);
	p->is_shown = true;
	p->next_ns = now + SHOW_NS;
}

int progress_step(struct progress *p, uint64_t done, uint64_t total)
{
	uint64_t now;

	if (*stop_signal())
		return -EINTR;
	p->percent = done < total ? (int)(100.0 * done / total) : 100;
	now = p->show && done ? clock_ns(CLOCK_MONOTONIC) : 0;
	if (now && now >= p->next_ns)
		show(p, now);
	return 0;
}

int progress_tick(void *progress)
{
	struct progress *p = progress;
	uint64_t now;

	if (*stop_signal())
		return -EINTR;
	now = p->show ? clock_ns(CLOCK_MONOTONIC) : 0;
	if (now && now >= p->start_ns + FIRST_NS && now >= p->next_ns)
		show(p, now);
	return 0;
}

int progress_end(struct progress *p)
{
	stop_leave();
	if (p->is_shown)
		put(ERASE_LINE, strlen(ERASE_LINE));
	p->is_shown = false;
	p->signal = *stop_signal();
	return p->signal ? -EINTR : 0;
}

int progress_status(const struct progress *p, int status)
{
	if (!p->signal)
		return status;
	if (p->percent >= 0)
		complain("interrupted: %d %% of the recording was read", p->percent);
	else
		complain("interrupted");
	fflush(stdout);
	signal(p->signal, SIG_DFL);
	raise(p->signal);
	return status;
}
