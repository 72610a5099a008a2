/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock's text changes once a second; only the fraction is written anew. */
#include "sink/when.h"

#include <string.h>

#include "util/fmt.h"

#define NS_PER_S 1000000000ULL

void when_init(struct when *w, const struct line_config *cfg, int digits)
{
	*w = (struct when){ .style = cfg->time,
			    .utc = cfg->utc,
			    .run = cfg->run,
			    .digits = digits,
			    .second = UINT64_MAX };
}

void align_right(struct buf *b, size_t mark, size_t width)
{
	size_t n = b->len - mark;

	if (n >= width)
		return;
	buf_fill(b, ' ', width - n);
	memmove(b->data + mark + width - n, b->data + mark, n);
	memset(b->data + mark, ' ', width - n);
}

static void put_fraction(struct buf *b, uint64_t ns, int digits)
{
	buf_dec_pad(b, ns % NS_PER_S / (digits == 6 ? 1000 : 1000000), digits);
}

static void put_wall(struct when *w, struct buf *b, uint64_t ts_ns)
{
	uint64_t wall = ts_ns + w->run->boot_to_wall_ns;
	struct buf clock = { 0 };

	if (wall / NS_PER_S != w->second) {
		w->second = wall / NS_PER_S;
		fmt_time_of_day(&clock, wall, w->utc);
		memcpy(w->clock, clock.data, 9); /* "hh:mm:ss." */
		buf_done(&clock);
	}
	buf_add(b, w->clock, 9);
	put_fraction(b, wall, w->digits);
}

static void put_seconds(struct buf *b, uint64_t ns, int digits)
{
	size_t mark = b->len;

	buf_dec(b, ns / NS_PER_S);
	buf_putc(b, '.');
	put_fraction(b, ns, digits);
	align_right(b, mark, 9 + digits);
}

size_t when_put(struct when *w, struct buf *b, uint64_t ts_ns)
{
	uint64_t since = w->style == TIME_DELTA ? w->last_ns : w->run->start_ns;
	size_t mark = b->len;

	if (!since)
		since = w->run->start_ns;
	w->last_ns = ts_ns;
	if (w->style == TIME_WALL)
		put_wall(w, b, ts_ns);
	else
		put_seconds(b, ts_ns > since ? ts_ns - since : 0, w->digits);
	buf_putc(b, ' ');
	return b->len - mark;
}
