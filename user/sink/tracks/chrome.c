/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracks as JSON in the Trace Event Format of Chrome's about:tracing. The format's tracks are
 * threads, so each region is a thread, with its uuid as tid; there are no groups. Times are
 * microseconds since boot.
 */
#include <string.h>

#include "sink/tracks/tracks.h"
#include "util/escape.h"
#include "util/fmt.h"

static void put_str(struct buf *b, const char *key, const char *text, size_t len)
{
	buf_printf(b, "\"%s\":", key);
	escape_json(b, text, len);
}

static void put_time(struct buf *b, const char *key, uint64_t ns)
{
	buf_printf(b, ",\"%s\":", key);
	buf_dec(b, ns / 1000);
	buf_putc(b, '.');
	buf_dec_pad(b, ns % 1000, 3);
}

/* An event up to its thread. A comma comes first: chrome_begin() wrote the first event. */
static struct buf *begin_event(struct out *out, char phase, uint32_t pid, uint64_t tid)
{
	struct buf *b = &out->buf;

	buf_puts(b, ",\n{\"ph\":\"");
	buf_putc(b, phase);
	buf_puts(b, "\",\"pid\":");
	buf_dec(b, pid);
	buf_puts(b, ",\"tid\":");
	buf_dec(b, tid);
	return b;
}

static void put_name(struct buf *b, const char *name)
{
	buf_putc(b, ',');
	put_str(b, "name", name, strlen(name));
}

static void chrome_begin(struct out *out, const struct run_info *run)
{
	struct buf *b = &out->buf;

	buf_puts(b, "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"tool\":\"mprotwatch " MPW_VERSION
		    "\",");
	put_str(b, "boot_id", run->boot_id, strlen(run->boot_id));
	buf_puts(b, ",\"boot\":\"");
	fmt_rfc3339(b, run->boot_to_wall_ns);
	buf_puts(
		b,
		"\"},\n\"traceEvents\":[{\"ph\":\"M\",\"pid\":0,\"tid\":0,\"name\":\"process_name\","
		"\"args\":{\"name\":\"mprotwatch\"}}");
}

static void put_meta(struct out *out, const struct track *t, uint64_t tid, const char *what)
{
	struct buf *b = begin_event(out, 'M', t->pid, tid);

	put_name(b, what);
	buf_puts(b, ",\"args\":{");
	put_str(b, "name", t->name, strlen(t->name));
	buf_puts(b, "}}");
}

static void chrome_process(struct out *out, const struct track *t)
{
	put_meta(out, t, 0, "process_name");
}

static void chrome_region(struct out *out, const struct track *t)
{
	put_meta(out, t, t->uuid, "thread_name");
}

static void chrome_nothing(struct out *out, const struct track *t)
{
	(void)out;
	(void)t;
}

static void put_notes(struct buf *b, struct track_notes *n)
{
	unsigned int i;

	buf_puts(b, ",\"args\":{");
	for (i = 0; i < n->nr; i++) {
		if (i)
			buf_putc(b, ',');
		put_str(b, n->key[i], n->text[i].data, n->text[i].len);
	}
	buf_puts(b, "}}");
}

static void chrome_slice(struct out *out, const struct track_event *e)
{
	struct buf *b = begin_event(out, 'X', e->track->pid, e->track->uuid);

	put_time(b, "ts", e->ts_ns);
	put_time(b, "dur", e->end_ns - e->ts_ns);
	buf_printf(b, ",\"cat\":\"%s\"", e->category);
	put_name(b, e->name);
	put_notes(b, e->notes);
}

static void chrome_moment(struct out *out, const struct track_event *e)
{
	struct buf *b = begin_event(out, 'i', e->track->pid, 0);

	put_time(b, "ts", e->ts_ns);
	buf_printf(b, ",\"s\":\"%c\",\"cat\":\"%s\"", e->track->pid ? 'p' : 'g', e->category);
	put_name(b, e->name);
	put_notes(b, e->notes);
}

static void chrome_value(struct out *out, const struct track *size, uint64_t ts_ns, uint64_t bytes)
{
	struct buf *b = begin_event(out, 'C', size->pid, 0);

	put_time(b, "ts", ts_ns);
	put_name(b, size->name);
	buf_puts(b, ",\"args\":{\"bytes\":");
	buf_dec(b, bytes);
	buf_puts(b, "}}");
}

static void chrome_end(struct out *out)
{
	buf_puts(&out->buf, "\n]}\n");
}

const struct track_writer chrome_writer = {
	.begin = chrome_begin,
	.process = chrome_process,
	.group = chrome_nothing,
	.region = chrome_region,
	.size = chrome_nothing,
	.slice = chrome_slice,
	.moment = chrome_moment,
	.value = chrome_value,
	.end = chrome_end,
};
