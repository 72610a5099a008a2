/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts of events ride on the event; those of processes are kept by the process. */
#include "sink/lines/line_facts.h"

#include "sink/json_put.h"

static const struct facts *keeper(enum mpw_fact id, const struct event *ev, const struct proc *proc)
{
	return fact_of(id) == FACT_OF_PROCESS ? &proc->facts : &ev->facts;
}

void line_facts_text(struct buf *b, uint32_t fields, const struct event *ev,
		     const struct proc *proc)
{
	int id;

	for (id = 0; id < MPW_NR_FACTS; id++) {
		const struct facts *f = keeper(id, ev, proc);

		if (!(fields >> id & 1) || !facts_have(f, id))
			continue;
		if (b->len)
			buf_putc(b, ' ');
		buf_puts(b, fact_name(id));
		buf_putc(b, '=');
		fact_put_text(b, id, &f->value[id]);
	}
}

void line_facts_json(struct buf *b, uint32_t fields, uint32_t but, const struct event *ev,
		     const struct proc *proc)
{
	int id;

	for (id = 0; id < MPW_NR_FACTS; id++) {
		const struct facts *f = keeper(id, ev, proc);
		bool is_wanted = fact_of(id) == FACT_OF_EVENT || fields >> id & 1;

		if (!is_wanted || but >> id & 1 || !facts_have(f, id))
			continue;
		put_key(b, fact_name(id));
		fact_put_json(b, id, &f->value[id]);
	}
}
