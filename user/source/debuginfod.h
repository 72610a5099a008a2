/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug files of servers, by build-id: only where the user's environment asks for it. */
#ifndef SOURCE_DEBUGINFOD_H
#define SOURCE_DEBUGINFOD_H

/*
 * The debug file of what has this build-id (in hexadecimal), from the servers that DEBUGINFOD_URLS
 * names or its cache. -1: none is named, libdebuginfod is not installed, or none has it.
 * May take as long as DEBUGINFOD_TIMEOUT says.
 */
int debuginfod_open(const char *build_id);

#endif
