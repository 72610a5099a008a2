/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which processes are wanted: one value, used by the kernel side (bpf/filter.bpf.h, through
 * whom_filter()), for processes that run already (procwhom.h), and for the events of a recording
 * (member.h).
 */
#ifndef CORE_WHOM_H
#define CORE_WHOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/commglob.h"
#include "core/fact.h"
#include "core/vma.h"

struct id_list {
	uint32_t *id;
	size_t nr;
};

/* All zero: every process is wanted. Conditions of several fields must all hold. */
struct whom {
	struct id_list pids;	 /* if not empty, only these; with tids, the processes of these */
	struct id_list tids;	 /* if not empty, only these threads of the processes in pids */
	struct id_list uids;	 /* if not empty, only processes of these users */
	bool by_comm, by_cgroup; /* set when comm, cgroup are conditions */
	struct commglob comm;
	const char *
		exe; /* glob on the program's path (util/glob.h), for user space alone; NULL: any */
	char *cgroup; /* this one and those below; a path as in /proc/<pid>/cgroup (version 2) */
	bool follow;  /* set when children of the wanted are wanted, whatever they are */
};

/* The known properties of a process, for whom_ask(). */
struct whom_process {
	uint32_t pid;
	const char *comm;	  /* NULL: not known, as exe */
	const struct object *exe; /* its program */
	const struct facts *facts;
};

enum whom_answer {
	WHOM_NO,
	WHOM_YES,
	WHOM_UNKNOWN, /* a property that a condition needs is not known */
};

/* The facts that conditions need: a bit per enum mpw_fact. */
uint32_t whom_facts(const struct whom *w);
/* Whether p is wanted; WHOM_NO as soon as one known property says so. */
enum whom_answer whom_ask(const struct whom *w, const struct whom_process *p);
/* Fill in the kernel side's filter, but for cgroup_id and cgroup_level, which live.c looks up. */
void whom_filter(const struct whom *w, struct mpw_filter *ret);
/* True if there is any condition; and if there is one that the kernel side knows. */
bool whom_is_some(const struct whom *w);
bool whom_asks_kernel(const struct whom *w);
/* Put w into words: "process 4242", "all processes that match", "the whole machine". */
void whom_describe(struct buf *b, const struct whom *w);
bool id_list_has(const struct id_list *list, uint32_t id);
void id_list_add(struct id_list *list, uint32_t id);
void whom_done(struct whom *w);

#endif
