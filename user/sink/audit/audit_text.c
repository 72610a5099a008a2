/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The audit as text: the verdict, what to do, what would be refused, and the processes as they are
 * now.
 */
#include <string.h>

#include "core/words.h"
#include "sink/audit/audit_private.h"
#include "sink/paragraph.h"
#include "sink/when.h"
#include "util/escape.h"
#include "util/fmt.h"

/* Lines have 80 columns, but for long names of calls and callers. */
#define PAGE_COLS    80
#define COUNT_COLS   8
#define CALL_COLS    13
#define CODE_SHOWN   16 /* mappings of one process */
#define MAPPING_COLS 22
#define CALLER_COLS  22

struct audit_text {
	struct buf *b;
	const struct audit_log *log;
};

static void pad(struct buf *b, size_t cols, size_t width)
{
	buf_fill(b, ' ', cols < width ? width - cols : 0);
	buf_putc(b, ' ');
}

static void put_name(struct buf *b, const struct object *obj)
{
	word_mapping(b, obj, 0);
}

/* ---- processes as they are ---- */

static void put_fact(struct buf *b, const char *name)
{
	buf_puts(b, "  ");
	buf_puts(b, name);
	pad(b, strlen(name), 14);
}

static const char *yes_or_no(int v)
{
	return v < 0 ? "not known" : v ? "yes" : "no";
}

static void put_restrictions(struct buf *b, const struct proc_state *s)
{
	put_fact(b, "MDWE");
	buf_puts(b, "not known: the kernel tells it to the process itself only\n");
	put_fact(b, "seccomp");
	if (s->seccomp == 2 && s->nr_filters >= 0)
		fmt_count(b, s->nr_filters, "filter");
	else
		buf_puts(b, s->seccomp < 0  ? "not known" :
			    s->seccomp == 1 ? "strict" :
			    s->seccomp == 2 ? "filters" :
					      "none");
	buf_puts(b, ", no new privileges: ");
	buf_puts(b, yes_or_no(s->no_new_privs));
	buf_putc(b, '\n');
}

static void put_memory(struct buf *b, const struct proc_state *s)
{
	struct attr stack = { .flags = s->stack_flags };

	put_fact(b, "stack");
	word_prot(b, &stack);
	buf_putc(b, '\n');
	put_fact(b, "sealed");
	if (s->sealed_bytes)
		fmt_size(b, s->sealed_bytes);
	else
		buf_puts(b, "nothing");
	buf_putc(b, '\n');
}

static void put_code(struct buf *b, const struct proc_state *s)
{
	size_t i;

	for (i = 0; i < s->nr_code && i < CODE_SHOWN; i++) {
		const struct vma_seen *v = &s->code[i];

		put_fact(b, i ? "" : "code");
		fmt_size(b, v->end - v->start);
		buf_putc(b, ' ');
		word_prot(b, &v->attr);
		buf_puts(b, " of ");
		put_name(b, v->attr.obj);
		buf_puts(b, " at ");
		buf_hex(b, v->start);
		buf_putc(b, '\n');
	}
	if (s->nr_code > CODE_SHOWN) {
		put_fact(b, "");
		buf_printf(b, "and %zu more\n", s->nr_code - CODE_SHOWN);
	}
}

/* "RELRO          12 modules read-only, 1 unknown" and the names of those that are not. */
static void put_relro(struct buf *b, const struct proc_state *s)
{
	static const char *const words[] = { [RELRO_UNKNOWN] = "not known",
					     [RELRO_NONE] = "without",
					     [RELRO_DONE] = "read-only",
					     [RELRO_OPEN] = "STILL WRITABLE" };
	size_t nr[sizeof(words) / sizeof(*words)] = { 0 }, i;

	put_fact(b, "RELRO");
	for (i = 0; i < s->nr_modules; i++)
		nr[s->modules[i].relro]++;
	fmt_count(b, s->nr_modules, "module");
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (nr[i])
			buf_printf(b, ", %zu %s", nr[i], words[i]);
	buf_putc(b, '\n');
	for (i = 0; i < s->nr_modules; i++) {
		const struct proc_module *m = &s->modules[i];

		if (m->relro != RELRO_NONE && m->relro != RELRO_OPEN)
			continue;
		put_fact(b, "");
		buf_puts(b, words[m->relro]);
		buf_puts(b, ": ");
		put_name(b, m->obj);
		buf_putc(b, '\n');
	}
}

static void put_module(struct buf *b, const struct proc_state *s, const struct proc_module *m)
{
	bool is_program = m == s->modules;

	if (m->dirty_text_bytes) {
		put_fact(b, "text");
		fmt_size(b, m->dirty_text_bytes);
		buf_puts(b, " is no longer as in ");
		put_name(b, m->obj);
		buf_puts(b, m->has_text_relocs ? "\n" : ": patched, or by a debugger\n");
	}
	if (m->has_text_relocs) {
		put_fact(b, "text");
		buf_puts(b, "relocations, which would be refused, in ");
		put_name(b, m->obj);
		buf_puts(b, " (build it with -fPIC)\n");
	}
	if (m->wants_exec_stack) {
		put_fact(b, "stack");
		buf_puts(b, "is made executable for ");
		put_name(b, m->obj);
		buf_puts(b, is_program ? ", by the kernel, which is allowed" :
					 ", which would be refused");
		buf_puts(b, " (link it with -z noexecstack)\n");
	}
}

static void put_state(struct buf *b, const struct proc_state *s)
{
	size_t i;

	buf_puts(b, "\nprocess ");
	buf_dec(b, s->pid);
	buf_puts(b, ", ");
	escape_text(b, s->comm, strnlen(s->comm, 16));
	buf_puts(b, ", as it is now\n");
	put_restrictions(b, s);
	put_memory(b, s);
	put_code(b, s);
	put_relro(b, s);
	for (i = 0; i < s->nr_modules; i++)
		put_module(b, s, &s->modules[i]);
}

/* ---- what would be refused ---- */

static const char *name_of(const struct offence *o)
{
	switch (o->kind) {
	case OFFENCE_CALL:
		return call_name(o->call);
	case OFFENCE_LOADED:
		return "exec";
	case OFFENCE_FOUND:
		return "(mapped)";
	}
	return "?";
}

/* "execmem, execmod?" */
static void put_needs(struct buf *b, struct lsm_asks asks)
{
	unsigned int both = asks.sure | asks.maybe, i, nr = 0;

	for (i = 0; i < NR_LSM_ASKS; i++)
		if (both >> i & 1)
			buf_printf(b, "%s%s%s", nr++ ? ", " : "", lsm_ask_name(i),
				   asks.maybe >> i & 1 ? "?" : "");
}

/* "; by prctl, filter; needs execmem; failed here: EACCES" */
static void put_by(struct buf *b, const struct offence *o)
{
	char scratch[16];

	if (o->nr_prctl || o->nr_unknown)
		buf_puts(b, o->nr_prctl ? "; by prctl" : "; by prctl?");
	if (o->nr_filter)
		buf_puts(b, o->nr_prctl || o->nr_unknown ? ", filter" : "; by filter");
	if (o->asks.sure || o->asks.maybe) {
		buf_puts(b, "; needs ");
		put_needs(b, o->asks);
	}
	if (o->error) {
		buf_puts(b, "; failed here: ");
		buf_puts(b, fmt_errno(o->error, scratch));
	}
}

/* Two lines: the offence, and the process that did it first. */
static void put_offence(const struct audit_text *p, const struct offence *o)
{
	struct buf *b = p->b;
	size_t mark = b->len, cols;

	buf_dec(b, o->nr);
	align_right(b, mark, COUNT_COLS);
	buf_putc(b, ' ');
	buf_puts(b, name_of(o));
	pad(b, strlen(name_of(o)), CALL_COLS);
	word_prot(b, &o->before);
	buf_puts(b, " -> ");
	word_prot(b, &o->after);
	buf_putc(b, ' ');
	cols = word_mapping(b, o->mapping, MAPPING_COLS);
	if (o->kind == OFFENCE_CALL) {
		pad(b, cols, MAPPING_COLS);
		word_caller(b, &o->caller, CALLER_COLS);
	}
	buf_putc(b, '\n');
	buf_fill(b, ' ', COUNT_COLS + 1);
	escape_text(b, o->comm, strnlen(o->comm, 16));
	buf_putc(b, ' ');
	buf_dec(b, o->pid);
	buf_puts(b, ", first at ");
	fmt_time_of_day(b, o->ts_ns + p->log->cfg.run->boot_to_wall_ns, p->log->cfg.utc);
	put_by(b, o);
	buf_putc(b, '\n');
	if (o->functions[0]) {
		buf_fill(b, ' ', COUNT_COLS + 1);
		buf_puts(b, o->functions);
		buf_putc(b, '\n');
	}
}

static void put_offences(const struct audit_text *p, const char *heading,
			 const struct offence_list *l)
{
	unsigned int i;

	if (!l->nr)
		return;
	buf_printf(p->b, "\n%s:\n\n   TIMES CALL          PROT       MAPPING", heading);
	pad(p->b, strlen("MAPPING"), MAPPING_COLS);
	buf_puts(p->b, "CALLER\n");
	for (i = 0; i < l->nr; i++)
		put_offence(p, &l->all[i]);
	if (l->rest.nr) {
		size_t mark = p->b->len;

		buf_dec(p->b, l->rest.nr);
		align_right(p->b, mark, COUNT_COLS);
		buf_puts(p->b, " of other kinds, which found no room in this list\n");
	}
}

/* text: escaped, and cut into words by strsep(). */
static void put_paragraph(struct buf *b, size_t indent, char *text)
{
	struct paragraph para_at = { .out = b, .width = PAGE_COLS };
	char *word;

	para_begin(&para_at, indent);
	para(&para_at, "-");
	while ((word = strsep(&text, " ")))
		para_escaped(&para_at, word);
	para_end(&para_at);
}

/* Each advice once: two offences of one kind have the same words. */
static void put_advice(const struct audit_text *p)
{
	struct buf listed[OFFENCES_MAX] = { 0 };
	unsigned int i, j, nr = 0;

	buf_puts(p->b, "What can be done:\n");
	for (i = 0; i < p->log->refused.nr; i++) {
		listed[nr].len = 0;
		if (!audit_advice(&listed[nr], &p->log->refused.all[i]))
			continue;
		buf_putc(&listed[nr], 0);
		for (j = 0; strcmp(listed[j].data, listed[nr].data); j++)
			;
		nr += j == nr;
	}
	for (i = 0; i < nr; i++)
		put_paragraph(p->b, 2, listed[i].data);
	for (i = 0; i < OFFENCES_MAX; i++)
		buf_done(&listed[i]);
	buf_puts(p->b,
		 "  - A program that only asks whether it may, and goes on when it is refused, "
		 "runs\n  under it all the same: try it.\n"
		 "  - Else leave MemoryDenyWriteExecute= off for this unit.\n");
}

/* ---- the verdict ---- */

const char *audit_verdict_word(enum mdwe answer)
{
	return answer == MDWE_ALLOWS ? "yes" : answer == MDWE_UNKNOWN ? "not certain" : "no";
}

static void put_way(struct buf *b, const char *way, enum mdwe answer, uint64_t nr)
{
	buf_puts(b, "  ");
	buf_puts(b, way);
	pad(b, strlen(way), 48);
	buf_puts(b, audit_verdict_word(answer));
	if (nr) {
		buf_puts(b, ": would refuse ");
		buf_dec(b, nr);
	}
	buf_putc(b, '\n');
}

/* "  Not all was seen: 3 records were lost (node 42: 2)." */
static void put_reasons(struct buf *b, const struct totals *totals)
{
	struct paragraph para_at = { .out = b, .width = PAGE_COLS };
	struct buf why = { 0 };
	char *rest, *word;

	totals_put_doubts(&why, totals);
	if (why.len) {
		buf_putc(&why, '.');
		buf_putc(&why, 0);
		rest = why.data;
		para_begin(&para_at, 2);
		para(&para_at, "Not all was seen:");
		while ((word = strsep(&rest, " ")))
			para(&para_at, "%s", word);
		para_end(&para_at);
	}
	buf_done(&why);
}

static void put_caveats(struct buf *b, const struct audit_sums *s, const struct totals *totals)
{
	put_reasons(b, totals);
	if (!s->seen)
		buf_puts(b, "  Nothing was seen of it.\n");
	else if (!s->nr_calls)
		buf_puts(b, "  It made no call: what it does when it works is not known.\n");
	if (s->nr_unknown) {
		buf_puts(b, "  Of ");
		buf_dec(b, s->nr_unknown);
		buf_puts(b, " it is not known what they were before (prctl?).\n");
	}
	if (s->nr_text_changed)
		buf_puts(b, "  Text was changed: who did it by mprotect(2) would be refused.\n");
}

static void put_dropin(struct buf *b, enum mdwe filter)
{
	buf_puts(b, "Nothing that was seen would be refused; what it does at other times is not "
		    "known.\nFor \"systemctl edit UNIT\"");
	buf_puts(b, filter == MDWE_ALLOWS ? ":\n" : ", where the first of these two is used:\n");
	buf_puts(b, "\n[Service]\nMemoryDenyWriteExecute=yes\n");
}

static void put_verdict(const struct audit_text *p, const struct totals *totals)
{
	const struct audit_sums *s = &p->log->sums;
	struct buf *b = p->b;

	buf_puts(b, "May it run under MemoryDenyWriteExecute=? ");
	buf_puts(b, audit_verdict_word(s->prctl));
	buf_puts(b, " (");
	fmt_count(b, totals->nr_procs, "process");
	buf_puts(b, ", ");
	fmt_count(b, s->nr_calls, "call");
	buf_puts(b, ")\n");
	put_way(b, "PR_SET_MDWE (Linux 6.3 with systemd 254)", s->prctl, s->nr_prctl);
	put_way(b, "seccomp filter (older kernel, or older systemd)", s->filter, s->nr_filter);
	put_caveats(b, s, totals);
	buf_putc(b, '\n');
	if (s->prctl == MDWE_REFUSES)
		put_advice(p);
	else if (s->prctl == MDWE_ALLOWS)
		put_dropin(b, s->filter);
	else
		buf_puts(b,
			 "Audit it again from its start, before MemoryDenyWriteExecute= is set.\n");
}

/* ---- what security modules would be asked for ---- */

static void put_places(struct buf *b, const struct audit_log *log)
{
	struct paragraph para_at = { .out = b, .width = PAGE_COLS };
	unsigned int i;

	if (!log->nr_places)
		return;
	para_begin(&para_at, 2);
	para(&para_at, "Its code is in files of");
	for (i = 0; i < log->nr_places; i++) {
		const struct code_place *at = &log->places[i];

		para(&para_at, "%u:%u (first", dev_major(at->dev), dev_minor(at->dev));
		para_name(&para_at, at->first->name, at->first->name_len,
			  i + 1 < log->nr_places ? ")," :
			  log->places_unlisted	 ? ") and others," :
						   "),");
	}
	para(&para_at, "which RestrictFileSystemAccess= wants to be signed dm-verity devices.");
	para_end(&para_at);
}

static void put_asks(const struct audit_text *p)
{
	const struct audit_sums *s = &p->log->sums;
	struct buf *b = p->b;
	unsigned int i, nr = 0;

	buf_puts(b, "\nSELinux would be asked for: ");
	for (i = 0; i < LSM_FSACCESS; i++) {
		if (!s->asks[i].nr && !s->asks[i].nr_maybe)
			continue;
		buf_printf(b, "%s%s%s", nr++ ? ", " : "", lsm_ask_name(i),
			   s->asks[i].nr ? "" : " (not certain)");
	}
	buf_puts(b, nr ? "\n" : "nothing that was seen\n");
	buf_puts(b, "RestrictFileSystemAccess= (systemd 261) would refuse: ");
	if (s->asks[LSM_FSACCESS].nr)
		buf_printf(b, "%llu%s (fsaccess)\n", (unsigned long long)s->asks[LSM_FSACCESS].nr,
			   s->asks[LSM_FSACCESS].nr_maybe ? " or more" : "");
	else
		buf_puts(b, s->asks[LSM_FSACCESS].nr_maybe ? "not certain (fsaccess?)\n" :
							     "nothing that was seen\n");
	put_places(b, p->log);
}

void audit_text_put(struct buf *b, const struct audit_log *log, const struct totals *totals)
{
	struct audit_text p = { .b = b, .log = log };
	size_t i;

	put_verdict(&p, totals);
	audit_groups_text(b, log);
	put_asks(&p);
	put_offences(&p, "Would be refused", &log->refused);
	put_offences(&p, "Would not be refused, but needs", &log->asking);
	for (i = 0; i < log->cfg.audit->nr_states; i++)
		put_state(b, &log->cfg.audit->states[i]);
}
