/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rights that a run needs no more, given up once everything is open and attached: capabilities,
 * system calls, new programs, new code; and, for recordings, all files but those that were named. What
 * this kernel has no means for is left out. Processes that were forked before (the command, the
 * reader's, util/errand.h) keep theirs. --no-drop keeps all.
 */
#ifndef CMD_RIGHTS_H
#define CMD_RIGHTS_H

struct live_rights;
struct out;
struct request;

/*
 * For a live trace, which has opened its outputs (out: the one of lines): files and BPF maps can be
 * read; files can be written only if some are to be made still. It is the only one that does not ask
 * for --no-drop.
 */
void rights_live(const struct request *req, const struct live_rights *needs, const struct out *out);
/* For a look at /proc, and at recordings (paths, NULL-ended) beside it. out may be NULL. */
void rights_scan(const struct request *req, const char *const *inputs, const struct out *out);
/*
 * For reading recordings (paths, NULL-ended), which are not open yet: they can be read; written can
 * be what lies beside the output, and where SQLite and zstd need a place. out may be NULL.
 */
void rights_recording(const struct request *req, const char *const *inputs, const struct out *out);

/* Warns of system calls that were refused: no run needs them, as far as is known. */
void rights_report(void);

#endif
