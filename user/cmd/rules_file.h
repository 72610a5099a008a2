/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file of --rules, in the form of INI files:
 *
 *	[rule wx]		enabled = yes|no, severity = info|low|medium|high
 *	[thresholds]		anon-exec-after, jit-changes, unpack-bytes, max-map-count
 *	[suppress NAME]		reason, and any of rule, exe, path, caller, transition
 */
#ifndef CMD_RULES_FILE_H
#define CMD_RULES_FILE_H

#include "core/rules.h"

/* path may be NULL, for defaults. 0, or -EINVAL after a sentence with file and line on stderr. */
int rules_file_read(struct rules *r, const char *path);
/* Reports after the run, unless quiet: what was suppressed and why, and what matched nothing. */
void rules_file_report(const struct rules *r, const char *path, bool quiet);

#endif
