/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stack-exec, heap-exec: memory for data becomes executable. The kernel makes it so for programs
 * whose ELF header asks for it, and under READ_IMPLIES_EXEC; the loader, for libraries that ask.
 * Anybody else does it to run code that was put there.
 */
#include "detect/detectors.h"

enum { STACK_EXEC, HEAP_EXEC };
static const struct rule rules[] = {
	[STACK_EXEC] = { .id = "stack-exec", .technique = "T1055" },
	[HEAP_EXEC] = { .id = "heap-exec", .technique = "T1055" },
	{ 0 },
};

struct data_exec {
	bool is_exec_stack; /* set once the kernel or the loader made the main stack so */
};

static enum severity severity_of(const struct view *v, struct data_exec *state, bool main_stack)
{
	bool by_kernel = view_is_by_exec(v) || view_is_implied(v);

	if (main_stack && (by_kernel || view_is_loading(v)))
		state->is_exec_stack = true;
	if (by_kernel || (!main_stack && state->is_exec_stack))
		return SEVERITY_LOW;
	return view_is_loading(v) ? SEVERITY_MEDIUM : SEVERITY_HIGH;
}

static void write_why(struct buf *why, const struct view *v, const char *what)
{
	buf_puts(why, what);
	buf_puts(why, " was made executable");
	why_rights(why, v->ch);
	if (v->ev->type == EVENT_EXEC) {
		buf_puts(why, " by exec, as the program's ELF header asks");
		return;
	}
	why_caller(why, v->ch);
	why_implied(why, v);
	if (view_is_loading(v))
		buf_puts(why, ", for a library whose ELF header asks");
}

static void change(struct view *v)
{
	bool main_stack = view_is_main_stack(v);
	struct data_exec *state = v->state;
	enum severity severity;
	struct finding *f;

	if (v->turns & TURN_SEEN) {
		if (main_stack && v->ch->after.flags & VMA_X)
			state->is_exec_stack = true;
		return;
	}
	if (view_is_stack(v)) {
		severity = severity_of(v, state, main_stack);
		f = view_raise(v, &rules[STACK_EXEC], severity, FOLD_REGION);
		if (f)
			write_why(&f->why, v, main_stack ? "the stack" : "a thread's stack");
	} else if (view_is_heap(v)) {
		severity = severity_of(v, state, false);
		f = view_raise(v, &rules[HEAP_EXEC], severity, FOLD_REGION);
		if (f)
			write_why(&f->why, v,
				  v->marks & PAST_HEAP ? "memory of the heap, moved," : "the heap");
	}
}

const struct detector detector_data_exec = {
	.name = "data-exec",
	.rules = rules,
	.turns = TURN_GETS_X | TURN_SEEN,
	.state_bytes = sizeof(struct data_exec),
	.change = change,
};
