/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit as one JSON object, as the manual page describes it. */
#include <string.h>

#include "core/words.h"
#include "sink/audit/audit_private.h"
#include "util/escape.h"
#include "util/fmt.h"

static void put_key(struct buf *b, const char *key)
{
	if (b->data[b->len - 1] != '{')
		buf_putc(b, ',');
	buf_putc(b, '"');
	buf_puts(b, key);
	buf_puts(b, "\":");
}

static void put_num(struct buf *b, const char *key, uint64_t v)
{
	put_key(b, key);
	buf_dec(b, v);
}

static void put_str(struct buf *b, const char *key, const char *s, size_t len)
{
	put_key(b, key);
	escape_json(b, s, len);
}

static void put_word(struct buf *b, const char *key, const char *s)
{
	put_str(b, key, s, strlen(s));
}

static void put_bool(struct buf *b, const char *key, bool v)
{
	put_key(b, key);
	buf_puts(b, v ? "true" : "false");
}

static void put_hex(struct buf *b, const char *key, uint64_t v)
{
	put_key(b, key);
	buf_puts(b, "\"0x");
	buf_hex(b, v);
	buf_putc(b, '"');
}

/* null where nothing is mapped or known. */
static void put_object(struct buf *b, const char *key, const struct object *obj)
{
	struct buf name = { 0 };

	put_key(b, key);
	if (!obj) {
		buf_puts(b, "null");
		return;
	}
	word_mapping_raw(&name, obj);
	escape_json(b, name.data, name.len);
	buf_done(&name);
}

static void put_prot(struct buf *b, const char *key, const struct attr *a)
{
	put_key(b, key);
	if (attr_is_unknown(a)) {
		buf_puts(b, "\"unknown\"");
	} else if (!attr_is_mapped(a)) {
		buf_puts(b, "null");
	} else {
		buf_putc(b, '"');
		word_prot(b, a);
		buf_putc(b, '"');
	}
}

static void put_caller(struct buf *b, const struct caller *c)
{
	if (!c->addr)
		return;
	put_key(b, "caller");
	buf_putc(b, '{');
	put_hex(b, "addr", c->addr);
	if (c->obj) {
		put_object(b, "module", c->obj);
		put_hex(b, "off", c->off);
	}
	buf_putc(b, '}');
}

static void put_time(struct buf *b, const char *key, uint64_t wall_ns)
{
	put_key(b, key);
	buf_putc(b, '"');
	fmt_rfc3339(b, wall_ns);
	buf_putc(b, '"');
}

static void put_offence(struct buf *b, const struct audit_log *log, const struct offence *o)
{
	static const char *const kinds[] = { [OFFENCE_CALL] = "call",
					     [OFFENCE_LOADED] = "exec",
					     [OFFENCE_FOUND] = "mapped" };
	const char *advice = audit_advice(o);
	char scratch[16];

	buf_putc(b, '{');
	put_word(b, "kind", kinds[o->kind]);
	if (o->kind == OFFENCE_CALL)
		put_word(b, "call", call_name(o->call));
	put_num(b, "times", o->nr);
	put_num(b, "prctl_refuses", o->nr_prctl);
	put_num(b, "prctl_unsure", o->nr_unknown);
	put_num(b, "filter_refuses", o->nr_filter);
	put_time(b, "first", o->ts_ns + log->cfg.run->boot_to_wall_ns);
	put_num(b, "pid", o->pid);
	put_str(b, "comm", o->comm, strnlen(o->comm, 16));
	put_object(b, "exe", o->exe);
	put_hex(b, "start", o->start);
	put_hex(b, "end", o->end);
	put_prot(b, "before", &o->before);
	put_prot(b, "after", &o->after);
	put_object(b, "mapping", o->mapping);
	put_caller(b, &o->caller);
	if (o->error)
		put_word(b, "failed", fmt_errno(o->error, scratch));
	if (advice)
		put_word(b, "advice", advice);
	buf_putc(b, '}');
}

static void put_module(struct buf *b, const struct proc_state *s, const struct proc_module *m)
{
	static const char *const relro[] = { [RELRO_UNKNOWN] = "unknown",
					     [RELRO_NONE] = "none",
					     [RELRO_DONE] = "read-only",
					     [RELRO_OPEN] = "writable" };

	buf_putc(b, '{');
	put_object(b, "path", m->obj);
	put_word(b, "relro", relro[m->relro]);
	put_num(b, "changed_text_bytes", m->dirty_text_bytes);
	put_bool(b, "text_relocations", m->has_text_relocs);
	put_bool(b, "exec_stack", m->wants_exec_stack);
	put_word(b, "may_load", audit_word(audit_module(s, m)));
	buf_putc(b, '}');
}

static void put_code(struct buf *b, const struct vma_seen *v)
{
	buf_putc(b, '{');
	put_hex(b, "start", v->start);
	put_hex(b, "end", v->end);
	put_prot(b, "prot", &v->attr);
	put_object(b, "mapping", v->attr.obj);
	put_bool(b, "deleted", v->attr.obj->deleted);
	buf_putc(b, '}');
}

/* What the kernel does not say is null. */
static void put_maybe(struct buf *b, const char *key, int v)
{
	put_key(b, key);
	if (v < 0)
		buf_puts(b, "null");
	else
		buf_dec(b, v);
}

static void put_state(struct buf *b, const struct proc_state *s)
{
	struct attr stack = { .flags = s->stack_flags };
	size_t i;

	buf_putc(b, '{');
	put_num(b, "pid", s->pid);
	put_str(b, "comm", s->comm, strnlen(s->comm, 16));
	put_maybe(b, "seccomp", s->seccomp);
	put_maybe(b, "seccomp_filters", s->nr_filters);
	put_maybe(b, "no_new_privs", s->no_new_privs);
	put_prot(b, "stack", &stack);
	put_num(b, "sealed_bytes", s->sealed_bytes);
	put_key(b, "code");
	buf_putc(b, '[');
	for (i = 0; i < s->nr_code; i++) {
		if (i)
			buf_putc(b, ',');
		put_code(b, &s->code[i]);
	}
	buf_putc(b, ']');
	put_key(b, "modules");
	buf_putc(b, '[');
	for (i = 0; i < s->nr_modules; i++) {
		if (i)
			buf_putc(b, ',');
		put_module(b, s, &s->modules[i]);
	}
	buf_puts(b, "]}");
}

static void put_way(struct buf *b, const char *key, enum mdwe answer, uint64_t nr)
{
	put_key(b, key);
	buf_putc(b, '{');
	put_word(b, "verdict", audit_word(answer));
	put_num(b, "refuses", nr);
	buf_putc(b, '}');
}

void audit_json_put(struct buf *b, const struct audit_log *log, const struct totals *totals)
{
	const struct audit_sums *s = &log->sums;
	size_t i;

	buf_putc(b, '{');
	put_word(b, "type", "audit");
	put_word(b, "what", log->cfg.run->what);
	put_word(b, "verdict", audit_word(s->prctl));
	put_way(b, "prctl", s->prctl, s->nr_prctl);
	put_way(b, "filter", s->filter, s->nr_filter);
	put_num(b, "processes", totals->nr_procs);
	put_num(b, "calls", s->nr_calls);
	put_num(b, "lost", totals->lost);
	put_num(b, "unsure", s->nr_unknown);
	put_num(b, "unlisted", log->rest.nr);
	put_key(b, "refused");
	buf_putc(b, '[');
	for (i = 0; i < log->nr_offences; i++) {
		if (i)
			buf_putc(b, ',');
		put_offence(b, log, &log->offences[i]);
	}
	buf_putc(b, ']');
	put_key(b, "states");
	buf_putc(b, '[');
	for (i = 0; i < log->cfg.audit->nr_states; i++) {
		if (i)
			buf_putc(b, ',');
		put_state(b, &log->cfg.audit->states[i]);
	}
	buf_puts(b, "]}\n");
}
