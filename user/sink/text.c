/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line for each change, and for what happens to processes. Columns keep
 * their width when piped; on a terminal a line never exceeds it, and the mapping
 * gives way.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sink/sinks.h"
#include "sink/words.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

#define NS_PER_S     1000000000ULL
#define FIXED_COLS   79 /* of all columns before MAPPING */
#define MAPPING_COLS 40 /* where no terminal's width says */
#define CALLER_COLS  26
#define NOTE_COLS    12

struct text {
	struct line_config cfg;
	bool header_done, shown; /* is the event at hand shown? */
	uint64_t last_ns;	 /* of the last line, for TIME_DELTA */
	uint64_t nr_shown;
	uint64_t second; /* wall clock second whose text is in clock */
	char clock[16];
	struct buf note; /* of the line at hand; put_line() empties it */
};

/* What a line says. */
struct line {
	uint64_t ts_ns;
	const char *comm, *call, *color;
	uint32_t pid;
	bool has_range, has_prot;
	uint64_t start, size;
	struct attr before, after;
	const struct object *obj;
	const struct caller *caller; /* NULL: none */
	struct buf *mapping;	     /* in place of obj, already escaped */
};

static void put_padded(struct buf *b, size_t cols, size_t width)
{
	if (cols < width)
		buf_fill(b, ' ', width - cols);
	buf_putc(b, ' ');
}

/* Numbers stand to the right: what was written since mark moves there. */
static void align_right(struct buf *b, size_t mark, size_t width)
{
	size_t n = b->len - mark;

	if (n >= width)
		return;
	buf_fill(b, ' ', width - n);
	memmove(b->data + mark + width - n, b->data + mark, n);
	memset(b->data + mark, ' ', width - n);
}

/* The clock's text changes once a second; only the fraction is written anew. */
static void put_wall(struct text *t, struct buf *b, uint64_t ts_ns)
{
	uint64_t wall = ts_ns + t->cfg.run->boot_to_wall_ns;
	struct buf clock = { 0 };

	if (wall / NS_PER_S != t->second) {
		t->second = wall / NS_PER_S;
		fmt_time_of_day(&clock, wall, t->cfg.utc);
		memcpy(t->clock, clock.data, 9); /* "hh:mm:ss." */
		buf_done(&clock);
	}
	buf_add(b, t->clock, 9);
	buf_dec_pad(b, wall % NS_PER_S / 1000, 6);
}

static void put_seconds(struct buf *b, uint64_t ns)
{
	size_t mark = b->len;

	buf_dec(b, ns / NS_PER_S);
	buf_putc(b, '.');
	buf_dec_pad(b, ns % NS_PER_S / 1000, 6);
	align_right(b, mark, 15);
}

static void put_time(struct text *t, struct buf *b, uint64_t ts_ns)
{
	uint64_t since = t->cfg.time == TIME_DELTA ? t->last_ns : t->cfg.run->start_ns;

	if (!since)
		since = t->cfg.run->start_ns;
	t->last_ns = ts_ns;
	if (t->cfg.time == TIME_WALL)
		put_wall(t, b, ts_ns);
	else
		put_seconds(b, ts_ns > since ? ts_ns - since : 0);
	buf_putc(b, ' ');
}

/* "7f21c0000000     512K rw- -> r-x" */
static void put_range(struct buf *b, const struct line *l)
{
	size_t mark = b->len;

	if (!l->has_range) {
		buf_fill(b, ' ', 36);
		return;
	}
	buf_hex(b, l->start);
	put_padded(b, b->len - mark, 12);
	mark = b->len;
	fmt_size(b, l->size);
	align_right(b, mark, 8);
	buf_putc(b, ' ');
	if (!l->has_prot) {
		buf_fill(b, ' ', 11);
		return;
	}
	word_prot(b, &l->before);
	buf_puts(b, " -> ");
	word_prot(b, &l->after);
	buf_putc(b, ' ');
}

/* Columns that the mapping may take, 0 for any number. */
static size_t mapping_room(const struct text *t, size_t note_cols)
{
	size_t rest = FIXED_COLS + CALLER_COLS + 2 + note_cols;

	if (!t->cfg.width)
		return 0;
	return t->cfg.width > (int)rest + 12 ? t->cfg.width - rest : 12;
}

static void put_header(struct text *t, struct buf *b)
{
	size_t room = mapping_room(t, NOTE_COLS);

	if (t->header_done || !t->cfg.header)
		return;
	t->header_done = true;
	buf_puts(
		b,
		"TIME            COMM                PID CALL          ADDR             SIZE PROT       ");
	buf_puts(b, "MAPPING");
	put_padded(b, strlen("MAPPING"), room ? room : MAPPING_COLS);
	buf_puts(b, "CALLER");
	put_padded(b, strlen("CALLER"), CALLER_COLS);
	buf_puts(b, "NOTE\n");
}

static void put_line(struct text *t, const struct line *l)
{
	struct buf *b = &t->cfg.out->buf;
	size_t room, cols, mark;

	put_header(t, b);
	if (t->cfg.color && l->color)
		buf_puts(b, l->color);
	put_time(t, b, l->ts_ns);
	put_padded(b, escape_text(b, l->comm, strnlen(l->comm, 16)), 15);
	mark = b->len;
	buf_dec(b, l->pid);
	align_right(b, mark, 7);
	buf_putc(b, ' ');
	mark = b->len;
	buf_puts(b, l->call);
	put_padded(b, b->len - mark, strlen("pkey_mprotect"));
	put_range(b, l);
	room = mapping_room(t, t->note.len > NOTE_COLS ? t->note.len : NOTE_COLS);
	if (l->mapping) {
		cols = room ? escape_text_cut(b, l->mapping->data, l->mapping->len, room) :
			      escape_text(b, l->mapping->data, l->mapping->len);
	} else {
		cols = l->obj ? word_mapping(b, l->obj, room) : 0;
	}
	put_padded(b, cols, room ? room : MAPPING_COLS);
	cols = l->caller ? word_caller(b, l->caller) : 0;
	if (t->note.len) {
		put_padded(b, cols, CALLER_COLS);
		buf_add(b, t->note.data, t->note.len);
	}
	while (b->len && b->data[b->len - 1] == ' ')
		b->len--;
	if (t->cfg.color && l->color)
		buf_puts(b, "\033[0m");
	buf_putc(b, '\n');
	t->note.len = 0;
}

static void note_word(struct buf *note, const char *word)
{
	if (note->len)
		buf_putc(note, ' ');
	buf_puts(note, word);
}

/* What is worth a second look: both W and X, or the way from one to the other. */
static const char *note_transition(struct buf *note, const struct attr *before,
				   const struct attr *after)
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

/* What a protection does not show. */
static void note_state(struct buf *note, const struct attr *before, const struct attr *after)
{
	if ((before->flags | after->flags) & VMA_SHARED)
		note_word(note, "shared");
	if (after->flags & ~before->flags & VMA_SEALED)
		note_word(note, "sealed");
	if (after->flags & ~before->flags & VMA_DONTCOPY)
		note_word(note, "dontfork");
	if (before->flags & ~after->flags & VMA_DONTCOPY && attr_is_mapped(after))
		note_word(note, "dofork");
	if (after->pkey != before->pkey && attr_is_mapped(after)) {
		note_word(note, "pkey ");
		buf_dec(note, after->pkey);
	}
}

static void note_error(struct buf *note, const struct event *ev)
{
	char scratch[16];

	if (event_is_failed(ev))
		note_word(note, fmt_errno(-ev->call.ret, scratch));
}

/* Did this event use up what --max-events allows? */
static int count_shown(struct text *t)
{
	if (!t->shown)
		return 0;
	t->shown = false;
	t->nr_shown++;
	return t->cfg.max_events && t->nr_shown >= t->cfg.max_events ? -ECANCELED : 0;
}

static int text_change(void *priv, const struct change *ch)
{
	struct text *t = priv;
	const struct event *ev = ch->ev;
	struct line l = { .ts_ns = ev->ts_ns,
			  .comm = ch->proc->comm,
			  .call = event_name(ev),
			  .pid = ev->pid,
			  .has_range = true,
			  .has_prot = true,
			  .start = ch->start,
			  .size = ch->end - ch->start,
			  .before = ch->before,
			  .after = ch->after,
			  .obj = change_object(ch),
			  .caller = &ch->caller };

	if (!select_wants(&t->cfg.select, ev) || ev->type == EVENT_EXEC)
		return 0;
	if (ev->type == EVENT_RANGE) {
		if (attr_is_unknown(&ch->before)) /* a mirror that is filled for the first time */
			return 0;
		note_word(&t->note, ch->differs ? "mirror differed" : "seen late");
		l.caller = NULL;
	}
	l.color = note_transition(&t->note, &ch->before, &ch->after);
	note_state(&t->note, &ch->before, &ch->after);
	note_error(&t->note, ev);
	put_line(t, &l);
	t->shown = true;
	return out_commit(t->cfg.out);
}

/* What a failed call asked for: its range, where it has one in its first two arguments. */
static void put_failed(struct text *t, const struct event *ev, const struct proc *proc)
{
	const struct event_call *c = &ev->call;
	struct caller caller = caller_of(proc->mm->as, ev);
	struct line l = { .ts_ns = ev->ts_ns,
			  .comm = proc->comm,
			  .call = event_name(ev),
			  .pid = ev->pid,
			  .caller = &caller };
	unsigned int nargs = call_nr_args(c->id);

	l.has_range = nargs >= 2 && c->id != MPW_CALL_SHMAT && c->id != MPW_CALL_PRCTL;
	l.start = c->arg[0];
	l.size = c->arg[1];
	note_error(&t->note, ev);
	if (c->id == MPW_CALL_MPROTECT || c->id == MPW_CALL_PKEY_MPROTECT ||
	    c->id == MPW_CALL_MMAP) {
		struct attr wanted = { .flags = VMA_MAPPED | (c->arg[2] & VMA_PROT) };

		buf_puts(&t->note, " wanted ");
		word_prot(&t->note, &wanted);
	}
	put_line(t, &l);
	t->shown = true;
}

static int text_begin(void *priv, const struct event *ev, const struct proc *proc,
		      const struct proc *child)
{
	struct text *t = priv;
	struct buf mapping = { 0 };
	struct line l = { .ts_ns = ev->ts_ns,
			  .call = event_name(ev),
			  .pid = ev->pid,
			  .comm = proc ? proc->comm : "",
			  .mapping = &mapping };

	if (!select_wants(&t->cfg.select, ev))
		return 0;
	if (ev->type == EVENT_LOSS) {
		struct buf *b = &t->cfg.out->buf;

		put_header(t, b);
		put_time(t, b, ev->ts_ns);
		buf_puts(b, "--- ");
		buf_dec(b, ev->lost);
		buf_puts(b, ev->lost == 1 ? " event was lost here" : " events were lost here");
		if (ev->pid)
			buf_printf(b, ", of process %u", ev->pid);
		buf_puts(b, ": what it shows until its repair is marked ??? ---\n");
		return out_commit(t->cfg.out);
	}
	if (ev->type == EVENT_FORK && child) {
		buf_printf(&mapping, "child %u%s", child->pid,
			   child->mm == proc->mm ? ", shares this address space" : "");
	} else if (ev->type == EVENT_EXIT && WIFSIGNALED(ev->exit_code)) {
		buf_puts(&mapping, "killed by ");
		word_signal(&mapping, WTERMSIG(ev->exit_code));
	} else if (ev->type == EVENT_EXIT) {
		buf_printf(&mapping, "exit status %d", WEXITSTATUS(ev->exit_code));
	} else {
		return 0;
	}
	put_line(t, &l);
	buf_done(&mapping);
	t->shown = true;
	return out_commit(t->cfg.out);
}

static int text_end(void *priv, const struct event *ev, const struct proc *proc,
		    unsigned int nr_changes)
{
	struct text *t = priv;

	if (!select_wants(&t->cfg.select, ev))
		return 0;
	if (event_is_failed(ev) && !nr_changes)
		put_failed(t, ev, proc);
	if (ev->type == EVENT_EXEC) {
		struct line l = { .ts_ns = ev->ts_ns,
				  .comm = proc->comm,
				  .call = "exec",
				  .pid = ev->pid,
				  .obj = proc->exe };

		if (nr_changes)
			buf_printf(&t->note, "%u mappings", nr_changes);
		put_line(t, &l);
		t->shown = true;
	}
	return t->cfg.out->err ? t->cfg.out->err : count_shown(t);
}

static int text_flush(void *priv)
{
	struct text *t = priv;

	return out_flush(t->cfg.out);
}

static void text_free(void *priv)
{
	struct text *t = priv;

	buf_done(&t->note);
	free(t);
}

static const struct sink_ops text_ops = {
	.name = "text",
	.begin_event = text_begin,
	.change = text_change,
	.end_event = text_end,
	.flush = text_flush,
	.free = text_free,
};

struct sink text_sink_new(const struct line_config *cfg)
{
	struct text *t = mem_alloc(sizeof(*t));

	t->cfg = *cfg;
	t->second = UINT64_MAX;
	return (struct sink){ .ops = &text_ops, .priv = t };
}
