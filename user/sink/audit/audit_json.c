/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit as one JSON object; mprotwatch(8) lists the members. */
#include <string.h>

#include "sink/audit/audit_private.h"
#include "sink/json_put.h"
#include "util/fmt.h"

static const char *answer_word(enum mdwe answer)
{
	switch (answer) {
	case MDWE_ALLOWS:
		return "yes";
	case MDWE_UNKNOWN:
		return "unsure";
	case MDWE_REFUSES:
		return "no";
	}
	return "?";
}

static void put_caller(struct buf *b, const struct caller *c)
{
	if (!c->addr)
		return;
	put_key(b, "caller");
	buf_putc(b, '{');
	put_hex(b, "addr", c->addr);
	if (c->obj) {
		put_named(b, "module", c->obj);
		put_hex(b, "off", c->off);
		put_symbol(b, c->symbol, c->symbol_off);
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

static void put_ask_names(struct buf *b, const char *key, unsigned int asks)
{
	int i, nr = 0;

	put_key(b, key);
	buf_putc(b, '[');
	for (i = 0; i < NR_LSM_ASKS; i++)
		if (asks >> i & 1)
			buf_printf(b, "%s\"%s\"", nr++ ? "," : "", lsm_ask_name(i));
	buf_putc(b, ']');
}

static void put_offence(struct buf *b, const struct audit_log *log, const struct offence *o)
{
	static const char *const kinds[] = { [OFFENCE_CALL] = "call",
					     [OFFENCE_LOADED] = "exec",
					     [OFFENCE_FOUND] = "mapped" };
	struct buf advice = { 0 };
	char scratch[16];

	buf_putc(b, '{');
	put_word(b, "kind", kinds[o->kind]);
	if (o->kind == OFFENCE_CALL)
		put_word(b, "call", call_name(o->call));
	put_u64(b, "times", o->nr);
	put_u64(b, "prctl_refuses", o->nr_prctl);
	put_u64(b, "prctl_unsure", o->nr_unknown);
	put_u64(b, "filter_refuses", o->nr_filter);
	put_ask_names(b, "needs", o->asks.sure);
	put_ask_names(b, "needs_maybe", o->asks.maybe);
	put_time(b, "first", o->ts_ns + log->cfg.run->boot_to_wall_ns);
	put_u64(b, "pid", o->pid);
	put_string(b, "comm", o->comm, strnlen(o->comm, 16));
	put_named(b, "exe", o->exe);
	put_hex(b, "start", o->start);
	put_hex(b, "end", o->end);
	put_rights(b, "before", o->before.flags);
	put_rights(b, "after", o->after.flags);
	put_named(b, "mapping", o->mapping);
	put_caller(b, &o->caller);
	if (o->error)
		put_word(b, "failed", fmt_errno(o->error, scratch));
	if (o->functions[0])
		put_string(b, "functions", o->functions, strlen(o->functions));
	if (o->asked_by)
		put_named(b, "asked_by", o->asked_by);
	if (audit_advice(&advice, o))
		put_string(b, "advice", advice.data, advice.len);
	buf_done(&advice);
	buf_putc(b, '}');
}

static void put_offences(struct buf *b, const char *key, const struct audit_log *log,
			 const struct offence_list *l)
{
	unsigned int i;

	put_key(b, key);
	buf_putc(b, '[');
	for (i = 0; i < l->nr; i++) {
		if (i)
			buf_putc(b, ',');
		put_offence(b, log, &l->all[i]);
	}
	buf_putc(b, ']');
}

/* How often each was asked for, and where the files lie that are executed. */
static void put_asks(struct buf *b, const struct audit_log *log)
{
	unsigned int i;

	put_key(b, "lsm");
	buf_putc(b, '{');
	for (i = 0; i < NR_LSM_ASKS; i++) {
		put_key(b, lsm_ask_name(i));
		buf_putc(b, '{');
		put_u64(b, "times", log->sums.asks[i].nr);
		put_u64(b, "maybe", log->sums.asks[i].nr_maybe);
		buf_putc(b, '}');
	}
	buf_putc(b, '}');
	put_offences(b, "asks", log, &log->asking);
	put_u64(b, "asks_unlisted", log->asking.rest.nr);
	put_key(b, "code_places");
	buf_putc(b, '[');
	for (i = 0; i < log->nr_places; i++) {
		buf_puts(b, i ? ",{" : "{");
		buf_printf(b, "\"dev\":\"%u:%u\"", dev_major(log->places[i].dev),
			   dev_minor(log->places[i].dev));
		put_named(b, "first", log->places[i].first);
		put_u64(b, "mappings", log->places[i].nr);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static void put_module(struct buf *b, const struct proc_state *s, const struct proc_module *m)
{
	static const char *const relro[] = { [RELRO_UNKNOWN] = "unknown",
					     [RELRO_NONE] = "none",
					     [RELRO_DONE] = "read-only",
					     [RELRO_OPEN] = "writable" };

	buf_putc(b, '{');
	put_named(b, "path", m->obj);
	put_word(b, "relro", relro[m->relro]);
	put_u64(b, "changed_text_bytes", m->dirty_text_bytes);
	put_bool(b, "text_relocations", m->has_text_relocs);
	put_bool(b, "exec_stack", m->wants_exec_stack);
	put_word(b, "may_load", answer_word(audit_module(s, m)));
	buf_putc(b, '}');
}

static void put_code(struct buf *b, const struct vma_seen *v)
{
	buf_putc(b, '{');
	put_hex(b, "start", v->start);
	put_hex(b, "end", v->end);
	put_rights(b, "prot", v->attr.flags);
	put_named(b, "mapping", v->attr.obj);
	put_bool(b, "deleted", v->attr.obj->deleted);
	buf_putc(b, '}');
}

/* A number that the kernel does not say (-1) is null. */
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
	size_t i;

	buf_putc(b, '{');
	put_u64(b, "pid", s->pid);
	put_string(b, "comm", s->comm, strnlen(s->comm, 16));
	put_maybe(b, "seccomp", s->seccomp);
	put_maybe(b, "seccomp_filters", s->nr_filters);
	put_maybe(b, "no_new_privs", s->no_new_privs);
	put_rights(b, "stack", s->stack_flags);
	put_u64(b, "sealed_bytes", s->sealed_bytes);
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
	put_word(b, "verdict", answer_word(answer));
	put_u64(b, "refuses", nr);
	buf_putc(b, '}');
}

void audit_json_put(struct buf *b, const struct audit_log *log, const struct totals *totals)
{
	const struct audit_sums *s = &log->sums;
	size_t i;

	buf_putc(b, '{');
	put_word(b, "type", "audit");
	put_word(b, "what", log->cfg.run->what);
	put_word(b, "verdict", answer_word(s->prctl));
	put_way(b, "prctl", s->prctl, s->nr_prctl);
	put_way(b, "filter", s->filter, s->nr_filter);
	put_u64(b, "processes", totals->nr_procs);
	put_u64(b, "calls", s->nr_calls);
	put_u64(b, "lost", totals->lost);
	put_doubts(b, totals);
	put_u64(b, "unsure", s->nr_unknown);
	put_u64(b, "unlisted", log->refused.rest.nr);
	put_offences(b, "refused", log, &log->refused);
	put_asks(b, log);
	audit_groups_json(b, log);
	put_key(b, "states");
	buf_putc(b, '[');
	for (i = 0; i < log->cfg.audit->nr_states; i++) {
		if (i)
			buf_putc(b, ',');
		put_state(b, &log->cfg.audit->states[i]);
	}
	buf_puts(b, "]}\n");
}
