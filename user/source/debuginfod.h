/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug files of servers, by build-id: only where the user's environment asks for it. Who speaks
 * with them is a process of its own (util/errand.h): the tracer has no network.
 */
#ifndef SOURCE_DEBUGINFOD_H
#define SOURCE_DEBUGINFOD_H

struct errand;

/* The process that asks; NULL: DEBUGINFOD_URLS names no server. errand_free() ends it. */
struct errand *debuginfod_new(void);
/*
 * A descriptor of the debug file for this build-id (in hexadecimal), from the servers or from their
 * cache. -1: e is NULL, libdebuginfod is not installed, or nobody has the file. May take as long as
 * DEBUGINFOD_TIMEOUT allows.
 */
int debuginfod_open(struct errand *e, const char *build_id);

#endif
