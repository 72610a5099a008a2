/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user's decisions about findings: rules that are off, severities, thresholds,
 * and suppressions of changes that are expected. Read from a file by cmd/rules_file.c.
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "core/finding.h"

struct thresholds {
	uint64_t anon_exec_after_ns; /* anon-exec: time after exec in which it finds nothing */
	uint64_t jit_changes;	     /* jit-like: number of calls that made code */
	uint64_t unpack_bytes;	     /* unpack: bytes that were made executable */
	uint64_t max_map_count;	     /* map-limit: vm.max_map_count */
	bool map_count_is_set;	     /* set when max_map_count is the user's, not the system's */
};

/* One rule's settings. */
struct rule_setting {
	char *id;
	bool disabled;
	int severity; /* enum severity; -1: the detector's own */
	bool seen;    /* out: set when a change met the rule */
	unsigned int line;
};

/* A change that matches all fields that are set is counted here, and makes no finding. */
struct suppression {
	char *name, *reason;
	char *rule; /* id; NULL, here and below: any */
	/*
	 * Globs on the names of program, mapping, module ("none" if there is none, or unknown), or
	 * a device and an inode ("08:01 131076").
	 */
	char *exe, *path, *caller;
	bool any_mount; /* set when names are also meant in other mount namespaces than the tracer's */
	char *transition; /* glob on "rw-->r-x", "none" for unmapped */
	unsigned int line;
	uint64_t count; /* out */
};

/* Called with a change that met a rule and is not suppressed. */
typedef void rules_met_fn(void *ctx, const struct rule *rule, const struct change *ch);

struct rules {
	struct thresholds thresholds;
	struct rule_setting *settings;
	size_t nr_settings;
	struct suppression *suppressions;
	size_t nr_suppressions;
	rules_met_fn *met; /* NULL: nobody listens */
	void *met_ctx;
};

void rules_init(struct rules *r);
void rules_done(struct rules *r);

/* The setting of the rule id, or NULL. */
struct rule_setting *rules_setting(const struct rules *r, const char *id);
/* True if a suppression matches the change, which counts it. */
bool rules_suppress(struct rules *r, const struct rule *rule, const struct change *ch);

#endif
