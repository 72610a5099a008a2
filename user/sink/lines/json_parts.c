/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that are not known are null or left out; see json_parts.h. */
#include "sink/lines/json_parts.h"

#include <string.h>

#include "core/call_flags.h"
#include "core/refusal.h"
#include "core/words.h"
#include "sink/json_put.h"
#include "util/fmt.h"

void json_put_state(struct buf *b, const char *key, const struct attr *a)
{
	put_key(b, key);
	if (attr_is_unknown(a)) {
		buf_puts(b, "{\"state\":\"unknown\"}");
		return;
	}
	if (!attr_is_mapped(a)) {
		buf_puts(b, "{\"state\":\"unmapped\"}");
		return;
	}
	buf_puts(b, "{\"state\":\"mapped\",\"prot\":\"");
	word_prot(b, a);
	buf_putc(b, '"');
	put_bool(b, "shared", a->flags & VMA_SHARED);
	if (a->pkey)
		put_u64(b, "pkey", a->pkey);
	if (a->flags & VMA_SEALED)
		put_bool(b, "sealed", true);
	if (a->flags & VMA_GUARD)
		put_bool(b, "guard", true);
	if (a->flags & VMA_DONTCOPY)
		put_bool(b, "dontfork", true);
	buf_putc(b, '}');
}

void json_put_side(struct buf *b, const char *key, const struct attr *a)
{
	put_key(b, key);
	buf_putc(b, '"');
	if (attr_is_mapped(a))
		word_prot(b, a);
	else
		buf_puts(b, attr_is_unknown(a) ? "unknown" : "unmapped");
	buf_putc(b, '"');
}

void json_put_object(struct buf *b, const char *key, const struct object *obj)
{
	put_key(b, key);
	if (!obj) {
		buf_puts(b, "null");
		return;
	}
	buf_putc(b, '{');
	put_word(b, "kind", word_kind(obj->kind));
	put_named(b, "name", obj);
	if (object_has_offsets(obj) && !obj->inode_unknown) {
		put_key(b, "dev");
		buf_printf(b, "\"%02x:%02x\"", dev_major(obj->dev), dev_minor(obj->dev));
		put_u64(b, "ino", obj->ino);
		put_bool(b, "deleted", obj->deleted);
		if (obj->mnt_ns)
			put_u64(b, "mnt_ns", obj->mnt_ns);
		if (obj->marks & OBJECT_CLAIM)
			put_bool(b, "claimed", true);
	}
	buf_putc(b, '}');
}

void json_put_caller(struct buf *b, const struct caller *caller)
{
	put_key(b, "caller");
	if (!caller->addr) {
		buf_puts(b, "null");
		return;
	}
	buf_putc(b, '{');
	put_hex(b, "addr", caller->addr);
	if (caller->obj) {
		put_named(b, "module", caller->obj);
		put_hex(b, "offset", caller->off);
		put_symbol(b, caller->symbol, caller->symbol_off);
		if (caller->is_copy)
			put_bool(b, "copied", true);
	}
	buf_putc(b, '}');
}

void json_put_flags(struct buf *b, const struct event_call *c)
{
	const char *names[CALL_FLAGS_MAX];
	size_t nr = call_flags(c, names), i;
	uint64_t hint = call_missed_hint(c);

	if (nr)
		put_key(b, "flags");
	for (i = 0; i < nr; i++) {
		buf_puts(b, i ? ",\"" : "[\"");
		buf_puts(b, names[i]);
		buf_putc(b, '"');
	}
	if (nr)
		buf_putc(b, ']');
	if (hint)
		put_hex(b, "missed_hint", hint);
}

/* The numbers, the range and the mapping of the first cause. */
static void put_cause(struct buf *b, const struct reason *cause)
{
	if (cause->allowed || cause->used || cause->asked) {
		put_u64(b, "allowed", cause->allowed);
		put_u64(b, "used", cause->used);
		put_u64(b, "asked", cause->asked);
	}
	if (cause->end) {
		put_hex(b, "start", cause->start);
		put_hex(b, "end", cause->end);
	}
	if (cause->vma) {
		json_put_state(b, "state", &cause->vma->attr);
		json_put_object(b, "mapping", cause->vma->attr.obj);
	}
}

void json_put_refusal(struct buf *b, const struct event *ev, const struct mm *mm)
{
	struct buf why = { 0 };
	struct refusal r;
	unsigned int i;

	if (!event_is_failed(ev))
		return;
	refusal_find(mm, ev, &r);
	if (!r.nr)
		return;
	put_key(b, "refusal");
	buf_puts(b, "{\"causes\":[");
	for (i = 0; i < r.nr; i++) {
		buf_puts(b, i ? ",\"" : "\"");
		buf_puts(b, refusal_word(r.cause[i].id));
		buf_putc(b, '"');
	}
	buf_putc(b, ']');
	put_cause(b, &r.cause[0]);
	word_refusal(&why, ev, &r);
	put_string(b, "why", why.data, why.len);
	buf_putc(b, '}');
	buf_done(&why);
}

static void put_other(struct buf *b, const struct event_write *w)
{
	put_key(b, w->flags & MPW_WRITE_OUTWARD ? "target" : "writer");
	buf_putc(b, '{');
	put_u64(b, "pid", w->pid);
	put_u64(b, "tid", w->tid);
	put_u64(b, "uid", w->uid);
	put_string(b, "comm", w->comm, strnlen(w->comm, sizeof(w->comm)));
	buf_putc(b, '}');
}

void json_put_write(struct buf *b, const struct event *ev, const struct attr *at)
{
	static const char *const how[] = { "process_vm_writev", "ptrace", "mem", "open" };
	const struct event_write *w = &ev->write;
	char scratch[16];

	put_word(b, "how", how[w->how]);
	if (w->addr)
		put_hex(b, "address", w->addr);
	put_u64(b, "size", w->len);
	if (ret_is_error(w->ret))
		put_word(b, "errno", fmt_errno(-w->ret, scratch));
	json_put_state(b, "state", at);
	json_put_object(b, "mapping", attr_is_mapped(at) ? at->obj : NULL);
	if (attr_is_mapped(at) && object_has_offsets(at->obj))
		put_hex(b, "offset", at->off);
	put_other(b, w);
	put_bool(b, "proven", !(w->flags & MPW_WRITE_UNPROVEN));
	put_bool(b, "by_tracer", w->flags & MPW_WRITE_TRACER);
	put_bool(b, "by_parent", w->flags & MPW_WRITE_PARENT);
	put_bool(b, "other_user", w->flags & MPW_WRITE_FOREIGN);
}

void json_put_fault(struct buf *b, const struct event *ev, const struct proc *proc)
{
	static const char *const access[] = { "any", "read", "write", "exec" };
	const struct event_fault *f = &ev->fault;
	struct caller caller = caller_of_fault(proc->mm, ev);
	struct attr at = aspace_at(proc->mm->as, f->addr);

	put_key(b, "signal");
	buf_putc(b, '"');
	word_signal(b, event_signal(ev));
	buf_putc(b, '"');
	if (fault_has_addr(f))
		put_hex(b, "address", f->addr);
	put_hex(b, "ip", f->ip);
	put_word(b, "access", access[f->access]);
	put_key(b, "code");
	buf_printf(b, "%d", f->code);
	put_bool(b, "handled", f->handled);
	if (fault_has_addr(f)) {
		json_put_state(b, "state", &at);
		json_put_object(b, "mapping", at.obj);
	}
	json_put_caller(b, &caller);
}
