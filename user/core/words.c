/* SPDX-License-Identifier: BSD-2-Clause */
/* Words shared by outputs and detectors. Names that a traced process chose are escaped here. */
#include "core/words.h"

#include <inttypes.h>
#include <string.h>

#include "util/escape.h"
#include "util/fmt.h"
#include "wire.h"

void word_prot(struct buf *b, const struct attr *a)
{
	char text[3] = { '-', '-', '-' };

	if (attr_is_unknown(a)) {
		buf_add(b, "???", 3);
		return;
	}
	if (!attr_is_mapped(a)) {
		buf_add(b, "   ", 3);
		return;
	}
	if (a->flags & VMA_R)
		text[0] = 'r';
	if (a->flags & VMA_W)
		text[1] = 'w';
	if (a->flags & VMA_X)
		text[2] = 'x';
	buf_add(b, text, 3);
}

void word_mapping_raw(struct buf *b, const struct object *obj)
{
	if (obj->kind != OBJECT_ANON) {
		buf_add(b, obj->name, obj->name_len);
	} else if (!obj->name_len) {
		buf_puts(b, "[anon]");
	} else {
		buf_puts(b, "[anon:");
		buf_add(b, obj->name, obj->name_len);
		buf_putc(b, ']');
	}
}

void word_object(struct buf *b, const struct object *obj)
{
	if (obj)
		word_mapping_raw(b, obj);
	else
		buf_puts(b, "none");
}

static void put_side(struct buf *b, const struct attr *a)
{
	if (attr_is_mapped(a))
		word_prot(b, a);
	else
		buf_puts(b, attr_is_unknown(a) ? "unknown" : "none");
}

void word_transition(struct buf *b, const struct change *ch)
{
	put_side(b, &ch->before);
	buf_puts(b, "->");
	put_side(b, &ch->after);
}

size_t word_mapping(struct buf *b, const struct object *obj, size_t max_cols)
{
	static const char deleted[] = " (deleted)";
	struct buf raw = { 0 };
	size_t cols = 0;

	if (!obj) {
		buf_putc(b, '?');
		return 1;
	}
	/* memory objects without a file are all deleted: their names show that already */
	if (obj->deleted && obj->kind == OBJECT_FILE) {
		cols = sizeof(deleted) - 1;
		if (max_cols && max_cols < cols + 8)
			cols = 0;
	}
	if (obj->kind != OBJECT_ANON || !obj->name_len) {
		const char *name = obj->kind == OBJECT_ANON ? "[anon]" : obj->name;
		size_t len = obj->kind == OBJECT_ANON ? 6 : obj->name_len;
		size_t used = max_cols ? escape_text_cut(b, name, len, max_cols - cols) :
					 escape_text(b, name, len);

		if (cols)
			buf_puts(b, deleted);
		return used + cols;
	}
	word_mapping_raw(&raw, obj);
	cols = max_cols ? escape_text_cut(b, raw.data, raw.len, max_cols) :
			  escape_text(b, raw.data, raw.len);
	buf_done(&raw);
	return cols;
}

void word_program_mark(struct buf *b, const struct object *obj)
{
	if (obj && obj->mnt_ns == MPW_MNT_NS_NONE)
		buf_puts(b, " [mnt:none]");
	else if (obj && obj->mnt_ns)
		buf_printf(b, " [mnt:%" PRIu32 "]", obj->mnt_ns);
	if (obj && obj->marks & OBJECT_CLAIM)
		buf_puts(b, " [claimed]");
}

size_t word_program(struct buf *b, const struct object *obj, size_t max_cols)
{
	struct buf mark = { 0 };
	size_t room = max_cols, cols;

	word_program_mark(&mark, obj);
	if (max_cols) /* rather a long line than no mark */
		room = max_cols > mark.len + 8 ? max_cols - mark.len : 8;
	cols = word_mapping(b, obj, room) + mark.len;
	buf_add(b, mark.data, mark.len);
	buf_done(&mark);
	return cols;
}

/* The function, and the place in the module if that fits, too. */
static size_t word_function(struct buf *b, const struct caller *caller, size_t max_cols)
{
	const struct caller place = { .addr = caller->addr,
				      .obj = caller->obj,
				      .off = caller->off };
	size_t len = strlen(caller->symbol), cols, off_len;
	struct buf off = { 0 }, rest = { 0 };

	buf_puts(&off, "+0x");
	buf_hex(&off, caller->symbol_off);
	off_len = off.len;
	if (max_cols)
		cols = escape_text_cut(b, caller->symbol, len,
				       max_cols > off_len + 8 ? max_cols - off_len : 8);
	else
		cols = escape_text(b, caller->symbol, len);
	buf_add(b, off.data, off_len);
	cols += off_len;
	buf_puts(&rest, " (");
	off_len = word_caller(&rest, &place, 0) + 3;
	buf_putc(&rest, ')');
	if (!max_cols || cols + off_len <= max_cols) {
		buf_add(b, rest.data, rest.len);
		cols += off_len;
	}
	buf_done(&off);
	buf_done(&rest);
	return cols;
}

size_t word_caller(struct buf *b, const struct caller *caller, size_t max_cols)
{
	const struct object *obj = caller->obj;
	size_t off_len, room = 24, len, cols;
	struct buf off = { 0 };
	const char *name, *slash;

	if (!obj) {
		buf_putc(b, '?');
		return 1;
	}
	if (caller->symbol)
		return word_function(b, caller, max_cols);
	buf_puts(&off, "+0x");
	buf_hex(&off, caller->off);
	off_len = off.len;
	if (max_cols)
		room = max_cols > off_len + 3 ? max_cols - off_len : 3;
	if (obj->kind == OBJECT_ANON) {
		cols = word_mapping(b, obj, room);
	} else {
		name = obj->name;
		len = obj->name_len;
		slash = memrchr(name, '/', len);
		if (slash && slash + 1 < name + len) {
			len -= slash + 1 - name;
			name = slash + 1;
		}
		cols = escape_text_cut(b, name, len, room);
	}
	buf_add(b, off.data, off_len);
	buf_done(&off);
	return cols + off_len;
}

const char *word_kind(enum object_kind kind)
{
	switch (kind) {
	case OBJECT_ANON:
		return "anon";
	case OBJECT_HEAP:
		return "heap";
	case OBJECT_STACK:
		return "stack";
	case OBJECT_SPECIAL:
		return "special";
	case OBJECT_FILE:
		return "file";
	case OBJECT_MEMFD:
		return "memfd";
	case OBJECT_SYSV:
		return "sysv";
	case OBJECT_SHARED_ANON:
		return "shared_anon";
	case OBJECT_UNKNOWN:
		return "unknown";
	}
	return "?";
}

const char *word_access(unsigned int access)
{
	static const char *const words[] = { "access to", "read of", "write to", "execution of" };

	return words[access];
}

const char *word_write_how(enum mpw_write_how how)
{
	static const char *const words[] = { [MPW_WRITE_VM] = "process_vm_writev",
					     [MPW_WRITE_PTRACE] = "ptrace",
					     [MPW_WRITE_MEM] = "/proc/PID/mem",
					     [MPW_WRITE_OPEN] = "/proc/PID/mem" };

	return words[how];
}

void word_writer(struct buf *b, const struct event_write *w, bool is_self)
{
	if (is_self) {
		buf_puts(b, "by itself");
	} else {
		buf_puts(b, w->flags & MPW_WRITE_OUTWARD ? "into " : "by ");
		buf_puts(b, w->comm);
		buf_printf(b, " %u", w->pid);
	}
	buf_puts(b, w->how == MPW_WRITE_OPEN ? ", opened " : " with ");
	buf_puts(b, word_write_how(w->how));
	if (w->flags & MPW_WRITE_REST)
		buf_puts(b, ", in more ranges");
	if (w->flags & MPW_WRITE_UNPROVEN)
		buf_puts(b, ", not proven");
}

void word_write(struct buf *b, const struct event *ev, const struct attr *at)
{
	char scratch[16];

	word_writer(b, &ev->write, event_writes_self(ev));
	if (ret_is_error(ev->write.ret)) {
		buf_puts(b, ": ");
		buf_puts(b, fmt_errno(-ev->write.ret, scratch));
	}
	if (!at || !attr_is_mapped(at))
		return;
	buf_puts(b, ": ");
	word_mapping_raw(b, at->obj);
	buf_puts(b, " (");
	word_prot(b, at);
	buf_putc(b, ')');
}

void word_signal(struct buf *b, int sig)
{
	const char *name = sigabbrev_np(sig);

	buf_puts(b, "SIG");
	if (name)
		buf_puts(b, name);
	else
		buf_dec(b, sig);
}

static void word_sender(struct buf *b, const struct facts *facts)
{
	const struct fact_value *comm = &facts->value[MPW_FACT_SENDER_COMM];

	buf_puts(b, "sent");
	if (!facts_have(facts, MPW_FACT_SENDER))
		return;
	buf_puts(b, " by ");
	if (facts_have(facts, MPW_FACT_SENDER_COMM))
		buf_add(b, comm->word, comm->number);
	buf_putc(b, ' ');
	buf_dec(b, facts_number(facts, MPW_FACT_SENDER));
}

void word_fault(struct buf *b, const struct event *ev)
{
	const struct event_fault *f = &ev->fault;

	word_signal(b, event_signal(ev));
	buf_puts(b, f->handled ? ", caught: " : ", fatal: ");
	if (!fault_is_access(f)) {
		word_sender(b, &ev->facts);
	} else if (fault_has_addr(f)) {
		buf_puts(b, word_access(f->access));
		buf_putc(b, ' ');
		buf_hex(b, f->addr);
	} else {
		buf_puts(b, "no address was told");
	}
}

void word_fault_place(struct buf *b, const struct event *ev, const struct mm *mm)
{
	const struct caller by = caller_of_fault(mm, ev);
	const struct attr at = aspace_at(mm->as, ev->fault.addr);

	if (fault_has_addr(&ev->fault) && attr_is_mapped(&at)) {
		buf_puts(b, " in ");
		word_mapping_raw(b, at.obj);
		buf_puts(b, " (");
		word_prot(b, &at);
		buf_putc(b, ')');
	}
	if (!by.obj)
		return;
	buf_puts(b, " by ");
	word_caller(b, &by, 0);
}

const struct object *change_object(const struct change *ch)
{
	return attr_is_mapped(&ch->after) ? ch->after.obj : ch->before.obj;
}
