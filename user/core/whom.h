/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which processes are wanted: one value, which is asked where they are met first: in the kernel
 * (bpf/filter.bpf.h, from the constants that live.c sets), of what runs already (procwhom.h), and
 * of the events of a recording.
 */
#ifndef CORE_WHOM_H
#define CORE_WHOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/commglob.h"
#include "core/fact.h"

struct id_list {
	uint32_t *id;
	size_t nr;
};

/* All zero: every process. What several fields ask for must all be so. */
struct whom {
	struct id_list pids; /* these and no others, if there are any; with tids, their processes */
	struct id_list tids; /* of these processes, these threads alone */
	bool by_uid, by_comm, by_cgroup;
	uint32_t uid;
	struct commglob comm;
	/* by_cgroup: this cgroup and those below it; a path in the unified hierarchy, as
	 * /proc/<pid>/cgroup shows it */
	char *cgroup;
	bool follow; /* children of the wanted are wanted, whatever they are */
};

/* A process that is asked about, as far as it is known. */
struct whom_process {
	uint32_t pid;
	const char *comm; /* NULL: not known */
	const struct facts *facts;
};

enum whom_answer {
	WHOM_NO,
	WHOM_YES,
	WHOM_UNKNOWN, /* what is asked for is not known of it */
};

/* The facts that are asked for: a bit per enum mpw_fact. */
uint32_t whom_facts(const struct whom *w);
enum whom_answer whom_ask(const struct whom *w, const struct whom_process *p);
/* For the kernel side; the cgroup by its path is left to who can look it up. */
void whom_filter(const struct whom *w, struct mpw_filter *ret);
/* Is anything asked for? */
bool whom_is_some(const struct whom *w);
/* In words: "process 4242", "all processes that match", "the whole machine". */
void whom_describe(struct buf *b, const struct whom *w);
bool id_list_has(const struct id_list *list, uint32_t id);
void id_list_add(struct id_list *list, uint32_t id);
void whom_done(struct whom *w);

#endif
