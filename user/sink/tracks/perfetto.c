/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracks in Perfetto's format (perfetto.proto): packets one after the other, each complete in
 * itself. The viewer sorts them by time; packets of one time and track keep their order.
 */
#include <string.h>

#include "perfetto.pb-c.h"
#include "sink/tracks/tracks.h"

#define SEQUENCE       1
#define PACKET_TAG     0x0a /* field 1 of Trace, with a length */
#define STATE_CLEARED  1
#define CHARS(literal) ((char *)(literal)) /* protobuf-c takes no const, and changes nothing */

static void put_varint(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_putc(b, (char)(v | 0x80));
	buf_putc(b, (char)v);
}

static void put_packet(struct out *out, Pf__TracePacket *p)
{
	struct buf *b = &out->buf;
	size_t len;

	p->has_trusted_packet_sequence_id = true;
	p->trusted_packet_sequence_id = SEQUENCE;
	len = pf__trace_packet__get_packed_size(p);
	buf_putc(b, PACKET_TAG);
	put_varint(b, len);
	b->len += pf__trace_packet__pack(p, (uint8_t *)buf_reserve(b, len));
}

static void put_event(struct out *out, uint64_t ts_ns, Pf__TrackEvent *e)
{
	Pf__TracePacket p = PF__TRACE_PACKET__INIT;

	p.has_timestamp = true;
	p.timestamp = ts_ns;
	p.track_event = e;
	put_packet(out, &p);
}

static void put_track(struct out *out, const struct track *t, Pf__TrackDescriptor *d)
{
	Pf__TracePacket p = PF__TRACE_PACKET__INIT;

	d->has_uuid = true;
	d->uuid = t->uuid;
	d->has_parent_uuid = t->parent;
	d->parent_uuid = t->parent;
	d->name = CHARS(t->name);
	p.track_descriptor = d;
	put_packet(out, &p);
}

static void pf_begin(struct out *out, const struct run_info *run)
{
	Pf__ClockSnapshot__Clock boot = PF__CLOCK_SNAPSHOT__CLOCK__INIT;
	Pf__ClockSnapshot__Clock wall = PF__CLOCK_SNAPSHOT__CLOCK__INIT;
	Pf__ClockSnapshot__Clock *clocks[] = { &boot, &wall };
	Pf__ClockSnapshot snapshot = PF__CLOCK_SNAPSHOT__INIT;
	Pf__TracePacket p = PF__TRACE_PACKET__INIT;

	boot.has_clock_id = boot.has_timestamp = wall.has_clock_id = wall.has_timestamp = true;
	boot.clock_id = PF__BUILTIN_CLOCK__BOOTTIME;
	boot.timestamp = run->start_ns;
	wall.clock_id = PF__BUILTIN_CLOCK__REALTIME;
	wall.timestamp = run->start_ns + run->boot_to_wall_ns;
	snapshot.n_clocks = 2;
	snapshot.clocks = clocks;
	snapshot.has_primary_trace_clock = true;
	snapshot.primary_trace_clock = PF__BUILTIN_CLOCK__BOOTTIME;
	p.clock_snapshot = &snapshot;
	p.has_sequence_flags = true;
	p.sequence_flags = STATE_CLEARED;
	put_packet(out, &p);
}

static void pf_process(struct out *out, const struct track *t)
{
	Pf__TrackDescriptor d = PF__TRACK_DESCRIPTOR__INIT;
	Pf__ProcessDescriptor process = PF__PROCESS_DESCRIPTOR__INIT;

	process.has_pid = true;
	process.pid = (int32_t)t->pid;
	process.process_name = CHARS(t->name);
	process.has_start_timestamp_ns = t->start_ns;
	process.start_timestamp_ns = (int64_t)t->start_ns;
	d.process = &process;
	put_track(out, t, &d);
}

static void pf_group(struct out *out, const struct track *t)
{
	Pf__TrackDescriptor d = PF__TRACK_DESCRIPTOR__INIT;

	d.has_child_ordering = true;
	d.child_ordering = PF__TRACK_DESCRIPTOR__CHILD_TRACKS_ORDERING__LEXICOGRAPHIC;
	put_track(out, t, &d);
}

static void pf_region(struct out *out, const struct track *t)
{
	Pf__TrackDescriptor d = PF__TRACK_DESCRIPTOR__INIT;

	put_track(out, t, &d);
}

static void pf_size(struct out *out, const struct track *t)
{
	Pf__TrackDescriptor d = PF__TRACK_DESCRIPTOR__INIT;
	Pf__CounterDescriptor counter = PF__COUNTER_DESCRIPTOR__INIT;

	counter.has_unit = true;
	counter.unit = PF__COUNTER_DESCRIPTOR__UNIT__UNIT_SIZE_BYTES;
	d.counter = &counter;
	put_track(out, t, &d);
}

/* A slice's begin, or a moment, with its notes. */
static void put_annotated(struct out *out, const struct track_event *e, Pf__TrackEvent__Type type)
{
	Pf__TrackEvent ev = PF__TRACK_EVENT__INIT;
	Pf__DebugAnnotation notes[TRACK_NOTES_MAX], *pointers[TRACK_NOTES_MAX];
	char *category = CHARS(e->category);
	unsigned int i;

	for (i = 0; i < e->notes->nr; i++) {
		notes[i] = (Pf__DebugAnnotation)PF__DEBUG_ANNOTATION__INIT;
		notes[i].name = CHARS(e->notes->key[i]);
		notes[i].string_value = CHARS(buf_str(&e->notes->text[i]));
		pointers[i] = &notes[i];
	}
	ev.has_type = ev.has_track_uuid = true;
	ev.type = type;
	ev.track_uuid = e->track->uuid;
	ev.name = CHARS(e->name);
	ev.n_categories = 1;
	ev.categories = &category;
	ev.n_debug_annotations = e->notes->nr;
	ev.debug_annotations = pointers;
	put_event(out, e->ts_ns, &ev);
}

static void pf_slice(struct out *out, const struct track_event *e)
{
	Pf__TrackEvent end = PF__TRACK_EVENT__INIT;

	put_annotated(out, e, PF__TRACK_EVENT__TYPE__SLICE_BEGIN);
	end.has_type = end.has_track_uuid = true;
	end.type = PF__TRACK_EVENT__TYPE__SLICE_END;
	end.track_uuid = e->track->uuid;
	put_event(out, e->end_ns, &end);
}

static void pf_moment(struct out *out, const struct track_event *e)
{
	put_annotated(out, e, PF__TRACK_EVENT__TYPE__INSTANT);
}

static void pf_value(struct out *out, const struct track *size, uint64_t ts_ns, uint64_t bytes)
{
	Pf__TrackEvent ev = PF__TRACK_EVENT__INIT;

	ev.has_type = ev.has_track_uuid = ev.has_counter_value = true;
	ev.type = PF__TRACK_EVENT__TYPE__COUNTER;
	ev.track_uuid = size->uuid;
	ev.counter_value = (int64_t)bytes;
	put_event(out, ts_ns, &ev);
}

static void pf_end(struct out *out)
{
	(void)out;
}

const struct track_writer perfetto_writer = {
	.begin = pf_begin,
	.process = pf_process,
	.group = pf_group,
	.region = pf_region,
	.size = pf_size,
	.slice = pf_slice,
	.moment = pf_moment,
	.value = pf_value,
	.end = pf_end,
};
