/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug files of servers, by build-id: only where the user's environment asks for it. */
#ifndef SOURCE_DEBUGINFOD_H
#define SOURCE_DEBUGINFOD_H

/*
 * A descriptor of the debug file for this build-id (in hexadecimal), from the servers that
 * DEBUGINFOD_URLS names or from their cache. -1: no server is named, libdebuginfod is not
 * installed, or nobody has the file. May take as long as DEBUGINFOD_TIMEOUT allows.
 */
int debuginfod_open(const char *build_id);

#endif
