/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An event: something that happened, as a source says. Live, replayed and scripted
 * events have this one shape; strings and arrays are borrowed until the callback returns.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include <stddef.h>
#include <string.h>

#include "abi.h"
#include "calls.h"
#include "core/fact.h"
#include "core/stack.h"
#include "core/vma.h"
#include "wire.h"

/* These numbers are in recordings: append, never reorder. */
enum event_type {
	EVENT_CALL,
	EVENT_EXEC,
	EVENT_FORK,
	EVENT_EXIT,
	EVENT_RANGE, /* a snapshot's piece: all that is mapped in a range */
	EVENT_LOSS,  /* records were lost here */
	EVENT_FAULT, /* a thread gets a SIGSEGV or SIGBUS, or a signal by which it ends itself */
	EVENT_PLACE, /* more is known of a process: facts of /proc, another name, another program */
	EVENT_BUILD, /* the build-id of a file that a process has mapped as code */
	EVENT_WRITE, /* somebody wrote into the memory of a process, by its number */
	EVENT_GUARDS, /* all guard regions in a range: seen has no attributes (Linux 6.15) */
};

#define NR_EVENT_TYPES (EVENT_GUARDS + 1)

/* One mapping as a source saw it. */
struct vma_seen {
	uint64_t start, end;
	struct attr attr;
};

struct event_call {
	enum mpw_call id;
	uint64_t arg[MPW_NR_ARGS];
	int64_t ret;		   /* result, or -errno */
	uint64_t ip, link;	   /* see struct mpw_call_rec */
	const struct object *file; /* file of an mmap, name of a prctl; or NULL */
	bool read_implies_exec;	   /* set when the caller's personality has READ_IMPLIES_EXEC */
	uint32_t tracer_pid;	   /* process that ptraces the caller; 0: none does */
	char tracer_comm[17];
	bool compat;   /* set for the 32-bit entry of a 64-bit kernel */
	bool unproven; /* set when the call may not have run: a seccomp filter or a tracer may have
			* given the result */
};

/* More of it is in facts: MPW_FACT_SIGNAL and those behind it. */
struct event_fault {
	uint64_t addr, ip; /* addr: see fault_has_addr() */
	int32_t code;	   /* si_code of sigaction(2) */
	uint8_t access;	   /* enum mpw_access */
	bool handled;	   /* set when the process has a handler; else the signal ends it */
};

#define BUILD_ID_MAX 128 /* digits; SHA-1 has 40 */

struct event_build {
	const struct object *file;
	char id[BUILD_ID_MAX + 1]; /* the GNU build-id (ld --build-id), hexadecimal */
};

/*
 * A write belongs to the process whose memory it is; where only the writer is traced, to the writer
 * (MPW_WRITE_OUTWARD). The other of the two has pid, tid, uid and comm here. They are one process
 * where it writes into itself.
 */
struct event_write {
	enum mpw_write_how how;
	unsigned int flags; /* enum mpw_write_flags */
	uint64_t addr, len; /* see struct mpw_write_rec */
	int64_t ret;
	uint32_t pid, tid, uid;
	char comm[17];
};

struct event {
	enum event_type type;
	uint64_t ts_ns;	   /* CLOCK_BOOTTIME */
	uint64_t mm;	   /* key of the address space */
	uint32_t pid, tid; /* EVENT_LOSS: pid 0 means any process */
	char comm[17];
	bool sibling; /* set when the event only feeds the mirror, and is not shown */
	bool racy;    /* EVENT_CALL, FORK: set when other threads may have come between, so that the
		       * order of the changes is not certain */
	bool check;   /* EVENT_RANGE, GUARDS: set to verify the mirror; a difference is its error */
	bool uring; /* EVENT_RANGE: set when the process has used io_uring, whose madvise is unseen */
	/* EVENT_CALL, EXEC, RANGE: set when the kernel read [lo, hi) back: seen has all mappings */
	bool has_range;
	bool from_maps;	   /* set when seen is /proc/<pid>/maps: without VMA_DONTCOPY and pkey */
	bool range_unread; /* set when the kernel could not read [lo, hi): the mirror is stale */
	uint64_t lo, hi;
	const struct vma_seen *seen;
	size_t nr_seen;
	/* EVENT_EXEC, RANGE, PLACE: the process's program (mm->exe_file); NULL: not known */
	const struct object *exe;
	/* EVENT_EXEC, FORK (the child's), RANGE, PLACE: identity */
	uint64_t start_ns;  /* CLOCK_BOOTTIME; 0: not known */
	uint64_t start_brk; /* where the heap starts; 0: not known */
	uint32_t ppid;
	/* EVENT_CALL, FAULT */
	const struct raw_stack *raw; /* for symbols.h alone; NULL: none */
	const struct stack *stack;   /* NULL: none */
	union {
		struct event_call call;
		struct {
			uint64_t mm; /* the child's; equal to event.mm when shared */
			uint32_t pid;
		} child;	       /* EVENT_FORK */
		uint32_t exit_code;    /* EVENT_EXIT: as wait(2) gives it, or EXIT_UNSEEN */
		struct {	       /* EVENT_LOSS */
			uint64_t lost; /* records */
			uint64_t lost_until_ns; /* after all losses: older snapshots heal none */
			/*
			 * ranges of a mirror that was given up (give_up.h), with lost 0: of no
			 * source, and in no recording
			 */
			uint64_t given_up;
		};
		struct event_fault fault; /* EVENT_FAULT */
		struct event_build build; /* EVENT_BUILD */
		struct event_write write; /* EVENT_WRITE */
	};
	/* last, see event_clear(); those of a process are of the one with the identity */
	struct facts facts;
};

/* The process is gone, and the record of its end was lost; or it lives, and is not wanted any more. */
#define EXIT_UNSEEN MPW_EXIT_UNSEEN

/*
 * A call's name ("mprotect"), or "exec", "fork", "exit", "snapshot", "lost", "fault", "place",
 * "build", "write".
 */
const char *event_name(const struct event *ev);
const char *call_name(enum mpw_call id);
/* Number of arguments in event_call.arg; the others are 0. */
unsigned int call_nr_args(enum mpw_call id);
/* Start and bytes of the range in the arguments, not rounded; 0 where they have none. */
uint64_t call_start(const struct event_call *c);
uint64_t call_len(const struct event_call *c);
/* The protection argument (PROT_*), with all its bits; 0 if the call has none. */
uint64_t call_prot(const struct event_call *c);
bool call_names_range(enum mpw_call id);
/*
 * The range that a call in vain asked for, not rounded; of a brk the growth. False if that is nowhere.
 */
bool call_wanted(const struct event_call *c, uint64_t *ret_start, uint64_t *ret_len);
bool call_names_prot(enum mpw_call id);
/* True if a successful call named the place of what it mapped; else the kernel chose it. */
bool call_names_place(const struct event_call *c);
/* The id of a call's name, or -ENOENT. */
int call_find(const char *name);

/*
 * Make ev an event with all fields zero, but for values of facts, which mean nothing without their
 * bit.
 */
static inline void event_clear(struct event *ev)
{
	memset(ev, 0, offsetof(struct event, facts.value));
}

/* True for a brk that was refused: its result is no error, but the break as it was. */
static inline bool call_is_refused(const struct event_call *c)
{
	return c->id == MPW_CALL_BRK && !ret_is_error(c->ret) && brk_is_refused(c->arg[0], c->ret);
}

/* True for a brk that was refused, and whose result is the break: nobody else can have given it. */
static inline bool call_has_break(const struct event_call *c)
{
	return call_is_refused(c) && !c->unproven;
}

/* True for a call that failed. */
static inline bool event_is_failed(const struct event *ev)
{
	return ev->type == EVENT_CALL && (ret_is_error(ev->call.ret) || call_is_refused(&ev->call));
}

/* True for a write of a process into its own memory. */
static inline bool event_writes_self(const struct event *ev)
{
	return ev->type == EVENT_WRITE && ev->write.pid == ev->pid;
}

/* The signal of an EVENT_FAULT. */
int event_signal(const struct event *ev);

/* True for a signal that the kernel made for want of memory or a right. */
static inline bool fault_is_access(const struct event_fault *f)
{
	return f->code > 0;
}

/* True where the processor told the address: not for a pointer that can be none (MPW_SI_KERNEL). */
static inline bool fault_has_addr(const struct event_fault *f)
{
	return f->code > 0 && f->code != MPW_SI_KERNEL;
}

/* True for events that say how memory is, and not that somebody changed it. */
static inline bool event_is_snapshot(const struct event *ev)
{
	return ev->type == EVENT_RANGE || ev->type == EVENT_GUARDS;
}

/* True for calls that only change the protection of mappings. */
static inline bool call_is_mprotect(const struct event_call *c)
{
	return c->id == MPW_CALL_MPROTECT || c->id == MPW_CALL_PKEY_MPROTECT;
}

/* True if the call names a protection key. */
static inline bool event_names_pkey(const struct event *ev)
{
	return ev->type == EVENT_CALL && ev->call.id == MPW_CALL_PKEY_MPROTECT &&
	       (int32_t)ev->call.arg[3] >= 0;
}

#endif
