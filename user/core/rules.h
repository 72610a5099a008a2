/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the user decides about findings: which rules, how severe, thresholds, and
 * what is no news here. Read from a file elsewhere (cmd/rules_file.c).
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "core/finding.h"

struct thresholds {
	uint64_t anon_exec_after_ns; /* anon-exec: quiet for so long after exec */
	uint64_t jit_changes;	     /* jit-like: so many pieces of code were made */
	uint64_t unpack_bytes;	     /* unpack: so much was made executable */
	uint64_t max_map_count;	     /* map-limit: vm.max_map_count */
	bool map_count_is_set;	     /* by the user: not that of the system */
};

/* One rule's settings. */
struct rule_setting {
	char *id;
	bool disabled;
	int severity; /* enum severity; -1: as the detector says */
	bool seen;    /* out: a change met the rule */
	unsigned int line;
};

/* Changes that match all that is set are no findings; they are counted. */
struct suppression {
	char *name, *reason;
	char *rule; /* id; NULL, here and below: any */
	/* globs on names: of the program, the mapping, the module; "none" if there is none, or unknown */
	char *exe, *path, *caller;
	char *transition; /* glob on "rw-->r-x", "none" for unmapped */
	unsigned int line;
	uint64_t count; /* out */
};

/* A change is to be counted in a finding. */
typedef void rules_met_fn(void *ctx, const struct rule *rule, const struct change *ch);

struct rules {
	struct thresholds thresholds;
	struct rule_setting *settings;
	size_t nr_settings;
	struct suppression *suppressions;
	size_t nr_suppressions;
	rules_met_fn *met; /* NULL: nobody asks */
	void *met_ctx;
};

void rules_init(struct rules *r);
void rules_done(struct rules *r);

/* NULL: nothing is set for it. */
struct rule_setting *rules_setting(const struct rules *r, const char *id);
/* Is this change no news? Counts it then. */
bool rules_suppress(struct rules *r, const struct rule *rule, const struct change *ch);

#endif
