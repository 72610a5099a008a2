/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts of events ride on the event; those of processes are kept by the process. */
#include "sink/lines/line_facts.h"

#include "sink/csv.h"
#include "sink/json_put.h"

/* Which of the wanted facts there are. */
static uint32_t known(uint32_t wanted, const struct event *ev, const struct proc *proc)
{
	return wanted & ((ev->facts.has & FACTS_OF_EVENTS) | (proc->facts.has & ~FACTS_OF_EVENTS));
}

static const struct fact_value *value(enum mpw_fact id, const struct event *ev,
				      const struct proc *proc)
{
	return FACTS_OF_EVENTS >> id & 1 ? &ev->facts.value[id] : &proc->facts.value[id];
}

void line_facts_text(struct buf *b, uint32_t fields, const struct event *ev,
		     const struct proc *proc)
{
	uint32_t rest;

	for (rest = known(fields, ev, proc); rest; rest &= rest - 1) {
		int id = __builtin_ctz(rest);

		if (b->len)
			buf_putc(b, ' ');
		buf_puts(b, fact_name(id));
		buf_putc(b, '=');
		fact_put_text(b, id, value(id, ev, proc));
	}
}

void line_facts_json(struct buf *b, uint32_t fields, uint32_t but, const struct event *ev,
		     const struct proc *proc)
{
	uint32_t rest;

	for (rest = known((fields | FACTS_OF_EVENTS) & ~but, ev, proc); rest; rest &= rest - 1) {
		int id = __builtin_ctz(rest);

		put_key(b, fact_name(id));
		fact_put_json(b, id, value(id, ev, proc));
	}
}

void line_facts_csv(struct buf *b, uint32_t fields, const struct event *ev, const struct proc *proc)
{
	uint32_t has = ev && proc ? known(fields, ev, proc) : 0;
	struct buf cell = { 0 };
	uint32_t rest;

	for (rest = fields; rest; rest &= rest - 1) {
		int id = __builtin_ctz(rest);

		cell.len = 0;
		if (has >> id & 1)
			fact_put_text(&cell, id, value(id, ev, proc));
		buf_putc(b, ',');
		if (fact_type(id) == FACT_NUMBER)
			buf_add(b, cell.data, cell.len);
		else
			csv_put(b, cell.data, cell.len);
	}
	buf_done(&cell);
}

void line_facts_csv_names(struct buf *b, uint32_t fields)
{
	for (; fields; fields &= fields - 1) {
		buf_putc(b, ',');
		buf_puts(b, fact_name(__builtin_ctz(fields)));
	}
}
