/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of events and calls, both ways, and the ranges and protections in calls' arguments. */
#include "core/event.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

__u64 page_bytes = PAGE_BYTES_MIN;

/* A row of calls.h. */
struct call_row {
	const char *name;
	int8_t nr_args, addr, len, prot; /* addr, len, prot: argument numbers; -1: none */
};

static const struct call_row call_rows[MPW_NR_CALLS] = {
#define CALL_ROW(ID, name, nargs, addr, len, prot) \
	[MPW_CALL_##ID] = { #name, nargs, addr, len, prot },
	MPW_CALLS(CALL_ROW)
#undef CALL_ROW
};

const char *event_name(const struct event *ev)
{
	switch (ev->type) {
	case EVENT_CALL:
		return call_name(ev->call.id);
	case EVENT_EXEC:
		return "exec";
	case EVENT_FORK:
		return "fork";
	case EVENT_EXIT:
		return "exit";
	case EVENT_RANGE:
		return "snapshot";
	case EVENT_LOSS:
		return "lost";
	case EVENT_FAULT:
		return "fault";
	case EVENT_PLACE:
		return "place";
	case EVENT_BUILD:
		return "build";
	case EVENT_WRITE:
		return "write";
	case EVENT_GUARDS:
		return "guards";
	}
	return "?";
}

const char *call_name(enum mpw_call id)
{
	return id < MPW_NR_CALLS ? call_rows[id].name : "?";
}

unsigned int call_nr_args(enum mpw_call id)
{
	return id < MPW_NR_CALLS ? call_rows[id].nr_args : 0;
}

static uint64_t arg_of(const struct event_call *c, int nr)
{
	return nr < 0 ? 0 : c->arg[nr];
}

uint64_t call_start(const struct event_call *c)
{
	return arg_of(c, call_rows[c->id].addr);
}

uint64_t call_len(const struct event_call *c)
{
	return arg_of(c, call_rows[c->id].len);
}

uint64_t call_prot(const struct event_call *c)
{
	return arg_of(c, call_rows[c->id].prot);
}

bool call_names_range(enum mpw_call id)
{
	return call_rows[id].len >= 0;
}

bool call_names_prot(enum mpw_call id)
{
	return call_rows[id].prot >= 0;
}

bool call_names_place(const struct event_call *c)
{
	switch (c->id) {
	case MPW_CALL_MMAP: /* a hint that was followed, too */
		return c->arg[3] & ABI_MAP_FIXED || page_down(c->arg[0]) == (uint64_t)c->ret;
	case MPW_CALL_MREMAP: /* where it was, and further */
		return c->arg[3] & ABI_MREMAP_FIXED || (uint64_t)c->ret == c->arg[0] ||
		       (uint64_t)c->ret == page_down(c->arg[4]);
	case MPW_CALL_SHMAT:
		return c->arg[1];
	case MPW_CALL_MUNMAP:
	case MPW_CALL_MPROTECT:
	case MPW_CALL_PKEY_MPROTECT:
	case MPW_CALL_BRK:
	case MPW_CALL_SHMDT:
	case MPW_CALL_REMAP_FILE_PAGES:
	case MPW_CALL_MSEAL:
	case MPW_CALL_MAP_SHADOW_STACK:
	case MPW_CALL_MADVISE:
	case MPW_CALL_PRCTL:
	case MPW_CALL_PROCESS_MADVISE:
	case MPW_CALL_ARCH_PRCTL:
	case MPW_CALL_IO_SETUP:
	case MPW_CALL_IO_DESTROY:
	case MPW_NR_CALLS:
		break;
	}
	return call_names_range(c->id);
}

bool call_wanted(const struct event_call *c, uint64_t *ret_start, uint64_t *ret_len)
{
	*ret_start = call_start(c);
	*ret_len = call_len(c);
	if (call_has_break(c) && c->arg[0] > (uint64_t)c->ret) {
		*ret_start = page_up(c->ret);
		*ret_len = page_up(c->arg[0]) - *ret_start;
		return true;
	}
	return call_names_range(c->id) && c->id != MPW_CALL_PRCTL;
}

int call_find(const char *name)
{
	int i;

	for (i = 0; i < MPW_NR_CALLS; i++)
		if (!strcmp(name, call_rows[i].name))
			return i;
	return -ENOENT;
}

int event_signal(const struct event *ev)
{
	uint64_t number = facts_number(&ev->facts, MPW_FACT_SIGNAL);

	return number && number < NSIG ? (int)number : SIGSEGV;
}
